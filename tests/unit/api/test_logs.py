"""One container's log: lines of any size, times of any form, and a socket that waits for its reader."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from aiohttp import web

from kurator_tui.api.logs import MOST, Clock, LogLines, LogOptions, open_log
from kurator_tui.errors import ApiError, NotFound, UsageError
from tests.unit.api.support import connected, echo, kubeconfig, serving, status

SECOND = 1_000_000_000
BASE = 1_767_323_045 * SECOND
"""2026-01-02T03:04:05Z"""


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"2026-01-02T03:04:05.123456789Z text", (BASE + 123456789, b"text")),
        (b"2026-01-02T03:04:05.000000001Z ", (BASE + 1, b"")),
        (b"2026-01-02T03:04:05.000000001Z", (BASE + 1, b"")),
        (b"2026-01-02T03:04:05.5Z a b", (BASE + SECOND // 2, b"a b")),
        (b"2026-01-02T03:04:05Z text", (BASE, b"text")),
        (b"2026-01-02T05:04:05.25+02:00 text", (BASE + SECOND // 4, b"text")),
        (b"2026-01-02T03:04:05 no zone", (0, b"2026-01-02T03:04:05 no zone")),
        (b"2026-13-02T03:04:05.123456789Z no month", (0, b"2026-13-02T03:04:05.123456789Z no month")),
        (b"failed to open log file", (0, b"failed to open log file")),
        (b"", (0, b"")),
        (b"\xff\xfe\x00", (0, b"\xff\xfe\x00")),
    ],
)
def test_times(line: bytes, expected: tuple[int, bytes]) -> None:
    assert Clock().read(line) == expected


def test_times_of_different_seconds_in_any_order() -> None:
    clock = Clock()
    for second in (5, 6, 5, 59, 5):
        stamped = b"2026-01-02T03:04:%02d.000000007Z x" % second
        assert clock.read(stamped) == (BASE + (second - 5) * SECOND + 7, b"x")


@pytest.mark.parametrize("seed", range(20))
def test_lines_are_the_same_whatever_the_pieces(seed: int) -> None:
    rng = random.Random(seed)
    sizes = [rng.choice((1, 5, 100, MOST - 1, MOST, MOST + 1, 3 * MOST)) for _ in range(12)]
    expected = [bytes([97 + n % 26]) * size for n, size in enumerate(sizes)]
    data = b"".join(line + b"\n" for line in expected)
    splitter, found = LogLines(), []
    at = 0
    while at < len(data):
        step = rng.choice((1, 7, 1000, MOST, 10 * MOST)) if rng.random() < 0.9 else len(data)
        lines = splitter.feed(data[at : at + step])
        found += [(line, splitter.cuts.get(index, 0)) for index, line in enumerate(lines)]
        at += step
    assert found == [(line[:MOST], max(0, len(line) - MOST)) for line in expected]
    assert splitter.whole
    assert splitter.rest is None


def test_what_has_no_end_is_the_rest_and_takes_no_more_room_than_a_line() -> None:
    splitter = LogLines()
    for _ in range(100):
        assert splitter.feed(b"x" * MOST) == []
    rest = splitter.rest
    assert rest is not None
    assert (len(rest.data), rest.cut) == (MOST, 99 * MOST)
    assert splitter.finish() == b""


def test_options_become_a_query() -> None:
    assert LogOptions().query() == [("timestamps", "true")]
    options = LogOptions("app", True, True, 0, BASE + 5, 100)
    assert dict(options.query()) == {
        "timestamps": "true",
        "container": "app",
        "follow": "true",
        "previous": "true",
        "tailLines": "0",
        "sinceTime": "2026-01-02T03:04:05Z",
        "limitBytes": "100",
    }


async def test_a_log_is_asked_for_below_its_pod_and_through_a_proxy(tmp_path: Path) -> None:
    asked: list[tuple[str, str]] = []

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        asked.append((request.path, request.query_string))
        return web.Response(body=b"2026-01-02T03:04:05Z one\n\nlast")

    took: list[bytes] = []
    async with (
        serving(handler) as url,
        connected(kubeconfig(tmp_path, url)) as connection,
        open_log(connection, "ns", "p", LogOptions("app"), "/proxy") as log,
    ):
        await log.run(lambda lines, _cuts: took.extend(lines))
        rest = log.rest
    assert asked == [("/proxy/api/v1/namespaces/ns/pods/p/log", "timestamps=true&container=app")]
    assert took == [b"2026-01-02T03:04:05Z one", b""]
    assert rest is not None
    assert rest.data == b"last"


async def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    async with serving(echo) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(UsageError):
            async with open_log(connection, "ns", "../secrets", LogOptions()):
                pass


@pytest.mark.parametrize(("code", "reason", "error"), [(404, "NotFound", NotFound), (400, "BadRequest", ApiError)])
async def test_a_refusal_is_an_error(tmp_path: Path, code: int, reason: str, error: type[ApiError]) -> None:
    async def handler(_request: web.BaseRequest) -> web.StreamResponse:
        return status(code, reason, "no")

    async with serving(handler) as url, connected(kubeconfig(tmp_path, url)) as connection:
        with pytest.raises(error) as caught:
            async with open_log(connection, "ns", "p", LogOptions()):
                pass
        assert caught.value.code == code


async def test_a_reader_that_pauses_stops_the_server(tmp_path: Path) -> None:
    """What the sockets hold is all that was written; nothing is lost by it."""
    wrote, took, total = 0, 0, 64 * 2**20
    line = b"2026-01-02T03:04:05Z " + b"x" * 1000 + b"\n"
    stuck = asyncio.Event()

    async def handler(request: web.BaseRequest) -> web.StreamResponse:
        nonlocal wrote
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        while wrote < total:
            writing = asyncio.ensure_future(response.write(line * 64))
            done, _ = await asyncio.wait({writing}, timeout=0.2)
            if not done:
                stuck.set()
            await writing
            wrote += 64 * len(line)
        return response

    def take(lines: list[bytes], _cuts: dict[int, int]) -> None:
        nonlocal took
        if not took:
            log.pause()
        took += len(lines)

    async with (
        serving(handler) as url,
        connected(kubeconfig(tmp_path, url)) as connection,
        open_log(connection, "ns", "p", LogOptions()) as log,
    ):
        running = asyncio.create_task(log.run(take))
        await asyncio.wait_for(stuck.wait(), 60)
        assert took * len(line) < total // 4
        assert wrote < total // 2
        log.resume()
        await asyncio.wait_for(running, 60)
    assert took * len(line) == wrote
