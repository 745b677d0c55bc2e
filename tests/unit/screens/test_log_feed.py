"""What a log view reads: one query, opened again where it was, older lines, and what is held."""

from __future__ import annotations

from kurator_tui.kinds.log_lines import LogLine, LogSource, LogState, LogTarget, Mark
from kurator_tui.link.messages import StreamEnded
from kurator_tui.screens.log_feed import MANY_TAIL, OLDER, ONE_TAIL, LogFeed, Span, most_tail
from kurator_tui.screens.log_targets import Logged
from kurator_tui.screens.source import LIVE
from tests.ui.estate import NOW
from tests.ui.log_source import APP, OTHER, SECOND, START, LogSourceOfTest, line

ONE = Logged("web-1", (LogTarget("prod-cloud", "shop", "web-1", "app"),))
LOST = StreamEnded(1, title="The feeder process ended", message="killed")


class Reading:
    """A feed on a source, with how often it said that something has changed."""

    def __init__(self, logged: Logged = ONE, span: Span | None = None) -> None:
        self.source, self.changes = LogSourceOfTest(), 0
        self.feed = LogFeed(self.source, logged, lambda: NOW, self._changed)
        self.feed.open(span or self.feed.span)

    def _changed(self) -> None:
        self.changes += 1

    def texts(self) -> list[str]:
        return [f"<{line.mark}>" if line.mark else line.text for line in self.feed.ring]


def test_one_container_brings_more_lines_than_each_of_many() -> None:
    assert most_tail(ONE) == ONE_TAIL
    assert most_tail(Logged("2 pods", ONE.targets * 2)) == MANY_TAIL
    assert most_tail(Logged("web", (LogTarget("c", "n", "web"),))) == MANY_TAIL


def test_a_span_is_a_query_and_a_text() -> None:
    span = Span(seconds=600, until=NOW - 60, previous=True)
    reading = Reading(span=span)
    query = reading.source.query()
    assert (query.tail, query.since, query.until) == (None, START - 600 * SECOND, START - 60 * SECOND)
    assert query.previous
    assert span.text.startswith("last 10m until ")
    assert (Span().text, Span(7).text) == ("from the beginning", "tail 7")


def test_lines_sources_and_state_are_kept_and_told() -> None:
    reading = Reading()
    before = reading.changes
    reading.source.told(line(1), sources=(APP,), state=LogState(1, 1))
    assert reading.texts() == ["line 1"]
    assert reading.feed.sources == {1: APP}
    assert reading.feed.state.open == 1
    assert reading.changes == before + 1


def test_opening_again_lets_go_of_what_was_read() -> None:
    reading = Reading()
    reading.source.told(line(1), sources=(APP,))
    first = reading.source.stream
    reading.feed.open(Span(3))
    assert first.closed
    assert reading.texts() == []
    assert reading.source.query().tail == 3


def test_an_end_with_a_reason_is_a_line_and_the_feed_goes_on_when_the_feeder_is_back() -> None:
    reading = Reading(span=Span(seconds=600, until=NOW + 60))
    reading.source.told(line(1), line(2), line(2, "also", source=2), sources=(APP, OTHER))
    reading.source.stream.end(LOST)
    assert reading.texts()[-1] == "<lost>"
    reading.source.feeder_state = "feeder lost"
    reading.feed.reopen()
    assert len(reading.source.streams) == 1
    reading.source.feeder_state = LIVE
    reading.feed.reopen()
    assert (reading.source.query().since, reading.source.query().until) == (
        START + 2 * SECOND,
        START + 60 * SECOND,
    )
    again = tuple(LogSource(source.number + 10, *list(_whose(source))) for source in (APP, OTHER))
    reading.source.told(line(2, source=11), line(2, "also", source=12), line(3, source=11), sources=again)
    assert reading.texts() == ["line 1", "line 2", "also", "<lost>", "line 3"]


def _whose(source: LogSource) -> tuple[str, str, str, str]:
    return source.cluster, source.namespace, source.pod, source.container


def test_a_log_that_was_read_to_its_end_is_not_opened_again() -> None:
    reading = Reading()
    reading.source.stream.end(StreamEnded(1))
    reading.feed.reopen()
    assert len(reading.source.streams) == 1
    assert reading.texts() == []


def test_holding_is_told_once_and_not_after_the_end() -> None:
    reading = Reading()
    reading.feed.hold(True)
    assert reading.source.stream.held
    reading.feed.hold(False)
    assert not reading.source.stream.held
    reading.source.stream.end(StreamEnded(1))
    reading.feed.hold(True)
    assert not reading.feed.held


def test_older_lines_come_before_the_first_one_under_numbers_of_their_own() -> None:
    reading = Reading()
    reading.source.told(line(1), sources=(APP,))
    assert reading.feed.fetch() == ""
    query = reading.source.query()
    assert (query.until, query.tail, query.follow) == (START + SECOND, OLDER, False)
    assert reading.feed.asking
    reading.source.told(line(0, "older"), sources=(APP,))
    reading.source.stream.end(StreamEnded(1))
    assert reading.texts() == ["older", "line 1"]
    assert not reading.feed.asking
    assert reading.feed.sources[reading.feed.ring[reading.feed.ring.first].source] == APP
    assert reading.feed.fetch() == ""
    reading.source.told(LogLine(1, START, "", 0, Mark.BEGINS), sources=(APP,))
    reading.source.stream.end(StreamEnded(1))
    assert reading.feed.fetch() == "nothing older exists"


def test_of_older_lines_none_is_shown_before_which_another_containers_may_be_missing() -> None:
    reading = Reading()
    reading.source.told(line(9999), sources=(APP,))
    reading.feed.fetch()
    full = [line(1000 + number) for number in range(OLDER)]
    reading.source.told(line(1, "too early", source=2), *full, sources=(APP, OTHER))
    reading.source.stream.end(StreamEnded(1))
    assert reading.texts()[0] == "line 1000"


def test_without_a_line_whose_time_is_known_nothing_older_can_be_asked_for() -> None:
    assert "no line whose time is known" in Reading().feed.fetch()
