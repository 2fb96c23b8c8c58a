"""A figure that a notebook shows without pyplot, which keeps figures in a global list."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

from .drawing import drawing_style


class ShownFigure(Figure):
    """A figure of matplotlib with a way to show itself."""

    def _repr_svg_(self) -> str:
        written = io.StringIO()
        with drawing_style():
            self.savefig(written, format="svg", bbox_inches="tight")
        text = written.getvalue()
        return text[text.index("<svg") :]
