"""Where an object that is read leads: logs, a shell, its owner, its copies, actions."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from kurator_tui.kinds.core import NodeRow
from kurator_tui.kinds.log_lines import LogTarget, decode_query
from kurator_tui.kinds.pods import PodRow
from kurator_tui.kinds.reading import (
    Hosted,
)
from kurator_tui.kinds.registry import KINDS
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW, workloads
from tests.ui.log_source import LogSourceOfTest
from tests.ui.reading_driver import POD, Read, opened
from tests.ui.source import FakeSource


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
