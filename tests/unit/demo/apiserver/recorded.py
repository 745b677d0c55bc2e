"""Exchanges recorded from a real kube-apiserver, for tests that compare with them.

The recordings live beside the checkout; where they are absent the tests that need them skip with a message.
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).resolve().parents[4].parent / "shared" / "recordings" / "apiserver"

needs_recordings = pytest.mark.skipif(not _FOLDER.is_dir(), reason=f"no recordings in {_FOLDER}")


@lru_cache(maxsize=64)
def _exchange(name: str) -> dict[str, Any]:
    (path,) = _FOLDER.glob(f"*-{name}.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def sent(name: str) -> Any:
    """The body of the request called `name`."""
    return _exchange(name)["request"]["body"]


def answered(name: str) -> Any:
    """The body of the response."""
    return _exchange(name)["response"]["body"]


def managed(name: str) -> list[dict[str, Any]]:
    """The managed fields of the answered object."""
    entries: list[dict[str, Any]] = answered(name)["metadata"]["managedFields"]
    return entries
