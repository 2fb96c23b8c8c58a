"""What a run by an earlier version did where its manifest lacks a setting: it goes on as it began."""

from __future__ import annotations

from typing import Any

EARLIER_SEARCH = {"drafts": 1, "surrogate": "none", "early_confirmations": 3, "least_refine_share": 0.0}
"""Settings of the search that came later, with what was done before there was a choice."""


def with_earlier_defaults(manifest: Any) -> Any:
    """The manifest as read from JSON, with what its version did written out. What is no manifest stays as it is."""
    if not isinstance(manifest, dict) or not isinstance(settings := manifest.get("settings"), dict):
        return manifest
    if not isinstance(search := settings.get("search"), dict):
        return manifest
    return {**manifest, "settings": {**settings, "search": {**EARLIER_SEARCH, **search}}}
