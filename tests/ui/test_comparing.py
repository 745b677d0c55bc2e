"""`=`: one object over clusters, and two of its copies field by field."""

from __future__ import annotations

from typing import Any

from kurator_tui.errors import FeederLost
from kurator_tui.kinds.reading import DELETED, STALE, Standing
from kurator_tui.screens.comparing_copies import EACH
from tests.ui.driver import console
from tests.ui.estate import NOW, workloads
from tests.ui.object_source import ObjectSource
from tests.ui.test_ways import put

SIZE = (160, 40)


def copy(image: str = "shop:v7", **more: Any) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "web", "image": image, "imagePullPolicy": "IfNotPresent"}]}}
    spec = {"replicas": 3, "template": template, **more}
    meta = {"name": "web", "namespace": "shop", "generation": 4}
    return {"metadata": meta, "spec": spec, "status": {"readyReplicas": 3}}


def shop() -> ObjectSource:
    """`web` on three clusters: one runs another image, one does not answer."""
    known = workloads()
    source = ObjectSource(known.store, known.host)
    for cluster, image in (("ai-cloud", "shop:v7"), ("on-prem", "shop:v6"), ("prod-cloud", "shop:v7")):
        put(source, "statefulsets.apps", cluster, "web")
        obj = copy(image)
        obj["metadata"]["uid"] = cluster
        source.answer(cluster, obj)
    put(source, "statefulsets.apps", "edge-east", "web")
    source.answers[("object", "edge-east", "web")] = FeederLost("no answer in 5 s")
    return source


async def test_the_same_object_over_clusters_with_the_odd_one_out_marked() -> None:
    async with console(shop(), size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("compare")
        assert "StatefulSets › Compare StatefulSet web" in drive.title()
        rows = {row["CLUSTER"]: row for row in drive.table()}
        assert rows["ai-cloud"]["IMAGE"] == "shop:v7"
        assert rows["on-prem"]["IMAGE"] == "▲shop:v6"
        assert rows["on-prem"]["SPEC"].startswith("▲")
        assert rows["ai-cloud"]["SPEC"] == rows["prod-cloud"]["SPEC"]
        assert rows["prod-cloud"]["READY"] == "3"
        assert "no answer in 5 s" in rows["edge-east"]["REASON"]
        await drive.press("back")
        assert "StatefulSets 4" in drive.title()


async def test_clusters_whose_rows_are_missing_are_named() -> None:
    async with console(shop(), size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("compare")
        assert "edge-cold-chain" in drive.screen()
        assert "unreachable" in drive.screen()


async def test_two_marked_copies_are_told_apart_field_by_field_with_defaults_folded() -> None:
    source = shop()
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("compare")
        await drive.filter("-prem")
        await drive.press("mark")
        await drive.press("back")
        assert "1 marked" in drive.title()
        await drive.filter("prod-")
        assert "1 marked, 1 of them hidden" in drive.title()
        await drive.press("mark", "back", "open")
        assert "on-prem against prod-cloud 1" in drive.title()
        (row,) = drive.table()
        assert row["PATH"] == "spec.template.spec.containers[web].image"
        assert (row["on-prem"], row["prod-cloud"]) == ("shop:v6", "shop:v7")
        assert "1 more in defaults, status and what servers write" in drive.title()
        await drive.press("fold")
        assert [row["PATH"] for row in drive.table()] == [
            "metadata.uid",
            "spec.template.spec.containers[web].image",
        ]
        await drive.press("details")
        assert "on-prem" in drive.detail()


async def test_marked_rows_of_any_name_are_compared() -> None:
    source = shop()
    put(source, "statefulsets.apps", "ai-cloud", "cart")
    cart = copy("cart:v1")
    cart["metadata"]["name"] = "cart"
    source.answer("ai-cloud", cart)
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("mark", "mark", "compare")
        assert "Compare 2 statefulsets" in drive.title()
        assert sorted(drive.names()) == ["cart", "web"]


async def test_a_resync_asks_every_cluster_again() -> None:
    source = shop()
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("compare")
        source.answer("on-prem", copy("shop:v7"))
        await drive.press("resync")
        assert "▲" not in drive.screen()
        assert source.resyncs == []


async def test_a_copy_that_changes_is_shown_at_once_and_its_cells_are_marked_for_a_while() -> None:
    source = shop()
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("compare")
        changed = copy("shop:v7", replicas=5)
        changed["metadata"]["uid"] = "prod-cloud"
        source.becomes("prod-cloud", changed)
        await drive.idle()
        row = next(row for row in drive.table() if row["CLUSTER"] == "prod-cloud")
        assert row["REPLICAS"] == "◐5"
        assert row["IMAGE"] == "shop:v7"
        assert "changed: replicas, spec" in row["REASON"]
        await drive.later(11)
        row = next(row for row in drive.table() if row["CLUSTER"] == "prod-cloud")
        assert row["REPLICAS"] == "▲5"
        assert row["REASON"] == "not as most: replicas, spec"


async def test_a_copy_that_is_deleted_or_cannot_be_followed_says_so() -> None:
    source = shop()
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("compare")
        source.told("on-prem", Standing(DELETED, NOW, "it was deleted"))
        source.told("ai-cloud", Standing(STALE, NOW, "connection refused"))
        await drive.idle()
        rows = {row["CLUSTER"]: row for row in drive.table()}
        assert (rows["on-prem"]["IMAGE"], rows["on-prem"]["REASON"]) == ("", "it was deleted")
        assert (rows["ai-cloud"]["IMAGE"], rows["ai-cloud"]["REASON"]) == ("shop:v7", "connection refused")


async def test_copies_are_read_without_events_and_only_while_somebody_looks() -> None:
    source = shop()
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("compare")
        assert len(source.open_objects()) == 3
        assert {stream.arguments["alone"] for stream in source.open_objects()} == {"1"}
        await drive.press("move.down", "move.down", "move.down", "open")
        assert "against" in drive.title()
        assert len(source.open_objects()) == 2, "the two that are looked at, and no others"
        await drive.press("back")
        assert len(source.open_objects()) == 3
        await drive.press("back")
        assert source.open_objects() == []


async def test_a_difference_that_comes_is_shown_and_marked() -> None:
    source = shop()
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.press("compare", "move.down", "move.down", "move.down", "open")
        source.becomes("on-prem", copy("shop:v6", replicas=9))
        await drive.idle()
        rows = {row["PATH"]: row for row in drive.table()}
        assert "9" in rows["spec.replicas"].values()
        assert "changed just now" in drive.screen() or "◐" in drive.screen()
        source.told("on-prem", Standing(STALE, NOW, "connection refused"))
        await drive.idle()
        assert "on-prem: connection refused" in drive.title()


async def test_many_copies_of_one_cluster_are_read_once_and_say_when() -> None:
    source = shop()
    for number in range(30):
        put(source, "statefulsets.apps", "ai-cloud", f"many-{number:02}")
        found = copy()
        found["metadata"] = {"name": f"many-{number:02}", "namespace": "shop", "uid": f"m{number}"}
        source.answer("ai-cloud", found)
    async with console(source, size=SIZE) as drive:
        await drive.command("statefulsets")
        await drive.filter("many")
        for _ in range(30):
            await drive.press("mark")
        await drive.press("compare")
        assert len(source.open_objects()) == EACH
        assert f"{30 - EACH} copies as of 04:40:00: Ctrl-r asks again" in drive.title()
        assert len(drive.table()) == 30
