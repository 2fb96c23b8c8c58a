"""How an answer's values are recognized: by a model, by several, or by a local classifier."""
