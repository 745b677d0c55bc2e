"""How it was before: steps back and on, the timeline, live again; marked, and nothing asks clusters."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from typing import BinaryIO

import msgspec

from kurator_tui.config.actions import ACTIONS
from kurator_tui.kinds.base import HOST, Row
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.link.history import History
from kurator_tui.link.past import Past
from kurator_tui.link.recorder import Recorder
from kurator_tui.screens.keys import Request
from kurator_tui.store.freshness import Freshness, State
from tests.ui.driver import Clock, Driver, console
from tests.ui.estate import NOW, cluster, estate, pod
from tests.ui.metrics_driver import shown
from tests.ui.metrics_source import measured
from tests.ui.source import FakeSource
from tests.ui.test_rollouts import fleet, put
from tests.ui.triage_source import audited
from tests.unit.kinds.test_board import rollout


class Reel:
    """Recordings in memory; `full` makes it a full disk."""

    def __init__(self) -> None:
        self.files: list[bytes] = []
        self.full = False

    def begin(self, head: bytes) -> None:
        self.files.append(head)

    def write(self, pieces: Sequence[bytes]) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.files[-1] += b"".join(pieces)

    def names(self) -> list[tuple[str, int]]:
        return [(str(number), len(data)) for number, data in enumerate(self.files)]

    def read(self, name: str, start: int = 0) -> bytes:
        return self.files[int(name)][start:]

    def open(self, name: str) -> BinaryIO:
        return BytesIO(self.files[int(name)])


class Recorded(Driver):
    """A driver whose console is recorded."""

    reel: Reel
    history: History

    async def happen(self, seconds: float, *rows: Row) -> None:
        """Time goes on, then rows change and that is recorded."""
        await self.later(seconds)
        self.source.put(*rows)
        assert self.history.recorder is not None
        await self.history.recorder.record()
        await self.idle()


@asynccontextmanager
async def recorded(
    source: FakeSource | None = None, view: str = "clusters", size: tuple[int, int] = (160, 40)
) -> AsyncIterator[Recorded]:
    source, reel, clock = source or estate(), Reel(), Clock()
    recorder = Recorder(source.store, reel, clock, session="now")
    history = History(Past(reel, "now"), recorder)
    async with console(source, view=view, history=history, clock=clock, size=size) as drive:
        found = Recorded(drive.app, drive.source, drive.pilot, clock)
        found.reel, found.history = reel, history
        await recorder.record()
        yield found


def incident(name: str, state: str = "new") -> IncidentRow:
    return IncidentRow(HOST, "", name, f"uid-{name}", NOW, "KT1001", "high", state, ("on-prem",), 3, 1)


async def test_a_step_back_shows_the_fleet_as_it_was_and_live_is_as_it_is() -> None:
    async with recorded() as drive:
        await drive.happen(30, cluster("zz-joined-later"))
        assert "zz-joined-later" in drive.names()
        await drive.happen(5, cluster("zz-even-later"))
        await drive.press("time.back")
        assert "zz-joined-later" not in drive.names()
        assert "as of 04:40:25, 10s ago · actions off" in drive.status()
        assert "as of 04:40:25" in drive.title()
        await drive.press("time.live")
        assert drive.names()[-2:] == ["zz-even-later", "zz-joined-later"]
        assert "as of" not in drive.status() + drive.title()


async def test_live_goes_on_underneath_and_does_not_show_through() -> None:
    async with recorded() as drive:
        await drive.happen(30)
        await drive.press("time.back")
        await drive.happen(1, cluster("zz-new"))
        assert "zz-new" not in drive.names()
        await drive.press("time.live")
        assert "zz-new" in drive.names()


async def test_steps_are_counted_and_a_step_past_the_last_one_is_live() -> None:
    async with recorded() as drive:
        await drive.happen(60)
        await drive.press("alt+3", "time.back")
        assert "as of 04:40:30, 30s ago" in drive.status()
        await drive.press("time.forward")
        assert "as of 04:40:40, 20s ago" in drive.status()
        await drive.press("alt+9", "time.forward")
        assert "as of" not in drive.status()


async def test_a_step_stops_where_incidents_changed() -> None:
    async with recorded(view="triage") as drive:
        drive.source.store.set_freshness(HOST, INCIDENTS.id, Freshness(State.LIVE, NOW))
        await drive.happen(20, incident("image cannot be pulled"))
        await drive.happen(4, incident("disk is full"))
        await drive.happen(3)
        await drive.press("time.back")
        assert "as of 04:40:24" in drive.status()
        await drive.press("time.back")
        assert "as of 04:40:20" in drive.status()
        assert [row["INCIDENT"] for row in drive.table()] == ["image cannot be pulled"]
        await drive.press("time.back")
        assert drive.table() == []


async def test_the_selected_row_stays_selected_through_time() -> None:
    async with recorded() as drive:
        await drive.press("move.down", "move.down", "move.down")
        chosen = drive.selected()
        await drive.happen(30, cluster("aa-first"))
        await drive.press("time.back")
        assert drive.selected() == chosen
        await drive.press("time.live")
        assert drive.selected() == chosen


async def test_what_asks_or_changes_clusters_is_off_and_says_why() -> None:
    async with recorded() as drive:
        await drive.happen(30)
        await drive.press("time.back")
        calls = len(drive.source.calls), len(drive.source.streams)
        for action in ("read.describe", "read.yaml", "resync", "screen.audit", "screen.cost", "verb.undo"):
            await drive.app.frame.perform(ACTIONS[action], Request(argument=ACTIONS[action].value))
            await drive.idle()
            assert "shown as of 04:40:20: . is live again" in drive.toasts()[-1], action
            assert drive.dialog() == ""
        assert (len(drive.source.calls), len(drive.source.streams)) == calls
        assert drive.source.resyncs == []


async def test_other_screens_show_the_same_moment() -> None:
    source = estate()
    async with recorded(source) as drive:
        await drive.press("screen.workloads")
        await drive.happen(1, pod("prod-cloud", "shop", "early"))
        await drive.happen(30, pod("prod-cloud", "shop", "late"))
        await drive.press("screen.clusters", "time.back", "screen.workloads")
        assert "early" in drive.names()
        assert "late" not in drive.names()
        assert "as of" in drive.title()
        await drive.press("open")
        assert "prod-cloud" in drive.detail()
        await drive.press("back", "time.live")


async def test_a_kind_that_nobody_read_then_is_not_said_to_be_empty() -> None:
    async with recorded() as drive:
        await drive.happen(30)
        await drive.press("time.back")
        await drive.command("services")
        assert "nobody read services then" in drive.screen()


async def test_the_timeline_leads_to_a_moment() -> None:
    async with recorded(view="triage") as drive:
        await drive.happen(100, incident("image cannot be pulled"))
        await drive.happen(100, incident("image cannot be pulled", "resolved"), incident("disk is full"))
        await drive.happen(100)
        await drive.press("time.line")
        assert drive.dialog() == "Picker"
        assert "04:43:20    100s ago" in drive.screen()
        assert "+ disk is full  - image cannot be pulled  1 goes" in drive.screen()
        await drive.press("down", "enter")
        assert "as of 04:41:40" in drive.status()
        assert [row["INCIDENT"] for row in drive.table()] == ["image cannot be pulled"]


def backoff(name: str) -> EventRow:
    said = ("Warning", "BackOff", "restarting", "Pod", name, "shop")
    return EventRow("on-prem", "shop", f"e-{name}", f"e-{name}", NOW, *said, last_seen=NOW - 5)


def audit_of(name: str, *moments: float) -> str:
    """Scalings of a Deployment, as the call `audit` tells them."""
    entries = []
    for number, at in enumerate(moments):
        target = {"cluster": "on-prem", "kind": "deployments.apps", "namespace": "shop", "name": name}
        told = datetime.fromtimestamp(at, UTC).isoformat()
        entries.append({**audited(), "at": told, "plan": str(number), "target": target})
    return json.dumps(entries)


async def test_evidence_of_then_has_what_was_recorded_and_the_audit_and_says_what_is_not_known() -> None:
    async with recorded(view="triage", size=(160, 70)) as drive:
        drive.source.store.set_freshness(HOST, INCIDENTS.id, Freshness(State.LIVE, NOW))
        told = msgspec.structs.replace(
            incident("image cannot be pulled"), cause="image web:v7", kind="pods", target="on-prem/shop/web-1"
        )
        marks = (("image", "web:v7"), ("owner", "Deployment/web"))
        for name, image in (("web-1", marks), ("web-2", marks), ("db-1", (("image", "db:v1"),))):
            found = FindingRow("on-prem", "shop", name, name, NOW, "KT1001", "high", "no image", "pods", "", image)
            drive.source.store.put(FINDINGS.id, "on-prem", {name: found})
        drive.source.put(pod("on-prem", "shop", "web-1", status="CrashLoopBackOff"))
        drive.source.store.put(EVENT.id, "on-prem", {name: backoff(name) for name in ("web-1", "web-2")})
        drive.source.store.put(INCIDENTS.id, HOST, {told.uid: told})
        await drive.happen(1)
        await drive.happen(20)
        drive.source.store.replace(FINDINGS.id, "on-prem", [])
        drive.source.answers[("audit", "", "")] = audit_of("web", NOW - 60, NOW + 15)
        await drive.press("time.back", "open")
        assert "Evidence ─ as of 04:40:11" in drive.screen()
        async with asyncio.timeout(60):  # its modules are loaded in a thread
            while "no image: shop/web-1 (KT1001)" not in drive.screen():
                await asyncio.sleep(0.01)
                await drive.idle()
        assert "no image: shop/web-2 (KT1001)" in drive.screen()
        assert "belongs to       deployments/web" in drive.screen()
        shown = " ".join(drive.screen().split())
        assert "db-1" not in shown
        assert "STATUS CrashLoopBackOff" in shown, "its row as it was"
        assert "pod/web-1: BackOff restarting" in shown
        assert "pod/web-2" not in shown
        assert "not known: objects are not recorded, only their rows" in shown
        assert "releases not known: nobody read rollouts then" in shown
        assert "alerts not known: nobody read alerts then" in shown
        assert shown.count("scale by anna") == 1, "what was changed later is not of then"
        calls = len(drive.source.calls)
        await drive.press("evidence.do")
        assert len(drive.source.calls) == calls
        await drive.press("back", "time.live")


async def test_a_moment_can_be_named() -> None:
    async with recorded() as drive:
        await drive.happen(300)
        await drive.command("timeline 2m")
        assert "as of 04:43:00, 2m ago" in drive.status()
        await drive.command("timeline 01:00")
        assert "as of 04:40:00" in drive.status()
        await drive.command("timeline nonsense")
        assert "10m, 2h" in drive.toasts()[-1]
        await drive.command("live")
        assert "as of" not in drive.status()


async def test_before_the_first_moment_there_is_nothing() -> None:
    async with recorded() as drive:
        await drive.happen(3)
        await drive.press("time.back", "time.back")
        assert "as of 04:40:00" in drive.status()
        await drive.press("time.back")
        assert "as of 04:40:00" in drive.status()


async def test_a_full_disk_is_said_once_and_the_console_goes_on() -> None:
    async with recorded() as drive:
        drive.reel.full = True
        await drive.happen(10, cluster("zz-new"))
        await drive.happen(10, cluster("zz-newer"))
        said = [toast for toast in drive.toasts() if "No space left on device" in toast]
        assert len(said) == 1
        assert "no history: No space left on device" in drive.status()
        assert "zz-newer" in drive.names()
        drive.reel.full = False
        await drive.press("time.back")
        assert "zz-new" not in drive.names()


async def test_a_view_that_shows_only_what_is_now_brings_it_back() -> None:
    async with recorded() as drive:
        await drive.press("screen.cost", "screen.clusters")
        await drive.happen(30)
        await drive.press("time.back", "history.back")
        assert drive.view() == "cost"
        assert "as of" not in drive.status()


async def test_pods_are_read_to_be_recorded_unless_there_are_very_many() -> None:
    async with recorded() as drive:
        timed = drive.app.frame.timed
        assert timed is not None
        assert timed.along() == ("nodes", "findings", "pods")
        drive.history.every = True
        assert {"rollouts", "deliveries", "edgesites", "pods"} <= set(timed.along())
        drive.source.put(cluster("huge", pods=100_000))
        assert "pods" not in timed.along()


async def test_without_a_history_the_keys_say_so() -> None:
    async with console(estate(), view="clusters") as drive:
        await drive.press("time.back")
        assert "no history is kept" in drive.toasts()[-1]


async def test_a_recording_says_that_it_is_one_and_asks_nobody() -> None:
    async with recorded() as source:
        await source.happen(30, cluster("zz-new"))
        reel = source.reel
    history = History(Past(reel), file="f.rec")
    async with console(estate(), view="clusters", history=history, size=(160, 40)) as drive:
        assert "replay of f.rec · actions off" in drive.status()
        assert drive.footer().startswith(" <{> earlier <T> timeline <")
        await drive.press("read.yaml")
        assert "this is a recording" in drive.toasts()[-1]


async def test_one_rollout_steps_through_what_was_seen_of_it_and_of_another_moment_as_everywhere() -> None:
    source = fleet()
    async with recorded(source) as drive:
        await drive.press("screen.rollouts", "move.down", "open")
        assert drive.view() == "rollout"
        await drive.happen(30)
        put(source, rollout("edge-east", weight=50))
        await drive.happen(1)
        assert "10% of 50%" not in drive.screen()
        await drive.press("rollout.earlier")
        assert "AS IT WAS" in drive.title()
        assert "as of" not in drive.status()
        await drive.press("rollout.live", "history.back", "time.back", "open")
        assert "as of 04:40:21, 10s ago · actions off" in drive.status()
        assert "as of 04:40:21" in drive.title()
        assert "10% of 50%" in drive.screen()
        await drive.press("rollout.earlier")
        assert "as of 04:40:11" in drive.status()
        assert "AS IT WAS" not in drive.title()
        await drive.press("rollout.pause")
        assert "shown as of 04:40:11" in drive.toasts()[-1]
        await drive.press("rollout.live")
        assert "as of" not in drive.status() + drive.title()
        assert "10% of 50%" not in drive.screen()


async def test_charts_are_asked_for_up_to_the_moment() -> None:
    source = measured()
    async with recorded(source) as drive:
        await drive.happen(60)
        await drive.press("time.back", "screen.metrics")
        await shown(drive)
        assert {query.end for query in source.asked()} == {NOW + 50}
        assert "as of 04:40:50" in drive.title()
        await drive.press("time.back")
        await shown(drive)
        assert {query.end for query in source.asked()} == {NOW + 40}
        await drive.press("time.live")
        await shown(drive)
        assert {query.end for query in source.asked()} == {0.0}


async def test_in_another_moment_the_footer_leads_through_time_and_tells_only_of_what_works() -> None:
    async with recorded() as drive:
        await drive.happen(60)
        assert "describe" in drive.footer()
        await drive.press("time.back")
        assert drive.footer().startswith(" <{> earlier <}> later <.> live <T> timeline")
        assert "describe" not in drive.footer()


async def test_where_there_is_little_room_the_mark_is_shorter_and_stays() -> None:
    async with recorded(size=(80, 24)) as drive:
        await drive.happen(60)
        await drive.press("time.back")
        assert "as of 04:40:50, 10s ago · actions off" in drive.status()
    async with recorded(size=(40, 24)) as drive:
        await drive.happen(60)
        await drive.press("time.back")
        assert "as of 04:40:50" in drive.status()
        assert "04:40:50" in drive.title()
