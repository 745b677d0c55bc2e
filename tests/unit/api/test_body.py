"""Chunks and lines, however the network cuts them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.api.body import LINE_LIMIT, BadFraming, ChunkedBody, LineSplitter, LineTooLong, whole_lines


def chunked(*bodies: bytes, end: bool = True) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(body), body) for body in bodies) + (b"0\r\n\r\n" if end else b"")


def read(pieces: list[bytes]) -> tuple[bytes, bool]:
    body = ChunkedBody()
    return b"".join(body.feed(piece) for piece in pieces), body.ended


def cut(data: bytes, places: list[int]) -> list[bytes]:
    at = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(at) if a < b]


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.lists(st.integers(0, 300), max_size=8))
def test_a_body_is_the_same_however_it_is_cut(bodies: list[bytes], places: list[int]) -> None:
    assert read(cut(chunked(*bodies), places)) == (b"".join(bodies), True)


def test_a_whole_chunk_in_one_read_and_several_in_one_read() -> None:
    assert read([chunked(b"one", end=False)]) == (b"one", False)
    assert read([chunked(b"one", b"two")]) == (b"onetwo", True)


def test_extensions_of_chunks_and_what_follows_the_last_one_are_left_out() -> None:
    assert read([b"3;a=b\r\nabc\r\n", b"0\r\nTrailer: x\r\n\r\nHTTP/1.1 200 OK"]) == (b"abc", True)


@pytest.mark.parametrize(
    "wire",
    [
        b"xyz\r\nabc\r\n",
        b"\r\n\r\n",
        b"-3\r\nabc\r\n",
        b"0x3\r\nabc\r\n",
        b"3\r\nabcdef\r\n",
        b"3" * 5000,
        b"+1\r\na\r\n",
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_no_chunk_is_refused(wire: bytes, at_once: bool) -> None:
    with pytest.raises(BadFraming):
        read([wire] if at_once else [wire[n : n + 1] for n in range(len(wire))])


@given(
    st.lists(st.binary(max_size=20).filter(lambda line: not {10, 13} & set(line)), max_size=6),
    st.sampled_from([b"\n", b"\r\n"]),
    st.lists(st.integers(0, 200), max_size=8),
)
def test_lines_are_the_same_however_they_are_cut(lines: list[bytes], end: bytes, places: list[int]) -> None:
    splitter = LineSplitter()
    data = b"".join(line + end for line in lines) + b"rest"
    assert [line for piece in cut(data, places) for line in splitter.feed(piece)] == [
        line for line in lines if line
    ]
    assert splitter.finish() == b"rest"
    assert splitter.finish() == b""


def test_a_line_may_be_long_but_not_endless() -> None:
    splitter = LineSplitter()
    piece = b"x" * 2**16
    for _ in range(LINE_LIMIT // len(piece)):
        assert splitter.feed(piece) == []
    assert [len(line) for line in splitter.feed(b"\na\n")] == [LINE_LIMIT, 1]
    for _ in range(LINE_LIMIT // len(piece)):
        splitter.feed(piece)
    with pytest.raises(LineTooLong):
        splitter.feed(b"x")


BODIES = st.sampled_from(
    [b'{"a":1}\n', b"x\n", b"two\nlines\n", b"half", b"carriage\r\n", b"\n", b"\r\n", b"a\nb"]
)
"""Chunks: those that are a line, and all that are not quite one."""


@given(st.lists(BODIES, max_size=6), st.booleans(), st.integers(0, 40))
def test_whole_lines_and_the_rest_are_what_chunks_and_lines_are(bodies: list[bytes], end: bool, less: int) -> None:
    wire = chunked(*bodies, end=end)
    data = wire[: len(wire) - less]
    lines, at = whole_lines(data)
    assert lines + LineSplitter().feed(ChunkedBody().feed(data[at:])) == LineSplitter().feed(
        ChunkedBody().feed(data)
    )
    body = ChunkedBody()
    assert body.feed(data[:at]).count(b"\n") == len(lines)
    assert body.whole


def test_lines_that_come_one_a_chunk_are_taken_at_once() -> None:
    wire = chunked(b"one\n", b"two\n", end=False)
    assert whole_lines(wire + b"4\r\nthr") == ([b"one", b"two"], len(wire))
    assert whole_lines(wire + b"0\r\n\r\n") == ([b"one", b"two"], len(wire))


@pytest.mark.parametrize("head", [b"+4", b"0x4", b"04", b"4;a=b", b"5", b"3", b"", b"A", b" 4"])
def test_a_chunk_with_any_other_head_is_left_to_the_body(head: bytes) -> None:
    assert whole_lines(head + b"\r\none\n\r\n") == ([], 0)
