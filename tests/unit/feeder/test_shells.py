"""The streams `shell`, `attach` and `debug`, and the calls about forwards, against a demo API server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.errors import UsageError
from kurator_tui.feeder import forwarding
from kurator_tui.feeder.acting import Acting
from kurator_tui.feeder.debugging import Debugging
from kurator_tui.feeder.streams import Streams
from kurator_tui.fleet.forwards import Forwards
from kurator_tui.link import messages as m
from kurator_tui.link.shells import sized, typed
from kurator_tui.link.streams import WINDOW
from tests.unit.fleet.served_pods import PODS, Member, eventually, one_member

WHERE = {"cluster": "m", "namespace": "d", "name": "p"}


class Console:
    """The console's end of one stream: takes everything at once while `reading`."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.streams = Streams(self._told)
        self.text = b""
        self.end: m.StreamEnded | None = None
        self.handled = 0
        self.reading = True

    def _told(self, message: m.Message) -> None:
        if isinstance(message, m.StreamEnded):
            assert self.end is None
            self.end = message
        elif isinstance(message, m.StreamFlowed):
            assert self.end is None
            self.text += message.data
            self.handled += 1
            if self.reading:
                asyncio.get_running_loop().call_soon(self.acknowledge)

    def acknowledge(self) -> None:
        self.streams.take(m.StreamAcknowledged(1, self.handled))

    def open(self, method: str, **arguments: str) -> None:
        self.streams.open(self.member.hub, m.StreamOpened(1, method, {**WHERE, **arguments}))

    def feed(self, *messages: bytes) -> None:
        for message in messages:
            self.streams.take(m.StreamFed(1, message))

    def type(self, text: str) -> None:
        self.feed(*typed(text.encode()))

    async def until(self, words: str) -> str:
        await eventually(lambda: words.encode() in self.text)
        text, self.text = self.text.decode(), b""
        return text

    async def ended(self) -> m.StreamEnded:
        await eventually(lambda: self.end is not None)
        assert self.end is not None
        return self.end


async def test_a_shell_from_the_first_prompt_to_the_exit_code(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = Console(member)
        console.open("shell", columns="100", rows="30")
        await console.until("root@p:/# ")
        console.type("stty size\r")
        assert "30 100" in await console.until("root@p:/# ")
        console.feed(sized(132, 43))
        console.type("stty size\r")
        assert "43 132" in await console.until("root@p:/# ")
        console.type("echo größe\r")
        assert "größe\r\ngröße\r\n" in await console.until("root@p:/# ")
        console.type("exit 42\r")
        end = await console.ended()
        assert (end.data, end.title) == ("42", "")
        await eventually(lambda: member.connection.stats.open_streams == 0)


async def test_a_shell_ends_with_its_last_command_even_if_that_was_not_there(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = Console(member)
        console.open("shell")
        await console.until("# ")
        console.type("nope\r\x04")
        end = await console.ended()
        assert (end.data, end.title) == ("127", "")


@pytest.mark.parametrize("size", [{}, {"columns": "80", "rows": "24"}])
async def test_no_shell_in_the_image(tmp_path: Path, size: dict[str, str]) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod(image="gcr.io/distroless/static")
        console = Console(member)
        console.open("shell", **size)
        end = await console.ended()
        assert end.title == "No such program in the image"
        assert "debug container" in end.hint


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"name": "nope"}, "not found"),
        ({"container": "nope"}, "not valid"),
        ({"cluster": "x"}, "no member"),
        ({"name": "../x"}, "no name"),
    ],
)
@pytest.mark.parametrize("method", ["shell", "attach"])
async def test_what_cannot_be_entered(tmp_path: Path, method: str, arguments: dict[str, str], words: str) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = Console(member)
        console.open(method, **arguments)
        end = await console.ended()
        assert words in end.message or (method == "attach" and "no container" in end.message)


