"""The loader of every YAML file: plain data, no key twice, and nothing that is small as a text and huge as data."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MOST_NODES = 100_000
"""Entries of a file with each alias written out: eight lines of aliases can stand for 10^9."""

LONGEST_NUMBER = 40
"""Characters; no number that is meant has more, and a huge one costs the square of its length."""

# PyYAML lets a value that does not fit its tag (``!!bool x``, a 13th month) and deep nesting escape as other errors.
YAML_ERRORS = (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, RecursionError)


class StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses a repeated key (plain YAML keeps the last without a word), and what explodes.

    As in YAML 1.2, ``off``, ``no`` and dates are text: PyYAML would make ``reasoning_effort: off`` a false, and the id
    of Norway, too. A setting that is a switch takes them all the same.
    """

    def get_single_node(self) -> Node | None:
        """The document, composed and measured before anything is made of it."""
        node: Node | None = super().get_single_node()
        if node is not None:
            _check_size(node, {})
        return node

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping without repeated keys."""
        seen: set[str] = set()
        for key_node, _ in node.value:
            if isinstance(key_node, ScalarNode) and key_node.tag != "tag:yaml.org,2002:merge":
                if key_node.value in seen:
                    raise _refused(f"the key {key_node.value!r} is a duplicate", key_node)
                seen.add(key_node.value)
        return super().construct_mapping(node, deep)

    def construct_whole(self, node: ScalarNode) -> int:
        """An integer of a length that is meant."""
        _check_length(node)
        return int(super().construct_yaml_int(node))

    def construct_decimal(self, node: ScalarNode) -> float:
        """A number with a point, of a length that is meant."""
        _check_length(node)
        return float(super().construct_yaml_float(node))


_BOOL = "tag:yaml.org,2002:bool"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in (_BOOL, _TIMESTAMP)]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
StrictLoader.add_implicit_resolver(_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
StrictLoader.add_constructor("tag:yaml.org,2002:int", StrictLoader.construct_whole)
StrictLoader.add_constructor("tag:yaml.org,2002:float", StrictLoader.construct_decimal)


def _check_length(node: ScalarNode) -> None:
    if len(str(node.value)) > LONGEST_NUMBER:
        raise _refused(f"a number of {len(node.value)} characters", node)


def _check_size(node: Node, sizes: dict[int, float]) -> float:
    """How many entries ``node`` stands for with every alias written out. A node within itself stands for no end."""
    if id(node) not in sizes:
        sizes[id(node)] = math.inf  # until it is known: who meets it now is a part of it
        parts: list[Node] = []
        if isinstance(node, SequenceNode):
            parts = list(node.value)
        elif isinstance(node, MappingNode):
            parts = [part for pair in node.value for part in pair]
        sizes[id(node)] = 1 + sum(_check_size(part, sizes) for part in parts)
    if sizes[id(node)] > MOST_NODES:
        raise _refused(f"with its aliases expanded it has more than {MOST_NODES:,} entries", node)
    return sizes[id(node)]


def _refused(problem: str, node: Node) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
