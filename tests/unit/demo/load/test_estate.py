"""A whole small estate over TLS: what it says of itself, and what its control endpoint does to it."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from kurator_tui.demo.load.options import MEMBERS, LoadOptions
from kurator_tui.demo.load.serve import Served


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    made = Served(LoadOptions(members=2, pods=40, nodes=4, burst=30))
    await made.start()
    yield made
    await made.stop()


async def control(served: Served, method: str, path: str) -> tuple[int, Any]:
    url = served.description()["control"] + path
    async with aiohttp.ClientSession() as http, http.request(method, url) as response:
        return response.status, await response.json()


class Reader:
    """A client of one member."""

    def __init__(self, served: Served, name: str = "m0001") -> None:
        config = json.loads(Path(served.description()["kubeconfig"]).read_text())
        access = served.estate.contexts()[0].access
        self._url = served.description()["clusters"][name]
        self._headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}"}
        self._context = ssl.create_default_context(cadata=access.authority.decode())

    async def __aenter__(self) -> "Reader":
        connector = aiohttp.TCPConnector(ssl=self._context)
        self._http = aiohttp.ClientSession(connector=connector, headers=self._headers)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def json(self, path: str) -> Any:
        async with self._http.get(self._url + path) as response:
            return await response.json()

    async def watch(self, path: str) -> aiohttp.ClientResponse:
        return await self._http.get(f"{self._url}{path}?watch=true&allowWatchBookmarks=true&resourceVersion=0")


async def test_it_describes_itself(served: Served) -> None:
    described = served.description()
    assert list(described["clusters"]) == ["m0001", "m0002"]
    config = json.loads(Path(described["kubeconfig"]).read_text())
    assert [context["name"] for context in config["contexts"]] == ["load", "m0001", "m0002"]
    assert config["current-context"] == "load"
    assert Path(described["kubeconfig"]).stat().st_mode & 0o777 == 0o600
    assert "40 pods" in served.text()
    _, digest = await control(served, "GET", "/digest")
    assert (digest["pods"]["count"], digest["nodes"]["count"], digest["events"]) == (40, 4, 0)


async def test_lists_hold_what_the_digest_counts(served: Served) -> None:
    names = []
    for cluster in ("m0001", "m0002"):
        async with Reader(served, cluster) as reader:
            names += [item["metadata"]["uid"] for item in (await reader.json("/api/v1/pods"))["items"]]
    assert len(set(names)) == 40


async def test_bursts_arrive_and_stop_waits_for_them(served: Served) -> None:
    async with Reader(served) as reader, await reader.watch("/api/v1/pods") as stream:
        for _ in range(20):
            await stream.content.readline()
        assert await control(served, "POST", "/burst?events=200") == (200, {"events": 200})
        assert (await control(served, "POST", "/stop"))[1] == {"events": 200, "behind": 0}
        member = served.estate.listeners["m0001"].member
        changes = member.pods.since(member.pods.forgotten, 999) or []
        lines = [json.loads(await stream.content.readline()) for _ in changes]
    assert [int(line["object"]["metadata"]["resourceVersion"]) for line in lines] == [s.rv for _, s in changes]
    assert (await control(served, "POST", "/burst"))[1] == {"events": 30}


async def test_a_rate_flows_until_it_is_stopped(served: Served) -> None:
    assert (await control(served, "POST", "/rate?events=2000"))[1] == {"rate": 2000.0}
    async with Reader(served) as reader, await reader.watch("/api/v1/pods") as stream:
        for _ in range(40):
            assert await stream.content.readline()
    _, stopped = await control(served, "POST", "/stop")
    assert stopped["events"] > 0
    assert (await control(served, "GET", "/digest"))[1]["events"] == stopped["events"]


async def test_a_killed_member_comes_back_at_its_port(served: Served) -> None:
    async with Reader(served) as reader:
        await control(served, "POST", "/kill?cluster=m0001")
        with pytest.raises(aiohttp.ClientConnectionError):
            await reader.json("/version")
        await control(served, "POST", "/revive?cluster=m0001")
        assert (await reader.json("/version"))["major"]
    async with Reader(served, "m0002") as other:
        assert (await other.json("/version"))["major"]


async def test_a_restart_cuts_everything_and_counts_who_comes(served: Served) -> None:
    assert (await control(served, "GET", "/arrivals"))[1] == {"arrivals": []}
    async with Reader(served) as reader, await reader.watch("/api/v1/nodes") as stream:
        await control(served, "POST", "/restart")
        with pytest.raises(aiohttp.ClientError):
            await stream.content.read()
        assert (await reader.json("/version"))["major"]
    _, found = await control(served, "GET", "/arrivals")
    assert sum(found["arrivals"]) == 1


async def test_expired_history_is_410(served: Served) -> None:
    async with Reader(served) as reader:
        version = (await reader.json("/api/v1/pods"))["metadata"]["resourceVersion"]
        await control(served, "POST", "/burst?events=50")
        await control(served, "POST", "/expire")
        line = await reader.json(f"/api/v1/pods?watch=true&resourceVersion={version}")
    assert (line["type"], line["object"]["code"]) == ("ERROR", 410)


async def test_a_truncated_watch_ends_in_the_middle_of_a_line(served: Served) -> None:
    async with Reader(served) as reader, await reader.watch("/api/v1/pods") as stream:
        for _ in range(20):
            await stream.content.readline()
        assert (await control(served, "POST", "/truncate?cluster=m0001"))[1] == {"streams": 1}
        await control(served, "POST", "/burst?events=50")
        with pytest.raises(aiohttp.ClientPayloadError):
            await stream.content.read()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/rate?events=-1", 400),
        ("POST", "/rate?events=nan", 400),
        ("POST", "/rate", 400),
        ("POST", "/kill?cluster=nobody", 400),
        ("GET", "/rate", 404),
    ],
)
async def test_mistakes_are_answered(served: Served, method: str, path: str, status: int) -> None:
    found, body = await control(served, method, path)
    assert found == status
    assert body["error"]


@pytest.mark.parametrize(
    "options",
    [
        LoadOptions(members=MEMBERS + 1),
        LoadOptions(members=-1),
        LoadOptions(pods=-1),
        LoadOptions(pods=1, events=float("nan")),
        LoadOptions(events=10),
    ],
)
def test_options_that_make_no_sense_are_refused(options: LoadOptions) -> None:
    with pytest.raises(ValueError, match="must"):
        options.checked()


async def test_a_script_is_played_from_the_start(tmp_path: Path) -> None:
    script = tmp_path / "script"
    obj = {"metadata": {"name": "web", "namespace": "shop"}, "status": {"phase": "Running"}}
    script.write_text(json.dumps({"at": 0, "cluster": "m0001", "type": "ADDED", "kind": "pods", "object": obj}))
    served = Served(LoadOptions(members=1, script=str(script)))
    await served.start()
    try:
        await served.estate.player.ended()
        _, digest = await control(served, "GET", "/digest")
        assert (digest["pods"]["count"], digest["events"]) == (1, 1)
    finally:
        await served.stop()
    await asyncio.sleep(0)
