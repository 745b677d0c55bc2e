"""Every way an API server cannot be reached, or says no, is one class of the error tree with words for people."""

from __future__ import annotations

import asyncio
import datetime
import json
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from kurator_tui.api.connection import ConnectionSettings
from kurator_tui.api.failures import error_from_answer, error_from_event
from kurator_tui.errors import (
    ApiError,
    Broken,
    Conflict,
    ConsoleError,
    DnsFailure,
    Expired,
    Forbidden,
    NotFound,
    Refused,
    ServerFault,
    Throttled,
    TimedOut,
    TlsFailure,
    TransportError,
    Unauthorized,
)
from tests.unit.api.support import FAST, b64, connected, kubeconfig, raw_serving, serving, status

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings" / "apiserver"


async def failure(folder: Path, server: str, settings: ConnectionSettings = FAST, **parts: Any) -> ConsoleError:
    """The error of one GET; also checks that nothing of the HTTP library hangs on it."""
    async with connected(kubeconfig(folder, server, **parts), settings) as connection:
        with pytest.raises(ConsoleError) as caught:
            await connection.request("GET", "/version")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    return caught.value


async def ok(request: web.BaseRequest) -> web.StreamResponse:
    return web.json_response({"gitVersion": "v1.36.2"})


def ca(authority: trustme.CA) -> dict[str, str]:
    return {"certificate-authority-data": b64(authority.cert_pem.bytes())}


async def test_unknown_authority(tmp_path: Path, server_tls: ssl.SSLContext) -> None:
    async with serving(ok, server_tls) as url:
        error = await failure(tmp_path, url, cluster=ca(trustme.CA()))
    assert isinstance(error, TlsFailure)
    assert "unknown authority" in error.message
    assert "certificate-authority" in error.hint


async def test_unknown_authority_with_the_systems_authorities(tmp_path: Path, server_tls: ssl.SSLContext) -> None:
    async with serving(ok, server_tls) as url:
        assert "unknown authority" in (await failure(tmp_path, url)).message


