"""Objects and recordings for the tests of kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.decode import RowDecoder

RECORDINGS = Path(__file__).parents[3].parent / "shared" / "recordings"


def row(kind: AnyKind, obj: dict[str, Any], cluster: str = "c1") -> Any:
    """`obj` decoded as a server's bytes would be."""
    return RowDecoder(kind, cluster).row(json.dumps(obj).encode())


def meta(name: str = "x", **more: Any) -> dict[str, Any]:
    """Metadata of an object in namespace `ns`."""
    return {"name": name, "namespace": "ns", "uid": f"uid-{name}", "resourceVersion": "7", **more}


def recording(path: str) -> dict[str, Any]:
    """The exchange recorded under `path`; skips the test, visibly, where recordings are absent."""
    file = RECORDINGS / path
    if not file.exists():
        pytest.skip(f"no recordings beside the checkout: {file}")
    loaded: dict[str, Any] = json.loads(file.read_text())
    return loaded
