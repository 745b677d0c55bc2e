"""Several readers of one kind are one subscription."""

from __future__ import annotations

from kurator_tui.link import messages as m
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


def test_a_new_feeder_is_told_what_is_silenced_before_it_finds_anything() -> None:
    readers = Readers()
    readers.add("incidents", "inbox", Reach())
    assert m.Silenced not in map(type, readers.hello())
    readers.silence(b"[1]")
    told = readers.silence(b"[2]")
    assert told == m.Silenced(b"[2]")
    assert [type(message) for message in readers.hello()] == [m.Silenced, m.Subscribed]
    assert told in readers.hello()
