"""Logs over a table: opened from rows, filtered, held, fetched, saved, and back to the same row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kurator_tui.kinds.log_lines import LogLine, LogQuery, LogSource, LogState, Mark
from kurator_tui.link.messages import StreamEnded
from kurator_tui.screens.keys import Request
from kurator_tui.screens.log_keys import LogsScreen
from kurator_tui.screens.log_title import LogTitleLine
from kurator_tui.store.log_ring import LogRing
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW, clusters, pod
from tests.ui.log_source import APP, OTHER, SECOND, START, LogSourceOfTest, line
from tests.ui.source import FakeStream, live_host


class Logs:
    """The console of one test with logs open over its pods."""

    def __init__(self, drive: Driver, source: LogSourceOfTest) -> None:
        self.drive, self.source = drive, source

    @property
    def screen(self) -> LogsScreen:
        assert isinstance(self.drive.app.screen, LogsScreen)
        return self.drive.app.screen

    @property
    def stream(self) -> FakeStream:
        return self.source.stream

    def query(self, at: int = -1) -> LogQuery:
        return self.source.query(at)

    async def told(
        self, *lines: LogLine, sources: tuple[LogSource, ...] = (), state: LogState | None = None
    ) -> None:
        self.source.told(*lines, sources=sources, state=state)
        await self.settle()

    async def settle(self) -> None:
        await self.drive.idle()
        self.screen.draw()
        await self.drive.idle()

    async def press(self, *keys: str) -> None:
        await self.drive.press(*keys)

    async def typed(self, key: str, text: str) -> None:
        await self.press(key)
        await self.drive.type(text)
        await self.press("enter")
        await self.settle()

    def text(self) -> list[str]:
        return [line for line in self.screen.view.text.split("\n") if line]

    def title(self) -> str:
        return self.screen.query_one(LogTitleLine).text


@asynccontextmanager
async def logs(*keys: str, size: tuple[int, int] = (100, 20)) -> AsyncIterator[Logs]:
    source = LogSourceOfTest()
    live_host(source)
    source.put(*clusters(), pod("prod-cloud", "shop", "web-1"), pod("edge-east", "shop", "web-2"))
    async with console(source, size=size, view="pods") as drive:
        await drive.press(*keys)
        yield Logs(drive, source)


async def test_l_reads_the_row_and_escape_comes_back_to_it() -> None:
    async with logs("j", "l") as shown:
        before = shown.drive.selected()
        await shown.told(line(1), line(2), sources=(APP,), state=LogState(1, 1))
        (target,) = shown.query().targets
        assert target.pod == before
        assert shown.query().follow
        assert shown.text() == ["line 1", "line 2"]
        assert "0 dropped" in shown.title()
        assert "1 open" in shown.title()
        assert "following" in shown.title()
        await shown.press("escape")
        assert shown.drive.dialog() == ""
        assert shown.drive.selected() == before
        assert shown.stream.closed


async def test_marked_rows_are_read_together_with_their_names() -> None:
    async with logs("space", "j", "space", "l") as shown:
        await shown.told(line(1), line(2, source=2), sources=(APP, OTHER))
        assert len(shown.query().targets) == 2
        assert shown.text() == ["prod-cloud/web-1 line 1", "edge-1/web-2     line 2"]
        await shown.press("o")
        assert shown.text() == ["line 1", "line 2"]


async def test_p_reads_the_instance_before_and_p_again_this_one() -> None:
    async with logs("p") as shown:
        assert shown.query().previous
        await shown.press("p")
        assert not shown.query().previous


async def test_dropped_lines_are_in_the_title_and_between_the_lines() -> None:
    async with logs("l") as shown:
        await shown.told(line(1), LogLine(0, START, "", 1234, Mark.DROPPED), line(2), sources=(APP,))
        assert "1,234 dropped" in shown.title()
        assert "1,234 lines dropped here" in shown.text()[1]


async def test_the_title_says_how_far_kubespray_is_and_what_failed() -> None:
    worker = LogSource(1, "host", "default", "metal-upgrade-k8s2p", "upgrade")
    async with logs("l", size=(200, 20)) as shown:
        await shown.told(line(1, "TASK [Drain node] ****"), line(2, "changed: [node-1]"), sources=(worker,))
        assert "1 tasks · now Drain node (1 changed)" in shown.title()
        await shown.told(line(3, 'fatal: [node-2]: FAILED! => {"msg": "no route"}'))
        assert "failed: Drain node on node-2: no route" in shown.title()


async def test_logs_of_other_pods_are_not_read_as_kubesprays() -> None:
    async with logs("l") as shown:
        await shown.told(line(1, "TASK [Drain node] ****"), sources=(APP,))
        assert "tasks" not in shown.title()


async def test_only_and_without_and_escape_shows_all_again() -> None:
    async with logs("l") as shown:
        await shown.told(line(1, "GET /a"), line(2, "GET /health"), line(3, "POST /a"), sources=(APP,))
        await shown.typed("log.include", "GET")
        assert shown.text() == ["GET /a", "GET /health"]
        await shown.typed("log.exclude", "health")
        assert shown.text() == ["GET /a"]
        assert "1 of 3 lines" in shown.title()
        await shown.told(line(4, "GET /b"))
        assert shown.text() == ["GET /a", "GET /b"]
        await shown.press("escape")
        await shown.settle()
        assert len(shown.text()) == 4


async def test_a_dangerous_expression_is_refused_in_the_bar() -> None:
    async with logs("l") as shown:
        await shown.told(line(1), sources=(APP,))
        await shown.typed("log.include", "(a+)+$")
        assert "a repeat of a repeat" in shown.drive.screen()
        assert shown.screen.patterns["include"] == "(a+)"  # what could be used last


async def test_n_goes_to_the_next_match_and_says_when_there_is_none() -> None:
    async with logs("l") as shown:
        await shown.told(*(line(n, "needle" if n % 50 == 0 else "") for n in range(1, 200)), sources=(APP,))
        await shown.typed("log.highlight", "needle")
        await shown.press("N")
        assert shown.screen.view.line == line(150, "needle")
        await shown.press("N", "n", "n")
        assert shown.screen.view.line == line(150, "needle")
        assert "no more needle" in shown.drive.toasts()


async def test_scrolling_up_stays_and_g_goes_on() -> None:
    async with logs("l") as shown:
        await shown.told(*(line(n) for n in range(100)), sources=(APP,))
        await shown.press("k")
        before = shown.text()
        await shown.told(*(line(n) for n in range(100, 150)))
        assert shown.text() == before
        assert "paused" in shown.title()
        await shown.press("G")
        await shown.settle()
        assert shown.text()[-1] == "line 149"


async def test_the_stream_is_held_before_what_is_looked_at_is_pushed_out() -> None:
    async with logs("l") as shown:
        shown.screen.feed.ring = LogRing(most_lines=100)
        shown.screen._sift()
        await shown.told(*(line(n) for n in range(60)), sources=(APP,))
        await shown.press("g")
        await shown.told(*(line(n) for n in range(60, 90)))
        assert shown.stream.held
        assert "held" in shown.title()
        await shown.press("G")
        assert not shown.stream.held


async def test_above_the_first_line_older_ones_are_fetched_and_the_view_stays() -> None:
    async with logs("l") as shown:
        await shown.told(*(line(n) for n in range(50)), sources=(APP,))
        await shown.press("g", "k")
        query = shown.query()
        assert (query.until, query.follow) == (START, False)
        await shown.told(line(-2), line(-1), sources=(LogSource(1, "prod-cloud", "shop", "web-1", "app"),))
        shown.stream.end(StreamEnded(1))
        await shown.settle()
        assert shown.text()[0] == "line 0"
        await shown.press("k")
        assert shown.text()[0] == "line -1"


async def test_a_feeder_that_comes_back_goes_on_without_repeating_a_line() -> None:
    async with logs("l") as shown:
        await shown.told(line(1), line(2), sources=(APP,))
        shown.source.lose_feeder("killed", NOW)
        shown.stream.end(StreamEnded(1, title="The feeder process ended", message="killed"))
        shown.source.feeder_back()
        await shown.drive.idle()
        assert shown.query().since == START + 2 * SECOND
        await shown.told(line(2, source=7), line(3, source=7), sources=(LogSource(7, *APP_WHERE),))
        assert [text for text in shown.text() if text.startswith("line")] == ["line 1", "line 2", "line 3"]


APP_WHERE = (APP.cluster, APP.namespace, APP.pod, APP.container)


async def test_since_and_tail_and_digits_choose_what_is_read() -> None:
    async with logs("l") as shown:
        await shown.typed("command", "since 10m")
        assert shown.query().since == START - 600 * SECOND
        await shown.press("1")
        assert (shown.query().tail, shown.query().since) == (None, 0)
        await shown.typed("command", "tail 7")
        assert shown.query().tail == 7
        assert all(stream.closed for stream in shown.source.streams[:-1])


async def test_since_and_until_bound_what_is_read_and_the_title_says_so() -> None:
    async with logs("l", size=(200, 20)) as shown:
        await shown.typed("command", "since 2h")
        await shown.typed("command", "until 1h")
        query = shown.query()
        assert (query.since, query.until) == (START - 7200 * SECOND, START - 3600 * SECOND)
        assert "last 2h until 11-21 03:40:00" in shown.title()
        await shown.typed("command", "since 03:30")
        assert shown.query().since == START - 70 * 60 * SECOND
        assert "since 11-21 03:30:00 until 11-21 03:40:00" in shown.title()
        await shown.typed("command", "since 5m")
        assert "nothing is between: it would end before it begins" in shown.drive.toasts()
        assert shown.query().since == START - 70 * 60 * SECOND
        await shown.typed("command", "until")
        assert shown.query().until == 0


@pytest.mark.parametrize("word", ["since soon", "since", "until -1h", "until 25:00"])
async def test_what_is_no_moment_is_refused_with_what_would_be(word: str) -> None:
    async with logs("l") as shown:
        await shown.typed("command", word)
        assert "10m, 2h, 1d, 14:02" in shown.drive.toasts()[-1]
        assert len(shown.source.streams) == 1


async def test_a_command_of_another_view_closes_the_logs_and_is_done() -> None:
    async with logs("l") as shown:
        await shown.press("command")
        await shown.drive.type("fleets")
        await shown.press("enter")
        assert shown.drive.view() == "fleets"


async def test_json_times_and_fields() -> None:
    async with logs("l") as shown:
        await shown.told(line(1, '{"level":"info","msg":"hi","n":1}'), sources=(APP,))
        await shown.press("J")
        assert shown.text() == ["INFO  hi n=1"]
        await shown.typed("command", "fields msg")
        assert shown.text() == ["hi"]
        await shown.press("z")
        assert shown.text() == ["11-21 04:40:01.000 hi"]


async def test_lines_are_saved_as_shown_and_inert(tmp_path: Path) -> None:
    async with logs("l") as shown:
        await shown.told(line(1, "keep \x1b]0;x\x07"), line(2, "leave"), sources=(APP,))
        await shown.typed("log.include", "keep")
        path = tmp_path / "out.log"
        await shown.screen.do_log_save(Request(1, str(path)))
        assert path.read_text() == "keep ␛]0;x␇\n"
        assert path.stat().st_mode & 0o777 == 0o600


async def test_what_has_no_logs_says_so() -> None:
    async with logs() as shown:
        await shown.drive.command("configmaps")
        await shown.press("l")
        assert any("no logs" in toast for toast in shown.drive.toasts())


async def test_five_hundred_containers_in_one_screen_take_keys_and_count_what_is_dropped() -> None:
    source = LogSourceOfTest()
    live_host(source)
    names = [f"web-{number:03d}" for number in range(500)]
    source.put(*clusters(), *(pod("prod-cloud", "shop", name) for name in names))
    async with console(source, size=(140, 20), view="pods") as drive:
        await drive.press("home", "mark", "end", "mark.range", "l")
        shown = Logs(drive, source)
        assert sorted(target.pod for target in shown.query().targets) == names
        logged = tuple(LogSource(1 + at, "prod-cloud", "shop", name, "app") for at, name in enumerate(names))
        lines = [line(at // 500, f"request {at}", source=1 + at % 500) for at in range(5000)]
        await shown.told(*lines, sources=logged, state=LogState(500, 100, 300, 100))
        await shown.told(LogLine(0, START + 10 * SECOND, "", 25_000, Mark.DROPPED), line(11, "the newest"))
        for said in ("500 pods", "25,000 dropped", "100 open, 300 waiting, 100 ended", "5,002 lines"):
            assert said in shown.title()
        assert shown.text()[-1].endswith("the newest")
        await shown.typed("log.include", "request 4999$")
        (found, missing) = shown.text()
        assert found.endswith("request 4999")
        assert "25,000 lines dropped here" in missing, "no filter hides that something is missing"
        await shown.press("escape")
        await shown.settle()
        assert shown.text()[-1].endswith("the newest")
