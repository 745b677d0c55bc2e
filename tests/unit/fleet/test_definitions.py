"""What a CRD says of its columns."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import cast

import msgspec

from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import ResourcePath, Served
from kurator_tui.errors import Forbidden
from kurator_tui.fleet.definitions import ASKED, definitions, printer_columns, served
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.member import MemberLink
from kurator_tui.fleet.membership import Member
from kurator_tui.kinds import registry
from kurator_tui.kinds.generic import Definition, PrinterColumn
from kurator_tui.store.store import Store


def crd(**versions: dict[str, object]) -> bytes:
    return json.dumps(
        {"spec": {"versions": [{"name": name, **parts} for name, parts in versions.items()]}}
    ).encode()


def column(name: str) -> dict[str, object]:
    return {"name": name, "jsonPath": f".spec.{name}", "type": "string"}


def test_the_storage_version_has_the_columns() -> None:
    said = crd(
        v1={"served": True, "additionalPrinterColumns": [column("old")]},
        v2={"served": True, "storage": True, "additionalPrinterColumns": [column("new")]},
    )
    assert printer_columns(said) == ("v2", (PrinterColumn("new", ".spec.new", "string"),))


def test_a_version_that_is_not_served_says_nothing() -> None:
    said = crd(
        v1={"served": True, "additionalPrinterColumns": [column("served")]},
        v2={"served": False, "storage": True, "additionalPrinterColumns": [column("not")]},
    )
    version, columns = printer_columns(said)
    assert (version, [found.name for found in columns]) == ("v1", ["served"])


def test_a_crd_without_columns_or_versions_has_none() -> None:
    assert printer_columns(crd(v1={"served": True})) == ("v1", ())
    assert printer_columns(b"{}") == ("", ())


def test_a_kind_is_offered_until_it_is_defined() -> None:
    widget = registry.ServedKind("example.org", "widgets", "Widget", ("v1",), True, ("wd",), 2)
    other = registry.ServedKind("example.net", "windows", "Window", ("v1",), True, ("wd",), 1)
    try:
        registry.offer([widget, other, registry.ServedKind("", "pods", "Pod")])
        assert registry.offered("pods") == []
        for word in ("widgets", "WIDGET", "widgets.example.org", "wd.example.org"):
            assert registry.offered(word) == [widget]
        assert registry.offered("wd") == [widget, other]
        bad = PrinterColumn("Bad", ".spec[", "string")
        registry.define(Definition("example.org", "widgets", "Widget", ("v1",), True, ("wd",), (bad,)))
        assert registry.offered("widgets") == []
        assert [kind.id for kind in registry.find("wd")] == ["widgets.example.org"]
        assert "column Bad" in registry.WRONG["widgets.example.org"][0]
    finally:
        registry.offer([])
        registry.undefine("widgets.example.org")


def test_a_definition_that_is_different_takes_the_place_of_the_one_before() -> None:
    size, line = PrinterColumn("Size", ".spec.size"), PrinterColumn("Line", ".spec.line")
    first = Definition("example.org", "widgets", "Widget", ("v1",), columns=(size,))
    try:
        assert registry.define(first)
        known = registry.KINDS[first.id]
        assert not registry.define(first)
        assert registry.KINDS[first.id] is known
        assert registry.define(msgspec.structs.replace(first, columns=(line,), versions=("v2", "v1")))
        assert registry.KINDS[first.id].column("size") is None
        assert registry.KINDS[first.id].column("line") is not None
        assert registry.KINDS[first.id].versions == ("v2", "v1")
    finally:
        registry.undefine(first.id)
    assert first.id not in registry.KINDS


def test_a_kind_with_a_file_is_never_defined_otherwise() -> None:
    pods = registry.KINDS["pods"]
    assert not registry.define(Definition("", "pods", "Pod", ("v9",)))
    registry.undefine("pods")
    assert registry.KINDS["pods"] is pods


# -- of several members ------------------------------------------------------------------------------------------


class Answering:
    """A connection that answers GETs by path."""

    def __init__(self, **crds: bytes) -> None:
        self.crds = crds
        self.asked: list[str] = []

    async def request(self, _method: str, path: str) -> SimpleNamespace:
        id = path.rpartition("/")[2]
        self.asked.append(id)
        body = self.crds.get(id.replace(".", "_"))
        if body is None:
            raise Forbidden(f"you may not get {id}")
        return SimpleNamespace(body=body)


def path(
    plural: str, group: str, version: str = "v1", *, short: str = "wd", verbs: str = "list watch"
) -> ResourcePath:
    kind = plural.removesuffix("s").capitalize()
    return ResourcePath(group, version, plural, True, frozenset(verbs.split()), kind, short_names=(short,))


def hub_of(**members: tuple[Answering, tuple[ResourcePath, ...]]) -> Hub:
    """A hub whose members serve these paths."""
    links = {
        name: MemberLink(Member(name, "context"), never, Store(), lambda _name: None, lambda: 0.0)
        for name in members
    }
    for name, (connection, resources) in members.items():
        links[name].connection = cast("Connection", connection)
        links[name].served = Served(resources)
    return cast("Hub", SimpleNamespace(links=links))


async def never(_member: Member) -> tuple[Connection, str]:
    raise AssertionError


async def test_what_members_serve_is_told_once_with_all_its_versions() -> None:
    hub = hub_of(
        a=(Answering(), (path("widgets", "example.org", "v1"), path("pods", ""), path("rods", "x", verbs="list"))),
        b=(Answering(), (path("widgets", "example.org", "v2"), path("widgets", "example.org", "v1"))),
    )
    assert served(hub) == [
        registry.ServedKind("example.org", "widgets", "Widget", ("v1", "v2"), True, ("wd",), clusters=2)
    ]


async def test_two_kinds_of_one_short_name_are_both_defined_and_each_has_its_own_id() -> None:
    hub = hub_of(a=(Answering(), (path("widgets", "example.org"), path("windows", "example.net"))))
    both = [found.id for found in await definitions(hub, "WD")]
    assert both == ["widgets.example.org", "windows.example.net"]
    assert [found.id for found in await definitions(hub, "windows.example.net")] == ["windows.example.net"]
    assert [found.id for found in await definitions(hub, "wd.example.org")] == ["widgets.example.org"]


async def test_the_version_whose_columns_are_shown_is_the_one_that_is_read_first() -> None:
    said = crd(
        v2={"served": True}, v1={"served": True, "storage": True, "additionalPrinterColumns": [column("x")]}
    )
    found = path("widgets", "example.org", "v2"), path("widgets", "example.org", "v1")
    (definition,) = await definitions(hub_of(a=(Answering(widgets_example_org=said), found)), "widgets")
    assert definition.versions == ("v1", "v2")
    assert [shown.name for shown in definition.columns] == ["x"]


async def test_a_crd_that_may_not_be_read_is_asked_for_elsewhere_and_is_done_without_at_last() -> None:
    silent = [Answering() for _member in range(5)]
    one = (path("widgets", "example.org"),)
    hub = hub_of(**{f"m{number}": (connection, one) for number, connection in enumerate(silent)})
    (definition,) = await definitions(hub, "widgets")
    assert definition.columns == ()
    assert sum(bool(connection.asked) for connection in silent) == ASKED
    said = crd(v1={"served": True, "additionalPrinterColumns": [column("x")]})
    hub = hub_of(a=(Answering(), one), b=(Answering(widgets_example_org=said), one))
    (definition,) = await definitions(hub, "widgets")
    assert [shown.name for shown in definition.columns] == ["x"]


async def test_a_defined_kind_is_asked_for_again() -> None:
    definition = Definition("example.org", "widgets", "Widget", ("v1",))
    try:
        registry.define(definition)
        hub = hub_of(a=(Answering(), (path("widgets", "example.org", "v2"),)))
        assert [found.versions for found in await definitions(hub, "widgets")] == [("v2",)]
    finally:
        registry.undefine(definition.id)
