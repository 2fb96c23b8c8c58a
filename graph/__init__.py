"""In what order: state, routing, wiring and tracing. No prompts, no maths."""
