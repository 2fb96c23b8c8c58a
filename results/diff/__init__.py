"""Two folders side by side: settings, steps, questions and contrasts."""
