"""What people say of incidents, in one document: the newest word counts, and nothing in it is trusted."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest
from msgspec.structs import replace

from kurator_tui.kinds.inbox import NOTHING, Handled
from kurator_tui.kinds.sharing import (
    APART,
    KEEP,
    KEY,
    LARGEST,
    LONGEST_UID,
    MOST,
    NotUsable,
    bounded,
    decode,
    encode,
    merged,
    news,
    words_of,
)

NOW = 1_800_000_000.0
LABELS = {"app.kubernetes.io/managed-by": "kurator-tui"}


def word(by: str = "anna", at: float = NOW - 60, **said: Any) -> Handled:
    return Handled(changed=at, by=by, **said)


def test_a_document_is_read_as_it_was_written() -> None:
    words = {"image/a": word(note="rolled back"), "object/b": word("ben", acknowledged="ben")}
    assert decode(encode(words, NOW), NOW) == words


def test_of_each_incident_the_newest_word_counts_in_whatever_order_it_came() -> None:
    parts = [
        {"a": word(note="first", at=NOW - 3), "b": word(note="b")},
        {"a": word("ben", note="last", at=NOW - 1)},
        {"a": word("cleo", note="between", at=NOW - 2), "c": word("cleo", note="c")},
    ]
    for order in itertools.permutations(parts):
        found = merged(*order)
        assert {uid: each.note for uid, each in found.items()} == {"a": "last", "b": "b", "c": "c"}


def test_words_of_the_same_moment_are_merged_alike_everywhere() -> None:
    one, other = {"a": word(note="x")}, {"a": word("ben", note="y")}
    assert merged(one, other) == merged(other, one)


def test_news_is_what_is_newer_and_says_something_else() -> None:
    known = {"a": word(note="x", at=NOW - 10), "b": word(note="y", at=NOW - 10)}
    assert news(known, {"a": word("ben", note="x", at=NOW)}) == {}, "the same words of somebody else"
    assert news(known, {"a": word(note="old", at=NOW - 20)}) == {}
    assert news(known, {"c": replace(NOTHING, changed=NOW, by="ben")}) == {}, (
        "nothing said of what nobody spoke of"
    )
    taken_back = replace(NOTHING, changed=NOW, by="ben")
    assert news(known, {"b": taken_back}) == {"b": taken_back}


def test_what_nobody_touched_for_long_and_what_is_of_the_far_future_is_no_word() -> None:
    words = {
        "old": word(note="x", at=NOW - KEEP),
        "ahead": word(note="x", at=NOW + 7200),
        "never": word(note="x", at=NOW + APART),
        "u" * (LONGEST_UID + 1): word(note="x"),
    }
    assert list(bounded(words, NOW)) == ["ahead"]


def test_long_texts_are_cut_and_the_oldest_of_too_many_go() -> None:
    assert len(bounded({"a": word(note="x" * 10_000, by="y" * 10_000)}, NOW)["a"].note) == 500
    many = {f"object/{number}": word(note="x", at=NOW - number) for number in range(MOST + 10)}
    kept = bounded(dict(random.Random(1).sample(list(many.items()), len(many))), NOW)
    assert kept.keys() == {f"object/{number}" for number in range(MOST)}


def test_a_document_never_outgrows_an_object_of_kubernetes() -> None:
    words = {f"object/{number}": word(note="ö" * 500, at=NOW - number) for number in range(MOST)}
    text = encode(words, NOW)
    assert LARGEST * 0.9 < len(text.encode()) <= LARGEST
    kept = decode(text, NOW)
    assert set(kept) == {f"object/{number}" for number in range(len(kept))}, "the latest"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"incidents": {"a": {"note": 3}}}', "cannot be read"),
        ('{"incidents": {"a": {"changed": "now"}}}', "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('{"version": 2}', "of a newer kurator-tui"),
        (" " * (2 * LARGEST + 1), "larger than"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, why: str) -> None:
    with pytest.raises(NotUsable, match=why):
        decode(text, NOW)


def test_a_word_at_no_moment_is_dropped() -> None:
    assert decode('{"incidents": {"a": {"note": "x", "changed": 1e308}}}', NOW) == {}


@pytest.mark.parametrize(
    "obj",
    [
        {},
        {"metadata": None},
        {"metadata": {"labels": None}},
        {"metadata": {"labels": {"app": "web"}}, "data": {KEY: "{}"}},
    ],
)
def test_a_config_map_without_our_label_is_somebody_elses(obj: dict[str, object]) -> None:
    with pytest.raises(NotUsable, match="it is no inbox"):
        words_of(obj, NOW)


@pytest.mark.parametrize("data", [None, {}, {"other": "x"}])
def test_an_inbox_in_which_nothing_was_said_is_empty(data: object) -> None:
    assert words_of({"metadata": {"labels": LABELS}, "data": data}, NOW) == {}


def test_nothing_but_what_was_said_is_in_the_document() -> None:
    found = json.loads(encode({"a": word(note="x", acknowledged="anna")}, NOW))
    assert found == {
        "version": 1,
        "incidents": {"a": {"acknowledged": "anna", "note": "x", "changed": NOW - 60, "by": "anna"}},
    }
