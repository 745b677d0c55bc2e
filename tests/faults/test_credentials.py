"""Credentials that are rotated, expire, or come from a plugin that fails. The store equals the servers after."""

from __future__ import annotations

import asyncio
import base64
import functools
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme

from kurator_tui.api import connection
from kurator_tui.api.connection import ConnectionSettings
from kurator_tui.api.plugin import Issued
from kurator_tui.errors import PluginFailure
from kurator_tui.kinds.base import HOST
from kurator_tui.store.freshness import State
from tests.faults import stage as staging
from tests.faults.model import ATTACHED, NODES, PODS, Model
from tests.faults.server import Plant, Server, saying, status
from tests.faults.stage import Stage, fleet, kurator_host, stage
from tests.faults.virtual import EPOCH, now, unix, virtual_time

UNAUTHORIZED = status(401, "Unauthorized", "Unauthorized")


def only(server: Server, *tokens: str) -> Plant:
    """The server takes these tokens from now on; what runs already goes on, as with a real one."""
    good = {f"Bearer {token}" for token in tokens}
    return server.plant(
        saying(401, UNAUTHORIZED), times=1e9, when=lambda asked: asked.headers.get("authorization") not in good
    )


def attach_as(host: Server, name: str, server: Server, user: dict[str, Any], authority: bytes = b"") -> None:
    """An AttachedCluster whose Secret holds this user entry; again: the Secret is rotated."""
    cluster = {"server": server.url}
    if authority:
        cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
    }
    data = {"value": base64.b64encode(json.dumps(config).encode()).decode()}
    secret = {"kind": "Secret", "data": data}
    host.single[f"/api/v1/namespaces/default/secrets/{name}"] = json.dumps(secret).encode()
    if name not in host.model.names(ATTACHED):
        host.model.put(ATTACHED, name, spec={"kubeconfig": {"name": name}})


async def attached(
    user: dict[str, Any], server: Server | None = None, authority: bytes = b""
) -> tuple[Server, Server]:
    """(host, member `m1`), the member listening, with its credentials in a Secret."""
    host, member = kurator_host(), server or Server("m1", Model())
    await member.start()
    attach_as(host, "m1", member, user, authority)
    fleet(host, "m1")
    return host, member


def reasons(on: Stage, cluster: str, since: int = 0) -> set[str]:
    return {seen.reason for seen in on.seen[since:] if seen.cluster == cluster and not seen.kind}


@pytest.fixture
def secrets_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's kubeconfig has the host alone: what is known of members is in their Secrets."""
    plain = staging.kubeconfig
    monkeypatch.setattr(staging, "kubeconfig", lambda servers: plain({HOST: servers[HOST]}))


# -- a Secret is rotated -----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("secrets_only")
@virtual_time
async def test_a_token_in_a_secret_is_rotated_and_the_old_one_refused(tmp_path: Path) -> None:
    """Each kind is listed once at most with the new one, and nothing else is disturbed."""
    host, member = await attached({"token": "old-t0ken"})
    only(member, "old-t0ken").lift()
    async with stage(tmp_path, member, host=host) as on:
        mark, seen = len(member.log), len(on.seen)
        attach_as(host, "m1", member, {"token": "new-t0ken"})
        refused = only(member, "new-t0ken")
        took = await on.until(lambda: "Bearer new-t0ken" in {a.headers.get("authorization") for a in member.log})
        assert took < 5
        member.model.put(PODS, "p0", 9)
        await on.equal(10)
        assert len(refused.met) <= 4
        assert len(member.lists(mark)) <= 2
        assert on.states("host", PODS, seen) == []
        await on.steady()


