"""A debug container is a write: recorded, tested against the pod that was seen, made as whom the settings say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.actions import debug_containers
from kurator_tui.actions.applying import LivePorts
from kurator_tui.actions.audit import Audit
from kurator_tui.actions.plan import Step
from kurator_tui.actions.rules import Rules
from kurator_tui.api.writing import Answer
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.plans import Target
from tests.unit.fleet.served_pods import PODS, Member, one_member

POD = Target("m", "pods", "d", "p")


def ports(member: Member, state: Path, rules: Rules, kind: type[LivePorts] = LivePorts) -> LivePorts:
    return kind(member.hub, Audit(state), rules.manner, {"m": "context m"})


async def add(member: Member, state: Path, image: str = "busybox", sees: str = "", **told: Any) -> str:
    rules = Rules(**told)
    return await debug_containers.add(ports(member, state, rules), POD, image, sees, rules)


def added(member: Member) -> list[dict[str, Any]]:
    return list(member.api.storage.get(PODS, "d", "p")["spec"].get("ephemeralContainers", ()))


async def test_it_is_in_the_pod_and_in_the_audit(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        uid = member.add_pod()
        name = await add(member, tmp_path, " busybox ", "main")
        (made,) = added(member)
        assert (made["name"], made["image"], made["targetContainerName"]) == (name, "busybox", "main")
        assert made["tty"]
        intent, outcome = Audit(tmp_path).entries()
        assert (intent.event, outcome.event, outcome.outcome) == ("intent", "outcome", "done")
        assert (intent.verb, intent.request, intent.credentials) == (
            "debug",
            "patch ephemeralcontainers",
            "context m",
        )
        assert intent.target is not None
        assert (intent.target.name, intent.target.uid) == ("p", uid)
        assert intent.diff[0].after == '"busybox"'


async def test_a_second_one_leaves_the_first_alone(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        names = [await add(member, tmp_path) for _ in range(2)]
        assert [each["name"] for each in added(member)] == names


async def test_without_an_audit_nothing_is_added(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no folder")
    async with one_member(tmp_path) as member:
        member.add_pod()
        with pytest.raises(ConsoleError, match="It was not added"):
            await add(member, tmp_path / "state")
        assert added(member) == []


async def test_a_pod_that_took_the_name_meanwhile_gets_none(tmp_path: Path) -> None:
    class Replacing(LivePorts):
        """The pod is another one just before the request."""

        async def send(self, step: Step) -> Answer | None:
            if step.target.uid == first:
                member.remove_pod()
                member.add_pod()
            return await super().send(step)

    async with one_member(tmp_path) as member:
        first = member.add_pod()
        with pytest.raises(ConsoleError, match="another object has its name now"):
            await debug_containers.add(ports(member, tmp_path, Rules(), Replacing), POD, "busybox", "", Rules())
        assert added(member) == []


async def test_it_is_added_as_the_user_of_the_settings(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        with pytest.raises(ConsoleError, match="eve"):
            await add(member, tmp_path, user="eve")
        assert added(member) == []


async def test_it_needs_the_right_to_add_it_and_an_image(tmp_path: Path) -> None:
    async with one_member(tmp_path, token="v") as member:
        member.add_pod()
        with pytest.raises(UsageError, match="needs an image"):
            await add(member, tmp_path, " ")
        with pytest.raises(ConsoleError, match="pods/ephemeralcontainers"):
            await add(member, tmp_path)
        assert [each.outcome for each in Audit(tmp_path).entries()] == ["", "failed"]
        assert added(member) == []


async def test_one_whose_answer_was_lost_is_read_back(tmp_path: Path) -> None:
    from kurator_tui.errors import Unanswered

    class Cut(LivePorts):
        """The answer of each write is lost; nothing is waited for."""

        async def send(self, step: Step) -> Answer | None:
            await super().send(step)
            raise Unanswered("cut")

        async def sleep(self, seconds: float) -> None:
            del seconds

    async with one_member(tmp_path) as member:
        member.add_pod()
        name = await debug_containers.add(ports(member, tmp_path, Rules(), Cut), POD, "busybox", "", Rules())
        assert [each["name"] for each in added(member)] == [name]
