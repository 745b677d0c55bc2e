"""A recording in a real terminal: the console shows it as if it happened now, and what is cut short says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.config.history_files import RecordingFile
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.link import messages as m
from kurator_tui.link.recorder import Recorder
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.e2e.console import console
from tests.unit.link.recorded import Clock, incident
from tests.unit.link.rows_kept import cluster


@pytest.fixture
async def recording(tmp_path: Path) -> Path:
    """Two members; after a minute an incident, after two a third member."""
    clock, store, path = Clock(), Store(), tmp_path / "f.rec"
    file = RecordingFile(path)
    recorder = Recorder(store, file, clock)
    recorder.hear(m.HostDescribed("prod", "https://host:6443", True))
    for name in (HOST, "alpha", "beta"):
        store.set_freshness(name, "", Freshness(State.LIVE, clock.now))
    for name in ("alpha", "beta"):
        store.replace(CLUSTERS.id, name, [cluster(name)])
    await recorder.record()
    clock.now += 60
    store.replace(INCIDENTS.id, HOST, [incident("image cannot be pulled")])
    await recorder.record()
    clock.now += 60
    store.set_freshness("gamma", "", Freshness(State.LIVE, clock.now))
    store.replace(CLUSTERS.id, "gamma", [cluster("gamma")])
    await recorder.close()
    file.close()
    return path


def test_a_recording_is_played_looked_back_at_and_changes_nothing(recording: Path) -> None:
    with console("replay", str(recording), "--speed", "8", size=(120, 30)) as terminal:
        terminal.shows("replay of f.rec", "2/2 members live")
        terminal.press("2")
        terminal.shows("alpha", "beta", "3/3 members live", "gamma", "1 high")
        terminal.press("y")
        terminal.shows("this is a recording")
        terminal.press("6")
        terminal.shows("image cannot be pulled")
        terminal.press("T")
        terminal.shows("+ image cannot be pulled")
        terminal.press("\r")
        terminal.shows("as of ", "2/2 members live")
        terminal.press(".")
        terminal.shows("3/3 members live", "replay of f.rec")