@pytest.mark.parametrize("seconds", [5.0, 300.0])
@pytest.mark.usefixtures("secrets_only")
@virtual_time
async def test_a_token_is_refused_before_its_secret_is_rotated(tmp_path: Path, seconds: float) -> None:
    """Meanwhile the rows stay, with the reason, and neither server is hammered."""
    host, member = await attached({"token": "old-t0ken"})
    async with stage(tmp_path, member, host=host) as on:
        refused = only(member, "new-t0ken")
        for stream in member.streams():
            stream.end()
        mark = len(host.log)
        await asyncio.sleep(seconds)
        assert on.state("m1", PODS) is State.STALE
        assert on.facts("m1", PODS)
        assert len(refused.met) < 10 + seconds / 2
        assert sum("secrets" in asked.path for asked in host.log[mark:]) < 5 + seconds / 5
        member.model.put(PODS, "p0", 9)
        attach_as(host, "m1", member, {"token": "new-t0ken"})
        took = await on.equal()
        assert took < 15
        await on.steady()


@pytest.mark.usefixtures("secrets_only")
@virtual_time
async def test_a_secret_is_rotated_to_nonsense_and_back(tmp_path: Path) -> None:
    host, member = await attached({"token": "old-t0ken"})
    async with stage(tmp_path, member, host=host) as on:
        only(member, "new-t0ken")
        secret = "/api/v1/namespaces/default/secrets/m1"
        host.single[secret] = b'{"kind":"Secret","data":{"value":"bm90OiB5YW1sOiBhdCBhbGw="}}'
        await on.until(lambda: any("not YAML" in reason for reason in reasons(on, "m1")), 10)
        assert on.facts("m1", PODS)
        attach_as(host, "m1", member, {"token": "new-t0ken"})
        member.model.put(PODS, "p0", 9)
        took = await on.equal()
        assert took < 15
        await on.steady()


@virtual_time
async def test_a_token_file_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read again after a refusal: watches stay, nothing is listed."""
    file = tmp_path / "token"
    file.write_text("old-t0ken")
    users(monkeypatch, {"tokenFile": str(file)})
    async with stage(tmp_path, "m1", "m2") as on:
        server, seen, mark = on["m1"], len(on.seen), len(on["m1"].log)
        file.write_text("new-t0ken")
        refused = only(server, "new-t0ken")
        await on.until(lambda: refused.met)
        await asyncio.sleep(3)
        server.model.put(PODS, "p0", 9)
        await on.equal()
        assert len(refused.met) == 1
        assert not server.lists(mark)
        assert {*on.states("m1", "", seen), *on.states("m1", PODS, seen)} <= {State.LIVE}
        await on.steady()


# -- certificates are rotated ------------------------------------------------------------------------------------


def speaking(authority: trustme.CA, *, clients: trustme.CA | None = None) -> ssl.SSLContext:
    """A server's TLS; with `clients`, it takes only their certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        clients.configure_trust(context)
    return context


def certified(authority: trustme.CA) -> dict[str, str]:
    """A user entry with a client certificate."""
    issued = authority.issue_cert("ada@example.test")
    return {
        "client-certificate-data": base64.b64encode(issued.cert_chain_pems[0].bytes()).decode(),
        "client-key-data": base64.b64encode(issued.private_key_pem.bytes()).decode(),
    }


@pytest.mark.usefixtures("secrets_only")
@virtual_time
async def test_a_servers_certificate_is_renewed_by_the_same_authority(tmp_path: Path) -> None:
    authority = trustme.CA()
    server = Server("m1", Model(), tls=True)
    server.context = speaking(authority)
    host, member = await attached({"token": "t"}, server, authority.cert_pem.bytes())
    async with stage(tmp_path, member, host=host) as on:
        mark = len(member.log)
        await member.stop()
        member.context = speaking(authority)
        member.model.put(PODS, "p0", 9)
        await member.start()
        took = await on.equal()
        assert took < 10
        assert not member.lists(mark)
        await on.steady()


