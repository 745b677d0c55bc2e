"""Several readers of one kind are one subscription."""

from __future__ import annotations

from kurator_tui.link.readers import Reach, Readers


def test_readers_are_joined() -> None:
    readers = Readers()
    assert readers.add("jobs", "one", Reach(("a",)))
    assert readers.add("jobs", "two", Reach(("b",), ("shop",)))
    assert readers.reach("jobs") == Reach(("a", "b"), ())
    assert readers.add("jobs", "two", Reach())
    assert readers.reach("jobs") == Reach()


def test_what_changes_nothing_is_said() -> None:
    readers = Readers()
    assert readers.add("jobs", "one", Reach())
    assert not readers.add("jobs", "two", Reach(("a",)))
    assert not readers.remove("jobs", "two")
    assert not readers.remove("jobs", "two")


def test_the_last_reader_ends_it() -> None:
    readers = Readers()
    readers.add("jobs", "one", Reach())
    assert readers.remove("jobs", "one")
    assert "jobs" not in readers
    assert readers.kinds() == []
