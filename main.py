"""Entry point: ``python main.py …`` does what the installed command ``adaem …`` does."""

from __future__ import annotations

import sys


def run() -> int:
    """Hand over to the command line; before installation, say in one line what to do and return 2."""
    try:
        from adaem.cli import main

        main()
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing.startswith("adaem."):  # a part of our own that is missing is a defect, not a missing installation
            raise
        sys.stderr.write(
            f"adaem is not installed for {sys.executable} (no module named {missing!r}): "
            "run `make setup` and then .venv/bin/python main.py, or `pip install -e .`\n"
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(run())
