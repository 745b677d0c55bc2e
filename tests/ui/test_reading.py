"""Reading one object: from any table, live, honest about its age, secrets masked, and back to the same row."""

from __future__ import annotations

import base64
import json

import pytest

from kurator_tui.kinds.reading import (
    DELETED,
    LIVE,
    STALE,
    Happened,
    Owned,
    Standing,
)
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.link.messages import StreamEnded
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.widgets.footer import Footer
from tests.ui.driver import console
from tests.ui.estate import NOW, workloads
from tests.ui.reading_driver import POD, SECRET, Read, copied, event, opened
from tests.ui.source import FakeSource


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
        await drive.press("escape")
        await drive.burst(":clusters\x1b")
        assert drive.dialog() == "ReadingScreen"
        await drive.burst(":clusters\r")
        assert drive.dialog() == ""
        assert drive.view() == "clusters"
