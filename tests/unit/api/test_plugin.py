"""Exec plugins: run when needed, once for all who wait, one at a time, and never for ever."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from kurator_tui.api.connection import Connection, ConnectionSettings
from kurator_tui.api.facts import Listed, Lost
from kurator_tui.api.probe import probe
from kurator_tui.errors import (
    PluginFailure,
    Unauthorized,
)
from kurator_tui.kinds import x509
from tests.unit.api.plugins import issue, plugin, runs
from tests.unit.api.reflecting import reflecting
from tests.unit.api.support import (
    FAST,
    TOKEN,
    Shelf,
    asked,
    certified,
    client_certificate,
    connected,
    echo,
    kubeconfig,
    serving,
    status,
)


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
    settings = ConnectionSettings(env={}, now=lambda: now[0], lapse=lambda: now[0])
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
            assert connection.expiries[0] == x509.pem_expiry(certificate)


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
    settings = ConnectionSettings(env={}, now=lambda: now[0], lapse=lambda: now[0])
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
    settings = ConnectionSettings(env={}, now=lambda: now[0], lapse=lambda: now[0])
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

    user = plugin(tmp_path, f"import time; time.sleep(1.1)\n{issue(token=TOKEN)}")
    async with serving(version) as url, connected(kubeconfig(tmp_path, url, user=user)) as connection:
        assert (await probe(connection, 1.0)).latency_ms < 1000


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


async def test_streams_that_meet_an_expired_token_together_run_the_plugin_once(tmp_path: Path) -> None:
    """Twenty watches return to a server that has come to know the token as expired."""
    body = (
        f"n = len(open({str(tmp_path / 'runs')!r}).read())\n"
        + issue(token="TOKEN").replace("print(", "print((lambda text: text.replace('TOKEN', f'token-{n}'))(")
        + ")"
    )
    valid = {"Bearer token-1"}
    shelf = Shelf()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers["Authorization"] not in valid:
            return status(401, "Unauthorized", "token expired")
        return await shelf.handle(request)

    now = [0.0]
    settings = ConnectionSettings(env={}, lapse=lambda: now[0])
    async with serving(handler) as url, contextlib.AsyncExitStack() as stack:
        connection = await stack.enter_async_context(
            connected(kubeconfig(tmp_path, url, user=plugin(tmp_path, body)), settings)
        )
        watches = [await stack.enter_async_context(reflecting(connection)) for _ in range(20)]
        for watch in watches:
            await watch.until(Listed)
        assert runs(tmp_path) == 1
        valid.clear()
        valid.add("Bearer token-2")
        now[0] = 60.0
        shelf.put("a", "1")
        shelf.send(None)
        shelf.put("b", "1")
        for watch in watches:
            await watch.knows(a="1", b="1")
        assert runs(tmp_path) == 2
        assert [fact for watch in watches for fact in watch.history if isinstance(fact, Lost)] == []
