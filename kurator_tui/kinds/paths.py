"""Paths into objects: the JSONPath of CRD printer columns and of the users' `views.yaml`, and what reads them.

    status.phase    spec.clusters[*].name    status.conditions[?(@.type=="Ready")].status
    metadata.annotations['kurator.dev/rollout']    status.versions[0]

A set of paths becomes one partial struct (`partial`), so that decoding skips everything that no path names, in C.
What reads a path reads such structs and plain JSON data alike. Nothing here raises for an object that is not as
expected: a path that leads nowhere is None, or an empty list behind `[*]` and `[?()]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import msgspec

Read: TypeAlias = Callable[[Any], Any]


class PathError(ValueError):
    """A path that is none, or one that asks for more than is read here; the text says what and where."""


class Field(NamedTuple):
    """The value of a key."""

    name: str


class Each(NamedTuple):
    """All items of a list, all values of an object."""


class Index(NamedTuple):
    """One item of a list; negative from its end."""

    number: int


class Where(NamedTuple):
    """The items whose value at `path` is `literal`, or is not."""

    path: Path
    literal: str | int | float | bool | None
    equal: bool


Step: TypeAlias = "Field | Each | Index | Where"
Path: TypeAlias = "tuple[Step, ...]"

_TOKEN = re.compile(
    r"""
      \.?(?P<name>(?:\\.|[\w/$@-])+)
    | \[ \s* (?P<quote>['"]) (?P<quoted>(?:\\.|(?!(?P=quote)).)*) (?P=quote) \s* \]
    | \[ \s* (?P<number>-?\d+) \s* \]
    | (?P<each>\[ \s* \* \s* \] | \.\*)
    | \[ \? \( \s* @ (?P<left>[^=!<>]+?) \s* (?P<operator>==|!=) \s* (?P<right>[^)]+?) \s* \) \]
    """,
    re.VERBOSE,
)
_LONGEST = 500
_DEEPEST = 32


@cache
def parse(text: str) -> Path:
    """`text` as steps. Braces around it and a leading `$` or dot are allowed. Raises `PathError`."""
    rest = text.strip()
    if len(rest) > _LONGEST:
        raise PathError(f"a path of {len(rest)} characters is too long")
    if rest.startswith("{") and rest.endswith("}"):
        rest = rest[1:-1].strip()
    at = len(rest) - len(rest.removeprefix("$"))
    if rest[at:] == ".":
        return ()
    steps: list[Step] = []
    while at < len(rest):
        found = _TOKEN.match(rest, at)
        if found is None or len(steps) == _DEEPEST:
            raise PathError(f"{text!r} is no path that can be read: see {rest[at : at + 20]!r}")
        steps.append(_step(found, text))
        at = found.end()
    if not steps:
        raise PathError("an empty path")
    return tuple(steps)


def _step(found: re.Match[str], text: str) -> Step:
    group = found.groupdict()
    if group["each"]:
        return Each()
    if group["number"] is not None:
        return Index(int(group["number"]))
    if group["left"] is not None:
        return Where(parse(group["left"]), _literal(group["right"], text), group["operator"] == "==")
    name = group["name"] if group["name"] is not None else group["quoted"]
    return Field(re.sub(r"\\(.)", r"\1", name))


def _literal(text: str, path: str) -> str | int | float | bool | None:
    if text[:1] in "'\"" and text[-1:] == text[:1] and len(text) > 1:
        return text[1:-1]
    try:
        found: str | int | float | bool | None = msgspec.json.decode(text, type=str | int | float | bool | None)
    except msgspec.DecodeError:
        raise PathError(
            f"{path!r} compares with {text!r}, which is neither a text in quotes nor a number"
        ) from None
    return found


# -- reading ----------------------------------------------------------------------------------------------------


def reader(path: Path) -> Read:
    """What takes an object, a struct of `partial` or plain data, and returns what is at `path`."""
    many = any(isinstance(step, Each | Where) for step in path)
    if not many:
        return _single(path)
    head: list[Step] = []
    for step in path:
        if isinstance(step, Each | Where):
            break
        head.append(step)
    first, rest = _single(tuple(head)), path[len(head) :]
    return lambda found: _spread([first(found)], rest)


def _single(path: Path) -> Read:
    """Reads fields and indices only."""
    steps = path

    def read(found: Any) -> Any:
        for step in steps:
            if found is None:
                return None
            found = _field(found, step.name) if type(step) is Field else _item(found, step)
        return found

    return read


def _spread(found: list[Any], path: Path) -> list[Any]:
    for step in path:
        if isinstance(step, Each):
            found = [item for value in found for item in _items(value)]
        elif isinstance(step, Where):
            its, literal, equal = reader(step.path), step.literal, step.equal
            found = [
                item
                for value in found
                for item in _items(value)
                if item is not None and (its(item) == literal) is equal
            ]
        elif isinstance(step, Field):
            found = [_field(value, step.name) for value in found if value is not None]
        else:
            found = [_item(value, step) for value in found]
    return [value for value in found if value is not None]


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, list):
        return value
    return value.values() if isinstance(value, Mapping) else ()


def _item(value: Any, step: Step) -> Any:
    if isinstance(step, Index) and isinstance(value, list) and -len(value) <= step.number < len(value):
        return value[step.number]
    return None


def _field(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, msgspec.Struct):
        attribute = _attributes(type(value)).get(name)
        return getattr(value, attribute) if attribute else None
    return None


@cache
def _attributes(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Name on the wire -> attribute."""
    return {field.encode_name: field.name for field in msgspec.structs.fields(struct)}


# -- partial structs --------------------------------------------------------------------------------------------


class _Tree:
    """What a set of paths needs below one place."""

    def __init__(self) -> None:
        self.fields: dict[str, _Tree] = {}
        self.items: _Tree | None = None
        self.whole = False
        """Whether some path ends here: everything below is kept."""

    def add(self, path: Path) -> None:
        if not path:
            self.whole = True
            return
        step, rest = path[0], path[1:]
        if isinstance(step, Field):
            self.fields.setdefault(step.name, _Tree()).add(rest)
            return
        if self.items is None:
            self.items = _Tree()
        self.items.add(rest)
        if isinstance(step, Where):
            self.items.add(step.path)

    def type(self, name: str) -> Any:
        if self.whole or (self.items is not None and self.fields):
            return Any
        if self.items is not None:
            inner = self.items.type(f"{name}Item")
            inner = inner if inner is Any else inner | None
            return list[inner] | dict[str, inner] | None  # type: ignore[valid-type]
        return _struct(name, _types(name, self.fields)) | None


def _struct(
    name: str, fields: Mapping[str, Any], base: type[msgspec.Struct] | None = None, **known: tuple[Any, Any]
) -> Any:
    """A struct of optional `fields` by their name on the wire, and of `known` ones: type and default."""
    rename = {f"field{number}": key for number, key in enumerate(fields)}
    declared = [(attribute, fields[key], None) for attribute, key in rename.items()]
    made = [(attribute, kind, default) for attribute, (kind, default) in known.items()]
    bases = (base or msgspec.Struct,)
    return msgspec.defstruct(re.sub(r"\W", "_", name), [*made, *declared], bases=bases, rename=rename, gc=False)


def partial(name: str, paths: Iterable[Path], metadata: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """A struct that decodes what `paths` name, and `metadata` as that type."""
    tree = _Tree()
    for path in paths:
        tree.add(path)
    wanted = tree.fields.pop("metadata", _Tree())
    more = {key: below for key, below in wanted.fields.items() if key not in _attributes(metadata)}
    if more:
        metadata = _struct(f"{name}_metadata", _types(name, more), metadata)
    default = msgspec.field(default_factory=metadata)
    made: type[msgspec.Struct] = _struct(name, _types(name, tree.fields), metadata=(metadata, default))
    return made


def _types(name: str, fields: Mapping[str, _Tree]) -> dict[str, Any]:
    return {key: below.type(f"{name}_{key}") for key, below in fields.items()}
