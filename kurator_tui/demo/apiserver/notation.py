"""Resource kinds as a table of text: names, versions, subresources and printer columns.  Data's parser.

    set velero cat=backup                             kinds that are installed together, words for all of them
    velero.io/v1 schedules Schedule sub=status        a kind: group/version, plural, kind
      Status | .status.phase                          a column: name, type (string when left out), JSON path
      Paused | boolean | .spec.paused | wide          a column of the wide view
      Age                                             the creation time
      + sub=log,status                                the line of the kind goes on

Words after a kind: `cluster` (scope), `short=`, `cat=`, `sub=`, `fields=` (for field selectors), `verbs=`, lists
with commas.  A kind is custom unless it is `builtin`; a custom one has a status subresource without `sub=`.  The
core group has no name: `/v1`.  Every kind takes any fields: no schema is checked.
"""

from collections.abc import Iterator

from kurator_tui.demo.apiserver.resources import ALL_VERBS, COMMON_FIELDS, CUSTOM_VERBS, Column, ResourceType

_AGE = Column("Age", "date", ".metadata.creationTimestamp")


def parse(text: str) -> dict[str, tuple[ResourceType, ...]]:
    """Sets by name.  Raises ValueError naming the line that does not follow the notation of this module."""
    found: dict[str, tuple[ResourceType, ...]] = {}
    name, common = "", ""
    for header, columns in _blocks(text):
        if header.startswith("set "):
            _, name, common = f"{header} ".split(" ", 2)
            found[name] = ()
        elif not name:
            raise ValueError(f"a kind before the first set: {header!r}")
        else:
            found[name] += (_kind(header, common, columns),)
    return found


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """(line, the indented lines below it)."""
    header, below = "", list[str]()
    for raw in text.splitlines():
        if not raw.strip():
            continue
        if raw.startswith("  + "):
            header += raw[4:] if header.endswith(",") else raw[3:]
            continue
        if raw.startswith(" "):
            below.append(raw.strip())
            continue
        if header:
            yield header, below
        header, below = raw.strip(), []
    if header:
        yield header, below


def _kind(header: str, common: str, columns: list[str]) -> ResourceType:
    address, *rest = header.split()
    group, slash, version = address.partition("/")
    if not slash or len(rest) < 2:
        raise ValueError(f"a kind needs group/version, plural and name: {header!r}")
    plural, kind, *words = rest
    options = dict(word.partition("=")[::2] for word in (*common.split(), *words))
    custom = "builtin" not in options
    return ResourceType(
        group=group,
        version=version,
        plural=plural,
        singular=kind.lower(),
        kind=kind,
        namespaced="cluster" not in options,
        short_names=_listed(options.get("short", "")),
        categories=_listed(options.get("cat", "")),
        subresources=frozenset(_listed(options.get("sub", "status" if custom else ""))),
        custom=custom,
        selectable_fields=COMMON_FIELDS.union(_listed(options.get("fields", ""))),
        verbs=_listed(options.get("verbs", "")) or (CUSTOM_VERBS if custom else ALL_VERBS),
        printer_columns=tuple(_column(line) for line in columns),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _column(line: str) -> Column:
    parts = [part.strip() for part in line.split("|")]
    priority = 1 if parts[-1] == "wide" else 0
    parts = parts[:-1] if priority else parts
    if parts == ["Age"]:
        return _AGE._replace(priority=priority)
    if len(parts) not in (2, 3):
        raise ValueError(f"a column needs a name and a path: {line!r}")
    kind = parts[1] if len(parts) == 3 else "string"
    return Column(parts[0], kind, parts[-1], priority)
