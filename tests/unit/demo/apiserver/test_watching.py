"""Watches over HTTP: resume, selectors, bookmarks, expiry."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kurator_tui.demo.apiserver import watching
from tests.unit.demo.apiserver.serving import Api, configmap, serving

PATH = "/api/v1/namespaces/d/configmaps"


class Lines:
    """The events of one watch."""

    def __init__(self, response: Any) -> None:
        self._response = response

    async def next(self) -> dict[str, Any]:
        """The next event; {} at the end."""
        line = await asyncio.wait_for(self._response.content.readline(), 60)
        return dict(json.loads(line)) if line else {}

    async def take(self, count: int) -> list[tuple[str, str]]:
        """(type, name) of the next events."""
        events = [await self.next() for _ in range(count)]
        return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]


@asynccontextmanager
async def watch(api: Api, query: str, path: str = PATH) -> AsyncIterator[Lines]:
    async with api.request("GET", f"{path}?watch=true&{query}") as response:
        assert response.status == 200, await response.text()
        yield Lines(response)


async def test_a_watch_resumes_where_it_stopped() -> None:
    async with serving() as api:
        api.add("configmaps", configmap("one"))
        then = api.storage.rv
        api.add("configmaps", configmap("two"))
        async with watch(api, f"resourceVersion={then}") as lines:
            assert await lines.take(1) == [("ADDED", "two")]
            api.storage.remove(api.storage.catalogue.by_plural("configmaps"), "d", "one")
            assert await lines.take(1) == [("DELETED", "one")]


async def test_a_version_beyond_the_history_is_one_error_event() -> None:
    async with serving(history=1) as api:
        for name in ("a", "b", "c"):
            api.add("configmaps", configmap(name))
        async with watch(api, "resourceVersion=2") as lines:
            event = await lines.next()
            assert (event["type"], event["object"]["code"], event["object"]["reason"]) == ("ERROR", 410, "Expired")
            assert await lines.next() == {}


async def test_objects_enter_and_leave_a_selector() -> None:
    async with serving() as api:
        rt = api.storage.catalogue.by_plural("configmaps")
        api.add("configmaps", configmap("one", tier="a"))
        async with watch(api, f"resourceVersion={api.storage.rv}&labelSelector=tier=b") as lines:
            entered = api.storage.update(rt, configmap("one", tier="b"))
            api.storage.update(rt, configmap("one", tier="c"))
            assert await lines.take(1) == [("ADDED", "one")]
            left = await lines.next()
            assert left["type"] == "DELETED"
            assert left["object"]["metadata"]["labels"] == {"tier": "b"}
            assert int(left["object"]["metadata"]["resourceVersion"]) > int(entered["metadata"]["resourceVersion"])


async def test_initial_events_end_with_a_marked_bookmark() -> None:
    async with serving() as api:
        api.add("configmaps", configmap("one"))
        query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
        async with watch(api, query) as lines:
            assert await lines.take(1) == [("ADDED", "one")]
            mark = await lines.next()
            assert mark["type"] == "BOOKMARK"
            assert mark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
            assert mark["object"]["metadata"]["resourceVersion"] == str(api.storage.rv)


async def test_initial_events_without_a_match_are_refused() -> None:
    async with serving() as api:
        status, body = await api.call("GET", f"{PATH}?watch=true&sendInitialEvents=true")
        assert (status, body["reason"]) == (422, "Invalid")


async def test_bookmarks_come_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BOOKMARK_SECONDS", 0.01)
    async with serving() as api:
        query = f"resourceVersion={api.storage.rv}&allowWatchBookmarks=true"
        async with watch(api, query) as lines:
            mark = await lines.next()
            assert (mark["type"], mark["object"]["metadata"]) == (
                "BOOKMARK",
                {"resourceVersion": str(api.storage.rv)},
            )


async def test_one_object_can_be_watched() -> None:
    async with serving() as api:
        api.add("configmaps", configmap("one"))
        api.add("configmaps", configmap("two"))
        async with watch(api, "", f"{PATH}/two") as lines:
            assert await lines.take(1) == [("ADDED", "two")]


async def test_other_namespaces_are_not_watched() -> None:
    async with serving() as api:
        api.add_namespace("e")
        async with watch(api, f"resourceVersion={api.storage.rv}") as lines:
            api.add("configmaps", {"metadata": {"name": "x", "namespace": "e"}})
            api.add("configmaps", configmap("mine"))
            assert await lines.take(1) == [("ADDED", "mine")]


async def test_a_reader_that_goes_away_is_forgotten() -> None:
    async with serving() as api:
        table = api.storage._table(api.storage.catalogue.by_plural("configmaps"))
        async with watch(api, "") as lines:
            api.add("configmaps", configmap("one"))
            await lines.take(1)
            assert len(table.subscribers) == 1
        while table.subscribers:
            await asyncio.sleep(0)
