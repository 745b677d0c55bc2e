"""Snapshots run in the same surroundings as the UI tests."""

from tests.ui.conftest import surroundings

__all__ = ["surroundings"]
