"""One structural schema a kind; it drives explain, merge keys, list keys of server-side apply, validation, pruning
and defaults.

Schemas are written as indented text in the `schemas_*` modules and parsed here once, on first use:

    Container -- A container of a pod.
      name* string -- Name, unique in the pod.
      ports [ContainerPort] keys=containerPort,protocol merge=containerPort -- Ports to list.

A line is `name[*][!] type [flag…] [-- description]`. `*` = required. `!` = always written by the server, with its
zero value (a Go struct field without `omitempty`; only built-in kinds have these). Types: `string int int64 number
bool time quantity intstr bytes any object`, `[T]` a list, `{T}` a map, or the name of another definition; `object`
takes its fields from the lines indented below it. Flags: `keys=a,b` list is a map by these keys · `set` list is a
set · `merge=key` or `merge` strategic-merge list · `retain` strategic strategy retainKeys · `atomic` owned as one
· `open` keeps unknown fields · `default=` · `enum=a|b` · `pattern=` · `min=` · `max=` · `nullable` · `immutable`.
`kind <apiVersion> <Kind>` opens the definition of a served kind.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

_SCALARS: dict[str, tuple[str, str]] = {
    "string": ("string", ""),
    "int": ("integer", "int32"),
    "int64": ("integer", "int64"),
    "number": ("number", "double"),
    "bool": ("boolean", ""),
    "time": ("string", "date-time"),
    "quantity": ("", "quantity"),
    "intstr": ("", "int-or-string"),
    "bytes": ("string", "byte"),
    "any": ("", ""),
    "object": ("object", ""),
}
_ZERO: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": None}


@dataclass(slots=True, eq=False)
class Schema:
    """One field, item or definition. Built by the parser and never changed afterwards.

    `type` is object, array, string, integer, number, boolean, or '' for any value and int-or-string.
    `ref` names the definition the fields come from; they are copied in by the parser.
    """

    type: str = ""
    format: str = ""
    description: str = ""
    ref: str = ""
    properties: "dict[str, Schema]" = field(default_factory=dict)
    required: list[str] = field(default_factory=list)
    items: "Schema | None" = None
    values: "Schema | None" = None
    always: bool = False
    open: bool = False
    atomic: bool = False
    unique: bool = False
    keys: tuple[str, ...] = ()
    merge: str | None = None
    retain: bool = False
    nullable: bool = False
    immutable: bool = False
    default: Any = None
    enum: tuple[str, ...] = ()
    pattern: str = ""
    minimum: int | None = None
    maximum: int | None = None

    @property
    def granular_list(self) -> bool:
        """True when items are owned one by one in managed fields."""
        return self.unique or bool(self.keys)

    def child(self, name: str) -> "Schema | None":
        """The schema of a field or map value; None when the schema does not know it."""
        return self.properties.get(name) or self.values


#: Any value: granular maps, atomic lists, as for fields a schema does not describe.
ANY = Schema(open=True)


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """The schema of a served kind."""

    api_version: str
    kind: str
    schema: Schema


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """All parsed schemas: kinds by (apiVersion, kind), shared definitions by name."""

    kinds: dict[tuple[str, str], Kind]
    definitions: dict[str, Schema]


def zero(schema: Schema) -> Any:
    """What the server writes for an absent always-present field: `{}` with its own such fields, null, '' or 0."""
    if schema.type != "object":
        return None if schema.format == "date-time" else _ZERO.get(schema.type)
    return {name: zero(child) for name, child in schema.properties.items() if child.always}


def parse(text: str) -> Book:
    """The definitions and kinds of one text, with references resolved inside it.

    Raises ValueError naming the line that does not follow the notation of this module.
    """
    book = Book({}, {})
    for number, header, lines in _blocks(text):
        words, description = _split(header)
        schema = Schema(type="object", description=description)
        if words[0] == "kind":
            if len(words) < 3:
                raise ValueError(f"line {number}: kind needs an apiVersion and a name")
            _flags(schema, words[3:], number)
            _add_type_meta(schema)
            book.kinds[words[1], words[2]] = Kind(words[1], words[2], schema)
        else:
            _flags(schema, words[1:], number)
            book.definitions[words[0]] = schema
        _fields(schema, lines)
    for root in (*book.definitions.values(), *(kind.schema for kind in book.kinds.values())):
        _link(root, book.definitions)
    return book


def _add_type_meta(schema: Schema) -> None:
    """The three fields every object starts with."""
    schema.properties["apiVersion"] = Schema("string", description="Group and version of this object's schema.")
    schema.properties["kind"] = Schema("string", description="The kind of this object, in CamelCase.")
    schema.properties["metadata"] = Schema(
        ref="ObjectMeta", description="Name, labels and everything else common to all objects.", always=True
    )


def _blocks(text: str) -> Iterator[tuple[int, str, list[tuple[int, int, str]]]]:
    """(line number, header, [(line number, indent, content)]) for each definition."""
    header, at, lines = "", 0, list[tuple[int, int, str]]()
    for number, raw in enumerate(text.splitlines(), 1):
        content = raw.strip()
        if not content:
            continue
        indent = len(raw) - len(raw.lstrip())
        if indent:
            lines.append((number, indent, content))
            continue
        if header:
            yield at, header, lines
        header, at, lines = content, number, []
    if header:
        yield at, header, lines


def _split(content: str) -> tuple[list[str], str]:
    words, _, description = content.partition(" -- ")
    return words.split(), description.strip()


def _fields(schema: Schema, lines: list[tuple[int, int, str]]) -> None:
    """Hang each line below the field it is indented under."""
    stack = [(0, schema)]
    for number, indent, content in lines:
        while stack[-1][0] >= indent:
            stack.pop()
        owner = stack[-1][1]
        words, description = _split(content)
        if len(words) < 2:
            raise ValueError(f"line {number}: a field needs a name and a type: {content!r}")
        name, written = words[0], words[1]
        while name[-1] in "*!":
            if name[-1] == "*":
                owner.required.append(name.rstrip("*!"))
            name = name[:-1]
        child = _typed(written)
        child.always = "!" in words[0]
        child.description = description
        _flags(child, words[2:], number)
        owner.properties[name] = child
        stack.append((indent, child.items or child.values or child))


def _typed(written: str) -> Schema:
    """The schema of a type as written: a scalar, `[T]`, `{T}` or a definition's name."""
    if written.startswith("["):
        return Schema(type="array", items=_typed(written[1:-1]))
    if written.startswith("{"):
        return Schema(type="object", values=_typed(written[1:-1]))
    if written in _SCALARS:
        kind, form = _SCALARS[written]
        return Schema(type=kind, format=form)
    return Schema(type="object", ref=written)


