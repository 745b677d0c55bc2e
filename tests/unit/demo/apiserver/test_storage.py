"""Versions, history, order and subscriptions of the in-memory storage."""

import asyncio
from typing import Any

import pytest

from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.errors import StatusError
from kurator_tui.demo.apiserver.storage import Storage

CATALOGUE = default_catalogue(host=True)
CONFIGMAPS = CATALOGUE.by_plural("configmaps")
DEPLOYMENTS = CATALOGUE.by_plural("deployments", "apps")
NODES = CATALOGUE.by_plural("nodes")


def configmap(name: str, ns: str = "a", **meta: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": ns, **meta}, "data": {"k": "0"}}


def new_storage(history: int = 1000) -> Storage:
    return Storage(CATALOGUE, lambda: 1_700_000_000.0, history=history)


def test_create_fills_identity_and_counts_the_version() -> None:
    storage = new_storage()
    made = storage.create(CONFIGMAPS, configmap("one"))
    assert made["kind"] == "ConfigMap"
    assert made["metadata"]["creationTimestamp"] == "2023-11-14T22:13:20Z"
    assert made["metadata"]["resourceVersion"] == str(storage.rv)
    assert made["metadata"]["uid"]
    assert "generation" not in made["metadata"]


def test_an_identical_update_is_no_write() -> None:
    storage = new_storage()
    made = storage.create(CONFIGMAPS, configmap("one"))
    before = storage.rv
    assert storage.update(CONFIGMAPS, configmap("one")) == made
    assert storage.rv == before


def test_generation_counts_spec_changes_only() -> None:
    storage = new_storage()
    storage.create(DEPLOYMENTS, {"metadata": {"name": "w", "namespace": "a"}, "spec": {"replicas": 1}})
    assert storage.apply_status(DEPLOYMENTS, "a", "w", {"replicas": 1})["metadata"]["generation"] == 1

    def grow(obj: dict[str, Any]) -> None:
        obj["spec"]["replicas"] = 2

    assert storage.modify(DEPLOYMENTS, "a", "w", grow)["metadata"]["generation"] == 2


def test_a_stale_version_is_a_conflict() -> None:
    storage = new_storage()
    storage.create(CONFIGMAPS, configmap("one"))
    with pytest.raises(StatusError) as caught:
        storage.update(CONFIGMAPS, {**configmap("one"), "data": {}}, expect_rv="1")
    assert (caught.value.code, caught.value.reason) == (409, "Conflict")


def test_input_is_copied() -> None:
    storage = new_storage()
    mine = configmap("one")
    storage.create(CONFIGMAPS, mine)
    mine["data"]["k"] = "changed"
    assert storage.get(CONFIGMAPS, "a", "one")["data"] == {"k": "0"}


def test_lists_are_ordered_by_namespace_and_name() -> None:
    storage = new_storage()
    for ns, name in (("b", "x"), ("a", "z"), ("a-b", "m"), ("a", "b")):
        storage.create(CONFIGMAPS, configmap(name, ns))
    objects, rv = storage.list(CONFIGMAPS)
    assert [(o["metadata"]["namespace"], o["metadata"]["name"]) for o in objects] == [
        ("a", "b"),
        ("a", "z"),
        ("a-b", "m"),
        ("b", "x"),
    ]
    assert rv == storage.rv
    assert [o["metadata"]["name"] for o in storage.list(CONFIGMAPS, "a")[0]] == ["b", "z"]


def test_item_encoding_leaves_out_kind_and_version() -> None:
    storage = new_storage()
    storage.create(NODES, {"metadata": {"name": "n"}})
    (entry,) = storage.entries(NODES)
    assert entry.raw.startswith(b'{"kind":"Node","apiVersion":"v1","metadata":{')
    assert entry.item_raw.startswith(b'{"metadata":{"name":"n"')


def test_the_last_finalizer_of_a_doomed_object_removes_it() -> None:
    storage = new_storage()
    storage.create(CONFIGMAPS, configmap("one", finalizers=["x/y"]))

    def doom(obj: dict[str, Any]) -> None:
        obj["metadata"]["deletionTimestamp"] = "2023-11-14T22:13:20Z"

    def release(obj: dict[str, Any]) -> None:
        del obj["metadata"]["finalizers"]

    storage.modify(CONFIGMAPS, "a", "one", doom)
    assert storage.find(CONFIGMAPS, "a", "one")
    storage.modify(CONFIGMAPS, "a", "one", release)
    assert storage.find(CONFIGMAPS, "a", "one") is None
    assert storage.since(CONFIGMAPS, 0)[-1].type == "DELETED"


def test_history_beyond_its_size_is_expired() -> None:
    storage = new_storage(history=2)
    for name in ("a", "b", "c"):
        storage.create(CONFIGMAPS, configmap(name))
    assert [event.obj["metadata"]["name"] for event in storage.since(CONFIGMAPS, 2)] == ["b", "c"]
    with pytest.raises(StatusError) as caught:
        storage.since(CONFIGMAPS, 1)
    assert (caught.value.code, caught.value.reason) == (410, "Expired")


def test_forgotten_history_is_expired_but_the_present_is_not() -> None:
    storage = new_storage()
    storage.create(CONFIGMAPS, configmap("a"))
    storage.forget_history()
    assert storage.since(CONFIGMAPS, storage.rv) == []
    with pytest.raises(StatusError):
        storage.since(CONFIGMAPS, 1)


async def test_a_subscriber_gets_changes_in_order_with_the_old_object() -> None:
    storage = new_storage()
    subscription = storage.subscribe(CONFIGMAPS)
    storage.create(CONFIGMAPS, configmap("one"))
    storage.update(CONFIGMAPS, {**configmap("one"), "data": {"k": "1"}})
    storage.remove(CONFIGMAPS, "a", "one")
    events = await subscription.batch()
    assert [event.type for event in events] == ["ADDED", "MODIFIED", "DELETED"]
    assert events[1].old_obj == events[0].obj
    assert events[0].rv < events[1].rv < events[2].rv
    assert events[2].obj["metadata"]["resourceVersion"] == str(events[2].rv)


async def test_a_waiting_subscriber_wakes_and_ends() -> None:
    storage = new_storage()
    subscription = storage.subscribe(CONFIGMAPS)

    async def collect() -> list[str]:
        return [event.type async for event in subscription]

    task = asyncio.ensure_future(collect())
    await asyncio.sleep(0)
    storage.create(CONFIGMAPS, configmap("one"))
    await asyncio.sleep(0)
    subscription.close()
    assert await task == ["ADDED"]


def test_lone_surrogates_do_not_break_the_encoding() -> None:
    storage = new_storage()
    made = storage.create(CONFIGMAPS, {**configmap("one"), "data": {"k": "\ud800x"}})
    assert made["data"]["k"] == "?x"
