"""The engine judges what changed, whatever looked at that, and what time alone changes; and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.core import NODE, NodeRow
from kurator_tui.kinds.findings import FindingRow, Severity
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.triage.engine import SETTLED
from kurator_tui.triage.rules import Again, Analyser, Look, Seen
from tests.unit.triage.stage import NOW, Stage


def pod(name: str = "web-1", status: str = "Running", cluster: str = "eu", node: str = "n1") -> PodRow:
    return PodRow(cluster, "shop", name, f"u-{name}", NOW, phase="Running", status=status, node=node)


class Judged:
    """An analyser of pods that counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.analyser = Analyser(POD, concerns=lambda row: row.status != "Running")

        @self.analyser.rule("KT9001", "broken", Severity.HIGH)
        def broken(row: PodRow, look: Look) -> Iterator[Seen | Again]:
            """It is broken."""
            self.asked.append(row.name)
            yield Seen(row.status)


def test_only_rows_that_changed_and_concern_are_judged() -> None:
    judged = Judged()
    stage = Stage(judged.analyser)
    stage.put(POD, pod("a"), pod("b", "Error"), pod("c", "Error"))
    assert judged.asked == ["b", "c"]
    stage.put(POD, pod("b", "Error", node="n2"))
    assert judged.asked == ["b", "c", "b"]
    assert [row.name for row in stage.findings] == ["b", "c"]


def test_a_finding_goes_with_what_it_was_about() -> None:
    stage = Stage(Judged().analyser)
    stage.put(POD, pod("a", "Error"), pod("b", "Error"))
    stage.put(POD, pod("a"))
    stage.drop(POD, pod("b"))
    assert stage.findings == []


def test_a_finding_is_as_old_as_its_first_sight_and_keeps_its_uid() -> None:
    stage = Stage(Judged().analyser)
    stage.put(POD, pod("a", "Error"))
    first = stage.one()
    stage.now += 60
    stage.put(POD, pod("a", "StartError"))
    assert (stage.one().created, stage.one().uid, stage.one().message) == (NOW, first.uid, "StartError")


