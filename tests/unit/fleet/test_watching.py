"""How a kind is read first: in compressed pages where there may be thousands, else by a watch's initial events."""

from __future__ import annotations

import pytest

from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import ResourcePath, Served
from kurator_tui.fleet import watching
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.pods import POD
from kurator_tui.store.store import Store


@pytest.mark.parametrize(("kind", "by_watch"), [(POD, False), (NODE, True)])
async def test_pods_are_listed_in_pages_and_few_things_by_a_watch(
    kind: AnyKind, by_watch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    async def reflect(*_what: object, **how: object) -> None:
        asked.append(how["watch_list"])

    monkeypatch.setattr(watching, "reflect", reflect)
    served = Served((ResourcePath("", "v1", kind.plural, True, frozenset({"list", "watch"})),))
    connection = Connection.__new__(Connection)  # nobody speaks over it
    await watching.watch_kind(
        kind, connection, served, Store(), lambda *_report: None, cluster="alpha", namespace=""
    )
    assert asked == [by_watch]
