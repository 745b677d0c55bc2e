"""What a CRD says of its columns."""

from __future__ import annotations

import json

from kurator_tui.fleet.definitions import printer_columns
from kurator_tui.kinds import registry
from kurator_tui.kinds.generic import Definition, PrinterColumn


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
    assert printer_columns(said) == (PrinterColumn("new", ".spec.new", "string"),)


def test_a_version_that_is_not_served_says_nothing() -> None:
    said = crd(
        v1={"served": True, "additionalPrinterColumns": [column("served")]},
        v2={"served": False, "storage": True, "additionalPrinterColumns": [column("not")]},
    )
    assert [found.name for found in printer_columns(said)] == ["served"]


def test_a_crd_without_columns_or_versions_has_none() -> None:
    assert printer_columns(crd(v1={"served": True})) == ()
    assert printer_columns(b"{}") == ()


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
        registry.KINDS.pop("widgets.example.org", None)
        registry.WRONG.pop("widgets.example.org", None)
