"""Objects and recordings for the tests of kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind, Health, Value
from kurator_tui.kinds.decode import RowDecoder

RECORDINGS = Path(__file__).parents[3].parent / "shared" / "recordings"


def row(kind: AnyKind, obj: dict[str, Any], cluster: str = "c1") -> Any:
    """`obj` decoded as a server's bytes would be."""
    return RowDecoder(kind, cluster).row(json.dumps(obj).encode())


def meta(name: str = "x", **more: Any) -> dict[str, Any]:
    """Metadata of an object in namespace `ns`."""
    return {"name": name, "namespace": "ns", "uid": f"uid-{name}", "resourceVersion": "7", **more}


def health(kind: AnyKind, **parts: Any) -> Health:
    """The verdict on an object made of `parts`: `spec`, `status` and so on."""
    return kind.health(row(kind, {"metadata": meta()} | parts))


def values(kind: AnyKind, *keys: str, **parts: Any) -> tuple[Value, ...]:
    """The values of the columns `keys` of an object made of `parts`."""
    found = row(kind, {"metadata": meta()} | parts)
    return tuple(kind.columns[[column.key for column in kind.columns].index(key)].value(found) for key in keys)


def recording(path: str) -> dict[str, Any]:
    """The exchange recorded under `path`; skips the test, visibly, where recordings are absent."""
    file = RECORDINGS / path
    if not file.exists():
        pytest.skip(f"no recordings beside the checkout: {file}")
    loaded: dict[str, Any] = json.loads(file.read_text())
    return loaded
