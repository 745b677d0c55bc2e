from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from kurator_tui.api.connection import Connection
from tests.unit.api.support import Shelf, connected, kubeconfig, serving


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """A server's context with a certificate for 127.0.0.1 and api.test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "api.test").configure_cert(context)
    return context


@pytest.fixture
def mutual_tls(authority: trustme.CA, server_tls: ssl.SSLContext) -> ssl.SSLContext:
    server_tls.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server_tls)
    return server_tls


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def connection(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Connection]:
    """A connection to `shelf` over plain HTTP."""
    async with serving(shelf.handle) as url, connected(kubeconfig(tmp_path, url)) as connection:
        yield connection
