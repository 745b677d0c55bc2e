"""Rollouts as lines: one a change that shows, and the code that they end with."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from kurator_tui.cli.rollout_lines import SETTLED, Code, Progress, Wanted, history
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.rollouts import RolloutRow
from kurator_tui.store.store import Delta

NOW = 1_767_261_600.0
WHEN = "2026-01-01T10:00:00Z"


def row(cluster: str = "m1", phase: str = "Progressing", **more: Any) -> RolloutRow:
    head: dict[str, Any] = {
        "application": "web",
        "application_namespace": "apps",
        "policy": "web",
        "fleet": "prod",
        "level": Level.PROGRESSING if phase == "Progressing" else Level.HEALTHY,
    }
    return RolloutRow(cluster, "shop", "web", "uid", 0.0, phase=phase, **head | more)


def delta(*rows: RolloutRow) -> Delta:
    return {each.key: each for each in rows}


def lines(progress: Progress, *rows: RolloutRow) -> list[str]:
    return list(progress.take(delta(*rows), NOW))


@pytest.fixture
def progress() -> Progress:
    return Progress(Wanted("web"))


def test_a_line_says_when_where_and_how_far(progress: Progress) -> None:
    found = lines(progress, row(weight=20, weight_target=50, failed_checks=1, threshold=5, reason="slow"))
    assert found == [f"{WHEN}  m1  web  Progressing 20% of 50%  checks failed 1/5  slow\n"]


def test_failed_checks_are_told_once(progress: Progress) -> None:
    (line,) = lines(progress, row(weight=20, failed_checks=1, threshold=5, reason="1/5 failed checks: slow"))
    assert line.endswith("Progressing 20%  1/5 failed checks: slow\n")


def test_iterations_are_told_instead_of_weights(progress: Progress) -> None:
    assert lines(progress, row(weight=0, iteration=3, iterations=10)) == [f"{WHEN}  m1  web  Progressing 3/10\n"]


def test_what_is_stale_says_so(progress: Progress) -> None:
    assert lines(progress, row("m1", "Succeeded", stale="stale: no answer"))[0].endswith(
        "Succeeded  (stale: no answer)\n"
    )
    assert progress.left(NOW) is None


def test_a_change_that_does_not_show_is_no_line(progress: Progress) -> None:
    assert len(lines(progress, row(weight=20))) == 1
    assert lines(progress, row(weight=20, next_check=NOW)) == []
    assert len(lines(progress, row(weight=30, next_check=NOW))) == 1


def test_a_policy_of_another_name_is_told_with_it(progress: Progress) -> None:
    assert "m1  web/canary  " in lines(progress, row(policy="canary"))[0]


@pytest.mark.parametrize(
    ("phases", "code", "done"),
    [
        (("Succeeded", "Initialized"), Code.SUCCEEDED, True),
        (("Succeeded", "Progressing"), Code.UNFINISHED, False),
        (("Failed", "Progressing"), Code.FAILED, False),
        (("Failed", "Succeeded"), Code.FAILED, True),
        ((), Code.NOT_FOUND, True),
    ],
)
def test_a_failure_anywhere_decides(progress: Progress, phases: tuple[str, ...], code: Code, done: bool) -> None:
    lines(progress, *(row(f"m{number}", phase) for number, phase in enumerate(phases)))
    assert (progress.code, progress.left(NOW) is not None) == (code, done)


def test_the_end_is_believed_when_it_lasts(progress: Progress) -> None:
    lines(progress, row("m1", "Succeeded"))
    assert progress.left(NOW) == SETTLED
    assert progress.left(NOW + 1) == SETTLED - 1
    lines(progress, row("m1", "Progressing"))
    assert progress.left(NOW + 2) is None
    lines(progress, row("m1", "Succeeded"))
    assert progress.left(NOW + 3) == SETTLED
    assert progress.left(NOW + 3 + SETTLED) == 0.0


@pytest.mark.parametrize("phase", ["Succeeded", "Failed"])
def test_what_flux_has_just_applied_is_waited_for_until_the_engine_looked(progress: Progress, phase: str) -> None:
    one = row("m1", phase, canary="web", interval=60.0, since=NOW - 900, applied=NOW - 20)
    lines(progress, one)
    assert progress.left(NOW) == 40 + SETTLED
    lines(progress, replace(one, since=NOW - 5))
    assert progress.left(NOW) == SETTLED


def test_a_clock_that_is_minutes_ahead_is_not_waited_for(progress: Progress) -> None:
    lines(progress, row("m1", "Succeeded", canary="web", interval=60.0, applied=NOW + 600))
    assert progress.left(NOW) == 60 + SETTLED
    assert progress.left(NOW + 60) == SETTLED


def test_clusters_without_the_wanted_revision_are_not_done() -> None:
    progress = Progress(Wanted("web", revision="abc"))
    old = row("m1", "Succeeded", revision_before="main@sha1:123", revision_after="main@sha1:123")
    (line,) = lines(progress, old, row("m2", "Succeeded", revision_before="main@sha1:abcd"))[:1]
    assert line.endswith("waiting for revision abc\n")
    assert (progress.code, progress.left(NOW)) == (Code.UNFINISHED, None)
    assert progress.summary() == "succeeded on m2; not done on m1"
    lines(progress, replace(old, revision_before="main@sha1:abcd"))
    assert progress.code is Code.SUCCEEDED


def test_the_failure_of_an_older_revision_is_not_that_of_the_wanted_one() -> None:
    progress = Progress(Wanted("web", revision="abc"))
    old = row("m1", "Failed", level=Level.FAILED, revision_before="main@sha1:123", revision_after="main@sha1:123")
    lines(progress, old)
    assert progress.summary() == "not done on m1"
    lines(progress, replace(old, revision_after="main@sha1:abcd"))  # Flux cannot apply it
    assert progress.code is Code.FAILED


def test_what_no_application_stands_behind_has_no_revision() -> None:
    progress = Progress(Wanted("web", revision="abc"))
    lines(progress, row("m1", "Succeeded", application="", source="Canary"))
    assert progress.code is Code.SUCCEEDED


def test_codes_are_those_that_scripts_know() -> None:
    assert [int(code) for code in Code] == [0, 1, 3, 4]


@pytest.mark.parametrize(
    ("namespace", "fleet", "found"),
    [("", "", 1), ("apps", "prod", 1), ("shop", "", 1), ("other", "", 0), ("", "test", 0)],
)
def test_namespace_and_fleet_choose(namespace: str, fleet: str, found: int) -> None:
    progress = Progress(Wanted("web", namespace, fleet))
    assert len(lines(progress, row())) == found


def test_other_rollouts_are_not_told(progress: Progress) -> None:
    assert lines(progress, replace(row(), name="api")) == []
    assert progress.code is Code.NOT_FOUND


def test_a_deployment_that_is_no_rollout_any_more_is_done(progress: Progress) -> None:
    going = row(application="", source="Deployment")
    lines(progress, going)
    assert list(progress.take({going.key: None}, NOW)) == [f"{WHEN}  m1  web  Done\n"]
    assert (progress.code, progress.left(NOW)) == (Code.SUCCEEDED, SETTLED)


def test_an_application_that_is_deleted_is_gone(progress: Progress) -> None:
    lines(progress, row())
    assert list(progress.take({row().key: None}, NOW)) == [f"{WHEN}  m1  web  Gone\n"]
    assert progress.code is Code.NOT_FOUND


def test_the_summary_names_the_clusters(progress: Progress) -> None:
    lines(progress, row("m1", "Succeeded"), row("m2", "Failed"), row("m3"))
    assert progress.summary() == "succeeded on m1; failed on m2; not done on m3"


def test_json_lines_are_rows_with_their_outcome() -> None:
    progress = Progress(Wanted("web"), as_json=True)
    (line,) = lines(progress, row(weight=20, failed_checks=1))
    found = json.loads(line)
    assert line.count("\n") == 1
    assert {key: found[key] for key in ("time", "outcome", "application", "policy", "cluster", "phase")} == {
        "time": WHEN,
        "outcome": "going",
        "application": "web",
        "policy": "web",
        "cluster": "m1",
        "phase": "Progressing",
    }
    assert (found["weight"], found["failed_checks"]) == (20, 1)
    document = json.loads(progress.document(NOW))
    assert (document["outcome"], len(document["items"])) == ("unfinished", 1)


@pytest.mark.parametrize("as_json", [False, True])
def test_hostile_texts_stay_on_their_line_and_off_the_terminal(as_json: bool) -> None:
    progress = Progress(Wanted("web"), as_json=as_json)
    (line,) = lines(progress, row(reason="a\n\x1b[2Jb\x9b", phase="Progressing\r", policy="p\nq"))
    assert line.count("\n") == 1
    assert not {"\x1b", "\r", "\x9b"} & set(line)
    (said,) = history([row(messages=((NOW, "x\n\x1b[2Jy"),))], as_json=as_json)
    assert said.count("\n") == 1
    assert "\x1b" not in said


def test_history_is_every_clusters_by_time() -> None:
    found = history([row("m2", messages=((NOW + 5, "b"),)), row("m1", messages=((NOW, "a"), (NOW + 9, "c")))])
    assert [line.split("  ")[1:] for line in found] == [
        ["m1", "web", "a\n"],
        ["m2", "web", "b\n"],
        ["m1", "web", "c\n"],
    ]
