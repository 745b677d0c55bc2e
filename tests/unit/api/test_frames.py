"""WebSocket frames, cut anywhere, and what no server may send."""

from __future__ import annotations

import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kurator_tui.api.frames import BadFrame, FrameReader, Message, Op, close_reason, closing, masked, written


def frame(first: int, data: bytes, *, length: int | None = None) -> bytes:
    """A server's frame: not masked."""
    size = len(data) if length is None else length
    if size < 126:
        return bytes((first, size)) + data
    if size < 2**16:
        return bytes((first, 126)) + size.to_bytes(2, "big") + data
    return bytes((first, 127)) + size.to_bytes(8, "big") + data


def unmasked(sent: bytes) -> tuple[int, bytes]:
    """(first byte, payload) of a client's frame."""
    assert sent[1] & 0x80
    size = {126: 2, 127: 8}.get(sent[1] & 0x7F, 0)
    length = int.from_bytes(sent[2 : 2 + size], "big") if size else sent[1] & 0x7F
    mask, payload = sent[2 + size : 6 + size], sent[6 + size :]
    assert len(payload) == length
    return sent[0], masked(payload, mask)


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_a_mask_laid_over_twice_is_none(data: bytes, mask: bytes) -> None:
    assert masked(data, mask) == bytes(byte ^ key for byte, key in zip(data, itertools.cycle(mask), strict=False))
    assert masked(masked(data, mask), mask) == data


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65535, 65536])
def test_lengths_are_written_in_the_shortest_form(length: int) -> None:
    sent = written(Op.BINARY, b"x" * length)
    assert unmasked(sent) == (0x82, b"x" * length)


def test_two_frames_of_the_same_data_have_different_masks() -> None:
    assert len({written(Op.BINARY, b"hello") for _ in range(10)}) > 1


@given(
    st.lists(st.binary(max_size=400), max_size=6),
    st.lists(st.integers(min_value=1, max_value=7), min_size=1, max_size=5),
    st.booleans(),
)
def test_frames_may_be_cut_anywhere(payloads: list[bytes], cuts: list[int], parts: bool) -> None:
    wire = b""
    for data in payloads:
        if parts:  # a ping may stand between the parts of a message
            wire += frame(0x02, data[:3]) + frame(0x89, b"?") + frame(0x80, data[3:])
        else:
            wire += frame(0x82, data)
    reader, found, sizes = FrameReader(), list[Message](), itertools.cycle(cuts)
    while wire:
        size = next(sizes)
        found += reader.feed(wire[:size])
        wire = wire[size:]
    assert [each.data for each in found if each.op is Op.BINARY] == payloads
    assert sum(each.op is Op.PING for each in found) == (len(payloads) if parts else 0)


@pytest.mark.parametrize(
    ("wire", "why"),
    [
        (frame(0xC2, b"x"), "extension"),
        (b"\x82\x81abcdx", "masked"),
        (frame(0x83, b"x"), "unknown kind 3"),
        (frame(0x80, b"x"), "out of order"),
        (frame(0x02, b"x") + frame(0x82, b"y"), "out of order"),
        (frame(0x09, b""), "control frame"),
        (frame(0x89, b"x" * 126), "control frame"),
        (frame(0x82, b"", length=2**62), "more than"),
        (frame(0x02, b"x" * 60) + frame(0x80, b"x" * 60), "more than 100 bytes"),
    ],
)
def test_what_no_server_may_send(wire: bytes, why: str) -> None:
    with pytest.raises(BadFrame, match=why):
        FrameReader(longest=100).feed(wire)


@given(st.lists(st.binary(max_size=50), max_size=8))
def test_garbage_is_refused_or_waited_for_but_never_kept_beyond_the_longest(pieces: list[bytes]) -> None:
    reader = FrameReader(longest=20)
    with contextlib.suppress(BadFrame):
        for piece in pieces:
            assert all(len(message.data) <= 125 for message in reader.feed(piece))


def test_close_frames() -> None:
    first, payload = unmasked(closing(1000, "done"))
    assert first == 0x88
    assert close_reason(payload) == (1000, "done")
    assert close_reason(b"") == (1005, "")
    assert len(unmasked(closing(1000, "x" * 300))[1]) == 125
