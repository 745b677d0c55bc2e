"""Credentials that are rotated: tokens, certificates, authorities. The store equals the servers after."""

from __future__ import annotations

import asyncio
import base64
import ssl
from pathlib import Path

import pytest
import trustme

from kurator_tui.kinds.base import HOST
from kurator_tui.store.freshness import State
from tests.faults import stage as staging
from tests.faults.credentials import attach_as, attached, only, reasons, users
from tests.faults.model import PODS, Model
from tests.faults.server import Server
from tests.faults.stage import stage
from tests.faults.virtual import virtual_time


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
