"""What can go wrong between us and an API server, as the error tree. Nothing else decides which error it is.

Two ways in: an answer that says no (`error_from_answer`, `error_from_status`) and no usable answer
(`error_from_exception`). Texts of servers are made inert here, and exceptions of the HTTP library never travel
further (they hold the request's headers).
"""

from __future__ import annotations

import errno
import http
import os
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
import msgspec

from kurator_tui.errors import (
    ApiError,
    Broken,
    Conflict,
    ConsoleError,
    DnsFailure,
    Expired,
    Forbidden,
    NotFound,
    OutOfFiles,
    Refused,
    ServerFault,
    Throttled,
    TimedOut,
    TlsFailure,
    TransportError,
    Unauthorized,
)
from kurator_tui.kinds.cells import inert

LONGEST_MESSAGE = 2000

_CLASSES: dict[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Expired,
    429: Throttled,
}

_HINTS: dict[int, str] = {
    401: "The credentials have expired or were revoked: log in again, or renew the member's kubeconfig.",
    403: "Ask an administrator of this cluster for the missing permission.",
    409: "Look at the newest version and try again.",
    429: "The server asks to wait; it will be tried again by itself.",
}


class _Cause(msgspec.Struct):
    reason: str | None = None
    field: str | None = None
    message: str | None = None


class _Details(msgspec.Struct, rename="camel"):
    causes: list[_Cause] | None = None
    retry_after_seconds: float | None = None


class Status(msgspec.Struct):
    """The parts of a `metav1.Status` that errors need."""

    kind: str = ""
    message: str | None = None
    reason: str | None = None
    code: int = 0
    details: _Details | None = None


def error_from_answer(code: int, headers: Mapping[str, str], body: bytes, server: str) -> ConsoleError:
    """The error of an HTTP answer outside 2xx: from its Status, or from the bare code if a proxy answered."""
    try:
        status = msgspec.json.decode(body, type=Status)
    except msgspec.DecodeError:
        status = Status()
    if status.kind == "Status":
        return error_from_status(status, code, _seconds(headers.get("Retry-After")))
    if code == 400 and b"HTTP request to an HTTPS server" in body:
        return TlsFailure(f"{host_of(server)} speaks TLS.", "The kubeconfig's server must begin with https://.")
    try:
        phrase = http.HTTPStatus(code).phrase
    except ValueError:
        phrase = "unknown status"
    hint = _HINTS.get(code, "") or "The answer is no Kubernetes Status: something between here and the API server?"
    return _api_error(code)(
        f"{host_of(server)} answered {code} {phrase}.",
        hint,
        code=code,
        retry_after=_seconds(headers.get("Retry-After")),
    )


def error_from_event(raw: bytes) -> ApiError:
    """The error of a watch's ERROR event, whose object is a Status."""
    try:
        status = msgspec.json.decode(raw, type=Status)
    except msgspec.DecodeError:
        status = Status(message="the watch ended with an error that is no Status", code=500)
    return error_from_status(status, status.code or 500, None)


def error_from_status(status: Status, code: int, retry_after: float | None) -> ApiError:
    """A Status as an error; `retry_after` is the header's, in seconds."""
    details = status.details or _Details()
    causes = tuple(
        (inert(c.reason or ""), inert(c.field or ""), inert(c.message or "")) for c in details.causes or ()
    )
    text = inert((status.message or status.reason or f"HTTP {code}")[:LONGEST_MESSAGE])
    if retry_after is None:
        retry_after = details.retry_after_seconds
    code = 410 if status.reason in ("Expired", "Gone") else code
    return _api_error(code)(
        text,
        _HINTS.get(code, ""),
        code=code,
        reason=inert(status.reason or ""),
        causes=causes,
        retry_after=retry_after,
    )


def _api_error(code: int) -> type[ApiError]:
    return _CLASSES.get(code) or (ServerFault if code >= 500 else ApiError)


def _seconds(header: str | None) -> float | None:
    """`Retry-After` in seconds; its date form is not used by API servers."""
    return float(header) if header and header.strip().isdigit() else None


def not_kubernetes(server: str, what: str) -> Broken:
    """An answer with a good status and a body that is not what an API server sends."""
    return Broken(
        f"{host_of(server)} sent {what}.", "A proxy or login page between here and the API server? Or cut short."
    )


