"""When this process may open no more files, that is said, and not that a server or a credential is bad."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from kurator_tui.api import tls
from kurator_tui.errors import OutOfFiles
from tests.unit.api.support import connected, kubeconfig


@contextmanager
def no_file_left() -> Iterator[None]:
    """No file can be opened in the block."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize("server", ["http://127.0.0.1:1", "http://no-such-cluster.invalid:6443"])
async def test_a_connection_without_a_socket(tmp_path: Path, server: str) -> None:
    async with connected(kubeconfig(tmp_path, server)) as connection:
        with no_file_left(), pytest.raises(OutOfFiles, match="raise `ulimit -n`") as caught:
            await connection.request("GET", "/version")
        assert "ulimit -n" in caught.value.hint


def test_a_client_certificate_that_cannot_be_loaded_for_want_of_a_file() -> None:
    authority = trustme.CA().cert_pem.bytes()
    issued = trustme.CA().issue_cert("ada@example.test")
    pair = tls.ClientPair(issued.cert_chain_pems[0].bytes(), issued.private_key_pem.bytes())
    with no_file_left(), pytest.raises(tls.BadMaterial, match="too many open files"):
        tls.context_for(authority, pair)
