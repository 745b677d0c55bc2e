"""What a store was told is written down: everything once, then changes; no secrets, and no console ends of it."""

from __future__ import annotations

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.kinds.pods import POD
from kurator_tui.link import messages as m
from kurator_tui.link import recorder as recorder_module
from kurator_tui.link.past import Past
from kurator_tui.link.rebuilt import Rebuilt
from kurator_tui.link.recorder import Recorder
from kurator_tui.link.recording import Introduced, Mark, Turned
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.unit.link.recorded import NOW, Stage, incident
from tests.unit.link.rows_kept import cluster, pods


def rebuilt(stage: Stage, at: float | None = None) -> Rebuilt:
    """What the last file says was there at a moment."""
    found, recording = Rebuilt(), stage.reel.recording
    for number, each in enumerate(recording.records):
        if at is None or each.at <= at:
            found.take(recording, number)
    return found


def names(store: Store, kind: str) -> list[str]:
    return sorted(row.name for row in store.rows(kind))


async def test_the_rows_of_each_moment_can_be_shown_again() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", pods(2))
    first = await stage.after()
    stage.store.put(POD.id, "a", {"a-0": None, "a-2": pods(3)[2]})
    second = await stage.after()
    stage.store.replace(POD.id, "b", pods(1, "b"))
    await stage.after()
    assert names(rebuilt(stage, first).store, POD.id) == ["web-0", "web-1"]
    assert names(rebuilt(stage, second).store, POD.id) == ["web-1", "web-2"]
    assert rebuilt(stage).store.clusters(POD.id) == ["a", "b"]


async def test_the_same_recording_makes_the_same_rows() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", pods(700))
    await stage.after()
    stage.store.put(POD.id, "a", {row.uid: row for row in pods(800)[600:]})
    await stage.after()
    first, second = rebuilt(stage), rebuilt(stage)
    assert list(first.store.rows(POD.id)) == list(second.store.rows(POD.id)) == pods(800)


async def test_freshness_forgotten_clusters_and_dropped_kinds_are_recorded() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", pods(2))
    stage.store.replace(CLUSTERS.id, "b", [cluster("b")])
    stage.store.set_freshness("a", POD.id, Freshness(State.LIVE, NOW))
    await stage.after()
    stage.store.set_freshness("a", POD.id, Freshness(State.STALE, NOW + 1))
    stage.store.forget_cluster("b")
    stage.recorder.hear(m.ClusterForgotten("b"))
    await stage.after()
    assert rebuilt(stage).store.freshness("a", POD.id) == Freshness(State.STALE, NOW + 1)
    assert rebuilt(stage).store.clusters(CLUSTERS.id) == []
    stage.store.forget_kind(POD.id)
    await stage.after()
    assert rebuilt(stage).store.clusters(POD.id) == []


async def test_a_kind_dropped_and_read_again_within_a_second_keeps_no_old_rows() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", pods(3))
    await stage.after()
    stage.store.forget_kind(POD.id)
    stage.store.replace(POD.id, "a", pods(1))
    await stage.after()
    assert names(rebuilt(stage).store, POD.id) == ["web-0"]


async def test_what_nobody_reads_in_a_cluster_any_more_is_not_read_rather_than_empty() -> None:
    stage = Stage()
    stage.store.set_freshness("a", "", Freshness(State.LIVE, NOW))
    stage.store.set_freshness("a", POD.id, Freshness(State.LIVE, NOW))
    stage.store.replace(POD.id, "a", pods(3))
    await stage.after()
    stage.store.forget(POD.id, "a")
    await stage.after()
    assert rebuilt(stage).store.freshness("a", POD.id).state is State.UNREAD


async def test_reasons_messages_and_credentials_never_reach_the_bytes() -> None:
    stage = Stage()
    row = cluster("a", reason="token=HUSHHUSH", server="https://me:HUSHHUSH@a:6443")
    stage.store.replace(CLUSTERS.id, "a", [row])
    stage.store.set_freshness("a", "", Freshness(State.UNREACHABLE, NOW, "HUSHHUSH refused"))
    stage.recorder.hear(m.HostDescribed("prod", "https://HUSHHUSH@host:6443", True))
    await stage.after()
    stage.store.set_freshness("a", "", Freshness(State.STALE, NOW, "HUSHHUSH"))
    await stage.after()
    recording = stage.reel.recording
    told = str([recording.entries(each) for each in recording.records])
    assert "HUSHHUSH" not in told
    assert "prod" in told
    found = rebuilt(stage)
    assert found.host == m.HostDescribed("prod", "", True)
    assert [each.server for each in found.store.rows(CLUSTERS.id)] == [""]  # type: ignore[attr-defined]


async def test_what_a_storm_changes_often_is_written_once() -> None:
    stage = Stage()
    await stage.after()
    for _ in range(1000):
        stage.store.replace(POD.id, "a", pods(0))
        stage.store.replace(POD.id, "a", pods(2))
    await stage.after()
    recording = stage.reel.recording
    rows = [
        entry for each in recording.records for entry in recording.entries(each) if type(entry) is m.RowsChanged
    ]
    assert len(rows) == 1


async def test_nothing_is_written_while_nothing_changes_but_a_sign_now_and_then() -> None:
    stage = Stage()
    await stage.after()
    before = len(stage.reel.files[-1])
    for _ in range(9):
        await stage.after()
    assert len(stage.reel.files[-1]) == before
    last = await stage.after()
    assert 0 < len(stage.reel.files[-1]) - before < 40
    assert stage.reel.recording.last == last


