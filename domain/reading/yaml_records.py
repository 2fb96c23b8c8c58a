"""Reads YAML files into records. Every defect becomes one line: the file, the place in it, the remedy."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from ..errors import FileError, InputError
from ..framework import Framework, SeedTopic, TopicSet
from ..named import given_object
from ..pool_spec import LONGEST_SYSTEM, OLD_KEYS, PoolSpec
from ..settings import Settings
from ..texts.safe_text import one_line
from ..value_pairs import PAIRS, pair_topics
from .defects import worst_defect
from .files import read_text as read_text
from .yaml_loader import YAML_ERRORS, StrictLoader

M = TypeVar("M", bound=BaseModel)

LARGEST_YAML = 500_000
"""Bytes; the longest file that ships has 40,000, and one of this size takes seconds to read."""

LARGEST_SYSTEM = 4 * LONGEST_SYSTEM
"""Bytes of a file with a system prompt: UTF-8 takes up to four a character."""

SHIPPED = {
    "framework": ("frameworks", ".yaml"),
    "pool": ("pool", ".yaml"),
    "prompts": ("prompts", ""),
    "topics": ("frameworks/topics", ".yaml"),
}
"""Settings that take the name of something shipped, or a path: the package's folder, and how its entries end."""

SETTINGS_FILES = "domain/settings_files"
"""The package's folder of settings that ship, which are named where a file of settings may be."""

_KINDS = {"values": ("a value theory", "--framework"), "members": ("a pool", "--pool")}
"""Kinds of file by the key that only these have: what they are, and the option that takes them."""

PATH_SETTINGS = (*SHIPPED, "memory", "bank", "judge.file", "judge.accuracy")
"""Settings that are paths, or may be."""


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping at the top of a YAML file. Raises ``FileError`` with the line of a syntax error."""
    try:
        # The loader is a SafeLoader: it constructs plain data only.
        data = yaml.load(read_text(path, LARGEST_YAML), Loader=StrictLoader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        if str(error.problem).startswith("could not determine a constructor for the tag"):
            tag = str(error.problem).rpartition(" ")[2]
            problem = f"not valid YAML: it asks for an object, {tag:.80}; only plain data is read"
            raise FileError(path, problem, place=place, remedy="remove the tag") from None
        raise FileError(path, f"not valid YAML: {error.problem}", place=place, remedy="fix the syntax there") from None
    except YAML_ERRORS as error:
        raise FileError(path, f"not valid YAML: {one_line(str(error))}", remedy="fix it") from None
    if data is None:
        return {}
    if not isinstance(data, dict) or not all(isinstance(key, str) for key in data):
        raise FileError(path, "its top level is not a mapping of names", remedy="write it as 'name: value' lines")
    return data


def validate_json(model: type[M], text: str, path: Path | str) -> M:
    """The JSON ``text`` of a file as a ``model``. Raises ``FileError`` as ``validate`` does."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise FileError(path, "not valid JSON", remedy="make the file again") from None
    return validate(model, data, path)


