"""A Thanos behind TLS: our own authority, our own certificate, and what is said when one of them is wrong."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from kurator_tui.errors import ConsoleError, TlsFailure, TransportError
from kurator_tui.link.access import Access
from kurator_tui.metrics.client import Thanos
from tests.unit.metrics.server import Server, serving

AUTHORITY = trustme.CA()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory with `ca.pem`, `client.pem`, `client.key`, and `both.pem`."""
    client = AUTHORITY.issue_cert("console@example.com")
    AUTHORITY.cert_pem.write_to_path(tmp_path / "ca.pem")
    client.cert_chain_pems[0].write_to_path(tmp_path / "client.pem")
    client.private_key_pem.write_to_path(tmp_path / "client.key")
    client.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    return tmp_path


def context(*, asks: bool = False) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("127.0.0.1").configure_cert(found)
    if asks:
        AUTHORITY.configure_trust(found)
        found.verify_mode = ssl.CERT_REQUIRED
    return found


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(context()) as running:
        yield running


@pytest.fixture
def asking() -> Iterator[Server]:
    """One that wants a certificate of its clients."""
    with serving(context(asks=True)) as running:
        yield running


async def ask(server: Server, access: Access) -> int:
    client = Thanos(server.url, access=access)
    try:
        return len((await client.query("up")).samples)
    finally:
        await client.close()


async def test_an_authority_of_our_own_is_trusted(server: Server, files: Path) -> None:
    assert await ask(server, Access(ca=str(files / "ca.pem"))) == 1


async def test_an_authority_that_nobody_trusts_is_refused(server: Server, files: Path) -> None:
    with pytest.raises(TlsFailure):
        await ask(server, Access())
    trustme.CA().cert_pem.write_to_path(files / "other.pem")
    with pytest.raises(TlsFailure):
        await ask(server, Access(ca=str(files / "other.pem")))
    assert server.asked == []


async def test_a_thanos_that_wants_our_certificate_gets_it(asking: Server, files: Path) -> None:
    ca = str(files / "ca.pem")
    apart = Access(ca=ca, certificate=str(files / "client.pem"), key=str(files / "client.key"))
    assert await ask(asking, apart) == 1
    assert await ask(asking, Access(ca=ca, certificate=str(files / "both.pem"))) == 1


async def test_without_our_certificate_it_does_not_answer(asking: Server, files: Path) -> None:
    with pytest.raises(TransportError):
        await ask(asking, Access(ca=str(files / "ca.pem")))
    assert asking.asked == []


@pytest.mark.parametrize("access", [Access(ca="missing.pem"), Access(certificate="missing.pem")])
async def test_a_file_that_is_not_there_is_told_without_a_traceback(server: Server, access: Access) -> None:
    with pytest.raises(ConsoleError):
        await ask(server, access)
    assert server.asked == []
