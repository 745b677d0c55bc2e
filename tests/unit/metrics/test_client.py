"""Thanos over real HTTP: answers, refusals, nonsense and silence, as errors of one tree and without secrets."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kurator_tui.errors import (
    ApiError,
    Broken,
    ConsoleError,
    DnsFailure,
    Forbidden,
    Refused,
    ServerFault,
    TimedOut,
    TlsFailure,
    UsageError,
)
from kurator_tui.metrics.answers import LARGEST, Answer, Sample
from kurator_tui.metrics.client import Thanos
from tests.unit.metrics.server import OK, Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@asynccontextmanager
async def thanos(url: str, **options: Any) -> AsyncIterator[Thanos]:
    client = Thanos(url, **options)
    try:
        yield client
    finally:
        await client.close()


async def ask(server: Server, **options: Any) -> Answer:
    async with thanos(server.url, **options) as client:
        return await client.query("up")


async def failure(server: Server, **options: Any) -> ConsoleError:
    with pytest.raises(ConsoleError) as caught:
        await ask(server, **options)
    return caught.value


async def test_a_vector_is_answered_with_samples(server: Server) -> None:
    assert await ask(server) == Answer([Sample({"cluster": "a"}, 3.0)])
    (asked,) = server.asked
    assert asked["query"] == ["up"]
    assert asked["dedup"] == asked["partial_response"] == ["true"]
    assert asked["replicaLabels[]"] == ["prometheus_replica"]


async def test_warnings_and_infos_are_kept_with_the_answer_they_came_with(server: Server) -> None:
    body = json.loads(OK)
    server.body = json.dumps({**body, "warnings": ["store \x1b[31mlost"], "infos": ["not a counter"]}).encode()
    async with thanos(server.url) as client:
        warned = await client.query("up")
        server.body = OK
        assert (await client.query("up")).warnings == ()
    assert warned.samples == [Sample({"cluster": "a"}, 3.0)]
    assert len(warned.warnings) == 2
    assert "\x1b" not in warned.warnings[0]


async def test_a_scalar_is_one_sample_without_labels(server: Server) -> None:
    server.body = b'{"status":"success","data":{"resultType":"scalar","result":[1,"+Inf"]}}'
    (sample,) = (await ask(server)).samples
    assert (sample.labels, sample.value) == ({}, float("inf"))


async def test_a_packed_answer_is_unpacked(server: Server) -> None:
    server.body = gzip.compress(OK)
    server.headers["Content-Encoding"] = "gzip"
    assert (await ask(server)).samples == [Sample({"cluster": "a"}, 3.0)]


async def test_many_queries_at_once_are_all_answered(server: Server) -> None:
    async with thanos(server.url) as client:
        answers = await asyncio.gather(*(client.query(f"q{number}") for number in range(20)))
    assert all(answer.samples for answer in answers)
    assert {asked["query"][0] for asked in server.asked} == {f"q{number}" for number in range(20)}


@pytest.mark.parametrize(
    ("status", "kind", "error"),
    [
        (400, "bad_data", ApiError),
        (403, "", Forbidden),
        (422, "execution", ApiError),
        (503, "timeout", ServerFault),
    ],
)
async def test_a_refusal_is_told_once_in_the_servers_words(
    server: Server, status: int, kind: str, error: type[ConsoleError]
) -> None:
    server.status = status
    server.body = json.dumps({"status": "error", "errorType": kind, "error": "many-to-many \x1b]0;x\x07"}).encode()
    found = await failure(server)
    assert type(found) is error
    assert "many-to-many" in found.message
    assert kind in found.message
    assert "\x1b" not in found.message
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"<html>log in</html>",
        b"",
        b"[]",
        b'{"status":"success"}',
        b'{"status":"success","data":null}',
        b'{"status":"success","data":{"resultType":"matrix","result":[]}}',
        b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"many"]}]}}',
        b'{"status":"success","data":{"resultType":"vector","result":[{"metric":{"cluster":1},"value":[1,"1"]}]}}',
        b'{"status":"success","data":{"resultType":"vector","result":[{}]}}',
        OK[:-9],
    ],
)
async def test_what_is_no_answer_is_broken_whatever_its_status(server: Server, body: bytes) -> None:
    server.body = body
    assert isinstance(await failure(server), Broken)


async def test_a_page_of_a_proxy_with_an_error_is_not_quoted(server: Server) -> None:
    server.status, server.body = 502, b"<html>token=hunter2</html>"
    found = await failure(server)
    assert isinstance(found, ServerFault)
    assert "502" in found.message
    assert "hunter2" not in found.message + found.hint


async def test_a_redirect_is_not_followed(server: Server) -> None:
    server.status, server.headers["Location"] = 302, f"{server.url}/login"
    assert isinstance(await failure(server), Broken)
    assert len(server.asked) == 1


async def test_an_answer_without_end_is_cut(server: Server) -> None:
    def flood(write: Callable[[bytes], object], _body: bytes) -> None:
        for _ in range(LARGEST // 2**16 + 2):
            write(b" " * 2**16)

    server.send = flood
    assert "8 MiB" in (await failure(server)).message


async def test_a_packed_bomb_is_cut(server: Server) -> None:
    server.body = gzip.compress(b" " * (LARGEST + 2**20))
    server.headers["Content-Encoding"] = "gzip"
    assert "8 MiB" in (await failure(server)).message


async def test_a_server_that_says_nothing_is_timed_out(server: Server) -> None:
    server.send = lambda _write, _body: server.ending.wait(30)
    assert isinstance(await failure(server, silence=0.1), TimedOut)


async def test_a_server_that_drips_is_timed_out(server: Server) -> None:
    def drip(write: Callable[[bytes], object], _body: bytes) -> None:
        while not server.ending.wait(0.02):
            write(b" ")

    server.send = drip
    assert isinstance(await failure(server, silence=5.0, total=0.3), TimedOut)


async def test_an_answer_that_breaks_off_is_broken(server: Server) -> None:
    server.headers["Content-Length"] = str(len(OK) + 10)
    assert isinstance(await failure(server), Broken)


async def test_nobody_at_the_port_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        async with thanos(f"http://127.0.0.1:{taken.getsockname()[1]}") as client:
            with pytest.raises(Refused):
                await client.query("up")


async def test_a_name_that_does_not_resolve_is_told() -> None:
    async with thanos("http://thanos.invalid:9090") as client:
        with pytest.raises(DnsFailure):
            await client.query("up")


async def test_tls_to_a_plain_port_is_told(server: Server) -> None:
    async with thanos(server.url.replace("http:", "https:")) as client:
        with pytest.raises(TlsFailure):
            await client.query("up")


@pytest.mark.parametrize("url", ["thanos:9090", "ftp://thanos", "http://", "http://[::1", "http://a:b", ""])
def test_what_is_no_url_is_refused_at_once(url: str) -> None:
    with pytest.raises(UsageError):
        Thanos(url)


def test_a_password_in_the_url_is_refused_and_not_told() -> None:
    with pytest.raises(UsageError) as caught:
        Thanos("https://user:hunter2@thanos")
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


async def test_credentials_are_sent_and_never_told(server: Server) -> None:
    headers = {"Authorization": "Bearer hunter2", "THANOS-TENANT": "blue"}
    await ask(server, headers=headers)
    assert server.given[0]["Authorization"] == "Bearer hunter2"
    assert server.given[0]["THANOS-TENANT"] == "blue"
    server.status, server.body = 401, b""
    async with thanos(f"{server.url}/hunter2", headers=headers) as client:
        with pytest.raises(ConsoleError) as caught:
            await client.query("up")
        told = f"{caught.value} {caught.value.hint} {client!r} {caught.value.__cause__} {caught.value.__context__}"
    assert "hunter2" not in told


async def test_a_closed_client_asks_nothing(server: Server) -> None:
    client = Thanos(server.url)
    await client.close()
    with pytest.raises(Broken):
        await client.query("up")
    assert server.asked == []


def test_the_library_is_not_imported_before_the_first_query() -> None:
    code = (
        "import sys; from kurator_tui.metrics.client import Thanos; Thanos('http://127.0.0.1:1');"
        "print(*[n for n in ('requests', 'prometheus_api_client') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
