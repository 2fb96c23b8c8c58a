"""The vocabulary: frozen records, the framework model, settings and the error tree.

Words follow METHOD.md section 1. Nothing here calls a model or imports another folder.
"""