@pytest.mark.parametrize("first", ["server", "secret"])
@pytest.mark.usefixtures("secrets_only")
@virtual_time
async def test_a_servers_authority_is_rotated(tmp_path: Path, first: str) -> None:
    """Whichever of the two is changed first: the reason is said, then the Secret is read again."""
    old, new = trustme.CA(), trustme.CA()
    server = Server("m1", Model(), tls=True)
    server.context = speaking(old)
    host, member = await attached({"token": "t"}, server, old.cert_pem.bytes())
    async with stage(tmp_path, member, host=host) as on:
        if first == "secret":
            attach_as(host, "m1", member, {"token": "t"}, new.cert_pem.bytes())
            await asyncio.sleep(10)
            assert on.state("m1", PODS) is State.LIVE
        await member.stop()
        member.context = speaking(new)
        member.model.put(PODS, "p0", 9)
        await member.start()
        if first == "server":
            await on.until(lambda: any("unknown authority" in reason for reason in reasons(on, "m1")), 10)
            await asyncio.sleep(30)
            attach_as(host, "m1", member, {"token": "t"}, new.cert_pem.bytes())
        took = await on.equal()
        assert took < 20
        await on.steady()


@pytest.mark.usefixtures("secrets_only")
@virtual_time
async def test_a_client_certificate_is_rotated(tmp_path: Path) -> None:
    authority, old, new = trustme.CA(), trustme.CA(), trustme.CA()
    server = Server("m1", Model(), tls=True)
    server.context = speaking(authority, clients=old)
    host, member = await attached(certified(old), server, authority.cert_pem.bytes())
    async with stage(tmp_path, member, host=host) as on:
        await member.stop()
        member.context = speaking(authority, clients=new)
        member.model.put(PODS, "p0", 9)
        await member.start()
        await on.until(lambda: on.state("m1") is State.STALE)
        await asyncio.sleep(20)
        attach_as(host, "m1", member, certified(new), authority.cert_pem.bytes())
        took = await on.equal()
        assert took < 40
        await on.steady()


# -- exec plugins ------------------------------------------------------------------------------------------------


@dataclass
class Plugin:
    """What stands for the programs: `runs` are the moments they were started; a run takes `seconds`.

    Each run issues another token. (Programs themselves: tests/unit/api/test_plugin.py and tests/e2e.)
    """

    lifetime: float | None = None
    seconds: float = 0.5
    fails: str = ""
    runs: list[float] = field(default_factory=list)
    token: str = ""

    async def run(self, _spec: Mapping[str, Any], _cluster: Mapping[str, Any], *, timeout: float) -> Issued:
        self.runs.append(now())
        if self.seconds > timeout:
            await asyncio.sleep(timeout)
            raise PluginFailure(f"Plugin login gave no credentials within {timeout:g} s.", "Log in.")
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise PluginFailure(self.fails, "Log in.")
        self.token = f"issued-{len(self.runs)}"
        expires = None if self.lifetime is None else unix() + self.lifetime
        return Issued(self.token, None, expires)


def users(monkeypatch: pytest.MonkeyPatch, user: dict[str, Any], *, of: str = "m1") -> None:
    """In the user's kubeconfig, the context `of` has this user; the others keep theirs."""
    plain = staging.kubeconfig

    def config(servers: Mapping[str, str], current: str = "host") -> dict[str, Any]:
        made = plain(servers, current)
        made["users"].append({"name": "special", "user": user})
        for context in made["contexts"]:
            if context["name"] == of:
                context["context"]["user"] = "special"
        return made

    monkeypatch.setattr(staging, "kubeconfig", config)


def plugged(monkeypatch: pytest.MonkeyPatch, plugin: Plugin, *, of: str = "m1") -> Plugin:
    users(monkeypatch, {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "login"}}, of=of)
    monkeypatch.setattr("kurator_tui.api.credentials.run_plugin", plugin.run)
    monkeypatch.setattr(connection, "ConnectionSettings", functools.partial(ConnectionSettings, now=unix))
    return plugin


