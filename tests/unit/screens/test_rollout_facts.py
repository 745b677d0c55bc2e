"""What the details say of one rollout: verdict, steps, traffic, budget, gates, timeline."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.base import Level
from kurator_tui.kinds.board import Across, board_row
from kurator_tui.kinds.rollouts import Gate, RolloutRow, Source, Verdict
from kurator_tui.screens.rollout_facts import board_sections, gate_spark, limits, rollout_sections
from kurator_tui.screens.rollout_timeline import Entry
from kurator_tui.widgets.detail_pane import Line, detail_lines
from tests.unit.kinds.test_board import rollout

NOW = 1000.0
DURATION = Gate(
    "request-duration",
    query='histogram_quantile(0.99, sum by (le) (rate(duration_bucket{namespace="shop",workload=~"web"}[60s])))',
    high=500.0,
    values=(120.0, 938.0),
    at=NOW - 20,
    verdict=str(Verdict.BAD),
    seen_in="member",
)


def lines(row: RolloutRow, section: str, **more: Any) -> dict[str, Line]:
    found = next(each for each in rollout_sections(row, NOW, **more) if each.title == section)
    return {line.label: line for line in found.lines}


def said(row: RolloutRow, label: str) -> str:
    return lines(row, "Rollout")[label].text


def test_steps_progress_and_what_is_really_routed() -> None:
    row = rollout(steps=(10, 30, 50), provider="istio", split=(70, 30), since=NOW - 90)
    assert said(row, "phase") == "Progressing for 90s"
    assert said(row, "strategy") == "canary 10 → 30 → 50 % by istio"
    assert said(row, "progress").split() == ["█" * 18 + "░" * 12, "30%", "of", "50%"]
    assert said(row, "traffic") == "primary 70% · canary 30%  (what is routed)"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"strategy": "a/b", "iterations": 10}, "a/b, 10 checks"),
        (
            {"strategy": "blue/green", "iterations": 5, "skips_analysis": True},
            "blue/green, 5 checks, checks skipped",
        ),
        ({"steps": tuple(range(5, 55, 5))}, "canary 5 → 10 → 15 → … → 50 %"),
    ],
)
def test_each_strategy_in_its_own_words(fields: dict[str, Any], text: str) -> None:
    assert said(rollout(**fields), "strategy") == text


def test_the_failure_budget_the_next_check_and_the_estimated_end() -> None:
    row = rollout(failed_checks=1, interval=30.0, next_check=NOW + 12, ends=NOW + 300)
    budget = lines(row, "Rollout")["failed checks"]
    assert (budget.text, budget.level) == ("1 of 3: 2 more may fail", Level.DEGRADED)
    assert said(row, "next check") == "in 12s, each 30s"
    assert said(row, "ends") == "in about 5m if every check is passed"
    paused = rollout(suspended=True, interval=30.0, next_check=NOW + 12)
    assert "(paused)" in said(paused, "phase")
    assert said(paused, "checks") == "each 30s"


def test_image_and_revision_before_and_after() -> None:
    row = rollout(image_before="web:v1", image_after="web:v2", revision_after="main@sha1:b")
    assert said(row, "image") == "web:v1 → web:v2"
    assert said(row, "revision") == "main@sha1:b"


def test_pods_that_are_not_ready_yet_are_on_their_way() -> None:
    row = lines(rollout(canary_pods=(1, 2), primary_pods=(5, 5)), "Rollout")
    assert (row["canary pods"].text, row["canary pods"].level) == ("1 of 2 ready", Level.PROGRESSING)
    assert row["primary pods"].level is None


def test_a_gate_with_its_last_values_what_it_wants_and_where_that_was_seen() -> None:
    gate = lines(rollout("eu-1", gates=(DURATION,)), "Gate request-duration")
    assert gate["now"].text.split() == ["938ms", "▂█", "wants", "≤", "500ms", "bad"]
    assert gate["now"].level is Level.FAILED
    assert gate["seen in"].text == "the Prometheus of eu-1, where the engine looks, 20s ago"
    assert gate["query"].text == DURATION.query


def test_no_values_are_told_apart_from_bad_ones_and_thanos_from_the_member() -> None:
    silent = Gate(
        "request-duration", verdict=str(Verdict.NO_VALUES), seen_in="thanos", note="nothing is sent to it"
    )
    gate = lines(rollout(gates=(silent,)), "Gate request-duration")
    assert (gate["now"].text.split()[-2:], gate["now"].level) == (["no", "values"], Level.DEGRADED)
    assert gate["seen in"].text.startswith("Thanos")
    assert gate[""].text == "nothing is sent to it"


def test_limits_on_both_sides_and_on_none() -> None:
    assert limits(Gate("custom", low=1.0, high=2.0)) == "wants ≥ 1 and ≤ 2"
    assert limits(Gate("request-success-rate", low=99.0)) == "wants ≥ 99%"
    assert limits(Gate("custom")) == "no limit"


def test_a_success_rate_near_its_limit_is_no_flat_line() -> None:
    gate = Gate("request-success-rate", low=99.0, values=(99.9, 99.5, 98.9, 99.9))
    assert gate_spark(gate, 8).strip() == "█▅▁█"


def test_an_analysis_without_metrics_says_so_and_a_plain_sync_does_not() -> None:
    assert "only readiness is checked" in lines(rollout(gates=()), "Gates")[""].text
    titles = [each.title for each in rollout_sections(rollout(gates=(), strategy="sync"), NOW)]
    assert "Gates" not in titles


def test_the_timeline_names_clusters_where_there_are_several() -> None:
    story = [Entry(NOW - 5, "eu-1", "Halt"), Entry(NOW - 65, "eu-2", "Advance")]
    section = rollout_sections(rollout(), NOW, story=story)[-1]
    assert section.title == "Timeline of all clusters"
    assert [(line.label, line.text) for line in section.lines] == [("5s", "eu-1: Halt"), ("65s", "eu-2: Advance")]
    alone = rollout_sections(rollout(), NOW, story=story[:1])[-1]
    assert (alone.title, alone.lines[0].text) == ("Timeline", "Halt")
    other = rollout_sections(rollout(), NOW, story=story[1:])[-1]
    assert other.lines[0].text == "eu-2: Advance", "it is not this one's"


def test_a_query_is_broken_between_its_parts() -> None:
    sections = rollout_sections(rollout(gates=(DURATION,)), NOW)
    shown = ["".join(piece.text for piece in line) for line in detail_lines(sections, 60)]
    first = next(at for at, text in enumerate(shown) if text.startswith("  query"))
    query = [text[16:] for text in shown[first : first + 4]]
    assert "".join(query).replace(" ", "") == DURATION.query.replace(" ", "")
    assert query[1].endswith(("(", "{", ",")) or query[2].endswith(("(", "{", ","))
    assert all(len(text) <= 60 for text in shown)


def test_a_stale_rollout_says_why_and_one_without_an_application_what_it_is() -> None:
    row = rollout(
        stale="unreachable: no answer", application="", source=str(Source.CANARY), target="Deployment/web"
    )
    health = rollout_sections(row, NOW)[0]
    assert any("no answer" in line.text for line in health.lines)
    assert said(row, "made by") == "a Canary without an Application"
    assert said(row, "replaces") == "Deployment/web in shop"


def test_the_board_s_details_have_a_line_a_cluster() -> None:
    rows = [rollout("eu-1"), rollout("eu-2", phase="Failed", level=Level.FAILED, reason="too slow")]
    clusters = board_sections(board_row(rows))[-1]
    assert [(line.label, line.text) for line in clusters.lines] == [
        ("eu-1", "30% 99.2% 0/3"),
        ("eu-2", "failed · too slow"),
    ]


def test_where_waves_are_shown_the_board_s_details_have_a_section_a_wave_the_chosen_one_first() -> None:
    rows = [
        rollout("eu-1", policy_index=0, weight=20),
        rollout("eu-2", policy_index=0, phase="Failed", level=Level.FAILED),
        rollout("us-1", policy_index=1),
    ]
    row = board_row(rows, across=Across.WAVES)
    told = {section.title: [line.label for line in section.lines] for section in board_sections(row)[1:]}
    assert list(told.items()) == [("Wave 1", ["eu-2", "eu-1"]), ("Wave 2", ["us-1"])]
    assert [section.title for section in board_sections(row, "wave2")[1:]] == ["Wave 2", "Wave 1"]
