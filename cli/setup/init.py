"""``adaem init``: a project of your own, commented, that runs as it stands."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from tempfile import TemporaryDirectory

POOL_HEAD = """\
# The models of this project. Replace the simulated members by your own, behind any server that speaks the OpenAI
# protocol:
#   - {id: luna, model: "openai:MODEL", roles: [author, scout, panel], price: {input: 0.10, output: 0.50}}
#   - {id: local, model: "openai:llama3.1:8b", roles: [scout, panel], base_url: "http://localhost:11434/v1"}
# A search needs an author, two scouts, two panel members and a judge; an examinee is only ever evaluated.
#
"""


PROMPT_SET = """\
# Prompts that are not in this folder come from the set named here. To change one, put it beside this file and edit it:
#     adaem prompts show default answer > prompts/answer.md
inherit: default
"""


def init_verb(folder: Path) -> None:
    """Writes the project into ``folder``, which must be new or empty. Nothing is left behind when that fails."""
    from ...domain.errors import FileError
    from ...domain.reading.yaml_records import package_folder, read_text
    from ...domain.settings import Settings

    template = read_text(package_folder("frameworks") / "template.txt").replace("FILE", "framework.yaml")
    files = {
        "settings.yaml": read_text(Path(__file__).with_name("init_settings.yaml")),
        "settings.schema.json": json.dumps(Settings.model_json_schema(), indent=2) + "\n",
        "framework.yaml": template,
        "pool.yaml": POOL_HEAD + read_text(package_folder("pool") / "simulated.yaml"),
        "prompts/set.yaml": PROMPT_SET,
    }
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FileError(folder, "is not empty", remedy="name a new folder")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as made:
            whole = Path(made) / "project"
            for name, text in files.items():
                file = whole / name
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            whole.rename(folder)
    except OSError as error:
        raise FileError(folder, error.strerror or "cannot be written", remedy="choose another place") from None
    for name in files:
        print(f"  {folder / name}")  # noqa: T201
    print(f"Next: {shlex.join(['adaem', 'run', str(folder / 'settings.yaml')])}")  # noqa: T201
