"""Pushes to the repositories that Kurator Pipelines build: each starts a run by the pipeline's webhook.

Every fourth or so fails.  Old runs go, as a pruner would have it.
"""

import random
from typing import Any

from kurator_tui.demo.world import tekton
from kurator_tui.demo.world.controllers.tekton import FAILS, RUNS
from kurator_tui.demo.world.systems.pipelines import PLANS, Plan, run_spec
from kurator_tui.demo.world.topology import MAIN_NAMESPACE
from kurator_tui.demo.world.world import World

Obj = dict[str, Any]

PAUSE = (70.0, 130.0)
"""World seconds between two pushes, least and most."""
KEPT = 6
"""Runs of a pipeline that stay."""
_BAD = 0.25


class Builds:
    """Pushes to the host of a started world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = random.Random(f"{world.seed}/builds")

    def begin(self) -> None:
        """Plan the first push, and with each the next."""
        self._world.timeline.after(self._rng.uniform(*PAUSE) / 3, self._push)

    def _push(self) -> None:
        plan = self._rng.choice(PLANS)
        revision = f"{self._rng.getrandbits(28):07x}"
        fails = self._rng.choice(plan.tasks[1:]) if self._rng.random() < _BAD else ""
        host = self._world.host
        meta: Obj = {
            "name": f"{plan.name}-run-{host.suffix()}",
            "namespace": MAIN_NAMESPACE,
            "labels": {"tekton.dev/pipeline": plan.name, **tekton.webhook_labels(plan.name)},
        }
        if fails:
            meta["annotations"] = {FAILS: fails}
        run = {"apiVersion": tekton.API, "kind": "PipelineRun", "metadata": meta, "spec": run_spec(plan, revision)}
        host.create(RUNS, run)
        self._prune(plan)
        self._world.timeline.after(self._rng.uniform(*PAUSE), self._push)

    def _prune(self, plan: Plan) -> None:
        host = self._world.host
        ours = [
            each
            for each in host.all_of(RUNS, MAIN_NAMESPACE)
            if (each["spec"].get("pipelineRef") or {}).get("name") == plan.name
        ]
        ended = [each for each in ours if (each.get("status") or {}).get("completionTime")]
        ended.sort(key=lambda each: str(each["metadata"]["creationTimestamp"]))
        for each in ended[: max(0, len(ours) - KEPT)]:
            host.delete(RUNS, MAIN_NAMESPACE, str(each["metadata"]["name"]))