def _flags(schema: Schema, words: list[str], number: int) -> None:
    """Set attributes from the words after the type."""
    for word in words:
        name, has_value, value = word.partition("=")
        if name in ("open", "atomic", "retain", "nullable", "immutable"):
            setattr(schema, name, True)
        elif name == "set":
            schema.unique = True
        elif name == "merge":
            schema.merge = value
        elif name == "keys":
            schema.keys = tuple(value.split(","))
        elif name == "enum":
            schema.enum = tuple(value.split("|"))
        elif name == "pattern" and has_value:
            schema.pattern = value
        elif name in ("min", "max"):
            setattr(schema, f"{name}imum", int(value))
        elif name == "default":
            schema.default = (
                json.loads(value) if value[:1] in '[{"0123456789' or value in ("true", "false") else value
            )
        else:
            raise ValueError(f"line {number}: unknown flag {word!r}")


def _link(schema: Schema, definitions: dict[str, Schema]) -> None:
    """Copy the fields of referenced definitions in; definitions may refer to each other in circles."""
    if schema.ref:
        target = definitions.get(schema.ref)
        if target is None:
            raise ValueError(f"no definition named {schema.ref!r}")
        schema.properties, schema.required = target.properties, target.required
        schema.values = target.values
        schema.atomic = schema.atomic or target.atomic
        schema.open = schema.open or target.open
        schema.nullable = schema.nullable or target.nullable
        schema.type = target.type
        return
    for child in (*schema.properties.values(), schema.items, schema.values):
        if child is not None:
            _link(child, definitions)


@lru_cache(maxsize=1)
def book() -> Book:
    """Every schema this package knows."""
    # Imported late: the texts are long and only a demo server needs them.
    from kurator_tui.demo.apiserver import (
        schemas_core,
        schemas_flux,
        schemas_kurator,
        schemas_platform,
        schemas_pod,
    )
    from kurator_tui.demo.apiserver import schemas_workloads as workloads

    texts = (schemas_core.TEXT, schemas_pod.TEXT, workloads.TEXT, schemas_platform.TEXT)
    return parse("\n".join((*texts, schemas_kurator.TEXT, schemas_flux.TEXT)))


#: Objects of a kind without a schema: metadata is known, everything else is kept.
@lru_cache(maxsize=1)
def _unknown() -> Schema:
    schema = Schema(type="object", open=True)
    _add_type_meta(schema)
    _link(schema, book().definitions)
    return schema


def of(api_version: str, kind: str) -> Schema:
    """The schema of a kind; one that only knows metadata when the kind has none."""
    found = book().kinds.get((api_version, kind))
    return found.schema if found else _unknown()


def of_object(obj: dict[str, Any]) -> Schema:
    """The schema of an object by its own apiVersion and kind."""
    return of(str(obj.get("apiVersion")), str(obj.get("kind")))
