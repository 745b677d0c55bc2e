"""Which kind a word means that only members know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kurator_tui.cli.run import _learned
from kurator_tui.errors import UsageError
from kurator_tui.kinds import registry
from kurator_tui.kinds.generic import Definition

WIDGETS = Definition("example.org", "widgets", "Widget", ("v1",), True, ("wd",))
WINDOWS = Definition("example.net", "windows", "Window", ("v1",), True, ("wd",))


@pytest.fixture(autouse=True)
def two_kinds_of_one_short_name() -> Iterator[None]:
    for definition in (WIDGETS, WINDOWS):
        registry.define(definition)
    yield
    for definition in (WIDGETS, WINDOWS):
        registry.undefine(definition.id)


@pytest.mark.parametrize(
    ("word", "id"),
    [
        ("widgets.example.org", "widgets.example.org"),
        ("Windows.example.net", "windows.example.net"),
        ("wd.example.net", "windows.example.net"),
        ("widget", "widgets.example.org"),
    ],
)
def test_each_of_two_kinds_of_one_short_name_has_a_word_of_its_own(word: str, id: str) -> None:
    assert _learned(word, registry.find(word)).id == id


def test_a_short_name_of_two_kinds_is_refused_with_what_to_say_instead() -> None:
    with pytest.raises(UsageError) as caught:
        _learned("wd", registry.find("wd"))
    assert "widgets.example.org or windows.example.net" in caught.value.hint


def test_a_word_that_nobody_knows_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="no cluster serves 'nonesuch'"):
        _learned("nonesuch", registry.find("nonesuch"))
