"""What a console feeds a shell."""

from __future__ import annotations

import pytest

from kurator_tui.link.shells import END, PIECE, TYPED, size_of, sized, typed
from kurator_tui.link.streams import MESSAGE


def test_what_is_typed_comes_in_messages_that_the_link_does_not_cut() -> None:
    data = bytes(range(256)) * 1000
    messages = list(typed(data))
    assert b"".join(message[1:] for message in messages) == data
    assert {message[0] for message in messages} == {TYPED}
    assert max(map(len, messages)) == PIECE + 1 <= MESSAGE
    assert list(typed(b"")) == []


@pytest.mark.parametrize(
    ("columns", "rows", "expected"),
    [(80, 24, (80, 24)), (0, -3, (1, 1)), (10**9, 50, (65535, 50))],
)
def test_sizes(columns: int, rows: int, expected: tuple[int, int]) -> None:
    assert size_of(sized(columns, rows)) == expected


@pytest.mark.parametrize("message", [b"", END, b"\x00abcd", b"\x04", b"\x04abcde"])
def test_anything_else_is_no_size(message: bytes) -> None:
    assert size_of(message) is None
