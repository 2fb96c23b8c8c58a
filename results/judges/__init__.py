"""What is known of the judge, and what follows for the figures."""
