"""Where tests find the project's own files, and the data that it is never delivered with."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SUPPORT = Path(__file__).resolve().parent
SHARED_DATA = ROOT.parent / "shared" / "data"
NOT_SHIPPED = {"tests", "experiments", "docs", "build", "dist", "runs"}
"""Top-level folders that are no part of the package."""
