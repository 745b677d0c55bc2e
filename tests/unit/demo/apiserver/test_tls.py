"""Servers over TLS, and users by client certificate."""

import ssl
from pathlib import Path

import aiohttp

from kurator_tui.demo.apiserver.auth import VIEWER
from kurator_tui.demo.apiserver.server import ClusterServer
from kurator_tui.demo.apiserver.storage import Storage
from kurator_tui.demo.apiserver.tls import LoopbackTls
from tests.unit.demo.apiserver.serving import CATALOGUE

REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


async def test_a_client_certificate_is_a_user(tmp_path: Path) -> None:
    tls = LoopbackTls()
    client = tls.client_certificate("viewer")
    pem = tmp_path / "client.pem"
    pem.write_bytes(client.key + client.certificate)
    trusting = ssl.create_default_context(cadata=tls.ca_pem.decode())
    known = ssl.create_default_context(cadata=tls.ca_pem.decode())
    known.load_cert_chain(pem)
    storage = Storage(CATALOGUE, lambda: 0.0)
    server = ClusterServer("t", CATALOGUE, storage, {"v": VIEWER}, ssl_context=tls.server_context())
    await server.start()
    try:
        assert server.url.startswith("https://127.0.0.1:")
        async with aiohttp.ClientSession() as http:
            async with http.post(server.url + REVIEW, json={}, ssl=known) as response:
                assert (await response.json())["status"]["userInfo"]["username"] == "viewer"
            async with http.get(server.url + "/api/v1/pods", ssl=trusting) as response:
                assert response.status == 403
    finally:
        await server.stop()
