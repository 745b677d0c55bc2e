"""Gates are asked of the member's Prometheus once an interval, bounded, and only while the analysis goes on."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from kurator_tui.errors import Broken, ConsoleError, NotFound
from kurator_tui.fleet.gates import AT_ONCE, REST, VALUES, GateReadings
from kurator_tui.kinds.flagger import CANARY, METRIC_TEMPLATE
from kurator_tui.kinds.rollouts import Gate, Verdict
from kurator_tui.metrics.answers import Answer, Sample
from kurator_tui.metrics.gates import Server, usual
from kurator_tui.store.store import Store

METRIC = {"name": "request-success-rate", "thresholdRange": {"min": 99}, "interval": "30s"}


def decoded(kind: Any, cluster: str, obj: dict[str, Any]) -> Any:
    return kind.project(cluster, msgspec.json.decode(msgspec.json.encode(obj), type=kind.projection))


def canary(cluster: str = "a", phase: str = "Progressing", *metrics: dict[str, Any], version: str = "1") -> Any:
    return decoded(
        CANARY,
        cluster,
        {
            "metadata": {
                "name": "shop",
                "namespace": "prod",
                "uid": f"{cluster}-shop",
                "resourceVersion": version,
            },
            "spec": {
                "targetRef": {"kind": "Deployment", "name": "shop"},
                "analysis": {"interval": "30s", "metrics": list(metrics or (METRIC,))},
            },
            "status": {"phase": phase},
        },
    )


class Stage:
    """A store of Canaries, Prometheuses that answer what they are told, and a clock that is moved by hand."""

    def __init__(self) -> None:
        self.store = Store()
        self.now = 1000.0
        self.wanted = True
        self.values: dict[str, float | ConsoleError | None] = {}
        self.thanos: float | ConsoleError = NotFound("no Thanos", code=404)
        self.asked: list[tuple[str, Server]] = []
        self.gates_of: dict[str, asyncio.Event] = {}
        self.at_once = self.most_at_once = 0
        self.changed: list[str] = []
        self.readings = GateReadings(
            self.store,
            self._member,
            self._thanos,
            wanted=lambda: self.wanted,
            changed=self.changed.append,
            clock=lambda: self.now,
            now=lambda: self.now,
        )

    async def _member(self, cluster: str, where: Server, _promql: str) -> Answer:
        self.asked.append((cluster, where))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if (gate := self.gates_of.get(cluster)) is not None:
                await gate.wait()
        finally:
            self.at_once -= 1
        value = self.values.get(cluster, 99.5)
        if isinstance(value, ConsoleError):
            raise value
        return Answer([] if value is None else [Sample({}, value)])

    async def _thanos(self, _cluster: str, _promql: str) -> Answer:
        if isinstance(self.thanos, ConsoleError):
            raise self.thanos
        return Answer([Sample({}, self.thanos)])

    def put(self, *rows: Any) -> None:
        for row in rows:
            self.store.put(CANARY.id, row.cluster, {row.uid: row})

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    async def look(self, seconds: float = 0.0) -> None:
        self.now += seconds
        self.readings.look()
        await self.settle()

    def gate(self, cluster: str = "a") -> Gate:
        (gate,) = self.readings.of(cluster, "prod", "shop")
        return gate


async def test_a_gate_is_asked_once_an_interval_and_keeps_its_last_values() -> None:
    stage = Stage()
    stage.put(canary())
    await stage.look()
    assert (stage.gate().verdict, stage.gate().values, stage.gate().seen_in) == (Verdict.OK, (99.5,), "member")
    assert stage.asked == [("a", usual("istio"))]
    await stage.look(10)
    assert len(stage.asked) == 1
    stage.values["a"] = 90.0
    await stage.look(20)
    assert (stage.gate().verdict, stage.gate().values, stage.gate().at) == (Verdict.BAD, (99.5, 90.0), stage.now)
    for _ in range(VALUES):
        await stage.look(30)
    assert len(stage.gate().values) == VALUES
    assert stage.changed.count("a") >= 3


@pytest.mark.parametrize("value", [None, float("nan")])
async def test_no_values_found_is_not_the_same_as_bad(value: float | None) -> None:
    stage = Stage()
    stage.put(canary())
    stage.values["a"] = value
    await stage.look()
    assert (stage.gate().verdict, stage.gate().values) == (Verdict.NO_VALUES, ())


@pytest.mark.parametrize(("value", "verdict"), [(float("-inf"), Verdict.BAD), (float("inf"), Verdict.OK)])
async def test_an_infinite_value_is_a_value(value: float, verdict: Verdict) -> None:
    stage = Stage()
    stage.put(canary())  # its success rate has a least, and no most
    stage.values["a"] = value
    await stage.look()
    assert (stage.gate().verdict, stage.gate().values) == (verdict, (value,))


@pytest.mark.parametrize("phase", ["Succeeded", "Initialized", "Failed", "", "Finalising"])
async def test_nobody_is_asked_when_the_analysis_does_not_go_on(phase: str) -> None:
    stage = Stage()
    stage.put(canary("a", phase))
    await stage.look()
    assert stage.asked == []
    assert stage.gate().verdict == Verdict.UNKNOWN


async def test_nobody_is_asked_when_nobody_reads_rollouts() -> None:
    stage = Stage()
    stage.wanted = False
    stage.put(canary())
    await stage.look()
    assert stage.asked == []
    assert stage.readings.of("a", "prod", "shop") == ()


async def test_what_the_analysis_saw_stays_when_it_ended_and_goes_when_another_begins() -> None:
    stage = Stage()
    stage.put(canary())
    await stage.look()
    stage.put(canary("a", "Succeeded", version="2"))
    await stage.look(30)
    assert stage.gate().values == (99.5,)
    stage.put(canary("a", "Progressing", version="3"))
    stage.values["a"] = 98.0
    await stage.look(30)
    assert stage.gate().values == (98.0,)


async def test_never_more_than_eight_are_asked_over_the_fleet_and_one_in_a_member() -> None:
    stage = Stage()
    names = [f"c{number}" for number in range(20)]
    for name in names:
        stage.gates_of[name] = asyncio.Event()
        stage.put(canary(name, "Progressing", METRIC, {**METRIC, "name": "request-duration"}))
    await stage.look()
    assert (stage.at_once, len({cluster for cluster, _where in stage.asked})) == (AT_ONCE, AT_ONCE)
    for gate in stage.gates_of.values():
        gate.set()
    for _ in range(10):
        await stage.settle()
    assert stage.most_at_once == AT_ONCE
    assert len(stage.asked) == 40


async def test_one_that_hangs_rests_and_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kurator_tui.fleet.gates.DEADLINE", 0.01)
    stage = Stage()
    stage.gates_of["a"] = asyncio.Event()
    stage.put(canary("a"), canary("b"))
    stage.readings.look()
    hanging = stage.readings.asking()
    await asyncio.gather(*hanging)
    assert stage.gate("b").verdict == Verdict.OK
    assert stage.gate("a").verdict == Verdict.ERROR
    assert "did not answer in time" in stage.gate("a").note
    await stage.look(30)
    assert [cluster for cluster, _where in stage.asked].count("a") == 1
    stage.gates_of.pop("a")
    await stage.look(REST)
    assert stage.gate("a").verdict == Verdict.OK


async def test_thanos_answers_for_a_member_that_cannot_be_asked_and_the_gate_says_so() -> None:
    stage = Stage()
    stage.thanos = 97.0
    stage.values["a"] = Broken("it closed the connection")
    stage.put(canary())
    await stage.look()
    gate = stage.gate()
    assert (gate.verdict, gate.values, gate.seen_in) == (Verdict.BAD, (97.0,), "thanos")
    assert "it closed the connection" in gate.note


async def test_a_template_that_cannot_be_rendered_is_an_error_that_asks_nothing() -> None:
    stage = Stage()
    stage.put(canary("a", "Progressing", {"name": "own", "templateRef": {"name": "mine"}}))
    await stage.look()
    assert stage.asked == []
    assert (stage.gate().verdict, stage.gate().query) == (Verdict.ERROR, "")
    assert "no MetricTemplate prod/mine" in stage.gate().note


async def test_a_template_that_appears_later_is_taken_up() -> None:
    stage = Stage()
    stage.put(canary("a", "Progressing", {"name": "own", "templateRef": {"name": "mine"}}))
    await stage.look()
    template = decoded(
        METRIC_TEMPLATE,
        "a",
        {
            "metadata": {"name": "mine", "namespace": "prod", "uid": "t"},
            "spec": {"query": "sum(up{ns='{{ namespace }}'})", "provider": {"type": "prometheus"}},
        },
    )
    stage.store.put(METRIC_TEMPLATE.id, "a", {"t": template})
    await stage.look(30)
    assert stage.gate().query == "sum(up{ns='prod'})"
    assert stage.gate().values == (99.5,)


async def test_a_canary_that_is_gone_has_no_gates() -> None:
    stage = Stage()
    stage.put(canary())
    await stage.look()
    stage.store.put(CANARY.id, "a", {"a-shop": None})
    await stage.look(1)
    assert stage.readings.of("a", "prod", "shop") == ()
