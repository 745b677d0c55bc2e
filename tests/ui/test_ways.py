"""The ways between objects: what belongs to a row, its owner, node and users, and back to where one was."""

from __future__ import annotations

import time
from typing import Any

import pytest

from kurator_tui.errors import FeederLost
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.link.selections import Selected, encode
from kurator_tui.store.store import Store
from tests.ui.driver import Driver, console
from tests.ui.estate import NOW, pod, workloads
from tests.ui.source import FakeSource

SIZE = (160, 40)


def put(source: FakeSource, kind: str, cluster: str, name: str, **fields: Any) -> None:
    """A row of a kind that is a table; cells in the kind's order are left empty."""
    values: dict[str, Any] = {"level": "healthy", **fields}
    row = ObjectRow(cluster, values.pop("namespace", "shop"), name, f"{kind}-{cluster}-{name}", NOW - 60, **values)
    assert isinstance(source.store, Store)
    source.store.put(kind, cluster, {row.uid: row})


def obj(name: str, **parts: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", **parts.pop("meta", {})}, **parts}


def stateful() -> FakeSource:
    source = workloads()
    for name in ("cart", "web"):
        put(source, "statefulsets.apps", "prod-cloud", name)
        source.answer("prod-cloud", obj(name, spec={"selector": {"matchLabels": {"app": name}}}))
    return source


def tell(source: FakeSource, *uids: str, gone: tuple[str, ...] = ()) -> None:
    """The servers say which pods the selector means."""
    news = Selected("prod-cloud", list(uids), list(gone), listed=True)
    source.streams[-1].flow(encode(news))


async def test_enter_on_a_workload_shows_the_pods_its_labels_select_and_esc_comes_back_to_the_same_row() -> None:
    source = stateful()
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("move.down", "open")
        assert "StatefulSets › web@prod-cloud › Pods" in drive.title()
        assert "labels of 1 of 1 clusters are asked for" in drive.title()
        tell(source, "uid-prod-cloud-web-5c8f6")
        await drive.idle()
        assert drive.names() == ["web-5c8f6"]
        assert source.streams[-1].arguments["selector"] == "app=web"
        await drive.press("back")
        assert drive.selected() == "web"


async def test_pods_that_begin_and_cease_to_match_come_and_go() -> None:
    source = stateful()
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("open")
        tell(source, "uid-prod-cloud-cart-7d4b9")
        source.put(pod("prod-cloud", "shop", "cart-new"))
        await drive.idle()
        assert drive.names() == ["cart-7d4b9"]
        tell(source, "uid-prod-cloud-cart-new", gone=("uid-prod-cloud-cart-7d4b9",))
        await drive.idle()
        assert drive.names() == ["cart-new"]
        stream = source.streams[-1]
        await drive.press("back")
        await drive.command("nodes")  # what was forward is forgotten
        await drive.command("statefulsets")
        await drive.press("open")
        assert stream.closed


async def test_a_node_leads_to_its_pods_without_asking_anybody() -> None:
    source = workloads()
    async with console(source, size=SIZE) as drive:
        await drive.command("pods")
        await drive.press("move.down", "node")
        assert "Pods › pos-1@edge-east › Nodes" in drive.title()
        assert [method for method, _ in source.calls if method == "object"] == []


async def test_the_owner_is_one_get_away_and_again_climbs_on() -> None:
    source = stateful()
    reference = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "controller": True}
    source.answer("prod-cloud", obj("web-5c8f6", meta={"ownerReferences": [reference]}))
    async with console(source, size=SIZE) as drive:
        await drive.command("pods")
        await drive.press("move.bottom", "owner")
        assert drive.names() == ["web"]
        assert [arguments["kind"] for method, arguments in source.calls if method == "object"] == ["pods"]
        await drive.press("owner")
        assert drive.toasts()[-1] == "web: it has no owner"
        await drive.press("back")
        assert drive.selected() == "web-5c8f6"


async def test_a_cluster_that_does_not_answer_is_a_message_and_nothing_moves() -> None:
    source = stateful()
    source.answers[("object", "prod-cloud", "cart")] = FeederLost("gone", "wait")
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("open")
        assert "gone" in drive.toasts()[-1]
        assert "StatefulSets 2" in drive.title()
        assert "asking" not in drive.title()