def test_who_looked_at_another_row_is_judged_again_when_that_one_changes() -> None:
    analyser = Analyser(POD, beside=(NODE,))

    @analyser.rule("KT9002", "node is gone", Severity.LOW)
    def gone(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Its node is not there."""
        if look.find(NODE, row.cluster, "", row.node) is None:
            yield Seen(row.node)

    stage = Stage(analyser)
    stage.put(POD, pod())
    assert stage.codes == []  # nobody knows the nodes yet
    stage.live(NODE)
    assert stage.codes == ["KT9002"]
    node = Row("eu", "", "n1", "u-n1", NOW)
    stage.put(NODE, node)
    assert stage.codes == []
    stage.put(NODE, Row("us", "", "n1", "u-n1", NOW))
    assert stage.codes == []
    stage.put(NODE, Row("eu", "", "n1", "u-other", NOW))  # deleted and made again: the news may be told at once
    stage.drop(NODE, node)
    assert stage.codes == []
    stage.drop(NODE, Row("eu", "", "n1", "u-other", NOW))
    assert stage.codes == ["KT9002"]


def test_who_looked_at_all_rows_or_their_freshness_is_judged_again_with_them() -> None:
    analyser = Analyser(POD, beside=(NODE,))

    @analyser.rule("KT9003", "few nodes", Severity.LOW)
    def few(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Few nodes."""
        if look.freshness(row.cluster).trustworthy and len(look.all(NODE, row.cluster)) < 2:
            yield Seen()

    stage = Stage(analyser)
    stage.put(POD, pod())
    assert stage.codes == []
    stage.live(NODE)
    assert stage.codes == []
    stage.store.set_freshness("eu", "", Freshness(State.LIVE, NOW))
    stage.engine.refresh()
    assert stage.codes == ["KT9003"]
    stage.put(NODE, Row("eu", "", "n1", "u-n1", NOW), Row("eu", "", "n2", "u-n2", NOW))
    assert stage.codes == []


def test_what_time_alone_makes_true_is_found_when_its_time_comes() -> None:
    analyser = Analyser(POD)

    @analyser.rule("KT9004", "old", Severity.LOW)
    def old(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Old."""
        if look.now - row.created >= 60:
            yield Seen()
        else:
            yield Again(row.created + 60)

    stage = Stage(analyser)
    stage.put(POD, pod())
    stage.wait(59)
    assert (stage.codes, stage.engine.next_at) == ([], NOW + 60)
    stage.wait(1)
    assert (stage.codes, stage.engine.next_at) == (["KT9004"], None)


def test_what_must_hold_for_a_while_is_found_then_and_begins_anew_when_it_stopped() -> None:
    analyser = Analyser(POD)

    @analyser.rule("KT9005", "long broken", Severity.LOW)
    def broken(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Broken for a minute."""
        if row.status != "Running":
            yield Seen(after=60)

    stage = Stage(analyser)
    stage.put(POD, pod(status="Error"))
    stage.wait(59)
    stage.put(POD, pod(status="Running"))
    stage.put(POD, pod(status="Error"))
    stage.wait(59)
    assert stage.codes == []
    stage.wait(1)
    assert (stage.codes, stage.one().created) == (["KT9005"], NOW + 59)


def test_a_rule_that_fails_costs_the_others_nothing_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    judged = Judged()

    @judged.analyser.rule("KT9006", "fails", Severity.LOW)
    def fails(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Fails."""
        raise KeyError(row.name)
        yield Seen()

    stage = Stage(judged.analyser)
    stage.put(POD, pod("a", "Error"), pod("b", "Error"))
    assert stage.codes == ["KT9001", "KT9001"]
    assert [record.message for record in caplog.records] == ["rule KT9006: unexpected error"]


@pytest.mark.parametrize(
    "said",
    [
        "text",
        None,
        Seen(message=None),  # type: ignore[arg-type]
        Seen(since="yesterday"),  # type: ignore[arg-type]
        Seen(marks={"node": 3}),  # type: ignore[dict-item]
        Seen(marks=None),  # type: ignore[arg-type]
        Seen(severity="bad"),  # type: ignore[arg-type]
        Again(None),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_finding_costs_only_its_rule_and_is_named_with_its_cluster(said: Seen) -> None:
    judged = Judged()

    @judged.analyser.rule("KT9007", "odd", Severity.LOW)
    def odd(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Says odd things."""
        yield said

    stage = Stage(judged.analyser)
    stage.put(POD, pod("a", "Error"), pod("b", "Error", cluster="us"))
    assert stage.codes == ["KT9001", "KT9001"]
    assert set(stage.engine.failing) == {("eu", "rule KT9007"), ("us", "rule KT9007")}
    assert "(at shop/a)" in stage.engine.failing[("eu", "rule KT9007")]


def test_a_cluster_that_is_no_member_any_more_takes_its_findings_along() -> None:
    stage = Stage(Judged().analyser)
    stage.put(POD, pod("a", "Error"), pod("b", "Error", cluster="us"))
    stage.engine.forget("eu")
    assert [row.cluster for row in stage.findings] == ["us"]
    stage.wait(10_000)
    assert [row.cluster for row in stage.findings] == ["us"]


def test_many_rows_are_judged_in_turns_and_what_changes_meanwhile_is_not_lost() -> None:
    judged = Judged()
    stage = Stage(judged.analyser)
    rows = {f"u-{n}": pod(f"{n}", "Error") for n in range(500)}
    stage.store.put(POD.id, "eu", {**rows})
    turns = stage.engine.turns()
    next(turns, None)
    stage.store.put(POD.id, "eu", {"u-0": pod("0")})
    for _turn in turns:
        pass
    stage.engine.refresh()
    assert len(stage.findings) == 499
    assert all(isinstance(row, FindingRow) for row in stage.findings)


def test_who_looked_by_label_is_judged_again_when_a_row_with_that_label_comes_changes_or_goes() -> None:
    analyser = Analyser(POD, beside=(NODE,))

    @analyser.rule("KT9007", "no node in its zone", Severity.LOW)
    def alone(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """No node has the label."""
        if not look.labelled(NODE, row.cluster, "", "zone", row.node):
            yield Seen(row.node)

    def node(zone: str) -> NodeRow:
        return NodeRow("eu", "", "n7", "u-n7", NOW, labels=(("zone", zone),))

    stage = Stage(analyser)
    stage.live(NODE)
    stage.put(POD, pod(node="a"))
    assert stage.codes == ["KT9007"]
    stage.put(NODE, node("a"))
    assert stage.codes == []
    stage.put(NODE, node("b"))
    assert stage.codes == ["KT9007"]
    stage.put(NODE, node("a"))
    stage.drop(NODE, node("a"))
    assert stage.codes == ["KT9007"]


def failing_silent() -> Analyser[PodRow]:
    analyser = Analyser(POD, concerns=lambda row: row.status != "Running", beside=(NODE,))

    @analyser.rule("KT9008", "long broken", Severity.LOW)
    def broken(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Broken for a minute."""
        yield Seen(row.status, after=60)

    return analyser


@pytest.mark.parametrize(
    "silent", [("eu", ""), ("eu", POD.id), ("eu", NODE.id)], ids=lambda told: told[1] or "all"
)
def test_of_rows_that_are_stale_nothing_new_is_said_until_they_are_live_again(silent: tuple[str, str]) -> None:
    stage = Stage(failing_silent())
    stage.live(NODE)
    stage.put(POD, pod("a", "Error"))
    stage.wait(60)
    stage.put(POD, pod("b", "Error"))
    for kind in ("", POD.id, NODE.id) if not silent[1] else (silent[1],):
        stage.store.set_freshness("eu", kind, Freshness(State.STALE, NOW))
    stage.wait(600)
    assert [row.name for row in stage.findings] == ["a"]  # b is as broken, as far as anybody knows; a stays
    for kind in ("", POD.id, NODE.id):
        stage.store.set_freshness("eu", kind, Freshness(State.LIVE, NOW))
    stage.wait(0)
    assert [row.name for row in stage.findings] == ["a", "b"]


def test_a_look_that_fails_at_one_row_costs_no_other_row_anything(caplog: pytest.LogCaptureFixture) -> None:
    def concerns(row: PodRow) -> bool:
        return {"Error": True, "Running": False}[row.status]

    analyser = Analyser(POD, concerns=concerns)

    @analyser.rule("KT9009", "broken", Severity.LOW)
    def broken(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Broken."""
        yield Seen(row.status)

    stage = Stage(analyser)
    rows = [pod("a", "Error"), pod("b", "?"), pod("c", "Error"), pod("d", "!")]
    stage.live(POD)
    stage.store.put(POD.id, "eu", {row.uid: row for row in rows})
    stage.engine.refresh()
    assert [row.name for row in stage.findings] == ["a", "c"]
    stage.put(POD, pod("a", "?"))
    assert [row.name for row in stage.findings] == ["c"]
    assert [record.message for record in caplog.records] == ["analyser of pods: unexpected error"]


def by_node(row: PodRow) -> tuple[str, str] | None:
    """The index of the next test."""
    return ("", row.node) if row.node else None


def test_who_looked_by_what_rows_say_is_judged_again_when_one_says_so_or_no_longer_does() -> None:
    analyser = Analyser(NODE, beside=(POD,))

    @analyser.rule("KT9010", "crowded", Severity.LOW)
    def crowded(row: NodeRow, look: Look) -> Iterator[Seen | Again]:
        """Two pods are there."""
        if len(found := look.having(POD, row.cluster, by_node, ("", row.name))) > 1:
            yield Seen(" ".join(sorted(each.name for each in found)))

    stage = Stage(analyser)
    stage.live(POD)
    stage.put(NODE, NodeRow("eu", "", "n1", "u-n1", NOW))
    stage.put(POD, pod("a"), pod("b", cluster="us"), pod("c", node="n2"), pod("d", node=""))
    assert stage.codes == []
    stage.put(POD, pod("c"))
    assert stage.one().message == "a c"
    stage.put(POD, pod("a", node="n2"))
    assert stage.codes == []


def test_when_something_began_is_known_where_it_was_watched_before_or_where_the_row_says() -> None:
    stage = Stage(failing_silent())
    stage.live(NODE)
    stage.put(POD, pod("old", "Error"))
    stage.wait(2)
    stage.store.put(
        POD.id, "eu", {"u-late": pod("late", "Error"), "u-made": replace(pod("made", "Error"), created=NOW + 1)}
    )
    stage.engine.refresh()
    stage.wait(SETTLED)
    stage.store.put(POD.id, "eu", {"u-new": pod("new", "Error")})
    stage.engine.refresh()
    stage.wait(60)
    stage.wait(60)
    assert {row.name: row.before for row in stage.findings} == {
        "old": True,
        "late": True,
        "made": False,
        "new": False,
    }


def aging() -> Analyser[PodRow]:
    analyser = Analyser(POD, concerns=lambda row: row.status != "Running")

    @analyser.rule("KT9011", "old", Severity.LOW)
    def old(row: PodRow, look: Look) -> Iterator[Seen | Again]:
        """Older than a minute."""
        if look.now - row.created < 60:
            yield Again(row.created + 60)
        else:
            yield Seen(since=row.created)

    return analyser


@pytest.mark.parametrize("ahead", [3 * 3600.0, -3 * 3600.0, 0.0])
def test_times_of_a_cluster_whose_clock_is_hours_away_are_as_old_as_they_are_there(ahead: float) -> None:
    stage = Stage(aging())
    stage.put(CLUSTERS, ClusterOverview("eu", "", "eu", "c/eu", 0.0, ahead=ahead))
    stage.put(POD, PodRow("eu", "shop", "web", "u-web", NOW + ahead, status="Error"))
    stage.wait(59)
    assert (stage.codes, stage.engine.next_at) == ([], NOW + 60)
    stage.wait(1)
    assert (stage.codes, stage.one().created) == (["KT9011"], NOW)


def test_a_clock_that_is_set_right_has_what_was_judged_by_it_judged_again() -> None:
    stage = Stage(aging())
    stage.put(POD, PodRow("eu", "shop", "web", "u-web", NOW + 3600, status="Error"))
    stage.wait(60)
    assert stage.codes == []
    stage.put(CLUSTERS, ClusterOverview("eu", "", "eu", "c/eu", 0.0, ahead=3600.0))
    assert stage.codes == ["KT9011"]
    stage.put(CLUSTERS, ClusterOverview("eu", "", "eu", "c/eu", 0.0))
    assert stage.codes == []


def test_what_the_console_itself_says_of_a_cluster_is_of_our_own_time() -> None:
    analyser = Analyser(CLUSTERS)

    @analyser.rule("KT9012", "silent", Severity.LOW)
    def silent(row: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
        """Silent."""
        yield Seen(f"{look.now - row.contact:.0f}", since=row.contact)

    stage = Stage(analyser)
    stage.put(CLUSTERS, ClusterOverview("eu", "", "eu", "c/eu", 0.0, contact=NOW - 5, ahead=3600.0))
    assert (stage.one().message, stage.one().created) == ("5", NOW - 5)
