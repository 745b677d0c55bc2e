"""Servers can be faulted from outside, and mistakes are answered."""

import ssl
from collections.abc import AsyncIterator

import aiohttp
import pytest

from kurator_tui.demo.serve import Demo, DemoOptions


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    made = Demo(DemoOptions(members=1, scenario="calm", control=True))
    await made.start()
    yield made
    await made.stop()


async def fault(demo: Demo, body: object) -> tuple[int, dict[str, str]]:
    assert demo.control is not None
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{demo.control.url}/fault", json=body) as response,
    ):
        return response.status, await response.json()


async def status(demo: Demo, cluster: str) -> int | None:
    """What `/version` answers, None when the server refuses."""
    access = demo.contexts()[0].access
    context = ssl.create_default_context(cadata=access.authority.decode())
    connector = aiohttp.TCPConnector(ssl=context)
    try:
        async with (
            aiohttp.ClientSession(connector=connector) as http,
            http.get(f"{demo.servers[cluster].url}/version") as response,
        ):
            return response.status
    except aiohttp.ClientConnectionError:
        return None


async def test_a_server_is_faulted_and_healed(demo: Demo) -> None:
    answers = []
    for mode in ("error500", "refuse", "none"):
        assert await fault(demo, {"cluster": "prod-cloud", "mode": mode}) == (
            200,
            {"cluster": "prod-cloud", "mode": mode},
        )
        answers.append(
            (await status(demo, "prod-cloud"), await status(demo, "host"), demo.world.faults["prod-cloud"])
        )
    assert answers == [(500, 200, "error500"), (None, 200, "refuse"), (200, 200, "none")]


@pytest.mark.parametrize("body", [[], {}, {"cluster": "host"}, {"cluster": "host", "mode": "explode"}])
async def test_a_body_it_does_not_know_is_refused(demo: Demo, body: object) -> None:
    code, answer = await fault(demo, body)
    assert code == 400
    assert "mode" in answer["error"]


async def test_an_unknown_cluster_is_not_found(demo: Demo) -> None:
    assert await fault(demo, {"cluster": "nope", "mode": "none"}) == (
        404,
        {"error": "no cluster 'nope'; there are host, prod-cloud"},
    )


async def test_the_state_is_told(demo: Demo) -> None:
    assert demo.control is not None
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{demo.control.url}/state") as response:
            assert await response.json() == {"host": "none", "prod-cloud": "none"}
        async with http.get(f"{demo.control.url}/other") as response:
            assert response.status == 404
