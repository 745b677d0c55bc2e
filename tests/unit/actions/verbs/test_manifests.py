"""Whole objects: documents applied to clusters in an order that works, objects copied to other clusters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from kurator_tui.errors import UsageError
from kurator_tui.kinds.plans import Plan, Target
from tests.unit.actions.estate import Estate, end, estate

Obj = dict[str, Any]
TWO = ("m1", "m2")
CONFIGMAP: Obj = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "v"}}
NAMESPACE: Obj = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "fresh"}}
FLEET = """
apiVersion: fleet.kurator.dev/v1alpha1
kind: Fleet
metadata:
  name: quickstart
  namespace: default
spec:
  clusters:
    - name: kurator-member1
      kind: AttachedCluster
"""


async def applied(world: Estate, *documents: Obj, **more: str) -> Plan:
    """The plan of documents for every cluster."""
    clusters = [Target(cluster, "", "", "") for cluster in world.apis]
    return await world.plan("apply", clusters, yaml=yaml.safe_dump_all(documents), **more)


async def write(world: Estate, plan: Plan) -> None:
    assert plan.ready, plan
    heard = await world.commit(plan)
    assert end(heard).done == len(plan.steps), end(heard)


async def test_documents_go_to_every_cluster_and_are_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, TWO) as world:
        plan = await applied(world, CONFIGMAP, namespace="d")
        assert [(step.target.cluster, step.note) for step in plan.steps] == [("m1", "is made"), ("m2", "is made")]
        await write(world, plan)
        for cluster in TWO:
            assert (await world.get(cluster, "api/v1/namespaces/d/configmaps/c"))["data"] == {"k": "v"}
        await write(world, await world.plan("undo", [], plan=plan.id))
        assert (await world.get("m2", "api/v1/namespaces/d/configmaps/c"))["reason"] == "NotFound"


async def test_a_namespace_is_made_before_what_is_in_it(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        inside = {**CONFIGMAP, "metadata": {"name": "c", "namespace": "fresh"}}
        plan = await applied(world, inside, NAMESPACE)
        assert [step.target.kind for step in plan.steps] == ["namespaces", "configmaps"]
        assert any("made by this plan" in each.text for each in plan.consequences)
        await write(world, plan)
        assert (await world.get("m1", "api/v1/namespaces/fresh/configmaps/c"))["data"] == {"k": "v"}
        assert {entry.dry_run for entry in world.audited() if entry.event == "intent"} == {"accepted", "not tried"}


async def test_what_is_so_already_is_not_written_again(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        await write(world, await applied(world, CONFIGMAP, namespace="d"))
        plan = await applied(world, CONFIGMAP, namespace="d")
        assert plan.steps == ()
        assert [each.text for each in plan.consequences] == ["it is so already"]


async def test_a_changed_document_changes_its_object_and_undo_keeps_it(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        await write(world, await applied(world, CONFIGMAP, namespace="d"))
        plan = await applied(world, {**CONFIGMAP, "data": {"k": "new"}}, namespace="d")
        await write(world, plan)
        await write(world, await world.plan("undo", [], plan=plan.id))
        assert (await world.get("m1", "api/v1/namespaces/d/configmaps/c"))["data"] == {"k": "v"}


async def test_kurators_own_kinds_are_applied_unchanged(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        world.add("namespaces", {"metadata": {"name": "default"}})
        plan = await world.plan("apply", [Target("m1", "", "", "")], yaml=FLEET)
        await write(world, plan)
        found = await world.get("m1", "apis/fleet.kurator.dev/v1alpha1/namespaces/default/fleets/quickstart")
        assert found["spec"]["clusters"] == [{"name": "kurator-member1", "kind": "AttachedCluster"}]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ("kind: ConfigMap\n", "line 1: an object needs apiVersion"),
        ("a: 1\n---\n- b\n", "line 3: an object is needed"),
        ("---\n# nothing\n", "there is no object"),
        ("a: &a [1]\nb: *c\n", "line 2"),
    ],
)
async def test_documents_that_are_no_objects_are_refused_with_their_line(
    tmp_path: Path, document: str, why: str
) -> None:
    async with estate(tmp_path) as world:
        with pytest.raises(UsageError, match=why):
            await world.plan("apply", [Target("m1", "", "", "")], yaml=document)


async def test_a_kind_that_a_cluster_does_not_serve_is_refused_there(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        unknown = {"apiVersion": "example.io/v1", "kind": "Widget", "metadata": {"name": "w"}}
        names = {"kind": "Widget", "plural": "widgets"}
        definition = {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": "widgets.example.io"},
            "spec": {"group": "example.io", "names": names},
        }
        plan = await applied(world, unknown)
        assert plan.refusals[0].reason == "m1 does not serve Widget of example.io/v1"
        plan = await applied(world, unknown, definition)
        assert "defined by this plan" in plan.refusals[0].reason


async def test_values_of_applied_secrets_are_shown_and_kept_nowhere(tmp_path: Path) -> None:
    async with estate(tmp_path) as world:
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"p": "aHVudGVyMg=="}}
        plan = await applied(world, secret, namespace="d")
        assert "aHVudGVyMg" not in str(plan)
        await write(world, plan)
        kept = b"".join(each.read_bytes() for each in (tmp_path / "state").rglob("*") if each.is_file())
        assert b"aHVudGVyMg" not in kept


def a_service() -> Obj:
    ports = [{"port": 80, "protocol": "TCP", "nodePort": 31000}]
    spec = {"selector": {"app": "shop"}, "ports": ports, "clusterIP": "10.0.0.9", "clusterIPs": ["10.0.0.9"]}
    notes = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "mine": "1"}
    labels = {"app": "shop", "kustomize.toolkit.fluxcd.io/name": "apps"}
    owner = {"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "1"}
    head = {"name": "shop", "namespace": "d", "labels": labels, "annotations": notes, "ownerReferences": [owner]}
    return {"metadata": head, "spec": spec, "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}


async def test_a_copy_is_without_what_its_cluster_wrote(tmp_path: Path) -> None:
    async with estate(tmp_path, TWO) as world:
        source = world.add("services", a_service(), cluster="m1")
        plan = await world.plan("copy", [Target("m1", "services", "d", "shop")], to="m2")
        assert [step.target.cluster for step in plan.steps] == ["m2"]
        await write(world, plan)
        copy = await world.get("m2", "api/v1/namespaces/d/services/shop")
        assert copy["metadata"]["labels"] == {"app": "shop"}
        assert copy["metadata"]["annotations"] == {"mine": "1"}
        assert "ownerReferences" not in copy["metadata"]
        assert copy["metadata"]["uid"] != source["metadata"]["uid"]
        assert "31000" not in str(copy["spec"])
        assert "10.0.0.9" not in str(copy["spec"])
        assert "1.2.3.4" not in str(copy)


async def test_a_copy_replaces_nothing_and_is_taken_back(tmp_path: Path) -> None:
    async with estate(tmp_path, TWO) as world:
        world.add("configmaps", {"metadata": {"name": "c", "namespace": "d"}, "data": {"k": "v"}}, cluster="m1")
        targets = [Target("m1", "configmaps", "d", "c")]
        plan = await world.plan("copy", targets, to="m1, m2")
        assert [refusal.reason for refusal in plan.refusals] == ["one of this name is there already"]
        await write(world, plan)
        await write(world, await world.plan("undo", [], plan=plan.id))
        assert (await world.get("m2", "api/v1/namespaces/d/configmaps/c"))["reason"] == "NotFound"
