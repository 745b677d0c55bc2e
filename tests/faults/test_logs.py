"""Logs of many containers: in order, none lost, none repeated, whatever happens to streams, pods and readers."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from kurator_tui.fleet.log_turns import Turns
from kurator_tui.kinds.base import HOST
from tests.faults.logged import GONE, NS, WAITING, Container, following, reading
from tests.faults.server import Server
from tests.faults.virtual import unix, virtual_time

NO_PREVIOUS = (400, "BadRequest", 'previous terminated container "app" in pod "p" not found')


@virtual_time
async def test_what_there_is_and_what_comes(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write("one", "two", "three")
    async with reading(tmp_path, following(app, tail=2), server) as told:
        await told.until(lambda: told.texts() == ["two", "three"])
        await asyncio.sleep(5)
        app.write("four")
        assert await told.until(lambda: told.texts()[-1] == "four") < 0.5
        (source,) = told.sources.values()
        assert (source.cluster, source.namespace, source.pod, source.container) == ("m1", "default", "p", "app")
        assert [line.time for line in told.lines] == [time for time, _line in app.lines[1:]]
        assert (told.state.sources, told.state.open) == (1, 1)


@virtual_time
async def test_what_is_not_followed_ends(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write("one", "two")
    async with reading(tmp_path, following(app, follow=False), server) as told:
        await asyncio.wait_for(told.task, 10)
        assert told.texts() == ["one", "two"]
        assert (told.state.ended, told.state.open) == (1, 0)


@virtual_time
async def test_a_stream_cut_in_the_middle_of_a_line_goes_on_without_loss_or_repetition(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write("one", "two", "two")
    async with reading(tmp_path, following(app, tail=100), server) as told:
        await told.until(lambda: len(told.texts()) == 3)
        app.cut(b"2023-11-14T22:13:20.000000999Z thr")
        app.write("three", "two")
        await told.until(lambda: "two" in told.texts()[4:])
        assert told.texts() == ["one", "two", "two", "<lost>", "<resumed>", "three", "two"]
        assert "tailLines" in app.asked[0]
        assert "tailLines" not in app.asked[1]


@virtual_time
async def test_lines_written_while_nobody_listens_are_read_later(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write("0")
    async with reading(tmp_path, following(app), server) as told:
        await told.until(lambda: told.texts() == ["0"])
        await server.stop()
        for number in range(1, 31):
            await asyncio.sleep(1)
            app.write(str(number))
        await server.start()
        await told.until(lambda: told.texts()[-1] == "30")
        assert [text for text in told.texts() if not text.startswith("<")] == [str(n) for n in range(31)]
        marks = [text for text in told.texts() if text.startswith("<")]
        assert marks[0] == "<lost>"
        assert marks[-1] == "<resumed>"


@virtual_time
async def test_ten_thousand_lines_a_second_through_cuts(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    async with reading(tmp_path, following(app), server) as told:
        wrote = 0
        for turn in range(30):
            app.write(*(f"line {wrote + n}" for n in range(1000)))
            wrote += 1000
            await asyncio.sleep(0.1)
            if turn % 7 == 3:
                app.cut(b"2023-11-14T22:13:2")
        last = f"line {wrote - 1}"
        await told.until(lambda: told.texts()[-1:] == [last])
        assert [text for text in told.texts() if not text.startswith("<")] == [f"line {n}" for n in range(wrote)]
        assert told.state.dropped == 0


@virtual_time
async def test_logs_of_two_clusters_are_in_the_order_of_their_times(tmp_path: Path) -> None:
    one, two = Server("m1"), Server("m2")
    left, right = Container(one, "a"), Container(two, "b")
    base = int(unix() * NS) - 1000 * NS
    for number in range(100):
        (left if number % 3 else right).write(str(number), at=base + number * NS)
    async with reading(tmp_path, following(left, right), one, two) as told:
        await told.until(lambda: len(told.texts()) == 100)
        assert told.texts() == [str(number) for number in range(100)]


@virtual_time
async def test_lines_of_one_log_keep_their_order_whatever_their_times(tmp_path: Path) -> None:
    server = Server("m1")
    app, other = Container(server, "a"), Container(server, "b")
    base = int(unix() * NS)
    for number, second in enumerate((5, 3, 4, 1, 9, 2)):
        app.write(str(number), at=base + second * NS)
        other.write("x", at=base + number * NS)
    async with reading(tmp_path, following(app, other), server) as told:
        await told.until(lambda: len(told.texts()) == 12)
        assert told.texts("a") == ["0", "1", "2", "3", "4", "5"]


@virtual_time
async def test_a_container_that_waits_to_start_is_read_when_it_does(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.refusal = WAITING
    async with reading(tmp_path, following(app), server) as told:
        await asyncio.sleep(30)
        assert told.texts() == ["<waiting>"]
        assert told.lines[0].text == WAITING[2]
        assert len(app.asked) < 20
        app.refusal = None
        app.write("hello")
        await told.until(lambda: told.texts() == ["<waiting>", "<resumed>", "hello"], 15)


@virtual_time
@pytest.mark.parametrize(
    ("refusal", "mark"),
    [(GONE, "<gone>"), (NO_PREVIOUS, "<refused>"), ((403, "Forbidden", "you may not"), "<forbidden>")],
)
async def test_a_refusal_ends_its_log_and_not_the_others(
    tmp_path: Path, refusal: tuple[int, str, str], mark: str
) -> None:
    server = Server("m1")
    app, other = Container(server, "p"), Container(server, "q")
    app.refusal = refusal
    async with reading(tmp_path, following(app, other), server) as told:
        await told.until(lambda: told.texts("p") == [mark])
        other.write("still here")
        await told.until(lambda: told.texts("q") == ["still here"])
        await asyncio.sleep(60)
        assert told.texts("p") == [mark]
        assert len(app.asked) == 1
        assert told.state.ended == 1


@virtual_time
async def test_a_pod_that_vanishes_is_told_with_its_last_words(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write("one")
    async with reading(tmp_path, following(app), server) as told:
        await told.until(lambda: told.texts() == ["one"])
        app.write("last words", newline=False)
        app.stop()
        app.refusal = GONE
        await told.until(lambda: "<gone>" in told.texts())
        assert told.texts() == ["one", "last words", "<gone>"]


@virtual_time
async def test_a_container_that_restarts_is_followed_into_its_next_life(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write("one")
    async with reading(tmp_path, following(app), server) as told:
        await told.until(lambda: told.texts() == ["one"])
        app.stop()
        await asyncio.sleep(40)
        assert told.texts() == ["one", "<stopped>"]
        app.start()
        app.write("two")
        await told.until(lambda: told.texts() == ["one", "<stopped>", "<restarted>", "two"])


@virtual_time
async def test_a_log_without_a_final_newline_is_told_to_its_end_once(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write("one")
    app.write("no newline", newline=False)
    app.over = True
    async with reading(tmp_path, following(app), server) as told:
        await told.until(lambda: "<stopped>" in told.texts())
        await asyncio.sleep(60)
        assert told.texts() == ["one", "no newline", "<stopped>"]
    async with reading(tmp_path, following(app, follow=False), server) as told:
        await asyncio.wait_for(told.task, 10)
        assert told.texts() == ["one", "no newline"]


@virtual_time
async def test_a_line_of_five_megabytes_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.write(b"x" * 5_000_000, b"\xff\x00\xfebinary\x1b[31m", "after")
    async with reading(tmp_path, following(app), server) as told:
        await told.until(lambda: len(told.lines) == 3)
        long, binary, after = told.lines
        assert len(long.text) + long.lost == 5_000_000
        assert len(long.text) < 2**16
        assert (binary.text, after.text) == ("\ufffd\x00\ufffdbinary\x1b[31m", "after")


@virtual_time
async def test_a_log_without_times_is_told(tmp_path: Path) -> None:
    server = Server("m1")
    app = Container(server, "p")
    app.lines.append((0, b"failed to open log file: no such file\n"))
    async with reading(tmp_path, following(app), server) as told:
        await told.until(lambda: len(told.lines) == 1)
        assert (told.lines[0].text, told.lines[0].time) == ("failed to open log file: no such file", 0)


@virtual_time
async def test_a_reader_that_stops_stops_the_sockets_and_gets_everything_older_than_the_query(
    tmp_path: Path,
) -> None:
    server = Server("m1")
    app = Container(server, "p")
    count = 120_000
    app.write(*(f"line {n} {'x' * 100}" for n in range(count)))
    await asyncio.sleep(60)
    async with reading(tmp_path, following(app), server) as told:
        told.reading.clear()
        await asyncio.sleep(30)
        assert told.lines == []
        told.reading.set()
        await told.until(lambda: len(told.lines) == count)
        assert told.state.dropped == 0


@virtual_time
async def test_a_reader_that_lags_behind_what_is_written_gets_the_newest_and_how_many_it_missed(
    tmp_path: Path,
) -> None:
    server = Server("m1")
    app = Container(server, "p")
    async with reading(tmp_path, following(app), server) as told:
        app.write("first")
        await told.until(lambda: told.texts() == ["first"])
        told.reading.clear()
        for turn in range(100):
            app.write(*(f"line {turn * 1000 + n}" for n in range(1000)))
            await asyncio.sleep(0.1)
        told.reading.set()
        await told.until(lambda: told.texts()[-1] == "line 99999")
        texts = told.texts()
        dropped = sum(line.lost for line in told.lines if line.mark == "dropped")
        assert dropped > 0
        assert len([text for text in texts if text.startswith("line")]) + dropped == 100_000
        assert told.state.dropped == dropped
        app.write("caught up")
        await told.until(lambda: told.texts()[-1] == "caught up" and not told.state.lagging)


@virtual_time
async def test_more_logs_than_places_are_all_followed_in_turns(tmp_path: Path) -> None:
    servers = [Server("m1"), Server("m2")]
    many = [Container(servers[0], f"a{n}") for n in range(6)]
    few = [Container(servers[1], f"b{n}") for n in range(2)]
    for container in (*many, *few):
        container.write("hello")
    turns = Turns(4, 3)
    async with reading(tmp_path, following(*many, *few), *servers, turns=turns) as told:
        for _ in range(60):
            await asyncio.sleep(1)
            assert sum(container.open for container in many) <= 3
            assert turns.open <= 4
        for container in (*many, *few):
            container.write("again")
        await told.until(lambda: sum(text == "again" for text in told.texts()) == 8)
        assert sorted(told.texts()) == ["again"] * 8 + ["hello"] * 8


@virtual_time
async def test_five_hundred_containers_of_ten_clusters_are_read_with_few_open_at_once(tmp_path: Path) -> None:
    servers = [Server(f"m{number}") for number in range(10)]
    every = {server.name: [Container(server, f"p{number}") for number in range(50)] for server in servers}
    containers = [container for group in every.values() for container in group]
    for container in containers:
        container.write("hello")
    turns, most, apart = Turns(60, 12), 0, 0
    async with reading(tmp_path, following(*containers), *servers, turns=turns) as told:
        for _ in range(120):
            await asyncio.sleep(0.5)
            asked = [sum(bool(container.asked) for container in group) for group in every.values()]
            apart = max(apart, max(asked) - min(asked))
            most = max(most, turns.open)
            assert all(sum(container.open for container in group) <= 12 for group in every.values())
        await told.until(lambda: len(told.texts()) >= 500)
        assert (len(told.texts()), len({line.source for line in told.lines})) == (500, 500)
        assert most == 60
        assert apart <= 24, "no cluster is read long before the others"


@virtual_time
async def test_a_server_that_fails_is_asked_again_and_given_up_when_nothing_is_followed(tmp_path: Path) -> None:
    server = Server(HOST)
    app = Container(server, "p")
    app.refusal = (500, "InternalError", "dial tcp 10.0.0.1:10250: connect: no route to host")
    async with reading(tmp_path, following(app, follow=False), server) as told:
        await asyncio.wait_for(told.task, 60)
        assert told.texts() == ["<failed>"]
        assert "no route to host" in told.lines[0].text
        assert len(app.asked) == 4
    async with reading(tmp_path, following(app), server) as told:
        await told.until(lambda: told.texts() == ["<lost>"])
        app.refusal = None
        app.write("back")
        await told.until(lambda: told.texts() == ["<lost>", "<resumed>", "back"], 20)


@pytest.mark.parametrize("seed", range(8))
def test_any_schedule_of_writes_cuts_ends_and_turns_loses_and_repeats_nothing(tmp_path: Path, seed: int) -> None:
    @virtual_time
    async def play() -> None:
        rng, server = random.Random(seed), Server("m1")
        apps = [Container(server, f"p{n}") for n in range(3)]
        async with reading(tmp_path, following(*apps), server, turns=Turns(2, 2)) as told:
            for _ in range(150):
                app = rng.choice(apps)
                step = rng.random()
                if step < 0.6:
                    # The same text at the same time is another line all the same.
                    texts = [f"line {rng.randrange(3)}" for _ in range(rng.randrange(1, 30))]
                    app.write(*texts, at=int(unix() * NS) if rng.random() < 0.3 else None)
                elif step < 0.7:
                    app.cut(rng.choice((b"", b"2023-11", b"2023-11-14T22:13:20.000000999Z lin")))
                elif step < 0.75:
                    app.stop()
                else:
                    app.start()
                await asyncio.sleep(rng.choice((0.0, 0.01, 0.3, 2.0)))
            for app in apps:
                app.start()
                app.write("the end")
            await told.until(lambda: all(told.texts(app.target.pod)[-1:] == ["the end"] for app in apps), 300)
            for app in apps:
                wrote = [line.split(b" ", 1)[1].rstrip().decode() for _time, line in app.lines]
                assert [text for text in told.texts(app.target.pod) if not text.startswith("<")] == wrote

    play()
