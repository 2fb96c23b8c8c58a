"""The pictures of the documents: the beginning of a run's page, without its list of contents and its tables of models;
and a question in adaem view, with the address that it prints.

adaem run --out runs/first
adaem report runs/first --html report.html
python experiments/picture.py report.html docs/report.png
adaem view runs/first --no-browser
python experiments/picture.py "http://127.0.0.1:8610/run/first/question?id=q0003-01&token=TOKEN" docs/view.png
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests" / "support"))

from browser import opened, opened_address

WIDTH = 900
WIDE = 1100
LEFT_OUT = "nav, #asked, details, #profiles figure:nth-child(n + 4)"


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page")
    parser.add_argument("picture", type=Path)
    options = parser.parse_args()
    if options.page.startswith("http://127.0.0.1:"):
        with opened_address(options.page, width=WIDE) as found:
            found.page.wait_for_load_state("networkidle")
            bottom = found.run("document.querySelector('#said').getBoundingClientRect().bottom")
            clip = {"x": 0, "y": 0, "width": WIDE, "height": bottom + 8}
            found.page.screenshot(path=options.picture, clip=clip, full_page=True)
        return
    with opened(Path(options.page), width=WIDTH) as found:
        found.page.add_style_tag(content=f"{LEFT_OUT} {{ display: none }} main > section {{ margin: 1rem 0 }}")
        bottom = found.run("document.querySelector('#profiles').getBoundingClientRect().bottom")
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": bottom + 8}
        found.page.screenshot(path=options.picture, clip=clip, full_page=True)


if __name__ == "__main__":
    main()
