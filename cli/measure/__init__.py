"""The verbs that measure models without a search, and the instrument itself."""
