"""Uids that a selector means, as they are told."""

from __future__ import annotations

from kurator_tui.link.selections import Selected, Selection, decode, encode


def told(*news: Selected) -> Selection:
    selection = Selection()
    for each in news:
        selection.take(decode(encode(each)))
    return selection


FIRST = (Selected("c", begins=True), Selected("c", ["a", "b"]), Selected("c", listed=True))


def test_what_a_list_held_is_meant_and_changes_follow() -> None:
    selection = told(*FIRST, Selected("c", ["d"], ["a"]))
    assert selection.uids == {"c": {"b", "d"}}
    assert selection.holds("c", "d")
    assert not selection.holds("other", "d")


def test_what_another_list_does_not_hold_is_meant_until_it_is_complete() -> None:
    assert told(*FIRST, Selected("c", begins=True), Selected("c", ["b"])).uids == {"c": {"a", "b"}}
    again = told(*FIRST, Selected("c", begins=True), Selected("c", ["b"]), Selected("c", listed=True))
    assert again.uids == {"c": {"b"}}


def test_a_cluster_that_does_not_tell_keeps_what_it_told_and_says_why() -> None:
    selection = told(*FIRST, Selected("c", listed=True, error="refused"))
    assert (selection.uids, selection.errors) == ({"c": {"a", "b"}}, {"c": "refused"})
    selection.take(Selected("c", listed=True))
    assert selection.errors == {}