async def test_expired_server_certificate(tmp_path: Path, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    authority.issue_cert("127.0.0.1", not_after=past).configure_cert(context)
    async with serving(ok, context) as url:
        error = await failure(tmp_path, url, cluster=ca(authority))
    assert isinstance(error, TlsFailure)
    assert "has expired" in error.message


async def test_certificate_for_another_name(tmp_path: Path, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.test").configure_cert(context)
    async with serving(ok, context) as url:
        error = await failure(tmp_path, url, cluster=ca(authority))
        assert isinstance(error, TlsFailure)
        assert "another" in error.message
        named = await failure(tmp_path, url, cluster={**ca(authority), "tls-server-name": "wrong.test"})
        assert "another name" in named.message


async def test_tls_to_a_plain_port(tmp_path: Path, authority: trustme.CA) -> None:
    async with serving(ok) as url:
        error = await failure(tmp_path, url.replace("http:", "https:"), cluster=ca(authority))
    assert isinstance(error, TlsFailure)
    assert "does not speak TLS" in error.message


async def test_plain_to_a_tls_port_that_says_so(tmp_path: Path) -> None:
    async def go_server(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=400, text="Client sent an HTTP request to an HTTPS server.\n")

    async with serving(go_server) as url:
        error = await failure(tmp_path, url)
    assert isinstance(error, TlsFailure)
    assert "https://" in error.hint


async def test_plain_to_a_tls_port_that_hangs_up(tmp_path: Path, server_tls: ssl.SSLContext) -> None:
    async with serving(ok, server_tls) as url:
        error = await failure(tmp_path, url.replace("https:", "http:"))
    assert isinstance(error, Broken)
    assert "https://" in error.hint


async def test_server_wants_a_client_certificate(
    tmp_path: Path, authority: trustme.CA, server_tls: ssl.SSLContext
) -> None:
    server_tls.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server_tls)
    async with serving(ok, server_tls) as url:
        error = await failure(tmp_path, url, cluster=ca(authority))
    assert isinstance(error, Broken | TlsFailure)
    assert "client certificate" in error.message + error.hint


async def test_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        error = await failure(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert isinstance(error, Refused)


async def test_name_that_does_not_resolve(tmp_path: Path) -> None:
    error = await failure(tmp_path, "https://no-such-cluster.invalid:6443")
    assert isinstance(error, DnsFailure)
    assert "no-such-cluster.invalid" in error.message


async def test_hang_before_the_answer(tmp_path: Path) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with raw_serving(hang) as url:
        error = await failure(tmp_path, url, ConnectionSettings(connect=0.5, answer=0.05, env={}))
    assert isinstance(error, TimedOut)


async def test_hang_in_the_tls_handshake(tmp_path: Path) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with raw_serving(hang) as url:
        https = url.replace("http:", "https:")
        error = await failure(tmp_path, https, ConnectionSettings(connect=0.05, answer=0.05, env={}))
    assert isinstance(error, TimedOut)


async def test_not_http(tmp_path: Path) -> None:
    async def ssh(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
        await writer.drain()

    async with raw_serving(ssh) as url:
        assert isinstance(await failure(tmp_path, url), Broken)


async def test_cut_in_the_middle_of_an_answer(tmp_path: Path) -> None:
    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()

    async with raw_serving(half) as url:
        error = await failure(tmp_path, url)
    assert isinstance(error, Broken)
    assert "middle" in error.message


async def test_proxy_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        proxy = f"http://user:hunter2@127.0.0.1:{taken.getsockname()[1]}"
        error = await failure(tmp_path, "http://cluster.test", cluster={"proxy-url": proxy})
    assert isinstance(error, TransportError)
    assert "proxy" in error.message
    assert "hunter2" not in error.message + error.hint


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (400, "BadRequest", ApiError),
        (401, "Unauthorized", Unauthorized),
        (403, "Forbidden", Forbidden),
        (404, "NotFound", NotFound),
        (409, "Conflict", Conflict),
        (410, "Expired", Expired),
        (422, "Invalid", ApiError),
        (429, "TooManyRequests", Throttled),
        (500, "InternalError", ServerFault),
        (504, "Timeout", ServerFault),
    ],
)
async def test_status_codes(tmp_path: Path, code: int, reason: str, kind: type[ApiError]) -> None:
    async def refuse(request: web.BaseRequest) -> web.StreamResponse:
        return status(code, reason, "no\x1b[31m way")

    async with serving(refuse) as url:
        error = await failure(tmp_path, url)
    assert type(error) is kind
    assert (error.code, error.reason) == (code, reason)
    assert error.message == "no␛[31m way"


async def test_page_of_a_proxy_instead_of_a_status(tmp_path: Path) -> None:
    async def bad_gateway(request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=502, text="<html>nginx</html>", content_type="text/html")

    async with serving(bad_gateway) as url:
        error = await failure(tmp_path, url)
    assert isinstance(error, ServerFault)
    assert "502 Bad Gateway" in error.message
    assert "html" not in error.message


def test_retry_after_comes_from_the_header_or_the_details() -> None:
    body = {"kind": "Status", "code": 429, "details": {"retryAfterSeconds": 7}}
    header = error_from_answer(429, {"Retry-After": "3"}, json.dumps(body).encode(), "https://x")
    details = error_from_answer(429, {}, json.dumps(body).encode(), "https://x")
    plain = error_from_answer(503, {"Retry-After": "5"}, b"busy", "https://x")
    assert isinstance(header, ApiError)
    assert isinstance(details, ApiError)
    assert isinstance(plain, ApiError)
    assert (header.retry_after, details.retry_after, plain.retry_after) == (3.0, 7.0, 5.0)


def test_expired_is_known_by_its_reason_too() -> None:
    assert isinstance(error_from_event(b'{"kind":"Status","reason":"Expired","message":"too old"}'), Expired)
    assert isinstance(error_from_event(b"[]"), ServerFault)


def recorded() -> list[Path]:
    return sorted(RECORDINGS.glob("*.json"))


def test_recorded_statuses_keep_code_reason_message_and_causes() -> None:
    if not recorded():
        pytest.skip(f"no recordings at {RECORDINGS}")
    seen = 0
    for path in recorded():
        response = json.loads(path.read_text())["response"]
        body = response.get("body")
        if not isinstance(body, dict) or body.get("kind") != "Status" or response["status"] < 300:
            continue
        seen += 1
        error = error_from_answer(response["status"], response["headers"], json.dumps(body).encode(), "https://x")
        assert isinstance(error, ApiError), path.name
        assert (error.code, error.reason) == (response["status"], body.get("reason") or ""), path.name
        assert error.message == " ".join(body["message"].split("\n")) or "␊" in error.message, path.name
        causes = body.get("details", {}).get("causes", [])
        assert [c[0] for c in error.causes] == [c.get("reason", "") for c in causes], path.name
        assert error.retry_after == body.get("details", {}).get("retryAfterSeconds"), path.name
    assert seen > 20


def test_recorded_watch_errors_are_expired() -> None:
    if not recorded():
        pytest.skip(f"no recordings at {RECORDINGS}")
    errors = [
        error_from_event(json.dumps(event["object"]).encode())
        for path in recorded()
        for event in json.loads(path.read_text())["response"].get("watch_events", ())
        if event["type"] == "ERROR"
    ]
    assert errors
    assert all(isinstance(error, Expired) for error in errors)