async def test_a_pod_that_vanishes_while_its_shell_is_open(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = Console(member)
        console.open("shell")
        await console.until("# ")
        member.remove_pod()
        assert (await console.ended()).data == "137"


async def test_an_api_server_that_vanishes_while_a_shell_is_open(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = Console(member)
        console.open("shell")
        await console.until("# ")
        await member.api.server.stop()
        end = await console.ended()
        assert end.data == ""
        assert end.title


async def test_a_console_that_does_not_read_makes_the_program_wait(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = Console(member)
        console.open("shell")
        await console.until("# ")
        console.acknowledge()
        console.reading = False
        before = console.handled
        console.type("yes\r")
        stats, last = member.connection.stats, -1
        while stats.bytes_in != last or console.handled < before + WINDOW:
            last = stats.bytes_in
            await asyncio.sleep(0.05)
        assert console.handled == before + WINDOW
        assert stats.bytes_in < 4 * 2**20
        console.reading = True
        console.acknowledge()
        console.type("\x03")
        console.type("exit\r")
        await console.ended()


async def test_closing_the_stream_hangs_up(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = Console(member)
        console.open("shell")
        await console.until("# ")
        console.streams.take(m.StreamClosed(1))
        assert (await console.ended()) == m.StreamEnded(1)
        await eventually(lambda: member.connection.stats.open_streams == 0)


async def test_attach_knows_whether_the_container_has_a_terminal(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = Console(member)
        console.open("attach", columns="80", rows="24")
        await eventually(lambda: member.connection.stats.open_streams == 1)
        member.remove_pod()
        assert (await console.ended()).title == ""


def debugging(member: Member, state: Path, **told: Any) -> Console:
    """A console that may add debug containers; the audit is in `state`."""
    console, acting = Console(member), Acting(m.Configured(state_dir=str(state), **told))
    console.streams.offer({"debug": Debugging(acting).debug})
    return console


async def test_debug_adds_a_container_and_opens_its_shell(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod(image="gcr.io/distroless/static")
        console = debugging(member, tmp_path)
        console.open("debug", image="busybox", target="main", confirmed="y")
        await console.until("Starting debug-")
        await eventually(lambda: member.connection.stats.open_streams == 1)
        member.start_debug_containers()
        await console.until("/ # ")
        console.type("exit 3\r")
        assert (await console.ended()).data == "3"


@pytest.mark.parametrize(
    ("protected", "typed_word", "word"), [((), "", "y"), (("m*",), "y", "p"), (("m*",), "", "p")]
)
async def test_a_debug_container_is_confirmed_and_in_a_protected_cluster_by_the_pods_name(
    tmp_path: Path, protected: tuple[str, ...], typed_word: str, word: str
) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = debugging(member, tmp_path, protected=protected)
        console.open("debug", confirmed=typed_word)
        end = await console.ended()
        assert (end.message, end.hint) == ("It was not confirmed.", f"Type {word} to confirm it.")
        assert "ephemeralContainers" not in member.api.storage.get(PODS, "d", "p")["spec"]
        console = debugging(member, tmp_path, protected=protected)
        console.open("debug", confirmed=word)
        await console.until("Starting debug-")
        console.streams.take(m.StreamClosed(1))
        await console.ended()


@pytest.mark.parametrize("method", ["shell", "attach", "debug"])
async def test_a_console_that_is_read_only_has_no_shells(tmp_path: Path, method: str) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = debugging(member, tmp_path)
        console.streams.read_only = True
        requests = member.connection.stats.requests
        console.open(method)
        assert "read-only" in (await console.ended()).message
        assert member.connection.stats.requests == requests


@pytest.mark.parametrize(
    ("told", "why"), [({"read_only_clusters": ("m*",)}, "m is read-only"), ({"as_user": "eve"}, "not eve's")]
)
async def test_there_is_no_shell_past_a_read_only_cluster_or_another_user(
    tmp_path: Path, told: dict[str, Any], why: str
) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        console = debugging(member, tmp_path)
        console.streams.shut = Acting(m.Configured(**told)).shut
        requests = member.connection.stats.requests
        console.open("debug")
        assert why in (await console.ended()).message
        assert member.connection.stats.requests == requests


async def test_calls_start_list_and_stop_forwards(tmp_path: Path) -> None:
    async with one_member(tmp_path) as member:
        member.add_pod()
        forwards = Forwards(member.hub)
        calls = forwarding.calls(forwards)

        async def call(method: str, **arguments: str) -> Any:
            answer = await calls[method](member.hub, {**WHERE, **arguments})
            return json.loads(answer) if answer else None

        try:
            begun = await call("forward_start", port="http")
            assert (begun["pod"], begun["remote_port"], begun["cluster"]) == ("p", 8080, "m")
            assert await call("forwards") == [begun]
            assert [each["name"] for each in await call("containers")] == ["main"]
            await call("forward_stop", uid=begun["uid"])
            assert await call("forwards") == []
            with pytest.raises(UsageError, match="no port number"):
                await call("forward_start", local_port="http")
        finally:
            await forwards.close()
