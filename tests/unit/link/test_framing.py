"""Messages survive the link; broken streams do not pass for messages."""

from __future__ import annotations

import asyncio

import pytest

from kurator_tui.errors import FeederLost
from kurator_tui.kinds.kurator import FLEET, FleetRow
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.link import messages as m
from kurator_tui.link.framing import RowReader, encode_rows, facts, frame, requests

ROW = FleetRow("host", "default", "prod", "u1", 1.5, phase="Ready", members=(("AttachedCluster", "a"),))


def stream(*chunks: bytes) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    for chunk in chunks:
        reader.feed_data(chunk)
    reader.feed_eof()
    return reader


async def test_requests_arrive_in_order_and_equal() -> None:
    sent = [m.Configured(context="prod"), m.Subscribed("fleets"), m.Called(1, "check"), m.Goodbye()]
    data = b"".join(frame(message) for message in sent)
    assert [message async for message in requests(stream(data))] == sent


async def test_rows_come_back_as_rows_of_their_kind() -> None:
    fact = m.RowsChanged(1, FLEET.id, encode_rows([ROW]), removed=(("host", "gone"),), completes=("host",))
    (back,) = [message async for message in facts(stream(frame(fact)))]
    assert isinstance(back, m.RowsChanged)
    assert RowReader().read(FLEET, back.rows) == [ROW]
    assert (back.removed, back.begins, back.completes) == ((("host", "gone"),), (), ("host",))


async def test_a_stream_cut_in_the_middle_of_a_frame_just_ends() -> None:
    data = frame(m.Goodbye()) + frame(m.Subscribed("fleets"))[:-3]
    assert [message async for message in requests(stream(data))] == [m.Goodbye()]


async def test_an_absurd_length_is_a_broken_link() -> None:
    with pytest.raises(FeederLost, match="out of step"):
        _ = [message async for message in requests(stream(b"\xff\xff\xff\xff"))]


def test_what_rows_repeat_is_held_once() -> None:
    rows = [PodRow("a", "shop", f"p{at}", f"u{at}", 1.0, phase="Running", node="node-1") for at in range(2)]
    first, second = RowReader().read(POD, encode_rows(list(rows)))
    assert [first, second] == rows
    assert isinstance(first, PodRow)
    assert isinstance(second, PodRow)
    assert first.node is second.node
    assert first.cluster is second.cluster
