"""A folder's result as one self-contained HTML page: no script, no request, one file a section."""

from .build_page import page_of

__all__ = ["page_of"]
