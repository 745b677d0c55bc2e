"""`kurator-tui logs`: what is asked for, what is printed, and how it ends."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import click
import pytest
from click.testing import CliRunner

from kurator_tui.cli import logs, run
from kurator_tui.cli.logs import Printer, Wanted, print_logs
from kurator_tui.cli.options import Options
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.log_lines import LogBatch, LogLine, LogQuery, LogSelector, LogTarget, Mark
from kurator_tui.link.messages import StreamEnded
from kurator_tui.store.patterns import compile_search
from tests.ui.estate import clusters
from tests.ui.log_source import APP, SECOND, START, LogSourceOfTest, line

KNOWN = ("edge-1", "edge-2", "host", "prod")


def query(target: str, **more: str) -> LogQuery:
    return Wanted(target, **more).query(KNOWN, LogQuery())


def test_a_pod_is_looked_for_in_every_cluster_that_is_meant() -> None:
    found = query("web-1", clusters="edge-*", namespace="shop", container="app").targets
    assert found == tuple(LogTarget(name, "shop", "web-1", "app") for name in ("edge-1", "edge-2"))
    assert {target.namespace for target in query("web-1").targets} == {"default"}


def test_a_workload_a_node_and_labels_are_selectors() -> None:
    assert query("deploy/web", clusters="prod").selectors == (
        LogSelector(("prod",), ("default",), kind="deployments.apps", name="web"),
    )
    assert query("node/n1", clusters="prod").selectors == (LogSelector(("prod",), node="n1"),)
    assert query("", labels="app=web", clusters="prod").selectors == (LogSelector(("prod",), (), "app=web"),)


@pytest.mark.parametrize(
    ("target", "said"), [("", "whose logs"), ("configmap/x", "has no logs"), ("deploy/", "has no logs")]
)
def test_what_has_no_logs_is_wrong_usage(target: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        query(target)


def test_a_cluster_that_nobody_knows_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="nowhere"):
        query("web", clusters="nowhere")


def printed(capsys: pytest.CaptureFixture[str], printer: Printer, *lines: LogLine) -> tuple[list[str], list[str]]:
    printer.take(LogBatch([APP], list(lines)))
    out, err = capsys.readouterr()
    return out.splitlines(), err.splitlines()


def test_lines_go_to_stdout_with_whose_they_are_and_marks_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    dropped = LogLine(0, START, "", 12, Mark.DROPPED)
    out, err = printed(capsys, Printer(timestamps=True), line(1, "hello"), dropped)
    assert out == ["prod-cloud/shop/web-1/app 2025-11-21T04:40:01.000000000Z hello"]
    assert err == ["-- 12 lines dropped"]


def test_nothing_printed_acts_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = line(1, "\x1b[31mred\x1b[0m \x1b]0;title\x07 \u202e end")
    for form in ("text", "json"):
        (out,), _err = printed(capsys, Printer(form), hostile)
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "\u202e" not in out
    assert json.loads(out)["text"] == hostile.text


def test_expressions_choose_lines_and_never_hide_a_mark(capsys: pytest.CaptureFixture[str]) -> None:
    printer = Printer(include=compile_search("GET"), exclude=compile_search("health"))
    gone = LogLine(1, START, "not found", 0, Mark.GONE)
    out, err = printed(capsys, printer, line(1, "GET /a"), line(2, "GET /health"), line(3, "POST"), gone)
    assert [text.split()[-1] for text in out] == ["/a"]
    assert err == ["-- prod-cloud/shop/web-1/app gone not found"]
    assert printer.lines == 3
    assert "not found" in printer.refusal


def test_json_has_lines_and_marks_in_one_stream_with_what_was_cut(capsys: pytest.CaptureFixture[str]) -> None:
    cut = LogLine(1, START, "long", 5_000_000)
    out, err = printed(capsys, Printer("json"), cut, LogLine(1, START, "gone", 0, Mark.GONE))
    assert err == []
    first, second = map(json.loads, out)
    assert (first["pod"], first["text"], first["lost"]) == ("web-1", "long", 5_000_000)
    assert second["mark"] == "gone"


# -- until it ends ------------------------------------------------------------------------------------------------


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> LogSourceOfTest:
    """What `session` opens: the estate of the UI tests."""
    opened = LogSourceOfTest()
    opened.put(*clusters())

    @asynccontextmanager
    async def session(
        _options: Options, _kinds: tuple[str, ...]
    ) -> AsyncIterator[tuple[LogSourceOfTest, list[object], bool]]:
        yield opened, [], True

    monkeypatch.setattr(run, "session", session)
    return opened


async def reading(source: LogSourceOfTest, printer: Printer) -> asyncio.Task[None]:
    """`logs web-1` at the moment its stream is open."""
    task = asyncio.create_task(print_logs(Options(), Wanted("web-1"), LogQuery(), printer))
    async with asyncio.timeout(60):
        while not source.streams:
            await asyncio.sleep(0)
    return task


async def test_it_ends_with_the_stream_and_closes_it(source: LogSourceOfTest) -> None:
    printer = Printer()
    task = await reading(source, printer)
    source.told(line(1), sources=(APP,))
    source.stream.end(StreamEnded(1))
    await task
    assert printer.lines == 1
    assert source.stream.closed


async def test_an_error_of_the_stream_is_the_commands_own(source: LogSourceOfTest) -> None:
    task = await reading(source, Printer())
    source.stream.end(StreamEnded(1, "", "The feeder process ended", "killed", "Open it again.", 7))
    with pytest.raises(ConsoleError, match="killed") as caught:
        await task
    assert (caught.value.title, caught.value.exit_code) == ("The feeder process ended", 7)


async def test_where_nothing_could_be_read_the_first_reason_is_the_error(source: LogSourceOfTest) -> None:
    task = await reading(source, Printer())
    source.told(LogLine(1, START, "pods is forbidden", 0, Mark.FORBIDDEN), sources=(APP,))
    source.stream.end(StreamEnded(1))
    with pytest.raises(ConsoleError, match="pods is forbidden"):
        await task


async def test_a_reader_of_stdout_that_leaves_ends_it(
    source: LogSourceOfTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    printer = Printer()
    task = await reading(source, printer)

    def closed(*_words: object, **_more: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(click, "echo", closed)
    source.told(line(1), sources=(APP,))
    with pytest.raises(BrokenPipeError):
        await task
    assert source.stream.closed


# -- words --------------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[LogQuery]:
    """The queries that the command would read."""
    queries: list[LogQuery] = []

    @contextmanager
    def target(options: Options) -> Iterator[Options]:
        yield options

    async def print_nothing(_options: Options, _wanted: Wanted, query: LogQuery, _printer: Printer) -> None:
        queries.append(query)

    monkeypatch.setattr(logs, "target", target)
    monkeypatch.setattr(logs, "print_logs", print_nothing)
    monkeypatch.setattr(time, "time", lambda: START / SECOND)
    return queries


def test_since_and_until_are_moments(asked: list[LogQuery]) -> None:
    words = ["web-1", "--since", "2h", "--until", "2025-11-21T04:00:00Z", "--tail", "5"]
    assert CliRunner().invoke(logs.command, words).exit_code == 0
    (found,) = asked
    assert (found.since, found.until) == (START - 7200 * SECOND, START - 2400 * SECOND)
    assert (found.tail, found.follow) == (5, False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "soon"), "10m, 2h, 1d, 14:02"),
        (("--until", "-1h"), "10m, 2h, 1d, 14:02"),
        (("--since", "1h", "--until", "2h"), "--since is not before --until"),
        (("-f", "--until", "1h"), "--follow goes on, --until ends"),
        (("--include", "(a+)+"), "a repeat of a repeat"),
    ],
)
def test_words_that_mean_nothing_are_refused(asked: list[LogQuery], words: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(logs.command, ["web-1", *words])
    assert result.exit_code != 0
    assert said in result.output + str(result.exception)
    assert asked == []
