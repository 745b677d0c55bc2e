"""Each way a server can misbehave, and its recovery."""

import asyncio

import aiohttp
import pytest

from kurator_tui.demo.apiserver.faults import Mode
from tests.unit.demo.apiserver.serving import configmap, serving

PATH = "/api/v1/namespaces/d/configmaps"


async def test_refusing_tears_down_and_comes_back_on_the_same_port() -> None:
    async with serving() as api:
        url = api.server.url
        async with api.request("GET", f"{PATH}?watch=true") as stream:
            await api.server.faults.set(Mode.REFUSE)
            with pytest.raises((aiohttp.ClientError, ConnectionError)):
                await stream.content.read()
        with pytest.raises(aiohttp.ClientConnectorError):
            await api.call("GET", PATH)
        await api.server.faults.clear()
        assert api.server.url == url
        assert (await api.call("GET", PATH))[0] == 200


async def test_hanging_answers_nothing_and_keeps_streams_open() -> None:
    async with (
        serving() as api,
        api.request("GET", f"{PATH}?watch=true&resourceVersion={api.storage.rv}") as stream,
    ):
        await api.server.faults.set(Mode.HANG)
        api.add("configmaps", configmap("one"))
        waiting = asyncio.ensure_future(api.call("GET", PATH))
        line = asyncio.ensure_future(stream.content.readline())
        done, _ = await asyncio.wait({waiting, line}, timeout=0.1)
        assert not done
        await api.server.faults.clear()
        assert (await waiting)[0] == 200
        assert b'"one"' in await line


async def test_errors_are_statuses_and_watches_end() -> None:
    async with serving() as api:
        async with api.request("GET", f"{PATH}?watch=true") as stream:
            await api.server.faults.set(Mode.ERROR500)
            with pytest.raises(aiohttp.ClientError):
                await stream.content.read()
        status, body = await api.call("GET", PATH)
        assert (status, body["reason"]) == (500, "InternalError")


async def test_throttling_names_the_seconds() -> None:
    async with serving() as api:
        await api.server.faults.set("throttle429", seconds=3)
        async with api.request("GET", PATH) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "3")
            assert (await response.json())["reason"] == "TooManyRequests"


@pytest.mark.parametrize("running", [True, False])
async def test_watches_are_cut_in_the_middle_of_a_line(running: bool) -> None:
    async with serving() as api:
        if not running:
            await api.server.faults.set(Mode.HALF_LINE)
        async with api.request("GET", f"{PATH}?watch=true") as stream:
            if running:
                await api.server.faults.set(Mode.HALF_LINE)
            assert (await stream.content.readany()).startswith(b'{"type":"MODIFIED","object"')
            with pytest.raises(aiohttp.ClientError):
                await stream.content.read()
        assert (await api.call("GET", PATH))[0] == 200


async def test_latency_delays() -> None:
    async with serving() as api:
        await api.server.faults.set(Mode.LATENCY, seconds=0.05)
        loop = asyncio.get_running_loop()
        before = loop.time()
        await api.call("GET", PATH)
        assert loop.time() - before >= 0.04


async def test_an_unknown_mode_is_refused() -> None:
    async with serving() as api:
        with pytest.raises(ValueError):
            await api.server.faults.set("explode")
