"""Credentials, TLS, streams and counters of one connection."""

from __future__ import annotations

import asyncio
import base64
import gc
import logging
import os
import ssl
import stat
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trustme
from aiohttp import web

from kurator_tui.api import tls
from kurator_tui.api.connection import Connection, ConnectionSettings
from kurator_tui.api.kubeconfig import kubeconfig_from_secret
from kurator_tui.api.lines import LineTooLong, Silent
from kurator_tui.api.probe import probe
from kurator_tui.errors import (
    Broken,
    ConsoleError,
    CredentialError,
    Forbidden,
    KubeconfigError,
    PluginFailure,
    RefusedCredential,
    TimedOut,
    Unauthorized,
)
from tests.unit.api.support import FAST, TOKEN, b64, connected, document, kubeconfig, serving, status


async def echo(request: web.BaseRequest) -> web.StreamResponse:
    """Who asked, as JSON: headers and the client certificate's subject."""
    cert: Any = request.get_extra_info("peercert") or {}
    subject = {key: value for ((key, value),) in cert.get("subject", ())}
    text = await request.text()
    return web.json_response(
        {"headers": dict(request.headers), "subject": subject, "path": request.path_qs, "body": text}
    )


async def asked(connection: Connection, **kwargs: Any) -> dict[str, Any]:
    response = await connection.request("GET", "/version", **kwargs)
    answer: dict[str, Any] = msgspec.json.decode(response.body)
    return answer


def certified(authority: trustme.CA) -> dict[str, str]:
    return {"certificate-authority-data": b64(authority.cert_pem.bytes())}


def client_certificate(authority: trustme.CA, name: str = "ada") -> tuple[bytes, bytes]:
    leaf = authority.issue_cert(f"{name}@example.com", common_name=name)
    return leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()


@pytest.fixture
def mutual_tls(authority: trustme.CA, server_tls: ssl.SSLContext) -> ssl.SSLContext:
    server_tls.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server_tls)
    return server_tls


@pytest.mark.parametrize(
    ("user", "header"),
    [
        ({"token": TOKEN}, f"Bearer {TOKEN}"),
        ({"username": "ada", "password": "pw"}, "Basic " + base64.b64encode(b"ada:pw").decode()),
        ({}, None),
    ],
)
async def test_credentials_in_the_kubeconfig(tmp_path: Path, user: dict[str, str], header: str | None) -> None:
    async with serving(echo) as url, connected(kubeconfig(tmp_path, url, user=user)) as connection:
        assert (await asked(connection))["headers"].get("Authorization") == header


async def test_token_file_is_read_again_after_a_401(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old\n")

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers["Authorization"] == "Bearer old":
            token.write_text("new\n")
            return status(401, "Unauthorized", "Unauthorized")
        return await echo(request)

    config = kubeconfig(tmp_path, "http://x", user={"tokenFile": "token"})
    async with serving(handler) as url:
        config = kubeconfig(tmp_path, url, user={"tokenFile": "token"})
        async with connected(config) as connection:
            assert (await asked(connection))["headers"]["Authorization"] == "Bearer new"
            assert connection.stats.requests == 2


async def test_a_401_that_nothing_can_renew_is_unauthorized_after_one_request(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return status(401, "Unauthorized", "Unauthorized")

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url, user={"token": TOKEN})) as connection:
        with pytest.raises(Unauthorized) as caught:
            await connection.request("GET", "/version")
        assert connection.stats.requests == 1
        assert "log in again" in caught.value.hint


async def test_a_401_for_an_expired_client_certificate_says_so(
    tmp_path: Path, authority: trustme.CA, server_tls: ssl.SSLContext
) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return status(401, "Unauthorized", "Unauthorized")

    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    leaf = authority.issue_cert("ada@example.com", not_after=long_ago)
    certificate, key = leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes()
    user = {"client-certificate-data": b64(certificate), "client-key-data": b64(key)}
    async with serving(handler, server_tls) as url:
        config = kubeconfig(tmp_path, url, cluster=certified(authority), user=user)
        async with connected(config) as connection:
            with pytest.raises(Unauthorized) as caught:
                await connection.request("GET", "/version")
    assert caught.value.message == "Unauthorized: the client certificate expired on 2020-01-01."
    assert "Renew" in caught.value.hint


