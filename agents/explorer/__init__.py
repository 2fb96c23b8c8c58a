"""Where fresh questions come from: a model that proposes topics, or a bank of questions."""
