"""Wheels made by a test, which pip finds in a folder instead of an index."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path


def small_wheel(folder: Path, package: str, files: Mapping[str, bytes]) -> str:
    """Writes a wheel with these files into ``folder``; the requirement that names it."""
    name = package.replace("-", "_")
    facts = f"{name}-1.0.dist-info"
    own = {
        f"{facts}/METADATA": f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n".encode(),
        f"{facts}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{facts}/RECORD": b"",
    }
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, content in {**files, **own}.items():
            wheel.writestr(path, content)
    return f"{package}==1.0"