async def test_incidents_that_begin_get_worse_and_end_are_marked() -> None:
    stage = Stage()
    await stage.after()
    stage.store.replace(INCIDENTS.id, HOST, [incident("disk", "medium"), incident("image")])
    began = await stage.after()
    stage.store.replace(INCIDENTS.id, HOST, [incident("disk", "high"), incident("image", state="steady")])
    worse = await stage.after()
    stage.store.replace(INCIDENTS.id, HOST, [incident("disk", "high"), incident("image", state="resolved")])
    over = await stage.after()
    assert list(stage.reel.recording.turns()) == [
        (began, Turned(2, ("disk", "image"))),
        (worse, Turned(2, ("disk",))),
        (over, Turned(1, (), ("image",))),
    ]


async def test_an_incident_that_goes_to_and_fro_in_severity_is_marked_once() -> None:
    stage = Stage()
    await stage.after()
    moments = []
    for severity in ("medium", "high", "medium", "high"):
        stage.store.replace(INCIDENTS.id, HOST, [incident("crash", severity)])
        moments.append(await stage.after())
    assert [at for at, _turned in stage.reel.recording.turns()] == moments[:2]


async def test_another_keyframe_comes_when_the_changes_outweigh_it() -> None:
    stage = Stage()
    stage.store.replace(POD.id, "a", pods(2))
    await stage.after()
    recorder_module_least = recorder_module.LEAST
    try:
        recorder_module.LEAST = 1
        for round in range(20):
            stage.store.replace(POD.id, "a", pods(2 + round))
            await stage.after()
    finally:
        recorder_module.LEAST = recorder_module_least
    assert 1 < len(stage.reel.files) < 20
    last = rebuilt(stage)
    assert len(names(last.store, POD.id)) == 21


async def test_a_full_disk_costs_the_recording_and_one_notice() -> None:
    stage = Stage()
    told: list[m.Noticed] = []
    stage.recorder.notice = told.append
    stage.store.replace(POD.id, "a", pods(2))
    at = await stage.after()
    stage.reel.full = True
    stage.store.replace(POD.id, "a", pods(5))
    await stage.after()
    await stage.after()
    await stage.recorder.close()
    assert [(each.title, each.message, each.fatal) for each in told] == [
        ("Nothing is recorded any more", "No space left on device", False)
    ]
    assert stage.recorder.failure
    assert names(rebuilt(stage, at).store, POD.id) == ["web-0", "web-1"]


async def test_when_there_is_room_again_it_goes_on_from_a_keyframe_and_says_nothing_more() -> None:
    stage = Stage()
    stage.recorder = Recorder(stage.store, stage.reel, stage.clock, retry=True)
    stage.recorder.hear(m.HostDescribed("prod", "", True))
    told: list[m.Noticed] = []
    stage.recorder.notice = told.append
    stage.store.replace(POD.id, "a", pods(2))
    await stage.after()
    stage.reel.full = True
    stage.store.replace(POD.id, "a", pods(5))
    await stage.after()
    await stage.after(recorder_module.RETRY)
    assert stage.recorder.failure
    stage.reel.full = False
    stage.store.replace(POD.id, "a", pods(7))
    await stage.after(recorder_module.RETRY - 1)
    assert len(stage.reel.files) == 1
    await stage.after(1)
    stage.store.put(POD.id, "a", {"a-0": None})
    await stage.after()
    assert (stage.recorder.failure, len(told), len(stage.reel.files)) == ("", 1, 2)
    assert len(names(rebuilt(stage).store, POD.id)) == 6
    assert rebuilt(stage).host == m.HostDescribed("prod", "", True)


async def test_a_clock_that_is_set_back_does_not_turn_the_order_round() -> None:
    stage = Stage()
    await stage.after()
    stage.store.replace(POD.id, "a", pods(1))
    await stage.after(-3600)
    assert stage.reel.recording.problem == ""
    assert names(rebuilt(stage).store, POD.id) == ["web-0"]


async def test_the_end_is_recorded() -> None:
    stage = Stage()
    await stage.after()
    stage.store.replace(POD.id, "a", pods(1))
    await stage.recorder.close()
    recording = stage.reel.recording
    assert recording.records[-1].mark & Mark.ENDED
    assert names(rebuilt(stage).store, POD.id) == ["web-0"]


async def test_rows_of_another_shape_are_left_out_and_the_others_are_shown() -> None:
    from kurator_tui.link.recording import Head, header, read, record

    stage = Stage()
    stage.store.replace(POD.id, "a", pods(1))
    stage.store.replace(CLUSTERS.id, "a", [cluster("a")])
    await stage.after()
    recording, pieces = stage.reel.recording, header(Head("0.1"))
    for each in recording.records:
        entries = [
            Introduced(entry.kind, entry.shape + 1)
            if isinstance(entry, Introduced) and entry.kind == POD.id
            else entry
            for entry in recording.entries(each)
        ]
        pieces += record(each.at, entries, each.mark & ~Mark.PACKED)
    found, other = Rebuilt(), read(pieces)
    for number in range(len(other.records)):
        found.take(other, number)
    assert found.left_out == {POD.id}
    assert (names(found.store, POD.id), names(found.store, CLUSTERS.id)) == ([], ["a"])


async def test_the_past_is_found_again_over_several_files() -> None:
    stage = Stage()
    past = Past(stage.reel, "s1")
    moments: list[float] = []
    for count in range(4):
        stage.store.replace(POD.id, "a", pods(count))
        moments.append(await stage.after(recorder_module.LONGEST + 1))
    assert len(stage.reel.files) == 4
    await past.look(stage.clock.now)
    assert past.problems == []
    for count, moment in enumerate(moments):
        assert len(names((await past.show(moment)).rebuilt.store, POD.id)) == count
