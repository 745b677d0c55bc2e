"""Protected and read-only clusters: also those that a write reaches, and while their labels are not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kurator_tui.actions.guarding import UNTOLD, Guards
from kurator_tui.actions.journal import Journal
from kurator_tui.errors import UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.kurator import ManagedClusterRow
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.plans import Commit, Plan, Target, decode_unfinished
from kurator_tui.kinds.verb import Risk
from tests.unit.actions.estate import Estate, estate
from tests.unit.actions.verbs.kurator import add_fleet, refused, said
from tests.unit.actions.verbs.test_applications import add_app
from tests.unit.actions.verbs.test_karmada import BINDING, CLUSTER, PLACEMENT
from tests.unit.actions.verbs.test_karmada import fleet as karmada

BACKUP = "backup.kurator.dev"
PAUSE = {"to": "pause"}


def show(world: Estate, cluster: str, kind: str, uid: str = "", **labels: str) -> None:
    """The row of a cluster, as the joins make it; without a uid no object was joined."""
    told = tuple(labels.items())
    row = ClusterOverview(cluster, "d", cluster, uid or f"{kind}/{cluster}", 0.0, kind=kind, labels=told)
    world.hub.store.replace(CLUSTERS.id, cluster, [row])


async def test_what_an_application_reaches_counts_as_what_it_is_written_to(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1", "m2")
        app = add_app(world)
        assert (await world.plan("suspend", [app], **PAUSE)).protected == ()
        world.configure(protected=("m2",))
        plan = await world.plan("suspend", [app], **PAUSE)
        assert (plan.risk, plan.word, plan.protected) == (Risk.DESTRUCTIVE, "shop", ("m2",))
        assert "it reaches m2, which is protected" in said(plan)
        with pytest.raises(UsageError, match="not confirmed"):
            await world.commit(plan, confirmed="y")
        await world.commit(plan)
        back = await world.plan("undo", [], plan=plan.id)
        assert back.protected == ("m2",)
        world.configure(read_only_clusters=("m1",))
        assert "it reaches m1: this cluster is read-only" in refused(
            await world.plan("suspend", [app], to="resume")
        )


async def test_plugins_of_a_fleet_reach_its_members(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        fleet = add_fleet(world, "m1", "m2")
        world.configure(protected=("m*",))
        assert (await world.plan("plugin.flagger", [fleet], provider="nginx")).protected == ("m1", "m2")
        world.configure(read_only_clusters=("m2",))
        assert "it reaches m2" in refused(await world.plan("plugin.flagger", [fleet], provider="nginx"))
        assert "it reaches m2" in refused(await world.plan("delete", [fleet]))


@pytest.mark.parametrize(
    ("verb", "target", "given", "reached"),
    [
        ("karmada.place", PLACEMENT, {"clusters": "us"}, ("eu", "us")),
        ("karmada.weight", PLACEMENT, {"weights": "eu=1"}, ("eu",)),
        ("karmada.move", PLACEMENT, {"from": "eu", "to": "us"}, ("eu", "us")),
        ("karmada.cordon", CLUSTER, {}, ("eu",)),
        ("karmada.rebalance", BINDING, {}, ("eu", "us")),
        ("scale", Target(HOST, "deployments.apps", "d", "web"), {"replicas": "5"}, ("eu",)),
    ],
)
async def test_karmada_carries_a_write_to_its_clusters(
    tmp_path: Path, verb: str, target: Target, given: dict[str, str], reached: tuple[str, ...]
) -> None:
    async with estate(tmp_path, (HOST,), sets=("karmada",)) as world:
        karmada(world, clusterAffinity={"clusterNames": ["eu"]})
        world.add_deployment("web")
        world.configure(protected=("eu", "us"))
        assert (await world.plan(verb, [target], **given)).protected == reached
        world.configure(read_only_clusters=("eu",))
        assert "it reaches eu" in refused(await world.plan(verb, [target], **given))


async def test_members_that_cannot_be_told_are_protected_and_read_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unread(*_asked: Any) -> list[str]:
        raise UsageError("nobody answers")

    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1")
        app = add_app(world)
        monkeypatch.setattr("kurator_tui.actions.reaching.reached", unread)
        world.configure(protected=("prod-*",))
        plan = await world.plan("suspend", [app], **PAUSE)
        assert (plan.risk, plan.protected) == (Risk.DESTRUCTIVE, (UNTOLD,))
        world.configure(read_only_clusters=("prod-*",))
        assert "cannot be told" in refused(await world.plan("suspend", [app], **PAUSE))


async def test_labels_that_are_not_known_may_be_any(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        world.configure(protected=("tier=prod",), read_only_clusters=("frozen=true",))
        assert "labels are not known" in refused(await world.plan("restart"))
        show(world, "m1", "AttachedCluster")
        assert "labels are not known" in refused(await world.plan("restart"))
        world.configure(protected=("tier=prod",))
        plan = await world.plan("restart")
        assert (plan.risk, plan.protected) == (Risk.DESTRUCTIVE, ("m1",))
        assert "labels of m1 are not known: it counts as protected" in said(plan)
        show(world, "m1", "AttachedCluster", "u", tier="test")
        assert (await world.plan("restart")).protected == ()
        show(world, "m1", "AttachedCluster", "u", tier="prod")
        plan = await world.plan("restart")
        assert plan.protected == ("m1",)
        assert "not known" not in said(plan)
        show(world, "m1", "Context")
        assert (await world.plan("restart")).protected == ()


async def test_a_plan_is_not_applied_where_a_cluster_became_read_only_since(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1", "m2")
        app = add_app(world)
        for name in ("m1", "m2"):
            show(world, name, "AttachedCluster", "u", tier="test")
        world.configure(read_only_clusters=("tier=prod",))
        plan = await world.plan("suspend", [app], **PAUSE)
        show(world, "m2", "AttachedCluster", "u", tier="prod")
        with pytest.raises(UsageError, match="it reaches m2: this cluster is read-only"):
            await world.commit(plan)
        assert world.audited() == []


async def test_labels_of_a_member_of_another_feeder_are_those_of_its_object(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        fleet = add_fleet(world, "m1", "m2")
        rows = [
            ManagedClusterRow(HOST, "d", name, name, 0.0, labels=(("tier", tier),))
            for name, tier in (("m1", "prod"), ("m2", "test"))
        ]
        world.hub.store.replace("attachedclusters.cluster.kurator.dev", HOST, rows)
        world.configure(protected=("tier=prod",))
        plan = await world.plan("plugin.flagger", [fleet], provider="nginx")
        assert plan.protected == ("m1",)
        assert "not known" not in said(plan)


@pytest.mark.parametrize("joined", [True, False])
async def test_the_host_has_its_label_whether_or_not_it_has_a_row(tmp_path: Path, joined: bool) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        if joined:
            show(world, HOST, "Host")
        world.add("configmaps", {"metadata": {"name": "c", "namespace": "d"}, "data": {"k": "v"}})
        target = Target(HOST, "configmaps", "d", "c")
        world.configure(protected=("tier=prod",))
        assert (await world.plan("label", [target], labels="a=1")).protected == ()
        world.configure(protected=("host=true",))
        assert (await world.plan("label", [target], labels="a=1")).protected == (HOST,)


async def kept(world: Estate, plan: Plan) -> Plan:
    """A plan that a killed console left, as the next one is told of it."""
    guards = Guards(world.hub, world.acting.rules)
    commit = Commit(plan.id, plan.word or "y")
    Journal(world.state).begin(await world.acting._record(world.hub, guards, commit))
    (left,) = decode_unfinished(await world.acting.plans(world.hub, {}))
    return left.plan


async def test_a_plan_that_goes_on_asks_for_its_name_where_a_cluster_became_protected(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add_deployment()
        plan = await world.plan("scale", replicas="5")
        left = await kept(world, plan)
        assert (left.risk, left.word, left.protected) == (Risk.DISRUPTIVE, "", ())
        world.configure(protected=("m1",))
        (then,) = decode_unfinished(await world.acting.plans(world.hub, {}))
        assert (then.plan.risk, then.plan.word, then.plan.protected) == (Risk.DESTRUCTIVE, "shop", ("m1",))
        with pytest.raises(UsageError, match="not confirmed"):
            await world.commit(plan.id, confirmed="y")
        assert world.audited() == []
        await world.commit(plan.id, confirmed="shop")
        assert (await world.deployment())["spec"]["replicas"] == 5


async def test_a_plan_that_goes_on_is_judged_by_what_it_reaches_now(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,)) as world:
        add_fleet(world, "m1", "m2")
        plan = await world.plan("suspend", [add_app(world)], **PAUSE)
        assert (await kept(world, plan)).risk is Risk.DISRUPTIVE
        world.configure(protected=("m2",))
        (then,) = decode_unfinished(await world.acting.plans(world.hub, {}))
        assert (then.plan.risk, then.plan.word, then.plan.protected) == (Risk.DESTRUCTIVE, "shop", ("m2",))
        world.configure(read_only_clusters=("m2",))
        with pytest.raises(UsageError, match="it reaches m2"):
            await world.commit(plan.id)


async def test_backups_and_flux_objects_reach_the_clusters_that_they_are_for(tmp_path: Path) -> None:
    async with estate(tmp_path, (HOST,), sets=("backup",)) as world:
        add_fleet(world, "m1", "m2")
        add_app(world)
        some = {"fleet": "f", "clusters": [{"kind": "AttachedCluster", "name": "m2"}]}
        head = {"name": "b", "namespace": "d"}
        for name, aim in (("b", some), ("all", {"fleet": "f"})):
            world.add("backups", {"metadata": {**head, "name": name}, "spec": {"destination": aim}}, BACKUP, HOST)
        restore = {"metadata": {**head, "name": "r"}, "spec": {"backupName": "b"}}
        world.add("restores", restore, BACKUP, HOST)
        ref = {"name": "m2", "key": "value"}
        spec = {"interval": "5m", "prune": True, "sourceRef": {"kind": "GitRepository", "name": "shop"}}
        one = {"metadata": {**head, "name": "own"}, "spec": {**spec, "kubeConfig": {"secretRef": ref}}}
        world.add("kustomizations", one, "kustomize.toolkit.fluxcd.io", HOST)
        world.configure(protected=("m*",))
        for kind, name, reached in (
            (f"backups.{BACKUP}", "b", ("m2",)),
            (f"backups.{BACKUP}", "all", ("m1", "m2")),
            (f"restores.{BACKUP}", "r", ("m2",)),
            ("kustomizations.kustomize.toolkit.fluxcd.io", "own", ("m2",)),
            ("gitrepositories.source.toolkit.fluxcd.io", "shop", ("m1", "m2")),
            ("attachedclusters.cluster.kurator.dev", "m1", ("m1",)),
        ):
            plan = await world.plan("annotate", [Target(HOST, kind, "d", name)], annotations="a=1")
            assert plan.protected == reached, (kind, plan)
