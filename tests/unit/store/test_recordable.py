"""Rows that may be written: what they say stays, what may be a secret does not."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.generic import Definition, PrinterColumn, generic
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.kinds.masking import MASK
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.registry import KINDS
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.store.recordable import NEVER, recordable
from kurator_tui.store.saved import LEFT_OUT, text_fields
from tests.unit.link.rows_kept import cluster


def test_what_a_pod_says_is_written_and_a_secret_in_it_is_masked() -> None:
    row = PodRow("a", "shop", "web", "u", 1.0, reason="Error", message="no image v7; password=hunter2")
    assert recordable(POD)(row) == PodRow(
        "a", "shop", "web", "u", 1.0, reason="Error", message=f"no image v7; password={MASK}"
    )


def test_a_row_without_secrets_is_the_row_itself() -> None:
    row = PodRow("a", "shop", "web-token=1", "u", 1.0, message="Back-off pulling image")
    assert recordable(POD)(row) is row


def test_incidents_are_called_by_sentences_that_may_quote_a_secret() -> None:
    row = IncidentRow(HOST, "", "hook failed: token=hunter2", "u", 1.0, "KT1", "high", "new", ("a",), 1, 1)
    assert recordable(INCIDENTS)(row).name == f"hook failed: token={MASK}"


def test_urls_with_credentials_are_not_written() -> None:
    row = cluster("a", server="https://me:hunter2@a:6443")
    assert recordable(CLUSTERS)(row).server == ""


def test_columns_of_a_kind_nobody_knows_are_masked_when_they_are_called_secret() -> None:
    columns = (
        PrinterColumn("Phase", ".status.phase"),
        PrinterColumn("Admin Password", ".spec.password"),
        PrinterColumn("Message", ".status.message"),
    )
    kind, _wrong = generic(Definition("db.example", "databases", "Database", ("v1",), columns=columns))
    row = ObjectRow("a", "shop", "db", "u", 1.0, cells=("Ready", "hunter2", "at https://me:hunter2@db"))
    assert recordable(kind)(row).cells == ("Ready", MASK, f"at https://{MASK}@db")


@pytest.mark.parametrize("id", sorted(id for id, kind in KINDS.items() if NEVER & text_fields(kind.row)))
def test_of_some_fields_nothing_is_written(id: str) -> None:
    kind = KINDS[id]
    fields = NEVER & text_fields(kind.row)
    row = kind.row("a", "shop", "name", "u", 1.0)
    for name in fields:
        default = getattr(row, name)
        row = type(row)(**{**{each: getattr(row, each) for each in row.__struct_fields__}, name: _filled(default)})
    found = recordable(kind)(row)
    assert "hunter2" not in str(found)


def _filled(value: object) -> object:
    return ("hunter2",) if isinstance(value, tuple) else "hunter2"


def test_what_is_never_written_is_left_out_elsewhere_too() -> None:
    assert NEVER <= LEFT_OUT