async def test_a_claim_leads_to_its_volume_or_to_the_pods_that_use_it() -> None:
    source = workloads()
    put(source, "persistentvolumeclaims", "prod-cloud", "data")
    source.answer("prod-cloud", obj("data", spec={"volumeName": "pv-1"}))
    source.answers[("used_by", "prod-cloud", "data")] = '["web-5c8f6"]'
    async with console(source, size=SIZE) as drive:
        await drive.command("pvc")
        await drive.press("open")
        assert "PersistentVolumes" in drive.screen()
        await drive.press("down", "enter")
        assert drive.names() == ["web-5c8f6"]
        await drive.press("back")
        await drive.command("used-by")
        assert drive.names() == ["web-5c8f6"]


async def test_who_uses_an_object_says_when_it_was_asked_and_is_asked_again() -> None:
    source = workloads()
    put(source, "persistentvolumeclaims", "prod-cloud", "data")
    asked = ("used_by", "prod-cloud", "data")
    source.answers[asked] = '["web-5c8f6"]'
    async with console(source, size=SIZE) as drive:
        await drive.command("pvc")
        await drive.command("used-by")
        assert f"as of {at(drive)}" in drive.title()
        source.answers[asked] = '["cart-0", "web-5c8f6"]'
        source.put(pod("prod-cloud", "shop", "cart-0"))
        await drive.idle()
        assert drive.names() == ["web-5c8f6"]
        await drive.later(61)
        await drive.press("resync")
        assert sorted(drive.names()) == ["cart-0", "web-5c8f6"]
        assert f"as of {at(drive)}" in drive.title()
        source.answers[asked] = "[]"
        await drive.press("resync")
        assert drive.names() == []
        source.answers[asked] = FeederLost("gone", "wait")
        await drive.press("resync")
        assert "gone" in drive.toasts()[-1]
        await drive.press("back")
        assert drive.selected() == "data"


def at(drive: Driver) -> str:
    """The moment of the test's clock, as a title says it."""
    return time.strftime("%H:%M:%S", time.localtime(drive.clock()))


async def test_a_namespace_becomes_the_scope() -> None:
    source = workloads()
    namespace = KINDS["namespaces"].row(cluster="prod-cloud", namespace="", name="ml", uid="ns", created=NOW)
    source.store.put("namespaces", "prod-cloud", {"ns": namespace})
    async with console(source, size=SIZE) as drive:
        await drive.command("namespaces")
        await drive.press("open")
        assert drive.names() == ["trainer-0"]
        assert "ml" in drive.tabs()


async def test_a_pod_leads_to_its_containers() -> None:
    source = workloads()
    spec = {"containers": [{"name": "web", "image": "shop:v7"}, {"name": "proxy", "image": "envoy:1"}]}
    source.answer("prod-cloud", obj("web-5c8f6", spec=spec))
    async with console(source, size=SIZE) as drive:
        await drive.command("pods")
        await drive.press("move.bottom", "open")
        assert drive.dialog() == "Picker"
        assert "shop:v7" in drive.screen()
        assert "proxy" in drive.screen()


@pytest.mark.parametrize("word", ["cluster", "backup", "pipeline", "application", "job", "gateway", "backups"])
async def test_a_word_of_several_kinds_opens_a_picker_that_names_the_groups(word: str) -> None:
    async with console(workloads(), size=SIZE) as drive:
        await drive.command(word)
        assert drive.dialog() == "Picker"
        assert f"Several kinds are called {word}" in drive.screen()
        await drive.press("down", "enter")
        assert drive.view() in ("workloads", "clusters")


async def test_a_word_with_its_group_opens_directly() -> None:
    async with console(workloads(), size=SIZE) as drive:
        await drive.command("backup.velero.io")
        assert drive.app.frame.current.kind.id == "backups.velero.io"


async def test_labels_that_rows_do_not_hold_are_asked_of_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kurator_tui.screens.kinds.KindScreen.patience", 0.0)
    source = workloads()
    async with console(source, size=SIZE) as drive:
        await drive.command("pods -l app=web,tier!=db")
        assert source.streams[-1].arguments["selector"] == "app=web,tier!=db"
        assert "edge-cold-chain" not in source.streams[-1].arguments["clusters"]
        assert drive.names() == []
        tell(source, "uid-prod-cloud-web-5c8f6")
        await drive.idle()
        assert drive.names() == ["web-5c8f6"]
        await drive.press("back")
        assert len(drive.names()) == 4
        assert source.streams[-1].closed
