"""From a verb to the servers and back: plan, confirm, write, audit, undo; against demo API servers."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
import yaml

from kurator_tui.actions.audit_chain import verify
from kurator_tui.actions.guarding import Guards
from kurator_tui.actions.journal import Journal, Kept, without_secrets
from kurator_tui.actions.plan import Delete, Step
from kurator_tui.demo.apiserver.faults import Mode
from kurator_tui.errors import UsageError
from kurator_tui.feeder.acting import Acting
from kurator_tui.feeder.channel import Channel
from kurator_tui.kinds.plans import OLDEST, Commit, Target, decode_unfinished, encode
from kurator_tui.kinds.verb import Risk
from kurator_tui.link import messages as m
from tests.unit.actions.estate import end, estate, last_states

THREE = ("m1", "m2", "m3")


async def test_a_plan_shows_what_servers_would_store_and_writes_nothing(tmp_path: Path) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment()
        before = [await world.deployment(name) for name in THREE]
        plan = await world.plan("scale", replicas="5")
        assert plan.ready
        assert plan.risk is Risk.DISRUPTIVE
        (folded,) = plan.differences
        assert folded.steps == (0, 1, 2)
        assert [(line.path, line.before, line.after) for line in folded.lines] == [("spec.replicas", "2", "5")]
        assert [await world.deployment(name) for name in THREE] == before
        assert world.audited() == []


async def test_targets_that_differ_are_folded_by_their_difference(tmp_path: Path) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment(cluster="m1")
        world.add_deployment(cluster="m2")
        world.add_deployment(cluster="m3", replicas=1)
        plan = await world.plan("scale", replicas="5")
        assert [folded.steps for folded in plan.differences] == [(0, 1), (2,)]


async def test_what_is_applied_is_in_the_audit_before_and_after(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        heard = await world.commit(plan)
        assert end(heard).done == 1
        assert (await world.deployment())["spec"]["replicas"] == 5
        intent, outcome = world.audited()
        assert (intent.event, outcome.event, outcome.outcome) == ("intent", "outcome", "done")
        assert intent.target is not None
        assert (intent.target.cluster, intent.target.name, intent.credentials) == ("m1", "shop", "context m1")
        assert intent.target.resource_version
        assert [line.after for line in intent.diff] == ["5"]
        assert verify(tmp_path / "state" / "audit.jsonl").open_intents == ()


async def test_a_restart_rolls_pods_by_kubectls_annotation(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        await world.commit(await world.plan("restart"))
        template = (await world.deployment())["spec"]["template"]["metadata"]
        assert list(template["annotations"]) == ["kubectl.kubernetes.io/restartedAt"]
        assert template["labels"] == {"app": "shop"}


async def test_labels_are_set_and_removed_and_put_back(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment(labels={"a": "1", "b": "2"})
        plan = await world.plan("label", labels="a=9 b- c=3")
        assert plan.risk is Risk.SAFE
        await world.commit(plan, confirmed="")
        assert (await world.deployment())["metadata"]["labels"] == {"a": "9", "c": "3"}
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await world.deployment())["metadata"]["labels"] == {"a": "1", "b": "2"}


async def test_undo_survives_a_restart_of_the_console_and_is_audited(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        await world.commit(plan)
        world.configure()
        back = await world.plan("undo", [], plan=plan.id)
        assert back.title == f"Undo: {plan.title}"
        await world.commit(back)
        assert (await world.deployment())["spec"]["replicas"] == 2
        assert [entry.verb for entry in world.audited()] == ["scale", "scale", "undo", "undo"]


async def test_undo_leaves_what_somebody_else_changed_since(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        await world.commit(plan)
        await world.commit(await world.plan("scale", replicas="7"))
        back = await world.plan("undo", [], plan=plan.id)
        assert back.steps == ()
        assert "was changed since" in back.refusals[0].reason
        assert not back.ready


async def test_a_deleted_object_is_made_again(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add("configmaps", {"metadata": {"name": "c", "namespace": "d"}, "data": {"k": "v"}})
        targets = world.targets("configmaps", "c")
        plan = await world.plan("delete", targets)
        assert (plan.risk, plan.word) == (Risk.DESTRUCTIVE, "c")
        await world.commit(plan)
        path = "api/v1/namespaces/d/configmaps/c"
        assert (await world.get("m1", path))["reason"] == "NotFound"
        await world.commit(await world.plan("undo", [], plan=plan.id))
        assert (await world.get("m1", path))["data"] == {"k": "v"}


async def test_nothing_of_a_secret_is_shown_kept_or_logged(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        secret = {"metadata": {"name": "s", "namespace": "d"}, "data": {"password": "aHVudGVyMg=="}}
        world.add("secrets", secret)
        plan = await world.plan("delete", world.targets("secrets", "s"))
        await world.commit(plan)
        kept = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
        assert b"aHVudGVyMg" not in kept
        back = await world.plan("undo", [], plan=plan.id)
        assert [refusal.reason for refusal in back.refusals] == ["its secret values were not kept"]


async def test_a_value_of_the_environment_with_a_secrets_name_is_not_shown_kept_or_logged(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        live = await world.deployment()
        (container,) = live["spec"]["template"]["spec"]["containers"]
        container["env"] = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "fast"}]
        plan = await world.plan("edit", yaml=yaml.safe_dump(live))
        assert b"fast" in msgspec.json.encode(plan.differences)
        assert b"hunter2" not in msgspec.json.encode(plan)
        assert end(await world.commit(plan)).done == 1
        (container,) = (await world.deployment())["spec"]["template"]["spec"]["containers"]
        assert container["env"][0]["value"] == "hunter2"
        back = await world.plan("undo", [], plan=plan.id)
        assert [refusal.reason for refusal in back.refusals] == ["it wrote secret values, which are not kept"]
        await world.commit(await world.plan("delete"))
        kept = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
        assert b"DB_PASSWORD" in kept
        assert b"hunter2" not in kept


@pytest.mark.parametrize("typed", ["", "y", "shop2"])
async def test_a_destructive_plan_takes_the_name_and_nothing_else(tmp_path: Path, typed: str) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("delete")
        with pytest.raises(UsageError, match="not confirmed"):
            await world.commit(plan, confirmed=typed)
        assert (await world.deployment())["metadata"]["name"] == "shop"


async def test_a_protected_cluster_raises_the_risk_and_a_read_only_one_is_refused(tmp_path: Path) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment()
        world.configure(protected=("m1",), read_only_clusters=("m[23]",))
        plan = await world.plan("restart")
        assert (plan.risk, plan.word, plan.protected) == (Risk.DESTRUCTIVE, "shop", ("m1",))
        assert [refusal.reason for refusal in plan.refusals] == ["this cluster is read-only here"] * 2


async def test_a_read_only_console_plans_and_applies_nothing(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("restart")
        world.configure(read_only=True)
        with pytest.raises(UsageError, match="read-only"):
            await world.plan("restart")
        with pytest.raises(UsageError, match="read-only"):
            await world.commit(plan)


async def test_without_a_place_for_the_audit_nothing_is_written(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("restart")
        before = await world.deployment()
        (tmp_path / "state").write_text("no folder")
        with pytest.raises(Exception, match=r"File exists|Not a directory"):
            await world.commit(plan)
        assert await world.deployment() == before


async def test_what_changed_since_the_review_is_not_overwritten(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        await world.commit(await world.plan("scale", replicas="3"))
        heard = await world.commit(plan)
        assert last_states(heard) == {0: "failed"}
        assert "spec.replicas" in end(heard).message
        assert (await world.deployment())["spec"]["replicas"] == 3


async def test_a_change_of_other_fields_since_the_review_does_not_matter(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        await world.commit(await world.plan("label", labels="x=1"))
        assert last_states(await world.commit(plan)) == {0: "done"}
        assert (await world.deployment())["spec"]["replicas"] == 5


async def test_a_failure_in_a_wave_stops_the_waves_behind_it(tmp_path: Path) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment()
        plan = await world.plan("restart")
        await world.apis["m2"].server.stop()
        heard = await world.commit(plan, waves=(("m1",), ("m2",), ("m3",)))
        assert last_states(heard) == {0: "done", 1: "failed", 2: "skipped"}
        assert (end(heard).done, end(heard).failed, end(heard).skipped) == (1, 1, 1)
        assert "annotations" not in (await world.deployment("m3"))["spec"]["template"]["metadata"]


async def test_a_server_that_fails_the_dry_run_makes_the_plan_not_ready(tmp_path: Path) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment()
        await world.apis["m2"].server.faults.set(Mode.ERROR500)
        plan = await world.plan("restart")
        assert [refusal.target.cluster for refusal in plan.refusals] == ["m2"]
        assert [step.target.cluster for step in plan.steps] == ["m1", "m3"]


async def test_a_user_who_may_not_write_is_told_so_before(tmp_path: Path) -> None:
    async with estate(tmp_path, token="v") as world:
        world.add_deployment()
        plan = await world.plan("restart")
        assert not plan.ready
        assert "cannot patch" in plan.faults[0].message
        asked = {"cluster": "m1", "verb": "restart", "kind": "deployments.apps", "namespace": "d"}
        assert await world.acting.may(world.hub, asked) == "you may not patch deployments in d"


async def test_what_a_server_refuses_is_told_by_field(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("label", labels="a=_not_valid_")
        assert not plan.ready
        assert plan.faults[0].field == "metadata.labels.a"


async def test_a_pause_holds_the_next_wave_and_abort_skips_it(tmp_path: Path) -> None:
    async with estate(tmp_path, THREE) as world:
        world.add_deployment()
        plan = await world.plan("restart")

        def hear(channel, progress) -> None:  # type: ignore[no-untyped-def]
            if progress.kind == "wave" and progress.wave == 0:
                channel.fed(b"abort")

        heard = await world.commit(plan, waves=(("m1",), ("m2",), ("m3",)), hear=hear)
        states = last_states(heard)
        assert states[2] == "skipped"
        assert end(heard).message == "aborted"


async def test_an_abort_that_comes_before_the_first_write_is_heard(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        channel = Channel(1, lambda _message: None)
        channel.fed(b"abort")
        await world.acting.commit(world.hub, {"commit": encode(Commit(plan.id, "y"))}, channel)
        assert (await world.deployment())["spec"]["replicas"] == 2
        assert world.audited() == []


async def test_a_plan_does_not_go_on_as_another_user_or_in_another_fleet(tmp_path: Path) -> None:
    async with estate(tmp_path, ("m1", "m2")) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        guards = Guards(world.hub, world.acting.rules)
        Journal(world.state).begin(await world.acting._record(world.hub, guards, Commit(plan.id, "y")))
        world.configure(as_user="ann", as_groups=("system:masters",))
        with pytest.raises(UsageError, match="another user"):
            await world.commit(plan.id)
        world.configure()
        (left,) = decode_unfinished(await world.acting.plans(world.hub, {}))
        assert left.plan.id == plan.id
        world.links["m1"].connection, world.links["m2"].connection = (
            world.links["m2"].connection,
            world.links["m1"].connection,
        )
        assert decode_unfinished(await world.acting.plans(world.hub, {})) == []
        with pytest.raises(UsageError, match="another fleet"):
            await world.commit(plan.id)
        assert world.audited() == []


async def test_what_was_deleted_is_not_made_again_in_another_fleet(tmp_path: Path) -> None:
    async with estate(tmp_path, ("m1", "m2")) as world:
        world.add_deployment()
        plan = await world.plan("delete", world.targets()[:1])
        await world.commit(plan)
        await world.apis["m2"].call("DELETE", "/apis/apps/v1/namespaces/d/deployments/shop")
        world.links["m1"].connection = world.links["m2"].connection
        back = await world.plan("undo", [], plan=plan.id)
        assert back.steps == ()
        assert "another server" in back.refusals[0].reason


async def test_a_secrets_values_are_on_no_disk_where_only_a_label_of_it_is_applied(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        head = {"name": "s", "namespace": "d"}
        world.add("secrets", {"metadata": head, "data": {"k": "aHVudGVyMg=="}})
        said = {"apiVersion": "v1", "kind": "Secret", "data": {"k": "aHVudGVyMg=="}}
        text = json.dumps({**said, "metadata": {**head, "labels": {"tier": "gold"}}})
        plan = await world.plan("apply", [Target("m1", "", "", "")], yaml=text)
        assert end(await world.commit(plan)).done == 1
        kept = b"".join(path.read_bytes() for path in world.state.rglob("*") if path.is_file())
        assert b"gold" in kept
        assert b"aHVudGVyMg" not in kept


async def test_taking_back_a_namespace_is_as_destructive_as_deleting_one(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        text = json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "new"}})
        plan = await world.plan("apply", [Target("m1", "", "", "")], yaml=text)
        await world.commit(plan)
        back = await world.plan("undo", [], plan=plan.id)
        assert (back.risk, back.word) == (Risk.DESTRUCTIVE, plan.id)


def test_what_karmada_brings_to_a_member_is_on_no_disk() -> None:
    work = {
        "kind": "Work",
        "spec": {"workload": {"manifests": [{"kind": "Secret", "data": {"k": "aHVudGVyMg=="}}]}},
    }
    step = Step(Target("host", "works.work.karmada.io", "d", "w", "u", "1"), Delete())
    assert b"aHVudGVyMg" not in msgspec.json.encode(without_secrets(Kept(step, gone=work)))


async def test_a_plan_whose_dry_run_is_old_is_not_begun_but_goes_on_once_it_was(tmp_path: Path) -> None:
    async with estate(tmp_path, ("m1", "m2")) as world:
        world.add_deployment()
        now = [1000.0]
        world.acting = Acting(m.Configured(state_dir=str(world.state)), lambda: now[0])
        plan = await world.plan("scale", replicas="5")
        now[0] += OLDEST + 60
        with pytest.raises(UsageError, match="the plan is 6 min old: look again"):
            await world.commit(plan)
        assert world.audited() == []
        assert [(await world.deployment(name))["spec"]["replicas"] for name in ("m1", "m2")] == [2, 2]
        assert end(await world.commit(plan, waves=(("m1",),), more=True, going=120.0)).done == 1
        now[0] += OLDEST
        assert end(await world.commit(plan, waves=(("m2",),))).done == 2