async def test_impersonation(tmp_path: Path) -> None:
    seen: list[list[str]] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        seen.append([request.headers["Impersonate-User"], *request.headers.getall("Impersonate-Group")])
        return await echo(request)

    user = {"token": TOKEN, "as": "viewer", "as-groups": ["a", "b"]}
    async with serving(handler) as url, connected(kubeconfig(tmp_path, url, user=user)) as connection:
        await asked(connection)
    assert seen == [["viewer", "a", "b"]]


async def test_client_certificate_from_data(
    tmp_path: Path, authority: trustme.CA, mutual_tls: ssl.SSLContext
) -> None:
    certificate, key = client_certificate(authority)
    user = {"client-certificate-data": b64(certificate), "client-key-data": b64(key)}
    async with serving(echo, mutual_tls) as url:
        config = kubeconfig(tmp_path, url, cluster=certified(authority), user=user)
        async with connected(config) as connection:
            assert (await asked(connection))["subject"]["commonName"] == "ada"
            expires = connection.cert_expiry
    assert expires == tls.pem_expiry(certificate)


async def test_client_certificate_and_ca_from_files(
    tmp_path: Path, authority: trustme.CA, mutual_tls: ssl.SSLContext
) -> None:
    certificate, key = client_certificate(authority)
    for name, content in (("c.pem", certificate), ("k.pem", key), ("ca.pem", authority.cert_pem.bytes())):
        (tmp_path / name).write_bytes(content)
    user = {"client-certificate": "c.pem", "client-key": "k.pem"}
    async with serving(echo, mutual_tls) as url:
        config = kubeconfig(tmp_path, url, cluster={"certificate-authority": "ca.pem"}, user=user)
        async with connected(config) as connection:
            assert (await asked(connection))["subject"]["commonName"] == "ada"


async def test_server_name_other_than_the_address(tmp_path: Path, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("inner.test").configure_cert(context)
    async with serving(echo, context) as url:
        config = kubeconfig(tmp_path, url, cluster={**certified(authority), "tls-server-name": "inner.test"})
        async with connected(config) as connection:
            await asked(connection)


async def test_insecure_skip_tls_verify(tmp_path: Path, server_tls: ssl.SSLContext) -> None:
    async with serving(echo, server_tls) as url:
        config = kubeconfig(tmp_path, url, cluster={"insecure-skip-tls-verify": True})
        async with connected(config) as connection:
            await asked(connection)


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
            settings = ConnectionSettings(connect=0.05, answer=0.05, env={"HTTP_PROXY": url})
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


SMALL = ConnectionSettings(connect=2.0, answer=2.0, total=0.1, answer_bytes=2**20, list_bytes=2 * 2**20, env={})


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

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url), SMALL) as connection:
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


@pytest.mark.parametrize(
    ("cluster", "user", "said"),
    [
        ({"certificate-authority-data": "!!!"}, {}, "CA certificate"),
        ({"certificate-authority-data": b64(b"no pem")}, {}, "CA certificate"),
        ({"certificate-authority": "gone.pem"}, {}, "cannot be read"),
        ({}, {"client-certificate-data": b64(b"x"), "client-key-data": b64(b"y")}, "client certificate and key"),
        ({}, {"client-certificate-data": b64(b"x")}, "no client-key"),
        ({"proxy-url": "socks5://p:1080"}, {}, "no http or https proxy"),
    ],
)
async def test_unusable_material(tmp_path: Path, cluster: dict[str, str], user: dict[str, str], said: str) -> None:
    config = kubeconfig(tmp_path, "https://x", cluster=cluster, user=user)
    with pytest.raises(KubeconfigError, match=said):
        async with connected(config):
            pass
    if "certificate-authority" in cluster:
        return
    foreign = kubeconfig_from_secret(document("https://x", cluster=cluster, user=user).encode(), source="secret x")
    with pytest.raises(CredentialError, match=said):
        await Connection.open("m", foreign, None, user_owned=False, exec_gate=asyncio.Semaphore(1), settings=FAST)


