"""How a kind is read first: in compressed pages where there may be thousands, else by a watch's initial events."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import yaml

from kurator_tui.api.connection import Connection
from kurator_tui.api.discovery import ResourcePath, Served, discover
from kurator_tui.api.facts import Began, Listed, Lost, Tell
from kurator_tui.api.kubeconfig import load_kubeconfig
from kurator_tui.errors import ConsoleError, Forbidden
from kurator_tui.fleet import watching
from kurator_tui.fleet.interest import Narrow
from kurator_tui.kinds.base import AnyKind
from kurator_tui.kinds.configuration import SECRET
from kurator_tui.kinds.core import EVENT, NODE
from kurator_tui.kinds.pods import POD
from kurator_tui.store.freshness import State
from kurator_tui.store.store import Store
from tests.unit.demo.apiserver.serving import Api, serving


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


async def connect(api: Api, tmp_path: Path) -> Connection:
    path = tmp_path / "config"
    config = {
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": api.server.url}}],
        "users": [{"name": "u", "user": {"token": "a"}}],
    }
    path.write_text(yaml.safe_dump(config))
    loaded = load_kubeconfig(str(path), {})
    return await Connection.open("alpha", loaded, "it", user_owned=True, exec_gate=asyncio.Lock())


def secret(name: str) -> dict[str, object]:
    return {"metadata": {"name": name, "namespace": "d"}, "data": {"key": "c2VjcmV0" * 50_000}}


async def test_what_a_secret_holds_is_not_even_sent(tmp_path: Path) -> None:
    store = Store()
    async with serving() as api, asyncio.timeout(60):
        api.add("secrets", secret("before"))
        connection = await connect(api, tmp_path)
        served = await discover(connection)
        heard, changed = connection.stats.bytes_in, asyncio.Event()
        states: list[State] = []

        def report(kind: str, state: State, reason: str, error: ConsoleError | None = None) -> None:
            states.append(state)
            changed.set()

        store.listen(lambda _kind, _delta: changed.set())
        watch = asyncio.create_task(
            watching.watch_kind(SECRET, connection, served, store, report, cluster="alpha", namespace="")
        )
        for name in ("before", "after"):
            while name not in {row.name for row in store.rows("secrets")} or State.LIVE not in states:
                await changed.wait()
                changed.clear()
            if name == "before":
                api.add("secrets", secret("after"))
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        assert 0 < connection.stats.bytes_in - heard < 20_000
        await connection.close()


async def test_namespaces_in_scope_are_watched_where_all_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    async def reflect(_connection: object, _path: object, _decoder: object, tell: Tell, **how: object) -> None:
        namespace = how["namespace"]
        assert namespace is None or isinstance(namespace, str)
        asked.append(namespace)
        if namespace in (None, "web"):
            tell(Lost(Forbidden(f"you may not list secrets in {namespace or 'all namespaces'}"), 1.0, True))
        else:
            tell(Began())
            tell(Listed("1"))

    monkeypatch.setattr(watching, "reflect", reflect)
    served = Served((ResourcePath("", "v1", "secrets", True, frozenset({"list", "watch"})),))
    connection = Connection.__new__(Connection)  # nobody speaks over it
    told: list[tuple[State, str]] = []

    def report(kind: str, state: State, reason: str, error: ConsoleError | None = None) -> None:
        told.append((state, reason))

    for namespaces in ({"shop"}, {"shop", "web"}, set[str]()):
        await watching.watch_kind(
            SECRET,
            connection,
            served,
            Store(),
            report,
            cluster="alpha",
            namespace="",
            narrow=Narrow(frozenset(namespaces)),
        )
    assert asked == [None, "shop", None, "shop", "web", None]
    assert [told for told in told if told[0] is not State.SYNCING] == [
        (State.LIVE, watching.ONLY),
        (State.FORBIDDEN, "you may not list secrets in web"),
        (State.FORBIDDEN, "you may not list secrets in all namespaces"),
    ]


async def test_only_what_is_needed_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    async def reflect(*_what: object, **how: object) -> None:
        asked.append(how["field_selector"])

    monkeypatch.setattr(watching, "reflect", reflect)
    served = Served((ResourcePath("", "v1", "events", True, frozenset({"list", "watch"})),))
    connection = Connection.__new__(Connection)  # nobody speaks over it
    for narrow in (Narrow(), Narrow(fields="involvedObject.kind=Canary")):
        await watching.watch_kind(
            EVENT, connection, served, Store(), lambda *_: None, cluster="alpha", namespace="", narrow=narrow
        )
    assert asked == ["", "involvedObject.kind=Canary"]
