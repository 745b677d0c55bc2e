"""Older lines of logs, and lines between two moments."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.faults.logged import NS, Container, following, reading
from tests.faults.server import Server
from tests.faults.virtual import unix, virtual_time


@virtual_time
async def test_older_lines_end_where_the_known_ones_begin(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    base = int(unix() * NS) - 10_000 * NS
    for number in range(1000):
        app.write(str(number), at=base + number * NS)
    until = base + 900 * NS
    async with reading(tmp_path, following(app, until=until, tail=50), server) as told:
        await asyncio.wait_for(told.task, 10)
        assert told.texts() == [str(number) for number in range(850, 900)]
        assert len(app.asked) == 2
    async with reading(tmp_path, following(app, until=until, tail=2000), server) as told:
        await asyncio.wait_for(told.task, 10)
        assert told.texts() == ["<begins>", *(str(number) for number in range(900))]


@virtual_time
async def test_lines_between_two_moments_are_all_of_them_in_order_over_containers(tmp_path: Path) -> None:
    servers = Server("m1"), Server("m2")
    apps = [Container(server, "p") for server in servers]
    base = int(unix() * NS) - 10_000 * NS
    for number in range(8000):
        apps[number % 2].write(str(number), at=base + number * NS)
    query = following(*apps, since=base + 1000 * NS, until=base + 7500 * NS)
    async with reading(tmp_path, query, *servers) as told:
        await asyncio.wait_for(told.task, 60)
        assert told.texts() == [str(number) for number in range(1000, 7500)]


@virtual_time
async def test_a_stream_cut_before_the_end_that_was_asked_for_is_asked_again(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    base = int(unix() * NS) - 10_000 * NS
    for number in range(100):
        app.write(str(number), at=base + number * NS)
    app.refusal = (500, "InternalError", "proxy error")
    async with reading(tmp_path, following(app, until=base + 50 * NS), server) as told:
        await told.until(lambda: app.asked, 5)
        app.refusal = None
        await asyncio.wait_for(told.task, 30)
        assert [text for text in told.texts() if text.isdigit()] == [str(number) for number in range(50)]
