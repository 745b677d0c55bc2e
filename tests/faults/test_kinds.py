"""Kinds that are watched on demand, while what defines or serves them breaks: only that kind, only there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kurator_tui.fleet.interest import LINGER
from kurator_tui.kinds import registry
from kurator_tui.kinds.generic import Definition, PrinterColumn
from kurator_tui.link.served import learn
from kurator_tui.link.session import Session
from kurator_tui.store.freshness import State
from tests.faults.model import NEWER_WIDGETS, NODES, PODS, WIDGETS, Model, line
from tests.faults.server import Server, saying, status
from tests.faults.stage import Stage, stage
from tests.faults.virtual import virtual_time

ID = "widgets.example.org"
BROKEN = status(
    500,
    "InternalError",
    'conversion webhook for example.org/v1beta1, Kind=Widget failed: Post "https://widgets.shop.svc/convert": EOF',
)


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """No test leaves its kinds to another."""
    yield
    registry.undefine(ID)


def define() -> None:
    registry.define(Definition("example.org", "widgets", "Widget", ("v1",)))


def member(name: str, *, widgets: int = 3) -> Server:
    """A member with `widgets` in two namespaces each; 0: it does not serve them."""
    paths = (NODES, PODS, WIDGETS) if widgets else (NODES, PODS)
    server = Server(name, Model(paths))
    for number in range(widgets):
        for namespace in ("shop", "web"):
            server.model.put(WIDGETS, f"w{number}", namespace=namespace)
    return server


def reason(on: Stage, cluster: str) -> str:
    return on.store.freshness(cluster, ID).reason


@virtual_time
async def test_a_crd_that_is_deleted_while_watched_and_comes_back(tmp_path: Path) -> None:
    define()
    async with stage(tmp_path, member("m1"), member("m2")) as on:
        on.look(WIDGETS)
        await on.equal()
        mark, server = len(on.seen), on["m1"]
        for namespace in ("shop", "web"):
            for name in server.model.names(WIDGETS, namespace):
                server.model.delete(WIDGETS, name, namespace=namespace)
        server.hidden.add(WIDGETS)
        for stream in server.streams(WIDGETS):
            stream.end()
        await on.equal()
        assert "not served" in reason(on, "m1")
        server.hidden.clear()
        server.model.put(WIDGETS, "again", namespace="shop")
        await on.equal()
        assert {name for _uid, _namespace, name in on.facts("m1", WIDGETS)} == {"again"}
        assert on.states("m2", WIDGETS, mark) == []
        assert set(on.states("m1", "", mark)) <= {State.LIVE}
        await on.steady()


@virtual_time
async def test_a_crd_that_goes_without_a_word_to_its_watches(tmp_path: Path) -> None:
    """Nothing is deleted and nothing ends: the next list finds out, and no row stays."""
    define()
    async with stage(tmp_path, member("m1")) as on:
        on.look(WIDGETS)
        await on.equal()
        on["m1"].hidden.add(WIDGETS)
        for stream in on["m1"].streams(WIDGETS):
            stream.cut()
        await on.equal()
        assert not on.facts("m1", WIDGETS)


@virtual_time
async def test_a_conversion_webhook_that_fails_the_list(tmp_path: Path) -> None:
    define()
    async with stage(tmp_path, member("m1"), member("m2")) as on:
        mark = len(on.seen)
        broken = on["m1"].plant(saying(500, BROKEN), path=WIDGETS, times=1e9)
        on.look(WIDGETS)
        await on.until(lambda: on.state("m1", WIDGETS) is State.UNREACHABLE)
        assert "conversion webhook for example.org/v1beta1, Kind=Widget failed" in reason(on, "m1")
        await on.until(lambda: on.state("m2", WIDGETS) is State.LIVE)
        assert on.facts("m2", WIDGETS) == on["m2"].model.facts(WIDGETS)
        assert not on.states("m1", PODS, mark)
        assert set(on.states("m1", "", mark)) <= {State.LIVE}
        broken.lift()
        await on.equal()
        await on.steady()


@virtual_time
async def test_a_conversion_webhook_that_fails_in_the_middle_of_a_watch(tmp_path: Path) -> None:
    """What was known stays, marked with the reason; what changed meanwhile is there afterwards."""
    define()
    async with stage(tmp_path, member("m1"), member("m2")) as on:
        on.look(WIDGETS)
        await on.equal()
        mark, server, known = len(on.seen), on["m1"], on.facts("m1", WIDGETS)
        broken = server.plant(saying(500, BROKEN), path=WIDGETS, times=1e9)
        for stream in server.streams(WIDGETS):
            stream.send(line("ERROR", BROKEN))
            stream.end()
        await on.until(lambda: on.state("m1", WIDGETS) is State.STALE)
        assert "conversion webhook" in reason(on, "m1")
        assert on.facts("m1", WIDGETS) == known
        server.model.delete(WIDGETS, "w0", namespace="shop")
        server.model.put(WIDGETS, "new", namespace="web")
        broken.lift()
        await on.equal()
        assert on.states("m2", WIDGETS, mark) == []
        assert not on.states("m1", PODS, mark)
        await on.steady()


@virtual_time
async def test_one_namespace_of_two_is_forbidden(tmp_path: Path) -> None:
    define()
    async with stage(tmp_path, member("m1")) as on:
        server = on["m1"]
        refusals = [
            server.plant(
                saying(403, status(403, "Forbidden", f"you may not list widgets {where}")), path=path, times=1e9
            )
            for path, where in (
                (WIDGETS, "at the cluster scope"),
                (WIDGETS.replace("/widgets", "/namespaces/web/widgets"), "in web"),
            )
        ]
        on.look(WIDGETS, namespaces=("shop", "web"))
        await on.until(lambda: on.state("m1", WIDGETS) is State.FORBIDDEN and on.facts("m1", WIDGETS))
        shop = {fact for fact in server.model.facts(WIDGETS) if fact[1] == "shop"}
        assert on.facts("m1", WIDGETS) == shop
        assert "in web" in reason(on, "m1")
        uid = server.model.put(WIDGETS, "new", namespace="shop")
        await on.until(lambda: (uid, "shop", "new") in on.facts("m1", WIDGETS), 5)
        assert on.state("m1") is State.LIVE
        for refusal in refusals:
            refusal.lift()
        await on.equal()


@virtual_time
async def test_a_kind_that_some_members_serve(tmp_path: Path) -> None:
    define()
    async with stage(tmp_path, member("m1"), member("m2", widgets=0), member("m3")) as on:
        on.look(WIDGETS)
        await on.equal()
        assert on.state("m2", WIDGETS) is State.ABSENT
        assert "not served" in reason(on, "m2")
        assert not on["m2"].lists(path=WIDGETS)
        await on.steady()


@virtual_time
async def test_a_kind_is_watched_once_and_until_nobody_looked_for_a_while(tmp_path: Path) -> None:
    define()
    async with stage(tmp_path, member("m1")) as on:
        server = on["m1"]
        assert not server.lists(path=WIDGETS)
        on.look(WIDGETS)
        await on.equal()
        on.leave(WIDGETS)
        await on.steady(LINGER / 2)
        on.look(WIDGETS)
        await on.steady(LINGER)
        assert len(server.lists(path=WIDGETS)) == 1, "coming back costs nothing"
        on.leave(WIDGETS)
        await on.steady(LINGER + 1)
        assert not server.streams(WIDGETS)
        assert not on.facts("m1", WIDGETS)


# -- at the far end of the link, as the CRD says ----------------------------------------------------------------


def crd(server: Server, *columns: PrinterColumn, version: str = "v1") -> None:
    """The CRD of widgets says that these are its columns."""
    versions = [{"name": version, "served": True, "storage": True, "additionalPrinterColumns": columns}]
    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{ID}"
    server.single[path] = msgspec.json.encode({"spec": {"versions": versions}})


def titles() -> list[str]:
    own = {"name", "cluster", "namespace", "health", "age", "reason", "owner"}
    return [column.key for column in registry.KINDS[ID].columns if column.key not in own]


def cells(on: Stage) -> set[object]:
    columns = registry.KINDS[ID].columns
    shown = [column for column in columns if column.key in titles()]
    return {tuple(column.value(row) for column in shown) for row in on.store.rows(ID)}


@virtual_time
async def test_a_printer_column_with_a_bad_path_costs_itself(tmp_path: Path) -> None:
    server = member("m1")
    server.model.put(WIDGETS, "sized", namespace="shop", spec={"size": 3})
    crd(server, PrinterColumn("Bad", ".spec[", "string"), PrinterColumn("Size", ".spec.size", "integer"))
    async with stage(tmp_path, server, linked=True) as on:
        assert isinstance(on.reader, Session)
        wrong = await learn(on.reader, "widget")
        assert ["column Bad" in text for text in wrong] == [True]
        assert titles() == ["size"]
        on.look(WIDGETS)
        await on.equal()
        assert (3,) in cells(on)


@virtual_time
async def test_a_crd_whose_columns_change_is_shown_as_it_is_now_when_it_is_opened_again(tmp_path: Path) -> None:
    server = member("m1", widgets=1)
    server.model.put(WIDGETS, "sized", namespace="shop", spec={"size": 3, "line": "north"})
    crd(server, PrinterColumn("Size", ".spec.size", "integer"))
    async with stage(tmp_path, server, linked=True) as on:
        assert isinstance(on.reader, Session)
        await learn(on.reader, "widgets")
        on.look(WIDGETS)
        await on.equal()
        assert (3,) in cells(on)
        crd(server, PrinterColumn("Line", ".spec.line"), PrinterColumn("Size", ".spec.size", "integer"))
        await learn(on.reader, "widgets")
        assert titles() == ["line", "size"]
        await on.until(lambda: ("north", 3) in cells(on), 5)
        await on.equal()
        lists = len(server.lists(path=WIDGETS))
        assert await learn(on.reader, "widgets") == []
        await on.steady()
        assert len(server.lists(path=WIDGETS)) == lists, "a definition that is the same changes nothing"


@virtual_time
async def test_a_crd_that_is_served_in_another_version(tmp_path: Path) -> None:
    """The rows of the version that goes make room for those that come; the other member keeps its own."""
    registry.define(Definition("example.org", "widgets", "Widget", ("v1", "v2")))
    server = Server("m1", Model((NODES, PODS, WIDGETS, NEWER_WIDGETS)))
    server.hidden.add(NEWER_WIDGETS)
    for name in ("w0", "w1"):
        for path in (WIDGETS, NEWER_WIDGETS):
            server.model.put(path, name, namespace="shop")
    async with stage(tmp_path, server, member("m2")) as on:
        on.look(WIDGETS, "m1", "m2")
        told = on.store.told
        await on.until(lambda: all((known := told(name, ID)) and known.trustworthy for name in ("m1", "m2")))
        assert on.facts("m1", WIDGETS) == server.model.facts(WIDGETS)
        mark = len(on.seen)
        server.hidden = {WIDGETS}
        server.model.put(NEWER_WIDGETS, "new", namespace="web")
        for stream in server.streams(WIDGETS):
            stream.end()

        def moved() -> bool:
            wanted = server.model.facts(NEWER_WIDGETS)
            return on.facts("m1", WIDGETS) == wanted and on.state("m1", WIDGETS) is State.LIVE

        await on.until(moved)
        assert len(server.streams(NEWER_WIDGETS)) == 1
        server.model.put(NEWER_WIDGETS, "newest", namespace="web")
        await on.until(moved, 5.0)
        assert on.states("m2", WIDGETS, mark) == []
