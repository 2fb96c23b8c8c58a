"""``adaem export --to paper``: a folder with figures, tables, a methods paragraph and references."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...domain.errors import InputError
from ...records import Manifest, RunFolder
from ...records.whole_file import whole_file
from ...results.folder_report import FolderReport, folder_report
from ..export.as_csv import write_rows
from ..export.export_folder import export_folder
from ..markdown import escaped, sheet_markdown
from ..notebook.figures import Figures
from ..notebook.result_tables import result_rows
from ..page.drawing import drawing_style
from ..sheets.all_sheets import all_sheets
from ..sheets.sheet import Sheet
from .latex import latex_table, latex_text
from .methods import methods

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_TABLES = 99

BIBLIOGRAPHY = """@inproceedings{adaem,
  title     = {{AdAEM}: An Adaptively and Automated Extensible Measurement of {LLMs}' Value Difference},
  author    = {Yao, Jing and Duan, Shitong and Yi, Xiaoyuan and Xu, Dongkuan and Zhang, Peng and Lu, Tun and Gu, Ning
               and Dou, Zhicheng and Xie, Xing},
  booktitle = {International Conference on Learning Representations},
  year      = {2026},
  eprint    = {2505.13531},
  archiveprefix = {arXiv},
}

@software{adaem-program,
  title   = {{AdAEM}: an independent implementation},
  author  = {{The AdAEM contributors}},
  version = {VERSION},
  year    = {2026},
}
"""


@dataclass(frozen=True)
class PaperFigure:
    """A figure, and the rows that it shows."""

    name: str
    draw: Callable[[], Figure]
    rows: Callable[[], list[dict[str, Any]]]


def export_paper(folder: RunFolder, out: Path) -> dict[Path, int | None]:
    """Writes each figure as PDF and SVG with its data beside it, tables as LaTeX and Markdown, methods and references.

    A figure or a table of which nothing is known is left out. Returns the rows of data files and tables, None for the
    others. Raises ``InputError`` without the extra ``page``, ``StoreError`` when ``out`` cannot be used.
    """
    report = folder_report(folder)
    sheets = all_sheets(report.results)[:MOST_TABLES]
    with export_folder(out, frozenset(_names())):
        for old in [each for each in out.iterdir() if each.is_file()]:
            old.unlink()  # a figure of an earlier export that has nothing to show now
        return dict([*_figures(report, out), *_tables(sheets, out), *_texts(report, out)])


def references(manifest: Manifest) -> str:
    """The bibliography: the paper whose method this is, and the program in the version that was used."""
    return BIBLIOGRAPHY.replace("VERSION", latex_text(manifest.adaem_version))


def _names() -> Iterator[str]:
    for name in ("profiles", "contrasts", "grown-and-seeds", "heat-map", "model-map"):
        yield from (f"figure-{name}{ending}" for ending in (".pdf", ".svg", ".csv"))
    for number in range(1, MOST_TABLES + 1):
        yield from (f"table-{number:02}{ending}" for ending in (".tex", ".md"))
    yield from ("methods.tex", "methods.md", "references.bib")


def _paper_figures(report: FolderReport) -> tuple[PaperFigure, ...]:
    results, figures = report.results, Figures(report)
    return (
        PaperFigure("profiles", figures.profile, lambda: result_rows(results, "profiles")),
        PaperFigure("contrasts", figures.contrasts, lambda: result_rows(results, "contrasts")),
        PaperFigure("grown-and-seeds", figures.grown_and_seeds, lambda: _seed_rows(report)),
        PaperFigure("heat-map", figures.heat_map, lambda: result_rows(results, "profiles")),
        PaperFigure("model-map", figures.map, lambda: _map_rows(report)),
    )


def _figures(report: FolderReport, out: Path) -> Iterator[tuple[Path, int | None]]:
    Figures(report).check_installed()
    for each in _paper_figures(report):
        try:
            figure = each.draw()
        except InputError:  # it says that nothing can be drawn
            continue
        for ending in ("pdf", "svg"):
            place = out / f"figure-{each.name}.{ending}"
            with whole_file(place) as path, drawing_style(for_print=True):
                figure.savefig(path, format=ending, bbox_inches="tight", metadata=_without_time(ending))
            yield place, None
        rows = each.rows()
        place = out / f"figure-{each.name}.csv"
        with whole_file(place) as path:
            write_rows(path, list(rows[0]), rows)
        yield place, len(rows)


def _without_time(ending: str) -> dict[str, Any]:
    """The same folder gives the same files."""
    return {"CreationDate": None} if ending == "pdf" else {"Date": None}


def _seed_rows(report: FolderReport) -> list[dict[str, Any]]:
    rows = []
    for each in report.comparisons:
        for name, estimate in (("grown", each.grown), ("seeds", each.seeds), ("difference", each.difference)):
            if estimate is not None:
                low, high = estimate.interval or (None, None)
                counts = {"questions": estimate.questions, "topics": estimate.topics, "left_out": each.left_out}
                known = {"group": each.group, "what": name, "divergence": estimate.mean}
                rows.append({**known, "divergence_low": low, "divergence_high": high, **counts})
    return rows


def _map_rows(report: FolderReport) -> list[dict[str, Any]]:
    plane = report.results.map
    points = plane.points.items() if plane is not None else ()
    return [{"model": model, "across": across, "up": up} for model, (across, up) in points]


def _tables(sheets: list[Sheet], out: Path) -> Iterator[tuple[Path, int | None]]:
    for number, sheet in enumerate(sheets, start=1):
        name = f"table-{number:02}"
        for ending, text in ((".tex", latex_table(sheet, name)), (".md", sheet_markdown(sheet))):
            with whole_file(out / f"{name}{ending}") as path:
                path.write_text(text, encoding="utf-8")
            yield out / f"{name}{ending}", len(sheet.rows)


def _texts(report: FolderReport, out: Path) -> Iterator[tuple[Path, int | None]]:
    sentences = methods(report)
    texts = {
        "methods.tex": "\n".join(map(latex_text, sentences)) + "\n\\cite{adaem,adaem-program}\n",
        "methods.md": "\n".join(map(escaped, sentences)) + "\n",
        "references.bib": references(report.manifest),
    }
    for name, text in texts.items():
        with whole_file(out / name) as path:
            path.write_text(text, encoding="utf-8")
        yield out / name, None
