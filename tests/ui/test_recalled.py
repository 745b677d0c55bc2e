"""An incident that is over: its evidence and its bundle have what was recorded while it went on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from kurator_tui.kinds.core import EVENT
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.kinds.incidents import IncidentRow, State
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.screens import bundle_gathering
from kurator_tui.screens.bundling import Bundling
from kurator_tui.screens.frame_actions import Frame
from kurator_tui.screens.timed import Timed
from tests.ui.estate import NOW, pod
from tests.ui.test_bundle import told
from tests.ui.test_time import Recorded, backoff, incident, recorded

MARKS = (("image", "web:v7"), ("owner", "Deployment/web"))
PASSWORD = "hunter2-hunter2"


@pytest.fixture(autouse=True)
def nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not known is not waited for; evidence that is recorded takes a busy machine its time."""
    for name, seconds in (("PATIENCE", 1.0), ("ROWS_PATIENCE", 0.1), ("EVENTS_PATIENCE", 0.1)):
        monkeypatch.setattr(bundle_gathering, name, seconds)


def goes_on(objects: int) -> IncidentRow:
    about = {"cause": "image web:v7", "kind": "pods", "target": "on-prem/shop/web-1", "clusters": ("on-prem",)}
    return replace(incident("image cannot be pulled"), **about, objects=objects, workloads=1)


def fails(drive: Recorded, *names: str) -> None:
    """These pods have the finding, and no others."""
    found = [
        FindingRow("on-prem", "shop", n, n, NOW, "KT1001", "high", "no image", "pods", "", MARKS) for n in names
    ]
    drive.source.store.replace(FINDINGS.id, "on-prem", found)
    drive.source.store.put(POD.id, "on-prem", {f"uid-on-prem-{n}": broken(n) for n in names})


def broken(name: str) -> PodRow:
    return pod("on-prem", "shop", name, status="ImagePullBackOff", ready=0, message=f"password={PASSWORD}")


def timed(drive: Recorded) -> Timed:
    found = next(screen.timed for screen in drive.app.screen_stack if isinstance(screen, Frame))
    assert found is not None
    return found


async def happened(drive: Recorded) -> IncidentRow:
    """One pod, then two of them, then none; the incident as it is over."""
    store = drive.source.store
    store.put(EVENT.id, "on-prem", {"web-1": backoff("web-1")})
    fails(drive, "web-1")
    await drive.happen(5, goes_on(1))
    fails(drive, "web-1", "web-2")
    await drive.happen(10, goes_on(2))
    fails(drive, "web-1")
    await drive.happen(10, replace(goes_on(1), state=str(State.IMPROVING)))
    store.replace(FINDINGS.id, "on-prem", [])
    store.replace(POD.id, "on-prem", [pod("on-prem", "shop", "web-9")])
    over = replace(goes_on(2), state=str(State.RESOLVED), resolved_at=drive.clock())
    await drive.happen(10, over)
    drive.source.answers[("incident", "", "")] = "[]"
    return over


async def test_the_evidence_of_what_is_over_is_that_of_when_it_reached_farthest() -> None:
    async with recorded(view="triage", size=(160, 70)) as drive:
        await happened(drive)
        await drive.press("f", "f", "f", "f")
        while not drive.table():
            await drive.press("f")
        await drive.press("open")
        async with asyncio.timeout(60):
            while "no image: shop/web-2 (KT1001)" not in drive.screen():
                await asyncio.sleep(0.01)
                await drive.idle()
        shown = " ".join(drive.screen().split())
        assert "STATUS ImagePullBackOff" in shown
        assert "as recorded 2025-11-21 04:40:20" in shown
        assert "belongs to deployments/web" in shown


async def test_its_bundle_has_rows_events_and_screens_of_then_without_secrets(tmp_path: Path) -> None:
    async with recorded(view="triage") as drive:
        over = await happened(drive)
        folder = await Bundling(timed(drive), drive.clock).write([over], tmp_path)
    files = told(folder)
    objects = files["objects.md"]
    assert "## 2025-11-21 04:40:20" in objects
    assert "`pods` | `on-prem/shop/web-2` | `READY 0/1 · STATUS ImagePullBackOff" in objects
    assert "restarting" in files["timeline.md"]
    assert "no image: shop/web-2" in files["timeline.md"]
    assert "As recorded 2025-11-21 04:40:20 UTC, when it reached farthest." in files["README.md"]
    assert "web-2" in files["screens/objects-then.txt"]
    assert "web-9" not in files["screens/objects-then.txt"]
    assert "image cannot be pulled" in files["screens/inbox-then.txt"]
    assert not any(PASSWORD in text for text in files.values())


async def test_of_what_was_not_recorded_that_is_said(tmp_path: Path) -> None:
    async with recorded(view="triage") as drive:
        drive.source.answers[("incident", "", "")] = "[]"
        over = replace(goes_on(2), state=str(State.RESOLVED), resolved_at=NOW)
        await drive.happen(5, over)
        folder = await Bundling(timed(drive), drive.clock).write([over], tmp_path)
    files = told(folder)
    assert "what it was like while it went on: nothing of it was recorded" in files["README.md"]
    assert "not known: it was not answered in time" in files["screens/evidence.txt"], "it is drawn all the same"
