"""What goes wrong between a verb and its last write: told for what it is, stopped, accounted for."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kurator_tui.actions.applying import LivePorts
from kurator_tui.actions.audit_chain import verify
from kurator_tui.api.connection import Connection, Response
from kurator_tui.api.failures import error_from_answer
from kurator_tui.errors import Broken
from kurator_tui.kinds.plans import Plan, Target, decode_unfinished
from tests.unit.actions.estate import Estate, end, estate, last_states

Obj = dict[str, Any]
THREE = ("m1", "m2", "m3")
WAVES = (("m1",), ("m2",), ("m3",))
HOOK = 'admission webhook "policy.example" denied the request: image is not signed'
SLOW = 'Internal error occurred: failed calling webhook "policy.example": context deadline exceeded'
QUOTA = (
    'deployments.apps "shop" is forbidden: exceeded quota: team, requested: pods=3, used: pods=9, limited: pods=10'
)


def status(code: int, reason: str, message: str, causes: tuple[Mapping[str, str], ...] = ()) -> Obj:
    head = {"kind": "Status", "status": "Failure", "code": code, "reason": reason}
    return {**head, "message": message, "details": {"causes": list(causes)}}


def answering(
    world: Estate, cluster: str, answer: Obj | Exception, *, dry: bool, stored: bool = False
) -> list[str]:
    """Have writes of a cluster answered so, dry runs or real ones; `stored`: made all the same. What came."""
    connection: Connection = world.links[cluster].connection
    real = connection.request
    came: list[str] = []

    async def request(method: str, path: str, **how: Any) -> Response:
        query = list(how.get("query") or ())
        if method == "GET" or "reviews" in path or (("dryRun", "All") in query) is not dry:
            return await real(method, path, **how)
        came.append(method)
        if stored:
            await real(method, path, **how)
        if isinstance(answer, Exception):
            raise answer
        raise error_from_answer(answer["code"], {}, json.dumps(answer).encode(), connection.server)

    connection.request = request  # type: ignore[method-assign]
    return came


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting takes no time."""

    async def sleep(_ports: LivePorts, _seconds: float) -> None:
        return

    monkeypatch.setattr(LivePorts, "sleep", sleep)


def replicas(obj: Obj) -> int:
    return int(obj["spec"]["replicas"])


async def accounted(world: Estate, *outcomes: str) -> None:
    """The audit is whole, with these outcomes, and nothing waits to be resumed."""
    assert [entry.outcome for entry in world.audited() if entry.event == "outcome"] == list(outcomes)
    found = verify(world.state / "audit.jsonl")
    assert (found.broken, found.open_intents) == (0, ())
    assert json.loads(await world.acting.plans(world.hub, {})) == []


REFUSALS = [
    pytest.param(status(403, "Forbidden", HOOK), "not signed", id="webhook"),
    pytest.param(status(500, "InternalError", SLOW), "context deadline exceeded", id="webhook-timeout"),
    pytest.param(status(403, "Forbidden", QUOTA), "exceeded quota", id="quota"),
    pytest.param(status(403, "Forbidden", 'User "ann" cannot patch'), "cannot patch", id="403"),
    pytest.param(
        status(422, "Invalid", "Deployment is invalid", ({"reason": "x", "message": "bad"},)), "invalid", id="422"
    ),
    pytest.param(status(409, "Conflict", "the object has been modified"), "has been modified", id="409"),
    pytest.param(status(429, "TooManyRequests", "too many requests"), "too many requests", id="429"),
]


@pytest.mark.parametrize(("answer", "said"), REFUSALS)
async def test_what_a_server_answers_to_the_dry_run_keeps_the_plan_from_being_applied(
    tmp_path: Path, answer: Obj, said: str
) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        answering(world, "m1", answer, dry=True)
        plan = await world.plan("scale", replicas="5")
        assert not plan.ready
        assert said in plan.faults[0].message
        assert [line.path for line in plan.differences[0].lines] == ["spec.replicas"]
        assert world.audited() == []


@pytest.mark.parametrize(("answer", "said"), REFUSALS)
async def test_what_a_server_answers_to_the_write_stops_the_waves_and_is_accounted_for(
    tmp_path: Path, answer: Obj, said: str
) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        came = answering(world, "m2", answer, dry=False)
        heard = await world.commit(plan, waves=WAVES)
        assert last_states(heard) == {0: "done", 1: "failed", 2: "skipped"}
        assert said in end(heard).message
        assert [replicas(await world.deployment(name)) for name in THREE] == [5, 2, 2]
        assert len(came) == (4 if answer["code"] == 429 else 1)
        await accounted(world, "done", "failed")


