"""A recording of the demo's bad image, replayed: the incident comes as it came, each time the same.

Made by `kurator-tui record --demo --scenario bad-image --members 3 --for 20s -o FILE`; made anew when a kind of
row changes otherwise than by a field at its end.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.pods import POD
from kurator_tui.link import messages as m
from kurator_tui.link.framing import encode_rows
from kurator_tui.link.rebuilt import Rebuilt
from kurator_tui.link.recording import Recording, read
from kurator_tui.link.replay import Player, Playing
from kurator_tui.link.session import Session
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from kurator_tui.triage.registry import own
from kurator_tui.triage.triage import Triage

FILE = Path(__file__).parents[2] / "recordings" / "bad-image.rec"
IMAGE = "registry.shop.example/webapp/frontend:v4.19.0"
TITLE = f"image cannot be pulled: {IMAGE}"


@pytest.fixture(scope="module")
def recording() -> Recording:
    return read(FILE.read_bytes())


def at(recording: Recording, moment: float) -> Rebuilt:
    """The fleet at a moment."""
    found = Rebuilt()
    for number, each in enumerate(recording.records):
        if each.at <= moment:
            found.take(recording, number)
    assert not found.left_out, "made by another version: see how to make it anew"
    return found


def incidents(store: Store) -> list[IncidentRow]:
    return [row for row in store.rows(INCIDENTS.id) if isinstance(row, IncidentRow) and row.name == TITLE]


def bytes_of(store: Store) -> dict[tuple[str, str], bytes]:
    """All rows of each kind and cluster, as they go over the link."""
    return {
        (kind, cluster): bytes(encode_rows(sorted(rows, key=lambda row: row.uid)))
        for kind in store.kinds()
        for cluster in store.clusters(kind)
        if (rows := list(store.rows(kind, cluster)))
    }


def turned(recording: Recording) -> float:
    """When the incident began, as the timeline tells it."""
    return next(moment for moment, told in recording.turns() if TITLE in told.began)


def test_the_incident_begins_where_the_timeline_says_with_what_shows_it(recording: Recording) -> None:
    assert recording.problem == ""
    assert not incidents(at(recording, turned(recording) - 0.01).store)
    (found,) = incidents(at(recording, turned(recording)).store)
    assert (found.code, found.severity) == ("KT1002", "high")
    (end,) = incidents(at(recording, recording.last).store)
    assert end.clusters == ("on-prem", "prod-cloud")
    assert end.objects >= 8
    assert IMAGE in end.message


def test_triage_of_the_recorded_pods_finds_the_same_incident(recording: Recording) -> None:
    recorded = at(recording, recording.last).store
    store, now = Store(), recording.last
    triage = Triage(store, own(), lambda: now)
    for cluster in (HOST, *recorded.clusters(POD.id)):
        for kind in triage.kinds:
            store.set_freshness(cluster, kind.id, Freshness(State.LIVE, now))
    for cluster in recorded.clusters(POD.id):
        store.put(POD.id, cluster, {row.uid: row for row in recorded.rows(POD.id, cluster)})
    triage.refresh()
    (found,) = incidents(store)
    (told,) = incidents(recorded)
    assert (found.code, found.severity, found.clusters) == (told.code, told.severity, told.clusters)
    assert found.objects == told.objects


@pytest.mark.parametrize("speed", [1.0, 7.0, 1000.0])
def test_rows_at_the_end_are_the_same_bytes_however_fast_it_is_played(recording: Recording, speed: float) -> None:
    expected = bytes_of(at(recording, recording.last).store)
    first = recording.first or 0.0
    playing = Playing(first, speed, 0.0, recording.last)
    session = Session(m.Configured(), clock=lambda: first)
    player = Player(recording, lambda fact: session.workers[0]._take(fact))  # type: ignore[arg-type]
    player.greet()
    player.play(first)
    for kind in sorted({kind for kind, _cluster in expected}):
        session.subscribe(kind)
        player.take(m.Subscribed(kind))
    seconds = (recording.last - first) / speed
    for turn in range(int(seconds * 10) + 2):
        player.play(playing.moment(turn / 10))
    assert bytes_of(session.store) == expected
    assert bytes_of(at(recording, recording.last).store) == expected
