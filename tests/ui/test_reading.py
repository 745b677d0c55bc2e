"""Reading one object: from any table, live, honest about its age, secrets masked, and back to the same row."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from kurator_tui.kinds.core import EventRow, NodeRow
from kurator_tui.kinds.log_lines import LogTarget, decode_query
from kurator_tui.kinds.pods import PodRow
from kurator_tui.kinds.reading import (
    DELETED,
    LIVE,
    STALE,
    Happened,
    Hosted,
    Owned,
    Standing,
    Told,
    Version,
    encode,
)
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.link.messages import StreamEnded
from kurator_tui.screens.reading import ReadingScreen
from kurator_tui.screens.reading_title import ReadingTitleLine
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.widgets.footer import Footer
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW, workloads
from tests.ui.log_source import LogSourceOfTest
from tests.ui.source import FakeSource, FakeStream

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-5c8f6", "namespace": "shop", "uid": "u1", "labels": {"app": "web"}},
    "spec": {"nodeName": "n1", "containers": [{"name": "web", "image": "shop/web:v7"}]},
    "status": {"phase": "Running"},
}
SECRET: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "db", "namespace": "shop", "uid": "s1"},
    "data": {"password": "••• 8 bytes", "user": "••• 4 bytes"},
}


def event(uid: str, message: str, ago: float, **fields: Any) -> EventRow:
    return EventRow(
        "prod-cloud",
        "shop",
        uid,
        uid,
        NOW - ago,
        type="Warning",
        reason="BackOff",
        message=message,
        object_kind="Pod",
        object_name="web-5c8f6",
        last_seen=NOW - ago,
        **fields,
    )


class Read:
    """The reading screen of one test, and what its feeder tells it."""

    def __init__(self, drive: Driver) -> None:
        self.drive = drive

    @property
    def screen(self) -> ReadingScreen:
        assert isinstance(self.drive.app.screen, ReadingScreen)
        return self.drive.app.screen

    @property
    def stream(self) -> FakeStream:
        return self.drive.source.streams[-1]

    async def tell(self, *told: Told) -> None:
        for one in told:
            self.stream.flow(encode(one))
        self.screen._draw()
        await self.drive.idle()

    async def version(self, obj: dict[str, Any], **managed: int) -> None:
        await self.tell(Version(json.dumps(obj).encode(), True, **managed), Standing(LIVE, NOW))

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.screen.text.lines)

    @property
    def title(self) -> str:
        return self.screen.query_one(ReadingTitleLine).text

    @property
    def marked(self) -> list[str]:
        view = self.screen.text
        return [view.lines[at].text.strip() for at in sorted(view.marked)]

    async def go(self, text: str) -> None:
        """The cursor goes to the line that holds `text`."""
        lines = self.screen.text.lines
        self.screen.text.go(next(at for at, line in enumerate(lines) if text in line.text))
        await self.drive.idle()


@contextmanager
def copied(drive: Driver) -> Iterator[list[str]]:
    texts: list[str] = []
    copy, drive.app.copy_to_clipboard = drive.app.copy_to_clipboard, texts.append  # type: ignore[method-assign, assignment]
    yield texts
    drive.app.copy_to_clipboard = copy  # type: ignore[method-assign]


async def opened(drive: Driver, key: str) -> Read:
    await drive.press("move.bottom", key)
    return Read(drive)


async def test_the_object_of_the_row_is_asked_for_and_described() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "d")
        assert read.stream.method == "object"
        assert read.stream.arguments == {
            "cluster": "prod-cloud",
            "kind": "pods",
            "namespace": "shop",
            "name": "web-5c8f6",
        }
        assert "reading it from the cluster" in drive.screen()
        await read.version(POD)
        await read.tell(Owned([("ReplicaSet", "web-5c8"), ("Deployment", "web")]))
        assert "shop/web:v7" in drive.screen()
        assert "ReplicaSet/web-5c8 ← Deployment/web" in read.text
        assert "Pod shop/web-5c8f6 @ prod-cloud" in read.title


@pytest.mark.parametrize("close", ["escape", "q"])
async def test_the_row_is_still_selected_afterwards_and_the_stream_closed(close: str) -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "y")
        stream = read.stream
        await read.version(POD)
        await drive.press(close)
        assert drive.dialog() == ""
        assert drive.selected() == "web-5c8f6"
        assert stream.closed


async def test_tabs_show_the_same_object_and_keep_their_places() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "d")
        await read.version(POD)
        await drive.press("y")
        assert "nodeName: n1" in drive.screen()
        await drive.press("G", "v")
        assert "no events" in drive.screen()
        await drive.press("y")
        assert read.screen.text.cursor == len(read.screen.text.lines) - 1
        await drive.press("tab")
        assert "[Events]" in read.title
        assert len(drive.source.streams) == 1


async def test_changed_lines_are_marked_for_some_seconds_and_the_cursor_stays_on_its_line() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "y")
        await read.version(POD)
        await read.go("nodeName")
        changed = json.loads(json.dumps(POD))
        changed["metadata"]["labels"]["tier"] = "front"
        changed["status"]["phase"] = "Failed"
        await read.version(changed)
        assert read.marked == ["tier: front", "phase: Failed"]
        assert "nodeName" in read.screen.text.lines[read.screen.text.cursor].text
        drive.clock.now += 5
        read.screen.tick()
        assert read.marked == []


async def test_ages_that_grow_are_no_change() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "d")
        await read.version({**POD, "metadata": {**POD["metadata"], "creationTimestamp": "2025-11-21T04:39:00Z"}})
        assert "60s ago" in read.text
        drive.clock.now += 7
        read.screen.tick()
        assert "67s ago" in read.text
        await read.version({**POD, "metadata": {**POD["metadata"], "creationTimestamp": "2025-11-21T04:39:00Z"}})
        assert read.marked == []


async def test_a_deleted_object_stays_and_says_so() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "d")
        await read.version(POD)
        await read.tell(Standing(DELETED, NOW - 30, "it was deleted"))
        assert "deleted 30s ago" in read.title
        assert "shop/web:v7" in drive.screen()


async def test_an_object_of_a_lost_server_says_since_when_and_why() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "d")
        await read.version(POD)
        await read.tell(Standing(STALE, NOW - 60, "connection refused"))
        assert "stale for 60s: connection refused" in read.title
        await read.tell(Standing(LIVE, NOW))
        assert "stale" not in read.title
        drive.source.store.set_freshness("prod-cloud", "", Freshness(State.STALE, NOW - 5, "no answer in 5 s"))
        read.screen.tick()
        assert "stale for 5s: no answer in 5 s" in read.title


async def test_what_cannot_be_read_says_why_and_a_lost_feeder_is_waited_for() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "d")
        read.stream.end(StreamEnded(1, title="Forbidden", message="you may not", hint="ask somebody"))
        read.screen._draw()
        assert "you may not" in read.text
        assert "ask somebody" in read.text
        drive.source.lose_feeder("killed", NOW)
        await drive.idle()
        drive.source.feeder_back()
        await drive.idle()
        assert len(drive.source.streams) == 2


async def test_finding_goes_from_match_to_match_and_escape_lets_go() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "y")
        await read.version(POD)
        await drive.press("find")
        await drive.type("WEB")
        assert "4 lines" in drive.screen()
        await drive.press("enter")
        at = read.screen.text.cursor
        await drive.press("n")
        assert read.screen.text.cursor > at
        await drive.press("N")
        assert read.screen.text.cursor == at
        await drive.press("find")
        await drive.type("/a(/")
        assert drive.dialog() == "ReadingScreen"
        await drive.press("escape", "escape")
        assert drive.dialog() == ""


def secrets() -> FakeSource:
    source = workloads()
    row = ObjectRow("prod-cloud", "shop", "db", "s1", NOW - 60, "healthy")
    source.store.put("secrets", "prod-cloud", {row.uid: row})
    source.answers["reveal", "prod-cloud", "db"] = base64.b64encode(b"hunter2!").decode()
    return source


@pytest.mark.parametrize("tab", ["y", "d"])
async def test_one_value_of_a_secret_is_shown_for_ten_seconds(tab: str) -> None:
    async with console(secrets(), view="secrets") as drive:
        read = await opened(drive, tab)
        await read.version(SECRET)
        assert "8 bytes" in read.text
        await drive.press("read.reveal")
        assert "no value" in drive.toasts()[-1]
        await read.go("password")
        await drive.press("read.reveal")
        assert "hunter2!" in drive.screen()
        assert read.marked == [], "the object is the same"
        assert drive.source.calls[-1][1]["key"] == "password"
        with copied(drive) as texts:
            await drive.press("read.copy")
        assert texts == ["hunter2!"]
        drive.clock.now += 9
        read.screen.tick()
        assert "hunter2!" in read.text
        drive.clock.now += 1
        read.screen.tick()
        assert "hunter2!" not in read.text
        with copied(drive) as texts:
            await drive.press("read.copy")
        assert "hunter2!" not in texts[0]


async def test_reveal_is_off_where_nothing_is_hidden() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "y")
        await read.version(POD)
        await drive.press("read.reveal")
        assert "only values of Secrets" in drive.toasts()[-1]
        assert "reveal" not in read.screen.query_one(Footer).text


async def test_managed_fields_are_folded_until_asked_for() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "y")
        await read.version(POD, managers=3, size=2048)
        assert "# managedFields: 3 managers, 2.0Ki, folded" in read.text
        await drive.press("read.managed")
        assert read.stream.arguments["managed"] == "1"
        assert "nodeName: n1" in read.text, "the text stays until the other one is there"
        await read.version({**POD, "metadata": {**POD["metadata"], "managedFields": [{"manager": "helm"}]}})
        assert "manager: helm" in read.text


async def test_events_are_merged_and_turned_round() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "v")
        await read.version(POD)
        rows = [event("a", "back-off", 60, count=3), event("b", "back-off", 10, count=2), event("c", "killed", 30)]
        await read.tell(Happened(rows))
        lines = [line.split() for line in read.text.splitlines()]
        assert [(line[1], line[-1]) for line in lines[1:]] == [("10s", "back-off"), ("30s", "killed")]
        assert lines[1][2] == "5"
        await drive.press("read.order")
        assert [line.split()[-1] for line in read.text.splitlines()[1:]] == ["killed", "back-off"]


async def test_the_yaml_that_is_copied_is_the_object() -> None:
    import yaml

    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "y")
        await read.version(POD)
        with copied(drive) as texts:
            await drive.press("read.copy")
        assert yaml.safe_load(texts[0]) == POD


async def test_hostile_text_is_shown_and_not_obeyed() -> None:
    hostile = {
        **POD,
        "metadata": {**POD["metadata"], "annotations": {"a": "\x1b[2J\x9b31m\u202e", "[b]": "[red]x"}},
    }
    async with console(workloads(), view="pods") as drive:
        for key in ("d", "y"):
            read = await opened(drive, key)
            await read.version(hostile)
            assert not {"\x1b", "\x9b", "\u202e"} & set(drive.screen())
            assert "[red]x" in drive.screen()
            await drive.press("q")


async def test_a_long_text_scrolls_wraps_and_shifts() -> None:
    many = {**POD, "data": {f"key-{at:04}": "x" * 200 for at in range(5000)}}
    async with console(workloads(), view="pods", size=(80, 24)) as drive:
        read = await opened(drive, "y")
        await read.version(many)
        await drive.press("G")
        assert "key-4999" in drive.screen()
        await drive.press("g", "page.down", "page.down")
        assert "key-0026" in drive.screen()
        await drive.press("read.wrap")
        assert read.screen.text.wrap
        await drive.press("G")
        assert "key-4999" in drive.screen()
        await drive.press("read.wrap", "right", "right")
        assert "key-4999" not in drive.screen()
        await drive.resize(200, 50)
        assert "xxx" in drive.screen()


@pytest.mark.parametrize(("view", "kind"), [("fleets", "fleets.fleet.kurator.dev"), ("clusters", None)])
async def test_overviews_open_the_object_behind_the_row(view: str, kind: str | None) -> None:
    async with console(workloads(), view=view) as drive:
        await drive.press("read.yaml")
        if kind is not None:
            assert Read(drive).stream.arguments["kind"] == kind
        else:
            names = {KINDS[stream.arguments["kind"]].name for stream in drive.source.streams}
            assert names <= {"AttachedCluster", "Cluster", "CustomCluster"}


async def test_the_command_bar_and_help_work_while_reading() -> None:
    async with console(workloads(), view="pods") as drive:
        read = await opened(drive, "d")
        await read.version(POD)
        await drive.press("help")
        assert "Describe the object: state" in drive.screen()
        await drive.press("escape", "command")
        assert drive.dialog() == ""
        await drive.type("clusters")
        await drive.press("enter")
        assert drive.view() == "clusters"


# -- where it leads -----------------------------------------------------------------------------------------


async def read_pod(drive: Driver) -> Read:
    """The last pod, read."""
    read = await opened(drive, "d")
    await read.version(POD)
    return read


def estate_with_logs() -> FakeSource:
    """The estate of these tests, whose streams may be logs as well."""
    source = LogSourceOfTest()
    known = workloads()
    source.store, source.host = known.store, known.host
    return source


@pytest.mark.parametrize(("key", "previous"), [("l", False), ("p", True)])
async def test_logs_are_read_over_the_object_and_escape_comes_back_to_it_and_then_to_the_row(
    key: str, previous: bool
) -> None:
    source = estate_with_logs()
    async with console(source, view="pods") as drive:
        await read_pod(drive)
        row = drive.selected()
        await drive.press(key)
        assert drive.dialog() == "LogsScreen"
        query = decode_query(source.streams[-1].arguments["query"])
        assert query.targets == (LogTarget("prod-cloud", "shop", "web-5c8f6"),)
        assert query.previous == previous
        await drive.press("escape")
        assert drive.dialog() == "ReadingScreen"
        await drive.press("escape")
        assert (drive.dialog(), drive.selected()) == ("", row)


async def test_a_command_from_logs_over_an_object_closes_both() -> None:
    async with console(estate_with_logs(), view="pods") as drive:
        await read_pod(drive)
        await drive.press("l", "command")
        await drive.type("clusters")
        await drive.press("enter")
        assert (drive.dialog(), drive.view()) == ("", "clusters")


async def test_a_shell_is_one_in_the_pod_that_is_read() -> None:
    source = workloads()
    source.answers[("containers", "prod-cloud", "web-5c8f6")] = json.dumps([])
    async with console(source, view="pods") as drive:
        await read_pod(drive)
        await drive.press("s")
        assert "No container of web-5c8f6 runs" in drive.screen()
        await drive.press("enter")
        assert drive.dialog() == "ReadingScreen"


async def test_the_owner_of_what_is_read_is_gone_to() -> None:
    source = workloads()
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-5c8", "controller": True}
    source.answer("prod-cloud", {"metadata": {**POD["metadata"], "ownerReferences": [owner]}})
    async with console(source, view="pods") as drive:
        await read_pod(drive)
        await drive.press("J")
        assert drive.dialog() == ""
        assert "web-5c8f6@prod-cloud › ReplicaSets" in drive.title()
        await drive.press("back")
        assert drive.selected() == "web-5c8f6"


async def test_what_is_read_is_compared_with_its_copies() -> None:
    source = workloads()
    source.answer("prod-cloud", POD)
    async with console(source, view="pods") as drive:
        await read_pod(drive)
        await drive.press("compare")
        assert drive.dialog() == ""
        assert "Pods › Compare Pod web-5c8f6" in drive.title()


async def test_what_cannot_be_done_to_an_object_says_why() -> None:
    source = workloads()
    source.put(KINDS["configmaps"].row("prod-cloud", "shop", "settings", "u9", NOW - 60))
    async with console(source) as drive:
        await drive.command("configmaps")
        await opened(drive, "d")
        await drive.press("l")
        assert "Logs: these have no logs" in drive.toasts()
        await drive.press("s")
        assert "Shell: only pods and workloads have containers" in drive.toasts()
    async with console(workloads(), view="fleets") as drive:
        await drive.press("d", "compare")
        assert "Compare: only from its own table: :fleets.fleet.kurator.dev" in drive.toasts()


async def test_a_nodes_pods_are_told_with_when_they_were_asked_for() -> None:
    source = workloads()
    source.put(NodeRow("prod-cloud", "", "n1", "n1", NOW))
    node: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": "n1", "uid": "n1"},
        "status": {"allocatable": {"cpu": "2"}},
    }
    pods = [PodRow("prod-cloud", "shop", "web-1", "u", NOW, phase="Running", cpu_requested=500)]
    async with console(source, size=(120, 40), view="nodes") as drive:
        read = await opened(drive, "d")
        await read.version(node)
        assert "Allocated" not in drive.screen()
        await read.tell(Hosted(pods, True))
        assert "25%" in drive.screen()
        assert "as of" not in drive.screen()
        await read.tell(Hosted(pods, True, NOW))
        assert f"as of {time.strftime('%H:%M:%S', time.localtime(NOW))}" in drive.screen()
        await read.tell(Hosted([], True, NOW, "you may not list pods"))
        assert "you may not list pods" in drive.screen()
