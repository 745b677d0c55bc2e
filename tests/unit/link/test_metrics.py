"""Panels on the link: values survive, large answers come in parts and arrive whole."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from typing import Any

from kurator_tui.link import messages as m
from kurator_tui.link.metrics import (
    METHOD,
    Failure,
    Missing,
    PanelData,
    PanelQuery,
    PanelSeries,
    decode,
    decode_query,
    encode,
    encode_query,
    open_panel,
    packed,
)
from kurator_tui.link.streams import MESSAGE


class Session:
    """Remembers what was opened."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, dict[str, str]]] = []
        self.on_data: Callable[[bytes], None] = lambda _data: None
        self.closed = 0

    def open_stream(
        self, method: str, arguments: dict[str, str], on_data: Any, on_end: Any, worker: Any = None
    ) -> Any:
        self.opened.append((method, arguments))
        self.on_data = on_data
        return self

    def close(self) -> None:
        self.closed += 1


def line(cluster: str, *values: float) -> PanelSeries:
    return PanelSeries((("cluster", cluster),), packed(array("d", values)))


def test_a_query_survives_the_link() -> None:
    query = PanelQuery("overview", "cpu", clusters=("a",), variables={"node": "n"}, seconds=60.0)
    assert decode_query(encode_query(query)) == query


def test_values_that_are_no_numbers_survive_and_are_no_points() -> None:
    data = PanelData(100.0, 10.0, 4, (line("a", 1.0, math.nan, math.inf, -2.5),))
    (message,) = encode(data)
    found = decode(message)
    values = found.series[0].values
    assert (values[0], values[2], values[3]) == (1.0, math.inf, -2.5)
    assert math.isnan(values[1])
    assert list(found.points(found.series[0])) == [(100.0, 1.0), (120.0, math.inf), (130.0, -2.5)]
    assert (found.series[0].label("cluster"), found.series[0].label("node")) == ("a", "")


def test_a_large_answer_comes_in_small_messages_and_arrives_whole_once() -> None:
    series = tuple(line(f"c{number}", *[1.5] * 400) for number in range(100))
    data = PanelData(0.0, 15.0, 400, series, 100, ("w",), missing=(Missing("z", "no sidecar"),), source="t:1")
    messages = list(encode(data))
    assert len(messages) > 3
    assert max(map(len, messages)) <= MESSAGE
    session, heard = Session(), list[PanelData]()
    open_panel(session, PanelQuery(promql="up"), heard.append, lambda _end: None)
    for message in messages:
        assert heard == []
        session.on_data(message)
    assert heard == [data]


def test_an_answer_after_a_large_one_begins_anew() -> None:
    session, heard = Session(), list[PanelData]()
    open_panel(session, PanelQuery(promql="up"), heard.append, lambda _end: None)
    failed = PanelData(error=Failure("No answer in time", "thanos did not answer in time."))
    for data in (PanelData(count=1, series=(line("a", 1.0),)), failed):
        for message in encode(data):
            session.on_data(message)
    assert heard[1] == failed


def test_a_panel_is_one_stream_that_closing_closes() -> None:
    session = Session()
    ended: list[m.StreamEnded] = []
    handle = open_panel(session, PanelQuery("overview", "cpu"), lambda _data: None, ended.append)
    ((method, arguments),) = session.opened
    assert method == METHOD
    assert decode_query(arguments["query"]).panel == "cpu"
    handle.close()
    assert session.closed == 1
