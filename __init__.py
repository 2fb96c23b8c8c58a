"""AdAEM: an instrument that measures how language models differ in their values.

The repository root is the package ``adaem``; ARCHITECTURE.md draws it.
"""

__version__ = "0.1.0"
