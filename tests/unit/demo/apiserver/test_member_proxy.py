"""Members through their host's Karmada: `clusters/<name>/proxy/<path>`."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kurator_tui.demo.apiserver import custom
from tests.unit.demo.apiserver.remote_talk import Talk, add_pod, connected
from tests.unit.demo.apiserver.serving import CATALOGUE, Api, configmap, serving

PROXY = "/apis/cluster.karmada.io/v1alpha1/clusters/m1-attachedcluster/proxy"
MAPS = "/api/v1/namespaces/d/configmaps"


@asynccontextmanager
async def estate() -> AsyncIterator[tuple[Api, Api]]:
    """(host, member)"""
    async with serving(catalogue=CATALOGUE.extended(*custom.kinds("karmada"))) as host, serving() as member:
        host.server.members["m1-attachedcluster"] = member.server
        yield host, member


async def test_what_is_asked_and_written_is_the_members() -> None:
    async with estate() as (host, member):
        member.add("configmaps", configmap("here"))
        host.add("configmaps", configmap("not-here"))
        code, found = await host.call("GET", f"{PROXY}{MAPS}?limit=5")
        assert (code, [item["metadata"]["name"] for item in found["items"]]) == (200, ["here"])
        assert (await host.call("POST", f"{PROXY}{MAPS}", configmap("new")))[0] == 201
        assert member.storage.find(CATALOGUE.by_plural("configmaps"), "d", "new") is not None
        _code, version = await host.call("GET", f"{PROXY}/version")
        assert version["major"] == "1"


async def test_a_watch_goes_through() -> None:
    async with estate() as (host, member), host.request("GET", f"{PROXY}{MAPS}?watch=1") as watch:
        member.add("configmaps", configmap("new"))
        async with asyncio.timeout(60):
            event = json.loads(await watch.content.readline())
        assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "new")


async def test_a_shell_goes_through() -> None:
    async with estate() as (host, member):
        add_pod(member)
        query = "stdin=true&stdout=true&tty=true&command=sh"
        async with connected(host, "exec", query, prefix=PROXY) as socket:
            talk = Talk(socket)
            await talk.type("hostname\n")
            assert "p" in (await talk.until("\np")).split()


async def test_the_users_rights_are_those_of_the_host_and_of_the_member() -> None:
    async with estate() as (host, _member):
        assert (await host.call("GET", f"{PROXY}{MAPS}", token="n"))[0] == 403
        assert (await host.call("GET", f"{PROXY}{MAPS}", token=""))[0] == 403


async def test_who_cannot_be_reached_is_said() -> None:
    async with estate() as (host, member):
        assert (await host.call("GET", PROXY.replace("m1-", "m2-") + MAPS))[0] == 404
        await member.server.stop()
        code, answer = await host.call("GET", f"{PROXY}{MAPS}")
        assert code == 503
        assert "connection refused" in answer["message"]
        await member.server.start()
        await member.server.faults.set("error500")
        assert (await host.call("GET", f"{PROXY}{MAPS}"))[0] == 500
        assert (await host.call("GET", MAPS))[0] == 200
