"""What a server refuses is told beside the changed line that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.actions import sending
from kurator_tui.actions.difference import Change
from kurator_tui.actions.plan import Step
from kurator_tui.actions.refused_fields import beside
from kurator_tui.api.writing import Answer, Manner
from kurator_tui.cli.plan_text import lines
from kurator_tui.errors import Forbidden
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.plans import Fault
from tests.unit.actions.estate import estate

OBJ = {"spec": {"containers": [{"name": "a"}, {"name": "web", "image": "i"}]}, "metadata": {"labels": {"x": "?"}}}
IMAGE = Change(("spec", "containers", ("name", "web"), "image"), "h", "i")
LABELS = [Change(("metadata", "labels", key), None, value) for key, value in (("v", "ok"), ("x", "?"))]


@pytest.mark.parametrize(
    ("said", "message", "about"),
    [
        ("spec.containers[1].image", "bad", "spec.containers[name=web].image"),
        (".spec.containers[1].image", "bad", "spec.containers[name=web].image"),
        ("spec.containers[1]", "bad", "spec.containers[name=web].image"),
        ("spec.containers[10].image", "bad", "spec.containers[10].image"),
        ("metadata.labels", 'Invalid value: "?": must be', "metadata.labels.x"),
        ("spec.replicas", "bad", "spec.replicas"),
        ("", "no such thing", ""),
    ],
)
def test_the_line_that_a_server_means(said: str, message: str, about: str) -> None:
    assert beside(Fault(0, message, said), [IMAGE, *LABELS], OBJ).field == about


async def test_a_refused_step_shows_what_was_asked_for_and_what_is_wrong_with_it(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("label", labels="a=_not_valid_ b=1")
        (folded,) = plan.differences
        assert folded.guessed
        assert [line.path for line in folded.lines] == ["metadata.labels.a", "metadata.labels.b"]
        assert [fault.field for fault in plan.faults] == ["metadata.labels.a"]
        told = list(lines(plan))
        at = next(number for number, line in enumerate(told) if "_not_valid_" in line)
        assert "✖" in told[at + 1]
        assert not any(line.startswith("fault") for line in told)


async def test_what_one_cluster_refuses_is_not_folded_with_what_the_others_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sending.send

    async def send(hub: Hub, step: Step, manner: Manner) -> Answer | None:
        if step.target.cluster == "m2":
            raise Forbidden("exceeded quota: q", code=403, reason="Forbidden")
        return await real(hub, step, manner)

    monkeypatch.setattr("kurator_tui.actions.preview.send", send)
    async with estate(tmp_path, ("m1", "m2", "m3")) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        assert [(each.steps, each.guessed) for each in plan.differences] == [((0, 2), False), ((1,), True)]
        assert [(fault.step, fault.message) for fault in plan.faults] == [(1, "exceeded quota: q")]
