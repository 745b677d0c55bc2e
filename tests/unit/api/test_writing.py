"""Writes against the demo API server: what is refused, what conflicts, and what nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from kurator_tui.api import writing
from kurator_tui.api.connection import Connection
from kurator_tui.api.writing import Manner
from kurator_tui.errors import ApiError, Conflict, Forbidden, NotFound, Refused, Throttled, Unanswered, UsageError
from tests.unit.api.support import connected, kubeconfig, serving
from tests.unit.demo.apiserver.serving import Api, configmap
from tests.unit.demo.apiserver.serving import serving as demo_serving

PATH = "/api/v1/namespaces/d/configmaps"
DRY, REAL = Manner(dry_run=True), Manner()


@dataclass
class Server:
    api: Api
    connection: Connection

    async def get(self, name: str = "c") -> dict[str, Any]:
        _status, found = await self.api.call("GET", f"{PATH}/{name}")
        assert isinstance(found, dict)
        return found


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    async with (
        demo_serving() as api,
        connected(kubeconfig(tmp_path, api.server.url, user={"token": "a"})) as connection,
    ):
        api.add("configmaps", configmap("c"))
        yield Server(api, connection)


async def test_a_write_is_made_by_our_field_manager(server: Server) -> None:
    made = await writing.create(server.connection, PATH, configmap("new"), REAL)
    assert made.made
    assert [entry["manager"] for entry in made.obj["metadata"]["managedFields"]] == ["kurator-tui"]
    assert (await server.get("new"))["data"] == {"k": "new"}


def test_groups_without_a_user_are_refused_and_not_dropped() -> None:
    with pytest.raises(UsageError, match="with a user"):
        Manner(groups=("viewers",))


@pytest.mark.parametrize("form", ["json", "merge", "apply"])
async def test_a_dry_run_says_what_would_be_stored_and_stores_nothing(server: Server, form: Any) -> None:
    bodies = {
        "json": [{"op": "replace", "path": "/data/k", "value": "2"}],
        "merge": {"data": {"k": "2"}},
        "apply": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"x": "2"}},
    }
    after = await writing.patch(server.connection, f"{PATH}/c", bodies[form], form, DRY)
    assert "2" in after.obj["data"].values()
    assert (await server.get())["data"] == {"k": "c"}


async def test_an_apply_says_whether_it_made_the_object(server: Server) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "n"}, "data": {"k": "2"}}
    assert (await writing.patch(server.connection, f"{PATH}/n", body, "apply", REAL)).made
    assert not (await writing.patch(server.connection, f"{PATH}/n", body, "apply", REAL)).made


async def test_a_version_that_is_not_the_present_one_is_a_conflict(server: Server) -> None:
    body = {"metadata": {"resourceVersion": "1"}, "data": {"k": "2"}}
    with pytest.raises(Conflict):
        await writing.patch(server.connection, f"{PATH}/c", body, "merge", REAL)


async def test_fields_of_another_manager_are_told_one_by_one_and_can_be_taken(server: Server) -> None:
    other = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"k": "3"}}
    headers = {"Content_Type": "application/apply-patch+yaml"}
    await server.api.call("PATCH", f"{PATH}/c?fieldManager=gitops&force=true", other, **headers)
    ours = {**other, "data": {"k": "4"}}
    with pytest.raises(Conflict) as caught:
        await writing.patch(server.connection, f"{PATH}/c", ours, "apply", REAL)
    assert [(reason, field) for reason, field, _ in caught.value.causes] == [("FieldManagerConflict", ".data.k")]
    after = await writing.patch(server.connection, f"{PATH}/c", ours, "apply", REAL, force=True)
    assert not after.made
    assert after.obj["data"] == {"k": "4"}


async def test_an_unknown_field_is_refused_with_its_path(server: Server) -> None:
    with pytest.raises(ApiError, match="unknown field"):
        await writing.patch(server.connection, f"{PATH}/c", {"dta": {"k": "2"}}, "merge", DRY)


async def test_what_is_not_allowed_or_not_there_is_refused(server: Server) -> None:
    with pytest.raises(NotFound):
        await writing.patch(server.connection, f"{PATH}/nobody", {"data": {}}, "merge", REAL)
    as_nobody = Manner(user="nobody", groups=("none", "nothing"))
    with pytest.raises(Forbidden, match="nobody"):
        await writing.patch(server.connection, f"{PATH}/c", {"data": {}}, "merge", as_nobody)


async def test_a_delete_tests_that_it_is_the_same_object(server: Server) -> None:
    with pytest.raises(Conflict):
        await writing.delete(server.connection, f"{PATH}/c", REAL, uid="00000000-0000-0000-0000-000000000000")
    meta = (await server.get())["metadata"]
    await writing.delete(server.connection, f"{PATH}/c", DRY, uid=meta["uid"])
    assert (await server.get())["metadata"]["uid"] == meta["uid"]
    await writing.delete(server.connection, f"{PATH}/c", REAL, uid=meta["uid"], version=meta["resourceVersion"])
    assert (await server.get())["reason"] == "NotFound"


async def test_an_eviction_against_a_budget_is_throttled(server: Server) -> None:
    pod = {"metadata": {"name": "p", "namespace": "d", "labels": {"app": "web"}}}
    spec = {"containers": [{"name": "c", "image": "i"}]}
    server.api.add("pods", {**pod, "spec": spec, "status": {"phase": "Running"}})
    budget = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    meta = {"name": "b", "namespace": "d"}
    server.api.add("poddisruptionbudgets", {"metadata": meta, "spec": budget}, group="policy")
    path = "/api/v1/namespaces/d/pods/p/eviction"
    with pytest.raises(Throttled, match="disruption budget") as caught:
        await writing.evict(server.connection, path, DRY, namespace="d", name="p")
    assert caught.value.retry_after
    assert caught.value.causes[0][0] == "DisruptionBudget"


async def test_a_server_that_is_away_was_sent_nothing(server: Server) -> None:
    await server.api.server.stop()
    with pytest.raises(Refused):
        await writing.patch(server.connection, f"{PATH}/c", {"data": {}}, "merge", REAL)


async def test_a_connection_lost_after_sending_is_unknown_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    arrived: list[str] = []

    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        arrived.append(request.method)
        await request.read()
        assert request.transport is not None
        request.transport.close()
        await asyncio.sleep(0)
        return web.Response()

    async with serving(cut) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(Unanswered):
            await writing.patch(connection, f"{PATH}/c", {"data": {}}, "merge", REAL)
        with pytest.raises(Unanswered):
            await writing.create(connection, PATH, {"metadata": {"name": "n"}}, REAL)
    assert arrived == ["PATCH", "POST"]


async def test_a_fault_of_the_server_leaves_it_unknown(tmp_path: Path) -> None:
    async def fail(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=504)

    async with serving(fail) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(Unanswered):
            await writing.patch(connection, f"{PATH}/c", {"data": {}}, "merge", REAL)


async def test_every_group_of_an_impersonated_user_is_told(tmp_path: Path) -> None:
    told: list[tuple[str, list[str]]] = []

    async def hear(request: web.BaseRequest) -> web.StreamResponse:
        told.append((request.headers["Impersonate-User"], request.headers.getall("Impersonate-Group")))
        return web.json_response({"kind": "ConfigMap"})

    async with serving(hear) as url, connected(kubeconfig(tmp_path, url)) as connection:
        manner = Manner(user="jane", groups=("dev", "ops"))
        await writing.patch(connection, f"{PATH}/c", {}, "merge", manner)
    assert told == [("jane", ["dev", "ops"])]
