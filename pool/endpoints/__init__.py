"""Where requests go, with which key and settings, and what each endpoint takes."""