async def test_a_webhook_that_times_out_after_the_write_was_stored_is_read_back_as_done(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        came = answering(world, "m1", status(504, "Timeout", "request did not complete"), dry=False, stored=True)
        assert end(await world.commit(plan)).done == 1
        assert came == ["PATCH"]
        await accounted(world, "done")


async def test_an_immutable_field_is_told_before(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        live = await world.deployment()
        live["spec"]["selector"]["matchLabels"] = {"app": "other"}
        live["spec"]["template"]["metadata"]["labels"] = {"app": "other"}
        plan = await world.plan("edit", yaml=yaml.safe_dump(live))
        assert not plan.ready
        assert any("immutable" in fault.message for fault in plan.faults)
        assert any(fault.field.startswith("spec.selector") for fault in plan.faults)


async def test_a_member_that_dies_between_dry_run_and_write_was_sent_nothing(tmp_path: Path) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        await world.apis["m1"].server.stop()
        heard = await world.commit(plan, waves=WAVES)
        assert last_states(heard) == {0: "failed", 1: "skipped", 2: "skipped"}
        assert "not written" in end(heard).message
        await accounted(world, "failed")


async def test_a_member_that_dies_in_the_middle_of_a_wave_stops_the_next_and_not_its_own(tmp_path: Path) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        answering(world, "m2", Broken("the connection broke"), dry=False)
        heard = await world.commit(plan, waves=(("m1", "m2"), ("m3",)))
        assert last_states(heard) == {0: "done", 1: "failed", 2: "skipped"}
        assert [replicas(await world.deployment(name)) for name in THREE] == [5, 2, 2]


async def test_a_member_that_dies_with_the_write_is_unknown_until_it_is_back_and_never_written_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        came = answering(world, "m2", Broken("the connection broke"), dry=False, stored=True)
        real = LivePorts.get

        async def dead(ports: LivePorts, target: Target) -> Obj:
            if came:
                raise Broken("m2 does not answer")
            return await real(ports, target)

        monkeypatch.setattr(LivePorts, "get", dead)
        heard = await world.commit(plan, waves=WAVES)
        assert last_states(heard) == {0: "done", 1: "unknown", 2: "skipped"}
        monkeypatch.setattr(LivePorts, "get", real)
        world.configure()
        await world.acting.close_plan(world.hub, {"id": plan.id})  # as a console of several feeders does
        (open_plan,) = decode_unfinished(await world.acting.plans(world.hub, {}))
        assert open_plan.states == ("done", "unknown", "waiting")
        heard = await world.commit(plan.id)
        assert last_states(heard) == {0: "done", 1: "done", 2: "done"}
        assert came == ["PATCH"]
        await accounted(world, "done", "unknown", "found done", "done")


async def test_an_object_that_was_deleted_meanwhile_is_not_made_again(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        await world.apis["m1"].call("DELETE", "/apis/apps/v1/namespaces/d/deployments/shop")
        heard = await world.commit(plan)
        assert (end(heard).failed, "not written" in end(heard).message) == (1, True)
        await accounted(world, "failed")


@pytest.mark.parametrize("lines", [0, 1, 2])
async def test_a_disk_that_is_full_stops_it_with_nothing_written_that_is_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int
) -> None:
    async with estate(tmp_path, ("m1", "m2")) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        real, written = os.write, [0]

        def full(fd: int, data: bytes) -> int:
            if data.startswith(b'{"event"'):
                if written[0] >= lines:
                    raise OSError(errno.ENOSPC, "No space left on device")
                written[0] += 1
            return real(fd, data)

        monkeypatch.setattr(os, "write", full)
        heard = await world.commit(plan, waves=(("m1",), ("m2",)))
        monkeypatch.setattr(os, "write", real)
        assert "No space left" in end(heard).message
        assert [replicas(await world.deployment(name)) for name in ("m1", "m2")] == [2 if lines == 0 else 5, 2]
        assert last_states(heard)[1] in ("skipped", "failed")
        assert verify(world.state / "audit.jsonl").broken == 0
        assert len(world.audited()) == lines


async def test_secret_values_are_in_no_diff_no_fault_and_no_file(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        head = {"metadata": {"name": "s", "namespace": "d"}}
        world.add("secrets", {**head, "data": {"password": "aHVudGVyMg=="}})
        targets = world.targets("secrets", "s")
        live = await world.get("m1", "api/v1/namespaces/d/secrets/s")
        live["data"]["password"] = "c2Vzc2FtZQ=="
        said = "data.password: c2Vzc2FtZQ== (sessame) is too weak"
        cause = {"reason": "Invalid", "field": "data.password", "message": "sessame"}
        quoting = status(422, "Invalid", said, (cause,))
        real = world.links["m1"].connection.request
        answering(world, "m1", quoting, dry=True)
        plan = await world.plan("edit", targets, yaml=yaml.safe_dump(live))
        assert plan.differences
        assert [fault.message for fault in plan.faults] == ["(hidden)"]
        _nothing_of(plan, "c2Vzc2FtZQ", "sessame", "aHVudGVyMg")
        world.links["m1"].connection.request = real
        plan = await world.plan("edit", targets, yaml=yaml.safe_dump(live))
        answering(world, "m1", quoting, dry=False)
        assert end(await world.commit(plan)).failed == 1
        files = b"".join(path.read_bytes() for path in world.state.rglob("*") if path.is_file())
        assert b"too weak" in files
        assert not [value for value in (b"c2Vzc2FtZQ", b"sessame", b"aHVudGVyMg") if value in files]


def _nothing_of(plan: Plan, *values: str) -> None:
    said = repr(plan)
    assert not [value for value in values if value in said]


async def test_who_owns_a_field_is_told_also_where_the_dry_run_fails(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        flux = "kustomize.toolkit.fluxcd.io"
        world.add_deployment(labels={f"{flux}/name": "apps", f"{flux}/namespace": "flux-system"})
        answering(world, "m1", status(403, "Forbidden", HOOK), dry=True)
        plan = await world.plan("scale", replicas="5")
        (refusal,) = plan.refusals
        assert "Kustomization flux-system/apps applies it again" in refusal.reason
        assert refusal.instead is not None
        assert any(
            "its server refuses it" in each.text and "not signed" in each.text for each in plan.consequences
        )
