"""A source that plans: what a test says a plan is, and what is told while it is applied."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.deployments import DeploymentRow
from kurator_tui.kinds.plans import (
    Folded,
    Line,
    Plan,
    PlannedStep,
    Progress,
    Target,
    decode_commit,
    decode_targets,
    encode,
)
from kurator_tui.kinds.verb import Risk
from kurator_tui.kinds.verbs import VERBS
from kurator_tui.link.messages import StreamEnded
from kurator_tui.store.freshness import Freshness, State
from tests.ui.driver import Driver
from tests.ui.estate import NOW, clusters, workloads
from tests.ui.source import FakeFeeder, FakeSource, FakeStream

DEPLOYMENTS = "deployments.apps"
WHERE = ("prod-cloud", "on-prem", "ai-cloud")


def made(verb: str, targets: Iterable[Target], **more: Any) -> Plan:
    """A plan that a feeder could have made: `replicas` goes from 3 to 5 on every target."""
    steps = tuple(PlannedStep(at, target, "patch scale") for at, target in enumerate(targets))
    risk = more.pop("risk", VERBS[verb].risk)
    word = steps[0].target.name if risk is Risk.DESTRUCTIVE and steps else ""
    known: dict[str, Any] = {
        "steps": steps,
        "differences": (Folded((Line("spec.replicas", "3", "5"),), tuple(range(len(steps)))),) if steps else (),
        "word": word,
        "waves": ("1", "25%", "100%") if len({step.target.cluster for step in steps}) > 1 else (),
    }
    return Plan("20251121-120000-aaaa", verb, f"{verb.capitalize()} cart", risk, **{**known, **more})


@dataclass
class PlanSource(FakeSource):
    """As `FakeSource`; `plan` is answered with `made`, changed by `more`, or with `failure`."""

    more: dict[str, Any] = field(default_factory=dict)
    failure: ConsoleError | None = None
    denied: dict[str, str] = field(default_factory=dict)
    """Verb -> why not."""
    audited: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, Any]] = field(default_factory=list)
    before_may: Callable[[], Awaitable[object]] | None = None
    """What an answer about permissions waits for."""

    async def call(self, method: str, **arguments: str) -> str:
        match method:
            case "plan":
                self.calls.append((method, arguments))
                if self.failure is not None:
                    raise self.failure
                return encode(made(arguments["verb"], decode_targets(arguments["targets"]), **self.more))
            case "may":
                self.calls.append((method, arguments))
                if self.before_may is not None:
                    await self.before_may()
                return self.denied.get(arguments["verb"], "")
            case "audit":
                return json.dumps(self.audited)
            case "plans":
                return json.dumps(self.left)
            case _:
                return await super().call(method, **arguments)

    @property
    def planned(self) -> list[dict[str, str]]:
        """Arguments of every call `plan`."""
        return [arguments for method, arguments in self.calls if method == "plan"]

    @property
    def commits(self) -> list[FakeStream]:
        """Streams that apply something."""
        return [stream for stream in self.streams if stream.method == "commit"]

    def tell_commit(self, *progress: Progress) -> None:
        """The feeder says how the last plan goes."""
        for each in progress:
            self.commits[-1].flow(encode(each).encode())

    def end_commit(self, title: str = "", message: str = "") -> None:
        """The feeder is through with it."""
        self.commits[-1].end(StreamEnded(1, title=title, message=message))


async def committed(drive: Driver, source: PlanSource, *progress: Progress) -> None:
    """The feeder told how the plan went, and is through with it."""
    source.tell_commit(*progress)
    source.end_commit()
    await drive.idle()


def carts(**more: Any) -> PlanSource:
    """A Deployment `cart` on three members."""
    known = workloads()
    source = PlanSource(more=more, store=known.store, host=known.host, workers=[FakeFeeder()])
    for name in WHERE:
        row = DeploymentRow(name, "shop", "cart", f"{name}-cart", NOW - 3600)
        source.store.put(DEPLOYMENTS, name, {row.uid: row})
    for each in clusters():
        if each.state == State.LIVE:
            source.store.set_freshness(each.cluster, DEPLOYMENTS, Freshness(State.LIVE, NOW))
    return source


def step(number: int, cluster: str) -> PlannedStep:
    return PlannedStep(number, Target(cluster, DEPLOYMENTS, "shop", "cart"), "patch scale")


async def scaled(drive: Driver) -> None:
    """The review of the selected cart's scale to 5."""
    await drive.command("do scale replicas=5")
    assert drive.dialog() == "PlanScreen"


def commit_of(source: PlanSource) -> Any:
    return decode_commit(source.commits[-1].arguments["commit"])


def became(number: int, state: Any, message: str = "") -> Progress:
    return Progress("step", step=number, state=state, message=message)


ENTRIES = [
    {
        "event": event,
        "at": "2025-11-21T10:00:00Z",
        "plan": "20251121-100000-abcd",
        "verb": "scale",
        "step": 0,
        "target": {"cluster": "ai-cloud", "kind": DEPLOYMENTS, "namespace": "shop", "name": "cart"},
        "request": "patch scale",
        "diff": [{"path": "spec.replicas", "before": "3", "after": "5"}],
        "host_user": "ann",
        **({"outcome": "done"} if event == "outcome" else {}),
    }
    for event in ("intent", "outcome")
]