async def test_users_kubeconfig_passed_as_a_foreign_one_is_refused(tmp_path: Path) -> None:
    config = kubeconfig(
        tmp_path, "https://x", user={"exec": {"command": "touch", "args": [str(tmp_path / "ran")]}}
    )
    with pytest.raises(RefusedCredential):
        await Connection.open("m", config, None, user_owned=False, exec_gate=asyncio.Semaphore(1), settings=FAST)
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="no anonymous memory files on this system")
async def test_key_material_never_becomes_a_file(
    tmp_path: Path, authority: trustme.CA, mutual_tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by us nor by the kubernetes client, from the kubeconfig or from a plugin."""
    certificate, key = client_certificate(authority, "ida")
    embedded = {"client-certificate-data": b64(certificate), "client-key-data": b64(key)}
    issued = plugin(tmp_path, issue(clientCertificateData=certificate.decode(), clientKeyData=key.decode()))
    async with serving(echo, mutual_tls) as url:
        for user in (embedded, issued):
            config = kubeconfig(tmp_path, url, cluster=certified(authority), user=user)
            with monkeypatch.context() as patch:
                for name in ("mkstemp", "NamedTemporaryFile", "TemporaryFile", "mkdtemp"):
                    patch.setattr(tempfile, name, lambda *args, **kwargs: pytest.fail("a file was made"))
                async with connected(config) as connection:
                    assert (await asked(connection))["subject"]["commonName"] == "ida"


async def test_without_memory_files_the_key_is_private_and_gone(
    tmp_path: Path, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    load = ssl.SSLContext.load_cert_chain

    def spy(self: ssl.SSLContext, path: str, *args: Any, **kwargs: Any) -> None:
        modes.append(stat.S_IMODE(os.stat(path).st_mode))
        load(self, path, *args, **kwargs)

    monkeypatch.setattr(tls, "_memory_file", lambda: None)
    monkeypatch.setattr(tls, "_memory_folder", lambda: str(tmp_path))
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", spy)
    tls.context_for(authority.cert_pem.bytes(), tls.ClientPair(*client_certificate(authority, "eve")))
    assert modes == [0o600]
    assert list(tmp_path.iterdir()) == []


async def test_one_tls_context_for_the_same_material(authority: trustme.CA) -> None:
    pem, pair = authority.cert_pem.bytes(), tls.ClientPair(*client_certificate(authority))
    assert tls.context_for(pem, pair) is tls.context_for(pem, pair)
    assert tls.context_for(pem, pair) is not tls.context_for(pem, None)


def test_expiry_agrees_with_cryptography(authority: trustme.CA) -> None:
    from cryptography import x509

    certificate, _ = client_certificate(authority)
    expected = x509.load_pem_x509_certificate(certificate).not_valid_after_utc.timestamp()
    assert tls.pem_expiry(certificate) == expected
    assert tls.pem_expiry(b"nothing") is None
    assert tls.der_expiry(b"\x30\x82\xff\xff") is None


async def test_server_certificate_expiry_is_known_from_a_stream(
    tmp_path: Path, authority: trustme.CA, server_tls: ssl.SSLContext
) -> None:
    async with serving(lines_of(b"x\n"), server_tls) as url:
        config = kubeconfig(tmp_path, url, cluster=certified(authority))
        async with connected(config) as connection, connection.stream("/watch") as lines:
            assert await anext(lines) == b"x"
            assert connection.cert_expiry is not None


def lines_of(*chunks: bytes, hang: bool = True) -> Any:
    """A handler that streams chunks and then stays silent, or ends."""

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        if hang:
            await asyncio.Event().wait()
        return response

    return handler


@pytest.fixture
async def streamed(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Connection]:
    async with serving(request.param) as url, connected(kubeconfig(tmp_path, url)) as connection:
        yield connection


@pytest.mark.parametrize("streamed", [lines_of(b"a\n\nb", b"c\r\nlast", hang=False)], indirect=True)
async def test_lines_arrive_whole_whatever_the_chunks(streamed: Connection) -> None:
    async with streamed.stream("/watch") as lines:
        assert [line async for line in lines] == [b"a", b"bc", b"last"]
    assert streamed.stats.bytes_in == len(b"a\n\nbc\r\nlast")


@pytest.mark.parametrize("streamed", [lines_of(b"a\n")], indirect=True)
async def test_silence_past_the_deadline_ends_a_stream(streamed: Connection) -> None:
    async with streamed.stream("/watch", quiet=0.05) as lines:
        assert streamed.stats.open_streams == 1
        assert await anext(lines) == b"a"
        with pytest.raises(Silent, match="silent"):
            await anext(lines)
    assert streamed.stats.open_streams == 0


@pytest.mark.parametrize("streamed", [lines_of(b"a\n", b"b\n")], indirect=True)
async def test_a_slow_reader_is_not_mistaken_for_a_silent_server(streamed: Connection) -> None:
    async with streamed.stream("/watch", quiet=0.02) as lines:
        assert await anext(lines) == b"a"
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.06, passed.set)
        await passed.wait()
        assert await anext(lines) == b"b"


@pytest.mark.parametrize("streamed", [lines_of(b"x" * 1_500_000 + b"\n", b"y" * 5_000_000)], indirect=True)
async def test_a_megabyte_is_a_line_and_five_are_not(streamed: Connection) -> None:
    async with streamed.stream("/watch") as lines:
        assert len(await anext(lines)) == 1_500_000
        with pytest.raises(LineTooLong):
            await anext(lines)


@pytest.mark.parametrize("streamed", [lambda request: never(request)], indirect=True)
async def test_a_stream_is_checked_for_its_status_first(streamed: Connection) -> None:
    with pytest.raises(Forbidden):
        async with streamed.stream("/watch"):
            pytest.fail("opened")


async def never(request: web.BaseRequest) -> web.StreamResponse:
    return status(403, "Forbidden", "no")


@pytest.mark.parametrize("streamed", [lines_of(b"a\n")], indirect=True)
async def test_closing_ends_open_streams_and_refuses_new_requests(streamed: Connection) -> None:
    async with streamed.stream("/watch") as lines:
        assert await anext(lines) == b"a"
        await streamed.close()
        with pytest.raises(Broken):
            await anext(lines)
    with pytest.raises(Broken, match="closed"):
        await streamed.request("GET", "/version")


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts descriptors in /proc")
async def test_no_descriptor_stays_open(tmp_path: Path, authority: trustme.CA, mutual_tls: ssl.SSLContext) -> None:
    certificate, key = client_certificate(authority)
    user = {"client-certificate-data": b64(certificate), "client-key-data": b64(key)}
    async with serving(echo, mutual_tls) as url:
        config = kubeconfig(tmp_path, url, cluster=certified(authority), user=user)
        before = open_descriptors()
        for _ in range(3):
            async with connected(config) as connection:
                await asked(connection)
    gc.collect()
    assert open_descriptors() <= before


async def test_down_after_no_answer_at_all(tmp_path: Path) -> None:
    async with serving(echo) as url:
        config = kubeconfig(tmp_path, url)
    async with connected(config) as connection:
        with pytest.raises(ConsoleError):
            await asked(connection)
        assert connection.down


PLUGIN = """\
import json, os, sys
runs = open({runs!r}, "a"); runs.write("x"); runs.close()
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
assert info["spec"]["interactive"] is False, info
assert sys.stdin.read() == ""
try:
    os.open("/dev/tty", os.O_RDWR); sys.exit("has a terminal")
except OSError:
    pass
sys.stderr.write("logging in\\x1b[2J as ada\\n")
{body}
"""


def plugin(folder: Path, body: str, **spec: Any) -> dict[str, Any]:
    """A user entry with an exec plugin; it appends to `runs` at each run."""
    script = folder / "plugin.py"
    script.write_text(PLUGIN.format(runs=str(folder / "runs"), body=body))
    version = "client.authentication.k8s.io/v1"
    return {"exec": {"apiVersion": version, "command": sys.executable, "args": [str(script)], **spec}}


def issue(**given: Any) -> str:
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": given}
    return f"print({msgspec.json.encode(credential).decode()!r})"


def runs(folder: Path) -> int:
    return len((folder / "runs").read_text())


async def test_plugin_issues_a_token_once(tmp_path: Path) -> None:
    user = plugin(tmp_path, issue(token=TOKEN), env=[{"name": "A", "value": "1"}])
    async with serving(echo) as url, connected(kubeconfig(tmp_path, url, user=user)) as connection:
        answers = await asyncio.gather(*[asked(connection) for _ in range(5)])
        assert {answer["headers"]["Authorization"] for answer in answers} == {f"Bearer {TOKEN}"}
    assert runs(tmp_path) == 1


async def test_plugin_credentials_are_renewed_when_they_expire_or_are_refused(tmp_path: Path) -> None:
    refuse = iter([False, False, True])

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return status(401, "Unauthorized", "no") if next(refuse, False) else await echo(request)

    now = [0.0]
    user = plugin(tmp_path, issue(token=TOKEN, expirationTimestamp="1970-01-01T01:00:00Z"))
    settings = ConnectionSettings(env={}, now=lambda: now[0])
    async with serving(handler) as url, connected(kubeconfig(tmp_path, url, user=user), settings) as connection:
        await asked(connection)
        await asked(connection)
        assert runs(tmp_path) == 1
        now[0] = 20.0
        await asked(connection)
        assert runs(tmp_path) == 2
        now[0] = 3599.0
        await asked(connection)
        assert runs(tmp_path) == 3


async def test_plugin_issues_client_certificates(
    tmp_path: Path, authority: trustme.CA, mutual_tls: ssl.SSLContext
) -> None:
    certificate, key = client_certificate(authority, "grace")
    user = plugin(tmp_path, issue(clientCertificateData=certificate.decode(), clientKeyData=key.decode()))
    async with serving(echo, mutual_tls) as url:
        config = kubeconfig(tmp_path, url, cluster=certified(authority), user=user)
        async with connected(config) as connection:
            assert (await asked(connection))["subject"]["commonName"] == "grace"
            assert connection.cert_expiry == tls.pem_expiry(certificate)


@pytest.mark.parametrize(
    ("body", "spec", "said"),
    [
        ("sys.exit(3)", {}, "failed with status 3: logging in␛.2J as ada"),
        ("", {"apiVersion": "v1"}, "has no apiVersion of client.authentication.k8s.io/"),
        ("", {"apiVersion": None}, "has no apiVersion of client.authentication.k8s.io/"),
        ("print('{}')", {}, "printed no ExecCredential"),
        ("print('nonsense ' * 3)", {}, "printed no ExecCredential"),
        (issue(), {}, "neither a token nor a client certificate"),
        (issue(token=TOKEN), {"apiVersion": "client.authentication.k8s.io/v1beta1"}, "asks for"),
        ("", {"command": "/no/such/plugin"}, "cannot be run: No such file"),
        ("", {"interactiveMode": "Always"}, "wants a terminal"),
    ],
)
async def test_plugin_failures(tmp_path: Path, body: str, spec: dict[str, Any], said: str) -> None:
    user = plugin(tmp_path, body, **{"installHint": "install it", **spec})
    async with serving(echo) as url, connected(kubeconfig(tmp_path, url, user=user)) as connection:
        for _ in range(2):
            with pytest.raises(PluginFailure, match=said) as caught:
                await asked(connection)
        assert TOKEN not in caught.value.message
    if (tmp_path / "runs").exists():
        assert runs(tmp_path) == 1


async def test_a_plugin_entry_that_cannot_be_run_fails_once_and_rests(tmp_path: Path) -> None:
    gates: list[int] = []

    class Gate(asyncio.Semaphore):
        async def __aenter__(self) -> None:
            gates.append(1)
            await super().__aenter__()

    now = [0.0]
    settings = ConnectionSettings(env={}, now=lambda: now[0])
    user = plugin(tmp_path, "", args=5)
    async with serving(echo) as url:
        config = kubeconfig(tmp_path, url, user=user)
        connection = await Connection.open(
            "m1", config, None, user_owned=True, exec_gate=Gate(1), settings=settings
        )
        for moment, expected in ((0.0, 1), (1.0, 1), (10.0, 2)):
            now[0] = moment
            with pytest.raises(PluginFailure, match=r"cannot be used \(TypeError\)"):
                await asked(connection)
            assert len(gates) == expected
        await connection.close()


async def test_plugin_that_hangs_is_killed(tmp_path: Path) -> None:
    user = plugin(tmp_path, "import time; time.sleep(600)")
    settings = ConnectionSettings(env={}, plugin=0.5)
    async with serving(echo) as url, connected(kubeconfig(tmp_path, url, user=user), settings) as connection:
        with pytest.raises(PluginFailure, match=r"within 0\.5 s"):
            await asked(connection)


async def test_requests_refused_together_renew_once_and_a_fresh_refusal_does_not_hammer(tmp_path: Path) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return status(401, "Unauthorized", "no")

    now = [0.0]
    settings = ConnectionSettings(env={}, now=lambda: now[0])
    config = kubeconfig(tmp_path, "http://x", user=plugin(tmp_path, issue(token=TOKEN)))
    async with serving(handler) as url:
        config = kubeconfig(tmp_path, url, user=plugin(tmp_path, issue(token=TOKEN)))
        async with connected(config, settings) as connection:
            for moment, expected in ((0.0, 1), (5.0, 1), (30.0, 2)):
                now[0] = moment
                failed = await asyncio.gather(*[asked(connection) for _ in range(4)], return_exceptions=True)
                assert {type(error) for error in failed} == {Unauthorized}
                assert runs(tmp_path) == expected


async def test_a_caller_that_gives_up_does_not_stop_the_plugin_but_closing_does(tmp_path: Path) -> None:
    user = plugin(tmp_path, f"import time; time.sleep(0.2)\n{issue(token=TOKEN)}")
    async with serving(echo) as url:
        config = kubeconfig(tmp_path, url, user=user)
        async with connected(config) as connection:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.01):
                    await asked(connection)
            await asked(connection)
            assert runs(tmp_path) == 1
        slow = kubeconfig(tmp_path, url, user=plugin(tmp_path, "import time; time.sleep(600)"))
        async with connected(slow) as connection:
            waiting = asyncio.ensure_future(asked(connection))
            await asyncio.sleep(0)
            await connection.close()
            with pytest.raises(PluginFailure, match="ended"):
                await waiting


async def test_a_probe_waits_for_a_plugin_longer_than_for_the_server(tmp_path: Path) -> None:
    async def version(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response({"gitVersion": "v1"})

    user = plugin(tmp_path, f"import time; time.sleep(0.6)\n{issue(token=TOKEN)}")
    async with serving(version) as url, connected(kubeconfig(tmp_path, url, user=user)) as connection:
        assert (await probe(connection, 0.5)).latency_ms < 500


async def test_one_plugin_at_a_time(tmp_path: Path) -> None:
    busy = f"p={str(tmp_path / 'busy')!r}\nos.mkdir(p)\nimport time; time.sleep(0.05)\nos.rmdir(p)\n"
    body = busy + issue(token=TOKEN)
    gate = asyncio.Semaphore(1)
    async with serving(echo) as url:
        config = kubeconfig(tmp_path, url, user=plugin(tmp_path, body))
        connections = [
            await Connection.open(f"m{n}", config, None, user_owned=True, exec_gate=gate, settings=FAST)
            for n in range(3)
        ]
        await asyncio.gather(*[asked(connection) for connection in connections])
        for connection in connections:
            await connection.close()
    assert runs(tmp_path) == 3


async def test_secrets_are_in_no_log_repr_or_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, authority: trustme.CA
) -> None:
    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        return status(403, "Forbidden", "no")

    caplog.set_level(logging.DEBUG)
    _, key = client_certificate(authority)
    async with serving(handler) as url:
        config = kubeconfig(tmp_path, url, user={"token": TOKEN})
        async with connected(config) as connection:
            with pytest.raises(Forbidden) as caught:
                await asked(connection)
            shown = repr(connection) + repr(config) + repr(caught.value) + str(vars(caught.value))
            shown += repr(connection._credentials) + repr(tls.ClientPair(b"", key)) + caplog.text
    assert TOKEN not in shown
    assert key.decode()[:60] not in shown
