"""TLS for servers on loopback: a certificate authority that lives as long as the demo.

kubectl sends credentials over TLS only, so a server that tells users apart needs it.  The private keys stay in
memory; OpenSSL reads them once from a temporary file only the user can read.
"""

import ssl
from dataclasses import dataclass

import trustme


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A client certificate and its key, both PEM."""

    certificate: bytes
    key: bytes


class LoopbackTls:
    """A certificate authority and one server certificate for 127.0.0.1 and localhost, shared by all servers."""

    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="kurator-tui demo")
        self._server = self._authority.issue_cert("127.0.0.1", "localhost", "::1")

    @property
    def ca_pem(self) -> bytes:
        """The authority's certificate, for `certificate-authority-data`."""
        return self._authority.cert_pem.bytes()

    def server_context(self) -> ssl.SSLContext:
        """The context of a server; client certificates of this authority are welcome, not required."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._server.configure_cert(context)
        self._authority.configure_trust(context)
        context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def client_certificate(self, user: str) -> ClientCertificate:
        """A client certificate that authenticates as `user`."""
        issued = self._authority.issue_cert(common_name=user)
        chain = b"".join(blob.bytes() for blob in issued.cert_chain_pems)
        return ClientCertificate(chain, issued.private_key_pem.bytes())
