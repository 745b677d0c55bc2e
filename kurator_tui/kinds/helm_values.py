"""Helm values as lines: flat, short, without secrets; and what a fleet sets beside the defaults. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.secret_names import secret_name

MOST = 64
"""Lines that are kept of one set of values."""
LONGEST = 80
"""Characters of one value."""
SECRET = "(secret)"

Flat = Mapping[str, str]
"""Path -> value as text."""


def flat(values: Any) -> list[list[str]]:
    """[path, value] of each leaf, in the order of the values; secrets, by their names, are not shown."""
    found = []
    for number, (path, value) in enumerate(_leaves(values, "", 0)):
        if number == MOST:
            found.append(["…", "more values"])
            break
        found.append([path, value])
    return found


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    items: Iterable[tuple[str, Any]]
    if isinstance(value, Mapping) and value and depth < 12:
        items = ((f"{path}.{key}" if path else str(key), inner) for key, inner in value.items())
    elif isinstance(value, list) and value and depth < 12:
        items = ((f"{path}[{at}]", inner) for at, inner in enumerate(value))
    else:
        if path:
            name = path.rpartition(".")[2].partition("[")[0]
            secret = secret_name(name) and not isinstance(value, bool) and value not in (None, "", {}, [])
            yield inert(path[:200]), SECRET if secret else inert(_text(value)[:LONGEST])
        return
    for at, inner in items:
        yield from _leaves(inner, at, depth + 1)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or value == "":
        return "null" if value is None else '""'
    if isinstance(value, Mapping | list):
        return "…" if value else "{}" if isinstance(value, Mapping) else "[]"
    return str(value)


_EXTRA = {
    "thanos": ("metric", "thanos"),
    "prometheus": ("metric", "prometheus"),
    "grafana": ("grafana",),
    "kyverno": ("policy", "kyverno"),
    "velero": ("backup",),
    "rook": ("distributedStorage",),
    "flagger": ("flagger",),
    "sm-operator": ("submariner",),
}
"""Component -> where `spec.plugin` of a Fleet has the `extraArgs` of its chart."""


def set_by_fleet(plugin: Any) -> dict[str, list[list[str]]]:
    """Component -> what a Fleet's `spec.plugin` sets of its chart's values, as `flat`."""
    found = {}
    for component, path in _EXTRA.items():
        value = plugin
        for key in (*path, "extraArgs"):
            value = value.get(key) if isinstance(value, Mapping) else None
        if value:
            found[component] = flat(value)
    return found


def difference(asked: Flat, rendered: Flat) -> tuple[str, ...]:
    """What a fleet asks for, as it was rendered: `path=value`, and where that is another value
    `path=value, rendered as other`: a `false`, `0` or `""` is overwritten by Kurator's default (§2.1)."""
    found = []
    for path, value in asked.items():
        got = rendered.get(path)
        if got is None:
            found.append(f"{path}={value}, not rendered")
        else:
            found.append(f"{path}={value}" if got == value else f"{path}={value}, rendered as {got}")
    return tuple(found)


def corrupted(lines: Iterable[str]) -> bool:
    """Whether something was rendered as it was not asked for."""
    return any(", rendered as " in line or line.endswith(", not rendered") for line in lines)