def error_from_exception(error: BaseException, server: str) -> TransportError:
    """The error behind an exception of the HTTP library (or of the TLS or socket layer below it)."""
    host = host_of(server)
    tls = _tls_reason(error)
    if tls is not None:
        return _tls_error(tls, host)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        if not _files_left():  # the resolver does not say so: it cannot read its own files
            return _out_of_files()
        name = urlsplit(server).hostname or host
        return DnsFailure(f"{inert(name)} does not resolve.", "Check the server's name, the VPN and the DNS.")
    if isinstance(error, TimeoutError):
        return TimedOut(f"{host} did not answer in time.", "Is a firewall or VPN in the way?")
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return TransportError(f"The proxy to {host} cannot be used.", "Check `proxy-url` in the kubeconfig.")
    if isinstance(error, aiohttp.ClientConnectorError):
        return _connect_error(error.os_error, host)
    if isinstance(error, aiohttp.ClientResponseError | aiohttp.ClientPayloadError | ValueError):
        return _not_http(error, server)
    if isinstance(error, OSError) and not isinstance(error, aiohttp.ClientOSError):
        return _connect_error(error, host)
    return Broken(f"{host} closed the connection.", _scheme_hint(server))


def _connect_error(error: OSError, host: str) -> TransportError:
    if error.errno == errno.ECONNREFUSED or isinstance(error, ConnectionRefusedError):
        return Refused(f"{host} refuses connections.", "Is the API server running, and the port right?")
    if error.errno in (errno.ECONNRESET, errno.EPIPE):
        return Broken(f"{host} closed the connection.")
    if error.errno == errno.ETIMEDOUT:
        return TimedOut(f"{host} did not answer in time.", "Is a firewall or VPN in the way?")
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return _out_of_files()
    why = error.strerror or type(error).__name__
    return TransportError(f"{host} cannot be reached: {inert(why)}.", "Check the network and the VPN.")


def _out_of_files() -> OutOfFiles:
    return OutOfFiles(
        "This process has too many open files: raise `ulimit -n`.",
        "Raise the limit of open files (`ulimit -n`) and start again, or look at fewer clusters.",
    )


def _files_left() -> bool:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        return False
    return True


def _not_http(error: BaseException, server: str) -> TransportError:
    if isinstance(error, aiohttp.ClientPayloadError):
        return Broken(f"{host_of(server)} broke off in the middle of an answer.")
    return Broken(f"{host_of(server)} does not answer in HTTP.", _scheme_hint(server))


def _scheme_hint(server: str) -> str:
    if urlsplit(server).scheme == "http":
        return "If the server speaks TLS, its URL must begin with https://."
    return "If it wants a client certificate, this kubeconfig's is missing, expired or another cluster's."


def _tls_reason(error: BaseException) -> ssl.SSLError | ssl.CertificateError | None:
    """The TLS error an exception is or was raised for, if any."""
    seen: BaseException | None = error
    for _ in range(4):
        if isinstance(seen, aiohttp.ClientConnectorCertificateError):
            seen = seen.certificate_error
        if isinstance(seen, ssl.SSLError | ssl.CertificateError) and not isinstance(seen, aiohttp.ClientError):
            return seen
        if isinstance(seen, aiohttp.ClientConnectorError) and isinstance(seen.os_error, ssl.SSLError):
            return seen.os_error
        if seen is None:
            return None
        seen = seen.__cause__ or seen.__context__
    return None


_VERIFY: dict[int, tuple[str, str]] = {
    9: ("its certificate is not yet valid", "Is this machine's clock right?"),
    10: ("its certificate has expired", "Renew the API server's certificate. Is this machine's clock right?"),
    62: ("its certificate is for another name", "Use a name the certificate holds, or set `tls-server-name`."),
    64: ("its certificate is for another address", "Use a name the certificate holds, or set `tls-server-name`."),
}
"""OpenSSL's verify codes (x509_vfy.h)."""
_UNKNOWN_CA = (
    "its certificate is signed by an unknown authority",
    "Is `certificate-authority-data` this cluster's CA?",
)


def _tls_error(error: ssl.SSLError | ssl.CertificateError, host: str) -> TlsFailure:
    if isinstance(error, ssl.SSLCertVerificationError):
        what, hint = _VERIFY.get(error.verify_code, _UNKNOWN_CA)
        return TlsFailure(f"{host} is not trusted: {what}.", hint)
    reason = error.reason if isinstance(error, ssl.SSLError) and error.reason else ""
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"):
        return TlsFailure(f"{host} does not speak TLS.", "Is this a plain http:// port?")
    if "ALERT" in reason and ("CERT" in reason or "CA" in reason.split("_")):
        return TlsFailure(
            f"{host} does not accept the client certificate ({reason.lower().replace('_', ' ')}).",
            "It may have expired, or belong to another cluster.",
        )
    text = reason.lower().replace("_", " ") or "the handshake broke off"
    return TlsFailure(f"TLS with {host} failed: {inert(text)}.")


def host_of(server: str) -> str:
    """host:port of a server URL, for messages: without user, password, path."""
    try:
        parts = urlsplit(server)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the API server"
    return inert((parts.hostname or "the API server") + port)