def validate(model: type[M], data: object, path: Path | str, *, written: str = "") -> M:
    """``data`` as a ``model``. Raises ``FileError`` that names the first defect's place and how many more there are.

    ``written`` is the YAML text that the data were read from; the place then begins with the line in it.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        location, problem, remedy = worst_defect(error, model)
        place = one_line(".".join(str(part) for part in location))
        if line := line_of(written, location):
            place = f"line {line}, {place}" if place else f"line {line}"
        raise FileError(path, problem, place=place, remedy=remedy) from None


def line_of(written: str, location: Sequence[int | str]) -> int:
    """The line at which ``location`` stands in a YAML text, or the innermost part of it that does; 0 without a text."""
    if not written:
        return 0
    node = yaml.compose(written, Loader=StrictLoader)
    line = node.start_mark.line if node else 0
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(part)]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        else:
            break
    return line + 1


def load_framework(name: str, topics: str | None = None) -> Framework:
    """A shipped framework by name (``schwartz``), or one from a YAML file by path.

    ``topics: NAME`` in a file takes the seed topics of another: a shipped set or framework, or a file beside it;
    ``topics: pairs``, or none at all, makes them from its values. With ``topics`` those take the place of its own; a
    path is then meant from here. Raises ``InputError``.
    """
    if isinstance(given := given_object("framework", name), Framework):
        return given if topics is None else _with_topics(given, topics)
    path = _shipped_or_path("framework", "frameworks", name)
    if topics is None and path.parent == package_folder("frameworks"):
        return _shipped_framework(path)
    return _read_framework(path, topics)


@cache
def _shipped_framework(path: Path) -> Framework:
    """Read once a process, which takes a fifth of a second: what ships does not change."""
    return _read_framework(path, None)


def _read_framework(path: Path, topics: str | None) -> Framework:
    data, written = read_yaml(path), read_text(path)
    _check_kind(path, data, "values")
    source = data.get("topics", PAIRS) if topics is None else topics
    if not isinstance(source, str):
        return validate(Framework, data, path, written=written)
    if source != PAIRS and topics is not None:
        taken = topics_of(source, Path())
    elif source != PAIRS:
        try:
            taken = topics_of(source, path.parent)
        except InputError as error:
            place = f"line {line_of(written, ('topics',))}, topics"
            raise FileError(path, one_line(str(error)), place=place) from None
    else:
        # The values are known to be sound only when the whole has been read, and no framework is without topics.
        taken = ({"id": PAIRS, "area": PAIRS, "text": PAIRS},)
    framework = validate(Framework, {**data, "topics": taken}, path, written=written)
    return framework.model_copy(update={"topics": pair_topics(framework)}) if source == PAIRS else framework


def _with_topics(framework: Framework, source: str) -> Framework:
    """``framework`` with the topics that ``source`` names, in place of its own."""
    made = source == PAIRS
    taken = pair_topics(framework) if made else [SeedTopic(**each) for each in topics_of(source, Path())]
    return framework.model_copy(update={"topics": tuple(taken)})


def topics_of(source: str, folder: Path) -> tuple[dict[str, Any], ...]:
    """The topics of a set or framework that ships, or of a YAML file as it is reached from ``folder``.

    Raises ``InputError``.
    """
    shipped = {each.stem: each for kind in ("topics", "framework") for each in _shipped_files(SHIPPED[kind][0])}
    is_file = _reads_as_path(source) or (source not in shipped and _exists(folder / source))
    if not is_file and source not in shipped:
        raise InputError(
            f"no topics are called {source!r} — choose one of {', '.join(sorted([PAIRS, *shipped]))}, or name a "
            ".yaml file"
        )
    file = folder / source if is_file else shipped[source]
    topics = read_yaml(file).get("topics")
    if not isinstance(topics, list):
        remedy = f"it takes those of {one_line(topics)}: name that" if isinstance(topics, str) else "name another"
        raise InputError(f"{one_line(source)} has no list of topics of its own — {remedy}")
    # Here, so that a defect is told with the file that has it.
    return tuple(each.model_dump() for each in validate(TopicSet, {"topics": topics}, file).topics)


def shipped_frameworks() -> tuple[str, ...]:
    """The names of the frameworks that come with the package."""
    return tuple(sorted(path.stem for path in _shipped_files("frameworks")))


def shipped_topics() -> tuple[str, ...]:
    """The names of the sets of topics that come with the package and belong to no framework."""
    return tuple(sorted(path.stem for path in _shipped_files(SHIPPED["topics"][0])))


def _shipped_files(folder: str) -> list[Path]:
    return list(package_folder(folder).glob("*.yaml"))


def load_pool(name: str) -> PoolSpec:
    """A shipped pool by name (``simulated``), or one from a YAML file by path.

    ``system: {file: NAME}`` of a member takes its system prompt from a file beside the pool file, or below it. Only
    here: the records of a run hold the text, so that no folder makes anybody read a file. Raises ``InputError``.
    """
    if isinstance(given := given_object("pool", name), PoolSpec):
        return given
    path = _shipped_or_path("pool", "pool", name)
    data, written = read_yaml(path), read_text(path)
    _check_kind(path, data, "members")
    if isinstance(members := data.get("members"), list):
        data = {**data, "members": [_prepared(number, each, path, written) for number, each in enumerate(members)]}
    return validate(PoolSpec, data, path, written=written)


def _prepared(number: int, member: object, path: Path, written: str) -> object:
    """A member as it was written, with the text of the file that its system prompt is in."""
    if not isinstance(member, dict):
        return member
    if old := OLD_KEYS & member.keys():
        key = min(old)
        place = f"line {line_of(written, ('members', number, key))}, members.{number}.{key}"
        remedy = "remove it, and say in the member's id where or when its model is from"
        raise FileError(path, "is a key that nothing used, and that is gone", place=place, remedy=remedy)
    if not isinstance(member.get("system"), dict):
        return member
    location = ("members", number, "system")
    place = f"line {line_of(written, location)}, {'.'.join(map(str, location))}"
    named = member["system"].get("file")
    if set(member["system"]) != {"file"} or not isinstance(named, str) or not named:
        raise FileError(path, "is neither a text nor {file: NAME}", place=place, remedy="write one of the two")
    file, folder = path.parent / named, path.parent.resolve()
    # A pool file may be a stranger's, and what it names is sent to the member's address.
    if not file.resolve().is_relative_to(folder):
        remedy = "put it beside the pool file, or into a folder there"
        raise FileError(
            path, f"the file {one_line(named)} lies outside the pool file's folder", place=place, remedy=remedy
        )
    try:
        text = read_text(file, LARGEST_SYSTEM)
    except FileError as error:
        raise FileError(path, one_line(str(error)), place=place) from None
    if not text.strip():
        raise FileError(path, f"the file {one_line(named)} is empty", place=place, remedy="write the prompt into it")
    return {**member, "system": text}


def package_folder(folder: str) -> Path:
    """A folder of data inside the installed package."""
    return Path(str(resources.files(__package__.split(".")[0]))) / folder


def _check_kind(path: Path, data: Mapping[str, Any], wanted: str) -> None:
    """Raises ``FileError`` for a file of another kind, told by the key that only this kind has; ``wanted`` is ours."""
    for key, kind in _KINDS.items():
        if key in data and key != wanted and wanted not in data:
            what = _KINDS[wanted][0] if wanted else "a settings file"
            raise FileError(path, f"is {kind[0]}, not {what}", remedy=f"name it with {kind[1]}")


def _reads_as_path(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) or "/" in name


def _shipped_or_path(what: str, folder: str, name: str) -> Path:
    if _reads_as_path(name):
        return Path(name)
    shipped = {path.stem: path for path in package_folder(folder).glob("*.yaml")}
    if name in shipped:
        return shipped[name]
    if Path(name).exists():
        return Path(name)
    raise _unknown(what, name, shipped)


def _unknown(what: str, name: str, shipped: Iterable[str]) -> InputError:
    return InputError(
        f"no {what} is called {name!r} — choose one of {', '.join(sorted(shipped))}, or name a .yaml file"
    )


def settings_path(config: Path) -> Path:
    """``config``, or where no file here has that name, the file of the settings that ship under it.

    Raises ``InputError`` for a name that neither has; a path is taken as it comes.
    """
    if _reads_as_path(str(config)) or _exists(config):
        return config
    shipped = {path.stem: path for path in package_folder(SETTINGS_FILES).glob("*.yaml")}
    if str(config) not in shipped:
        raise _unknown("settings file", str(config), shipped)
    return shipped[str(config)]


def read_settings(config: Path) -> dict[str, Any]:
    """The settings in a YAML file, not yet checked; a path in it is meant from the file's own folder.

    Raises ``FileError``.
    """
    config = settings_path(config)
    data = read_yaml(config)
    _check_kind(config, data, "")
    for key in PATH_SETTINGS:
        *groups, name = key.split(".")
        group: Any = data
        for part in groups:
            group = group.get(part) if isinstance(group, dict) else None
        if isinstance(group, dict) and isinstance(value := group.get(name), str):
            group[name] = _from_folder(key, value, config.parent)
    return data


def _exists(path: Path) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - Path.exists raises for a name that no file can have


def _from_folder(key: str, value: str, folder: Path) -> str:
    """``value`` as a path from here, where it is one: not the name of something shipped, nor an address."""
    shipped, suffix = SHIPPED.get(key, ("", ""))
    is_name = bool(shipped) and "/" not in value and _exists(package_folder(shipped) / f"{value}{suffix}")
    unknown_name = bool(shipped) and not _reads_as_path(value) and not _exists(folder / value)
    return value if not value or is_name or unknown_name or "://" in value else str(folder / value)


def load_settings(config: Path | None, overrides: Mapping[str, Any]) -> Settings:
    """Settings from an optional YAML file, with ``overrides`` (dotted keys) from the command line on top.

    Raises ``FileError`` that names the file, or "command line", and the key.
    """
    data = read_settings(config) if config is not None else {}
    if config is not None:
        validate(Settings, data, config, written=read_text(settings_path(config)))
    for key, value in overrides.items():
        _put(data, key.split("."), value, key)
    return validate(Settings, data, "command line")


def override_settings(settings: Settings, overrides: Mapping[str, Any]) -> Settings:
    """``settings`` with ``overrides`` (dotted keys) from the command line on top. Raises ``FileError``."""
    data = settings.model_dump(mode="json")
    for key, value in overrides.items():
        _put(data, key.split("."), value, key)
    return validate(Settings, data, "command line")


def _put(data: dict[str, Any], path: list[str], value: Any, key: str) -> None:
    for part in path[:-1]:
        if not isinstance(data.setdefault(part, {}), dict):
            raise InputError(f"command line, {key}: {part!r} holds a value, not a group of settings — check the key")
        data = data[part]
    data[path[-1]] = value


def parse_override(text: str) -> tuple[str, Any]:
    """``key=value`` as a dotted key and its value, read as YAML reads a scalar. Raises ``InputError``."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InputError(f"command line, -s {text!r}: not of the form key=value — for example -s search.policy=ucb")
    try:
        return key.strip(), yaml.load(value, Loader=StrictLoader)  # noqa: S506 (a SafeLoader)
    except YAML_ERRORS:
        return key.strip(), value
