"""`record` without a screen: what a session holds gets into the file, and what ends it early is told."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kurator_tui.cli import record, run
from kurator_tui.cli.options import Options
from kurator_tui.config.history_files import RecordingFile
from kurator_tui.kinds.homes import screen_kinds
from kurator_tui.kinds.pods import POD
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link import messages as m
from kurator_tui.link.rebuilt import Rebuilt
from kurator_tui.link.recording import Mark, read
from kurator_tui.store.store import Store
from tests.unit.link.rows_kept import pods


class FakeSession:
    """A session of three pods."""

    def __init__(self) -> None:
        self.store, self.host = Store(), m.HostDescribed("prod", "https://host:6443", True)
        self.store.replace(POD.id, "a", pods(3))

    def listen(self, _listener: Callable[[object], None]) -> Callable[[], None]:
        return lambda: None


@pytest.fixture
def subscribed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a session was asked for."""
    found: list[str] = []

    @asynccontextmanager
    async def session(_options: Options, kinds: tuple[str, ...]) -> AsyncIterator[object]:
        found.extend(kinds)
        yield FakeSession(), [], True

    monkeypatch.setattr(run, "session", session)
    return found


async def test_what_the_session_holds_is_in_the_file_and_that_it_ended(
    tmp_path: Path, subscribed: list[str]
) -> None:
    file = RecordingFile(tmp_path / "f.rec")
    size = await record.record(Options(), ("pods", "incidents"), file, 0.2)
    file.close()
    recording, found = read((tmp_path / "f.rec").read_bytes()), Rebuilt()
    for number in range(len(recording.records)):
        found.take(recording, number)
    assert subscribed == ["pods", "incidents"]
    assert list(found.store.rows(POD.id)) == pods(3)
    assert found.host == m.HostDescribed("prod", "https://host:6443", True)
    assert recording.records[-1].mark & Mark.ENDED
    assert 0 < size <= (tmp_path / "f.rec").stat().st_size


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
async def test_a_full_disk_ends_it_with_what_is_wrong(subscribed: list[str]) -> None:
    file = RecordingFile.__new__(RecordingFile)
    file._file, file._begun = os.open("/dev/full", os.O_WRONLY), False
    with pytest.raises(record.CannotRecord, match="No space left on device"):
        await record.record(Options(), ("pods",), file, 60.0)
    file.close()
    assert subscribed == ["pods"]


def test_the_kinds_of_all_screens_are_kinds() -> None:
    assert {"rollouts", "edgesites", "deliveries", "violations", "batchqueues"} <= set(screen_kinds())
    assert set(screen_kinds()) <= set(KINDS)
