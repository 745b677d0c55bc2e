"""Who we say we are: tokens, passwords, impersonation; what is refused, and what is never shown."""

from __future__ import annotations

import asyncio
import base64
import logging
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from aiohttp import web

from kurator_tui.api import tls
from kurator_tui.api.connection import Connection
from kurator_tui.api.kubeconfig import kubeconfig_from_secret
from kurator_tui.errors import (
    CredentialError,
    Forbidden,
    KubeconfigError,
    RefusedCredential,
    Unauthorized,
)
from tests.unit.api.support import (
    FAST,
    TOKEN,
    asked,
    b64,
    certified,
    client_certificate,
    connected,
    document,
    echo,
    kubeconfig,
    serving,
    status,
)


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
