"""A log query from the console's side: divided among feeders, one end, and what is decoded."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from kurator_tui.kinds.log_lines import (
    LogBatch,
    LogLine,
    LogQuery,
    LogSelector,
    LogSource,
    LogState,
    LogTarget,
    Mark,
    decode_batch,
    decode_query,
    encode_batch,
    encode_query,
)
from kurator_tui.link import messages as m
from kurator_tui.link.logs import divided, open_logs
from kurator_tui.link.session import Session
from tests.unit.link.test_session import take


def session() -> Session:
    """Three feeders, a cluster each; none runs."""
    made = Session(m.Configured(shards=3))
    for worker, cluster in enumerate("abc"):
        take(made, m.FreshnessChanged(cluster, "pods", "live", 1.0), worker=worker)
    return made


def test_what_crosses_is_what_was_meant() -> None:
    query = LogQuery((LogTarget("a", "d", "p"),), (LogSelector(("a",), labels="x=y"),), tail=0, since=5)
    assert decode_query(encode_query(query)) == query
    line = LogLine(1, 1_767_323_045_123_456_789, "é\ufffd", 7)
    batch = LogBatch(
        [LogSource(1, "a", "d", "p", "c")], [line, LogLine(0, 2, "", 3, Mark.DROPPED)], LogState(1, 1)
    )
    assert decode_batch(encode_batch(batch)) == batch
    assert decode_batch(encode_batch(LogBatch())) == LogBatch()


@pytest.mark.parametrize("text", ["", "{", '{"targets": 3}', '{"taill": 3}'])
def test_a_query_that_is_none_is_an_error(text: str) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_query(text)


def test_each_feeder_reads_the_part_of_its_clusters() -> None:
    made = session()
    first, second, third = made.workers
    targets = tuple(LogTarget(cluster, "d", "p") for cluster in "abx")
    parts = divided(made, LogQuery(targets, (LogSelector(("a", "b"), labels="l"),), tail=5))
    assert [target.cluster for target in parts[first].targets] == ["a", "x"]
    assert [target.cluster for target in parts[second].targets] == ["b"]
    assert parts[second].selectors == (LogSelector(("b",), labels="l"),)
    assert parts[second].tail == 5
    assert third not in parts


def test_a_selector_of_all_clusters_is_read_by_every_feeder() -> None:
    made = session()
    parts = divided(made, LogQuery(selectors=(LogSelector(labels="l"),)))
    assert list(parts) == made.workers


async def test_parts_without_a_feeder_are_told_and_end_once_together() -> None:
    made = session()
    ends: list[m.StreamEnded] = []
    batches: list[LogBatch] = []
    open_logs(made, LogQuery(selectors=(LogSelector(),)), batches.append, ends.append)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [end.title for end in ends] == ["The feeder process ended"]
    assert [line.mark for batch in batches for line in batch.lines] == [Mark.LOST, Mark.LOST]
