"""Is an API server there, and which version: one cheap request that needs no permission."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import msgspec

from kurator_tui.api.connection import Connection, Response
from kurator_tui.api.failures import host_of, not_kubernetes
from kurator_tui.errors import ConsoleError, TimedOut
from kurator_tui.kinds.cells import inert


@dataclass(frozen=True, slots=True)
class Probe:
    """`version` as the server names it (`v1.36.2`); `latency_ms` of the whole exchange, in milliseconds; `date` is
    the server's own time in Unix seconds, None where it does not say."""

    version: str
    latency_ms: float
    date: float | None = None


class _Version(msgspec.Struct, rename="camel"):
    git_version: str


LATE = 0.1
"""Seconds by which a timeout that comes late tells that this process was busy, not the server."""


def _moment(date: str) -> float | None:
    """Unix second of an HTTP date."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError, OSError):
        return None


async def _ask(connection: Connection, timeout: float) -> Response:
    async with asyncio.timeout(timeout):
        return await connection.request("GET", "/version", timeout=timeout)


async def probe(connection: Connection, timeout: float) -> Probe:
    """GET /version within `timeout` seconds, all told but for an exec plugin. Raises the error tree."""
    await connection.authenticate()
    loop = asyncio.get_running_loop()
    start = loop.time()
    try:
        try:
            response = await _ask(connection, timeout)
        except TimeoutError:
            if loop.time() - start < timeout + LATE:
                raise
            start = loop.time()  # it was our own loop that was late: the answer may have been there in time
            response = await _ask(connection, timeout)
        version = msgspec.json.decode(response.body, type=_Version).git_version
    except TimeoutError:
        failure: Exception = TimedOut(
            f"{host_of(connection.server)} did not answer within {timeout:g} s.",
            "Is a firewall or VPN in the way?",
        )
    except ConsoleError as error:
        failure = error
    except msgspec.DecodeError:
        failure = not_kubernetes(connection.server, "no version")
    else:
        return Probe(inert(version), (loop.time() - start) * 1000, _moment(response.headers.get("Date", "")))
    connection.suspect()
    raise failure
