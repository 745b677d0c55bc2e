"""The HTTP session below `prometheus_api_client`: bounded, and with the warnings that the library drops.

Imported with the first query only (`requests` takes a tenth of a second). The library sees successful answers
alone: every failure leaves here as an error of the tree, before a whole body could get into an exception's text.
"""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Iterator
from typing import Any

import requests
import urllib3

from kurator_tui.api.failures import error_from_exception, host_of
from kurator_tui.api.proxy import environment_proxy
from kurator_tui.errors import Broken, ConsoleError, DnsFailure, TimedOut, TooLarge, TransportError, UsageError
from kurator_tui.metrics.answers import LARGEST, TOO_MUCH, Payload, payload, refusal

HINT = "Check the URL of Thanos (--thanos, or `thanos` in the settings)."
_PIECE = 2**16


class Session(requests.Session):
    """One server. `request` returns a response whose `json()` holds a `Payload` where the library looks for rows.

    `total` is how long (seconds) an answer may take altogether. What `requests` would take from the environment by
    itself (netrc, proxies for loopback) it does not; proxies are those of every other connection.
    """

    def __init__(self, url: str, *, verify: bool | str, total: float, cert: tuple[str, str] | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self.verify = verify
        self.cert = cert
        proxy = environment_proxy(url, os.environ)
        self.proxies = {"http": proxy, "https": proxy} if proxy else {}
        self._where = host_of(url)
        self._url = url
        self._total = total

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """As `requests.Session.request`. Raises ConsoleError for everything but an answer to the query."""
        deadline = time.monotonic() + self._total
        try:
            with super().request(*args, **{**kwargs, "stream": True, "allow_redirects": False}) as response:
                body = b"".join(self._pieces(response, deadline))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            failure = self._failure(error)
        else:
            if 300 <= response.status_code < 400:
                raise Broken(f"{self._where} redirects, which is not followed.", HINT)
            if response.status_code != 200:
                raise refusal(response.status_code, body, self._where)
            told = payload(body, self._where)
            response.json = lambda **_options: {"data": {"result": told}}  # type: ignore[method-assign]
            return response
        raise failure

    def _pieces(self, response: requests.Response, deadline: float) -> Iterator[bytes]:
        """The body as it arrives; a server that sends byte by byte is no reason to wait for ever."""
        size = 0
        while piece := response.raw.read1(_PIECE, decode_content=True):
            size += len(piece)
            if size > LARGEST:
                raise TooLarge(f"{self._where} sent an answer of more than {LARGEST >> 20} MiB.", TOO_MUCH)
            if time.monotonic() > deadline:
                raise TimedOut(f"{self._where} did not finish its answer in time.", HINT)
            yield piece

    def _failure(self, error: Exception) -> ConsoleError:
        """The error behind the library's: its own texts hold URLs, and so whatever a user put into one."""
        cause = _cause(error)
        if isinstance(error, requests.exceptions.Timeout) or isinstance(cause, TimeoutError):
            return TimedOut(f"{self._where} did not answer in time.", HINT)
        if isinstance(cause, socket.gaierror):
            return DnsFailure(f"{self._where} does not resolve.", HINT)
        if cause is not None:
            known = error_from_exception(cause, self._url)
            return type(known)(known.message, HINT)
        if isinstance(error, requests.exceptions.ProxyError):
            return TransportError(f"The proxy to {self._where} cannot be used.", HINT)
        if isinstance(error, requests.exceptions.ConnectionError | urllib3.exceptions.HTTPError):
            return Broken(f"{self._where} broke off, or does not answer in HTTP.", HINT)
        return UsageError(f"Thanos cannot be asked at this URL ({type(error).__name__}).", HINT)


def _cause(error: BaseException) -> OSError | None:
    """The socket's or TLS's own error, deep below; `requests`' errors are OSErrors too and say nothing."""
    seen: BaseException | None = error
    for _ in range(10):
        if isinstance(seen, ssl.SSLError | OSError) and not isinstance(seen, requests.RequestException):
            return seen
        if seen is None:
            return None
        seen = seen.__cause__ or getattr(seen, "reason", None) or seen.__context__
        seen = seen if isinstance(seen, BaseException) else None
    return None


def unwrapped(result: object) -> Payload:
    """What `prometheus_api_client` returned, which `Session.request` gave it."""
    found = result.get("result") if isinstance(result, dict) else result
    if not isinstance(found, Payload):
        raise Broken("The answer of the metrics' server was lost.")
    return found
