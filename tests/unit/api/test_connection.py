"""Requests of one connection: proxies, limits, redirects, and whether the server is there."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from kurator_tui.api.connection import ConnectionSettings
from kurator_tui.errors import (
    Broken,
    ConsoleError,
    TimedOut,
)
from tests.unit.api.support import (
    TOKEN,
    asked,
    connected,
    echo,
    kubeconfig,
    serving,
)


async def test_http_proxy(tmp_path: Path) -> None:
    async def proxy(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"via": str(request.url), "auth": request.headers.get("Proxy-Authorization")})

    async with serving(proxy) as url:
        proxied = url.replace("http://", "http://u:p@")
        config = kubeconfig(tmp_path, "http://cluster.test", cluster={"proxy-url": proxied})
        async with connected(config) as connection:
            answer = await asked(connection)
    assert answer["via"] == "http://cluster.test/version"
    assert answer["auth"].startswith("Basic ")


async def test_environment_proxy_and_its_exceptions(tmp_path: Path) -> None:
    async with serving(echo) as url:
        for exception in ("cluster.test", "10.0.0.0/8"):
            host = "cluster.test" if exception == "cluster.test" else "10.1.2.3"
            env = {"HTTP_PROXY": url, "NO_PROXY": exception}
            settings = ConnectionSettings(env={"HTTP_PROXY": url})
            async with connected(kubeconfig(tmp_path, f"http://{host}"), settings) as connection:
                await asked(connection)
            direct = ConnectionSettings(connect=0.05, answer=0.05, env=env)
            async with connected(kubeconfig(tmp_path, f"http://{host}"), direct) as connection:
                with pytest.raises(ConsoleError):
                    await asked(connection)


async def test_path_prefix_query_and_body(tmp_path: Path) -> None:
    async with serving(echo) as url, connected(kubeconfig(tmp_path, f"{url}/k8s/clusters/c-1/")) as connection:
        answer = await asked(connection, query=[("fieldSelector", "a=b,c!=d e")])
        assert answer["path"] == "/k8s/clusters/c-1/version?fieldSelector=a%3Db,c!%3Dd%20e"
        posted = await connection.request(
            "PATCH", "/x", body=b'[{"op":"test"}]', headers={"Content-Type": "application/json-patch+json"}
        )
        told = msgspec.json.decode(posted.body)
    assert told["headers"]["Content-Type"] == "application/json-patch+json"
    assert msgspec.json.decode(told["body"]) == [{"op": "test"}]
    assert told["headers"]["User-Agent"].startswith("kurator-tui/")


SMALL = ConnectionSettings(answer_bytes=2**20, list_bytes=2 * 2**20, env={})


@pytest.mark.parametrize("packed", [False, True])
async def test_an_answer_too_large_is_refused_and_a_list_may_be_larger(tmp_path: Path, packed: bool) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.Response(body=b"x" * int(request.query["size"]))
        if packed:
            response.enable_compression(web.ContentCoding.gzip)
        return response

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url), SMALL) as connection:

        async def size(number: int, listing: bool) -> int:
            query = [("size", str(number))]
            return len((await connection.request("GET", "/x", query=query, listing=listing)).body)

        assert await size(2**20, False) == 2**20
        assert await size(2 * 2**20, True) == 2 * 2**20
        with pytest.raises(Broken, match="more than 1 MiB"):
            await size(2**20 + 1, False)
        with pytest.raises(Broken, match="more than 2 MiB"):
            await size(2 * 2**20 + 1, True)


async def test_an_answer_that_trickles_ends_in_time(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b" ")
        await asyncio.Event().wait()
        return response

    short = ConnectionSettings(total=0.1, env={})
    async with serving(handler) as url, connected(kubeconfig(tmp_path, url), short) as connection:
        with pytest.raises(TimedOut):
            await connection.request("GET", "/x")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_redirects_are_refused_and_nobody_else_is_asked(tmp_path: Path, code: int, method: str) -> None:
    reached: list[str] = []

    async def elsewhere(request: web.BaseRequest) -> web.StreamResponse:
        reached.append(request.path)
        return await echo(request)

    async with serving(elsewhere) as other:

        async def handler(request: web.BaseRequest) -> web.StreamResponse:
            return web.Response(status=code, headers={"Location": f"{other}/stolen"})

        user = {"token": TOKEN, "as": "viewer"}
        async with serving(handler) as url, connected(kubeconfig(tmp_path, url, user=user)) as connection:
            with pytest.raises(Broken, match="redirect"):
                await connection.request(method, "/x", body={"a": 1} if method == "POST" else None)
            with pytest.raises(Broken, match="redirect"):
                async with connection.stream("/watch"):
                    pytest.fail("opened")
    assert reached == []


async def test_down_after_no_answer_at_all(tmp_path: Path) -> None:
    async with serving(echo) as url:
        config = kubeconfig(tmp_path, url)
    async with connected(config) as connection:
        with pytest.raises(ConsoleError):
            await asked(connection)
        assert connection.down
