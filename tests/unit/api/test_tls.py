"""Certificates: ours, theirs, where their keys are, and when they expire."""

from __future__ import annotations

import gc
import os
import ssl
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
import trustme

from kurator_tui.api import tls
from kurator_tui.kinds.x509 import der_expiry, pem_expiry
from tests.unit.api.plugins import issue, plugin
from tests.unit.api.support import (
    asked,
    b64,
    certified,
    client_certificate,
    connected,
    echo,
    kubeconfig,
    lines_of,
    serving,
)


async def test_client_certificate_from_data(
    tmp_path: Path, authority: trustme.CA, mutual_tls: ssl.SSLContext
) -> None:
    certificate, key = client_certificate(authority)
    user = {"client-certificate-data": b64(certificate), "client-key-data": b64(key)}
    async with serving(echo, mutual_tls) as url:
        config = kubeconfig(tmp_path, url, cluster=certified(authority), user=user)
        async with connected(config) as connection:
            assert (await asked(connection))["subject"]["commonName"] == "ada"
            expires = connection.expiries[0]
    assert expires == pem_expiry(certificate)


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


def test_servers_may_not_renegotiate(authority: trustme.CA) -> None:
    assert tls.context_for(authority.cert_pem.bytes(), None).options & ssl.OP_NO_RENEGOTIATION


def test_expiry_agrees_with_cryptography(authority: trustme.CA) -> None:
    from cryptography import x509

    certificate, _ = client_certificate(authority)
    expected = x509.load_pem_x509_certificate(certificate).not_valid_after_utc.timestamp()
    assert pem_expiry(certificate) == expected
    assert pem_expiry(b"nothing") is None
    assert der_expiry(b"\x30\x82\xff\xff") is None


async def test_server_certificate_expiry_is_known_from_a_stream(
    tmp_path: Path, authority: trustme.CA, server_tls: ssl.SSLContext
) -> None:
    async with serving(lines_of(b"x\n"), server_tls) as url:
        config = kubeconfig(tmp_path, url, cluster=certified(authority))
        async with connected(config) as connection, connection.stream("/watch"):
            assert connection.expiries[1] is not None


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
