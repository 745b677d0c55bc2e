"""Fixtures that more than one module of joins has."""

from __future__ import annotations

import pytest

from tests.unit.fleet.mesh_objects import Members


@pytest.fixture
def mesh() -> Members:
    """A member with the Service `web` and its two ready pods."""
    found = Members()
    found.app("web", version="v1")
    return found
