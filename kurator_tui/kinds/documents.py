"""YAML that a user wrote or a file holds, read as kubectl reads it: documents with their first lines.

Both sides of the link read it: the console before anything is asked, the feeder before anything is planned.

Dates stay texts, a key that is there twice is a mistake and not the last one's value, and aliases that would grow
without bound are refused. Pure; a mistake is told with its line.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import yaml

from kurator_tui.errors import UsageError
from kurator_tui.kinds.cells import inert

Obj = dict[str, Any]

MOST_NODES = 500_000
"""Values of one text, aliases counted each time they are used."""
DEEPEST = 200
"""Levels of nesting."""
_FLOAT = re.compile(
    r"[-+]?(?:\d[\d_]*\.[\d_]*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.inf)$|\.nan$"
)
_INT = re.compile(r"[-+]?(?:0|[1-9]\d*|0o[0-7]+|0x[0-9a-fA-F]+)$")


class Malformed(UsageError):
    """Text that holds no objects. `line` is where, from 1; 0 where nobody can say."""

    def __init__(self, said: str, hint: str = "", *, line: int = 0, column: int = 0) -> None:
        where = f"line {line}" + (f", column {column}" if column else "")
        super().__init__(f"{where}: {said}" if line else said, hint)
        self.line = line


class Document(msgspec.Struct, frozen=True):
    """One object and the line that it begins at, from 1."""

    obj: Obj
    line: int


class _Loader(yaml.SafeLoader):
    """Without dates and sexagesimals."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as its base has it
        first: [(tag, what) for tag, what in known if tag.rpartition(":")[2] in ("bool", "null", "merge", "value")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _INT, list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


def _integer(_loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int:
    return int(node.value, 0)


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)


def documents(text: str) -> list[Document]:
    """Every document that is not empty; the items of a `List` one by one. Raises Malformed."""
    found: list[Document] = []
    try:
        loader = _Loader(text)
        while loader.check_node():
            node = loader.get_node()
            if node is None:
                continue
            _check(node)
            found.extend(_objects(loader.construct_document(node), node.start_mark.line + 1))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = inert(str(error.problem or error.context))
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
        raise Malformed(said, "It is no YAML.", line=line, column=column) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Malformed(inert(str(error.reason)), "It is no YAML.", line=line) from error
    except (ValueError, RecursionError) as error:
        raise Malformed(f"it cannot be read: {inert(str(error))}", "It is no YAML.") from error
    return found


def _check(node: yaml.Node) -> None:
    """Raises Malformed for what is too large or too deep, or has a key twice."""
    left = MOST_NODES
    waiting: list[tuple[yaml.Node, int]] = [(node, 0)]
    while waiting:
        at, depth = waiting.pop()
        left -= 1
        if left < 0 or depth > DEEPEST:
            raise _wrong(at, "it is too large, or nested too deeply")
        if isinstance(at, yaml.MappingNode):
            _no_key_twice(at)
            waiting.extend((each, depth + 1) for pair in at.value for each in pair)
        elif isinstance(at, yaml.SequenceNode):
            waiting.extend((each, depth + 1) for each in at.value)


def _no_key_twice(node: yaml.MappingNode) -> None:
    known: set[str] = set()
    for key, _value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _wrong(key, "a key must be a text")
        if key.value in known and key.value != "<<":
            raise _wrong(key, f"{inert(key.value)} is there twice")
        known.add(key.value)


def _wrong(node: yaml.Node, message: str) -> Malformed:
    return Malformed(message, line=node.start_mark.line + 1)


def _objects(value: object, line: int) -> list[Document]:
    if value is None:
        return []
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise Malformed("an object is needed, with apiVersion, kind and metadata", line=line)
    items = value.get("items")
    if str(value.get("kind", "")).endswith("List") and isinstance(items, list):
        return [each for item in items for each in _objects(item, line)]
    return [Document(value, line)]