@virtual_time
async def test_a_token_that_was_revoked_has_the_plugin_run_once_and_not_once_a_stream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = plugged(monkeypatch, Plugin())
    async with stage(tmp_path, "m1", "m2") as on:
        await asyncio.sleep(20)
        assert len(plugin.runs) == 1
        server, seen, mark = on["m1"], len(on.seen), len(on["m1"].log)
        refused = only(server, "issued-2")
        for stream in server.streams():
            stream.end()
        server.model.put(PODS, "p0", 9)
        server.model.put(NODES, "n0", 9)
        await on.until(lambda: len(refused.met) >= 2)
        await on.equal()
        assert len(plugin.runs) == 2
        assert not server.lists(mark)
        assert on.states("m2", PODS, seen) == []
        await on.steady()
        assert len(plugin.runs) == 2


@virtual_time
async def test_a_token_that_expires_has_the_plugin_run_once_a_lifetime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin = plugged(monkeypatch, Plugin(lifetime=60.0))
    server = Server("m1", Model())
    async with stage(tmp_path, server) as on:
        mark, seen = len(server.log), len(on.seen)
        began, before = now(), len(plugin.runs)
        for turn in range(30):
            await asyncio.sleep(10)
            server.model.put(PODS, "p0", turn)
        await on.equal()
        assert len(plugin.runs) - before == pytest.approx((now() - began) / 55, abs=1.5)
        assert not server.lists(mark)
        assert {*on.states("m1", "", seen), *on.states("m1", PODS, seen)} <= {State.LIVE}
        await on.steady()


@virtual_time
async def test_a_plugin_that_fails_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says why, is tried ever more slowly, and costs no other member anything."""
    plugin = plugged(monkeypatch, Plugin())
    async with stage(tmp_path, "m1", "m2") as on:
        await asyncio.sleep(20)
        server, seen, before = on["m1"], len(on.seen), len(plugin.runs)
        plugin.fails = "Plugin login failed with status 1: your session has ended"
        refused = only(server, "none-yet")
        for stream in server.streams():
            stream.end()
        await asyncio.sleep(120)
        assert on.state("m1", PODS) is State.STALE
        assert any("your session has ended" in reason for reason in reasons(on, "m1", seen))
        assert 5 <= len(plugin.runs) - before <= 20, "first within seconds, then each ten"
        assert on.states("m2", PODS, seen) == []
        plugin.fails = ""
        refused.lift()
        server.model.put(PODS, "p0", 9)
        took = await on.equal()
        assert took < 60
        await on.steady()


@virtual_time
async def test_a_plugin_that_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended after a minute, and said; meanwhile its rows stay and the others miss nothing."""
    plugin = plugged(monkeypatch, Plugin(lifetime=100.0))
    async with stage(tmp_path, "m1", "m2") as on:
        seen = len(on.seen)
        plugin.seconds = 1e6
        await asyncio.sleep(220)
        assert on.facts("m1", PODS)
        assert any("gave no credentials within 60 s" in reason for reason in reasons(on, "m1", seen))
        assert 2 <= len(plugin.runs) <= 5
        on["m2"].model.put(PODS, "p0", 5)
        await on.until(lambda: on.facts("m2", PODS) == on["m2"].model.facts(PODS), 5)
        assert on.states("m2", PODS, seen) == []
        on["m1"].model.put(PODS, "p0", 9)
        plugin.seconds = 0.5
        took = await on.equal()
        assert took < 120
        await on.steady()


@virtual_time
async def test_a_plugin_that_issues_what_has_expired_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it looks when this machine's clock is an hour fast: the plugin must not run for every request."""
    plugin = plugged(monkeypatch, Plugin(lifetime=-3600.0))
    async with stage(tmp_path, "m1", sync=False) as on:
        await asyncio.sleep(100)
        assert unix() > EPOCH
        assert len(plugin.runs) <= 25
        await on.equal()
