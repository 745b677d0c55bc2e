"""A few pictures of whole screens, compared cell by cell: 80×24 and 200×50, fixed clock, default theme."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App

from kurator_tui.app import KuratorApp
from kurator_tui.config.settings import Settings
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.log_lines import LogBatch, LogLine, LogSource, LogState, Mark, encode_batch
from kurator_tui.kinds.reading import LIVE, Happened, Owned, Standing, Version, encode
from kurator_tui.kinds.rollouts import Gate, Verdict
from kurator_tui.link.messages import Costed
from kurator_tui.screens.cost import CostScreen
from kurator_tui.screens.cost_facts import FeederFigures, Figures, Rates, TerminalFigures, Watched
from kurator_tui.screens.log_keys import LogsScreen
from tests.ui.estate import NOW, clusters, pods, workloads
from tests.ui.log_source import SECOND, START, LogSourceOfTest, line
from tests.ui.metrics_source import measured
from tests.ui.reading_driver import event
from tests.ui.source import FakeSource, FakeStream, live_host
from tests.ui.test_comparing import shop
from tests.ui.test_rollouts import put as put_rollouts
from tests.unit.describe.test_describe import POD
from tests.unit.kinds.test_board import rollout

SIZES = pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
Compare = Callable[..., bool]


def app(view: str, **settings: object) -> App[int]:
    """The console on the estate of the UI tests, at its moment."""
    return KuratorApp(workloads(), Settings(**settings), clock=lambda: NOW, view=view)  # type: ignore[arg-type]


FIGURES = Figures(
    feeders=(
        FeederFigures(
            "feeder 1",
            4711,
            "live",
            Costed(streams=1024, requests=2210, bytes_in=310 << 20, events=81_234, memory=181 << 20),
            Rates(12.4, 1_200_000.0, 2040.0),
        ),
        FeederFigures("feeder 2", 4712, "feeder lost: killed by signal 9; restarting", Costed(feeders=0)),
    ),
    pid=4700,
    memory=96 << 20,
    rows=110_013,
    last_key=0.004,
    key_p95=0.011,
    stall=0.012,
    worst_stall=0.093,
    terminal=TerminalFigures(812_345, 1204, 60_112, 1893, 3, 0.42, slow=True, stock=False),
    source="6 by secret, 1 by context",
    watched=(
        Watched("pods", 1000, 100_000),
        Watched("nodes", 1000, 9000),
        *(Watched(name, 12, 1013) for name in ("deployments", "helmreleases", "widgets.example.org")),
        *(Watched(f"kind{number}", 1, number) for number in range(9)),
    ),
)


@SIZES
def test_fleets(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("fleets"), terminal_size=size)


@SIZES
def test_fleet_details(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("fleets"), press=["enter"], terminal_size=size)


@SIZES
def test_clusters(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("clusters"), terminal_size=size)


@SIZES
def test_cluster_details(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("clusters"), press=["j", "enter"], terminal_size=size)


@SIZES
def test_pods(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("pods"), terminal_size=size)


@SIZES
def test_pod_details(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app("pods"), press=["G", "D"], terminal_size=size)


def reading_app(kind: str, obj: dict[str, Any]) -> App[int]:
    """The console whose feeder knows one object, whichever is asked for."""
    source = workloads()
    told = (
        Version(json.dumps(obj).encode(), True, managers=2, size=4321),
        Standing(LIVE, NOW),
        Owned([("ReplicaSet", "web-5c8"), ("Deployment", "web")]),
        Happened([event("a", "Back-off restarting failed container", 60, count=12), event("b", "Killing", 900)]),
    )

    def open_stream(
        method: str, arguments: dict[str, str], on_data: Callable[[bytes], None], *_more: object
    ) -> FakeStream:
        for one in told:
            asyncio.get_running_loop().call_soon(on_data, encode(one))
        return FakeStream(method, arguments, on_data, lambda _end: None)

    source.open_stream = open_stream  # type: ignore[method-assign, assignment]
    return KuratorApp(source, Settings(), clock=lambda: NOW, view=kind)


@SIZES
@pytest.mark.parametrize("tab", ["d", "y", "v"])
def test_reading(snap_compare: Compare, size: tuple[int, int], tab: str) -> None:
    assert snap_compare(reading_app("pods", POD), press=["G", tab, "wait:300"], terminal_size=size)


LOGGED = (
    LogSource(1, "prod-cloud", "shop", "cart-7d4b9", "app"),
    LogSource(2, "prod-cloud", "shop", "cart-7d4b9", "proxy"),
    LogSource(3, "edge-east", "shop", "pos-1", "app"),
)
LOG_LINES = (
    line(-90, "INFO  main  cart v7 starting, region=eu"),
    line(-89, "2025-11-21T04:38:31Z WARN  pool of 8 connections is small for 64 workers", source=3),
    line(-60, '{"level":"info","msg":"GET /cart/42","status":200,"ms":12.5}', source=2),
    line(-59, '{"level":"error","msg":"GET /cart/43","status":502,"upstream":"10.1.0.9:8080"}', source=2),
    line(-59, "ERROR java.lang.IllegalStateException: no connection in 5000 ms"),
    line(-59, "    at io.kurator.shop.cart.Pool.take(Pool.java:117)"),
    line(-58, "    at io.kurator.shop.cart.Cart.load(Cart.java:42)"),
    LogLine(0, START - 40 * SECOND, "", 1234, Mark.DROPPED),
    LogLine(3, START - 30 * SECOND, "no answer in 5 s", 0, Mark.LOST),
    LogLine(3, START - 10 * SECOND, "", 0, Mark.RESUMED),
    line(-5, "DEBUG bytes \ufffd\ufffd and \x1b[31mcolour\x1b[0m and a bell \x07", source=3),
    LogLine(1, START - 2 * SECOND, "INFO  body " + "0123456789" * 12, 5_000_000),
)


@SIZES
@pytest.mark.parametrize("keys", [[], ["t", "z", "J", "w"]], ids=["plain", "times-json-cut"])
def test_logs(
    snap_compare: Compare, size: tuple[int, int], keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogsScreen, "tick", LogsScreen.refresh_title)  # a rate is of the real clock
    source = LogSourceOfTest()
    live_host(source)
    source.put(*clusters(), *pods())

    def open_stream(
        method: str, arguments: dict[str, str], on_data: Callable[[bytes], None], *_more: object
    ) -> FakeStream:
        told = LogBatch(list(LOGGED), list(LOG_LINES), LogState(3, 2, 0, 0, 1234))
        asyncio.get_running_loop().call_soon(on_data, encode_batch(told))
        return FakeStream(method, arguments, on_data, lambda _end: None)

    source.open_stream = open_stream  # type: ignore[method-assign, assignment]
    shown = KuratorApp(source, Settings(), clock=lambda: NOW, view="pods")
    assert snap_compare(
        shown, press=["space", "j", "space", "l", "wait:300", *keys, "wait:200"], terminal_size=size
    )


@SIZES
def test_cost(snap_compare: Compare, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CostScreen, "figures", lambda _screen: FIGURES)
    assert snap_compare(app("cost"), terminal_size=size)


@SIZES
def test_comparison(snap_compare: Compare, size: tuple[int, int]) -> None:
    shown = KuratorApp(shop(), Settings(), clock=lambda: NOW, view="statefulsets.apps")
    assert snap_compare(shown, press=["equals_sign", "wait:400"], terminal_size=size)


@SIZES
def test_differences(snap_compare: Compare, size: tuple[int, int]) -> None:
    shown = KuratorApp(shop(), Settings(), clock=lambda: NOW, view="statefulsets.apps")
    keys = ["equals_sign", "wait:400", "j", "j", "j", "enter", "wait:400"]
    assert snap_compare(shown, press=keys, terminal_size=size)


def test_ascii(snap_compare: Compare) -> None:
    assert snap_compare(app("pods", ascii=True), press=["question_mark"], terminal_size=(80, 24))


def test_help(snap_compare: Compare) -> None:
    assert snap_compare(app("fleets"), press=["question_mark"], terminal_size=(80, 24))


@pytest.mark.parametrize("theme", ["kurator-light", "high-contrast", "colour-blind"])
def test_themes(snap_compare: Compare, theme: str) -> None:
    assert snap_compare(app("clusters", theme=theme), terminal_size=(80, 24))


SUCCESS = Gate(
    "request-success-rate",
    'sum(rate(requests_total{destination_workload=~"web",code!~"5.*"}[60s])) / sum(rate(requests_total[60s]))',
    low=99.0,
    values=(99.9, 99.8, 99.9, 99.2, 99.9),
    at=NOW - 12,
    verdict=str(Verdict.OK),
    seen_in="member",
)
SLOW = Gate(
    "request-duration",
    'histogram_quantile(0.99, sum by (le) (rate(duration_bucket{destination_workload=~"web"}[60s])))',
    high=500.0,
    values=(180.0, 190.0, 420.0, 938.0),
    at=NOW - 12,
    verdict=str(Verdict.BAD),
    seen_in="member",
)


def releasing() -> FakeSource:
    """Releases in every state: a canary that climbs, one whose latency is bad, one rolled back, one done."""
    source = workloads()
    going: dict[str, Any] = {
        "steps": (10, 20, 30, 40, 50),
        "interval": 30.0,
        "next_check": NOW + 18,
        "since": NOW - 95,
        "ends": NOW + 210,
        "provider": "istio",
        "policy": "shop",
        "image_before": "registry.example/shop/web:v2.31.0",
        "image_after": "registry.example/shop/web:v2.31.1",
        "primary_pods": (5, 5),
        "canary_pods": (1, 2),
        "target": "Deployment/web",
        "split": (70, 30),
        "gates": (SUCCESS,),
        "messages": (
            (NOW - 95, "New revision detected! Scaling up web.shop"),
            (NOW - 62, "Advance web.shop canary weight 10"),
            (NOW - 32, "Advance web.shop canary weight 20"),
        ),
        "reason": "Progressing",
    }
    halted = (NOW - 12, "Halt web.shop advancement request duration 938ms > 500ms")
    bad = {
        "policy_index": 1,
        "failed_checks": 1,
        "weight": 20,
        "level": Level.DEGRADED,
        "gates": (SUCCESS, SLOW),
        "reason": halted[1],
    }
    done: dict[str, Any] = {"phase": "Succeeded", "weight": 0, "level": Level.HEALTHY, "gates": (SUCCESS,)}
    put_rollouts(
        source,
        rollout("prod-cloud", **going),
        rollout(
            "ai-cloud",
            **going | {"policy_index": 1, "weight": 40, "canary_pods": (2, 2), "stale": "no answer in 5 s"},
        ),
        rollout("on-prem", **going | bad | {"messages": (*going["messages"], halted)}),
        *(rollout(name, application="ads", **done) for name in ("prod-cloud", "edge-east")),
        rollout("pre-cloud", application="pay", phase="Failed", weight=0, level=Level.FAILED, reason="no pods"),
        rollout("prod-cloud", application="search", suspended=True, reason="paused"),
        rollout("on-prem", application="", phase="WaitingPromotion", source="Canary", reason="waits for a person"),
    )
    return source


@SIZES
@pytest.mark.parametrize(
    "keys", [[], ["w"], ["/", *"name:shop", "enter", "enter", "j"]], ids=["board", "waves", "detail"]
)
def test_rollouts(snap_compare: Compare, size: tuple[int, int], keys: list[str]) -> None:
    shown = KuratorApp(releasing(), Settings(), clock=lambda: NOW, view="rollouts")
    assert snap_compare(shown, press=[*keys, "wait:300"], terminal_size=size)


@SIZES
def test_metrics(snap_compare: Compare, size: tuple[int, int]) -> None:
    shown = KuratorApp(measured(), Settings(), clock=lambda: NOW, view="metrics")
    assert snap_compare(shown, press=["wait:600"], terminal_size=size)


@SIZES
@pytest.mark.parametrize("keys", [[], ["tab", "enter", "j", "h", "h", "y"]], ids=["page", "zoomed"])
def test_charts(snap_compare: Compare, size: tuple[int, int], keys: list[str]) -> None:
    shown = KuratorApp(measured(), Settings(), clock=lambda: NOW, view="metrics")
    assert snap_compare(shown, press=["wait:600", "enter", "wait:600", *keys, "wait:400"], terminal_size=size)
