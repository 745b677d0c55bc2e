"""Shells, debug containers and port-forwards from a row: what is asked, what is opened, what is said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import ANY

import pytest

from kurator_tui.config.settings import Settings
from kurator_tui.errors import CommandNotFound, NotFound
from kurator_tui.kinds.forwards import ForwardRow
from kurator_tui.link.messages import StreamEnded
from kurator_tui.link.shells import sized, typed
from kurator_tui.screens import visit
from tests.ui.driver import Driver, console
from tests.ui.estate import workloads
from tests.ui.source import FakeSource, FakeStream

CART = ("prod-cloud", "cart-7d4b9")
MAIN = {"name": "main", "state": "running", "image": "cart:v1", "default": True}
PROXY = {"name": "proxy", "role": "sidecar", "state": "running", "image": "envoy:v1"}
SETUP = {"name": "setup", "role": "init", "state": "terminated", "reason": "Completed"}


class FakeTerminal:
    """A terminal that is lent: what was written, and how much of it waits."""

    def __init__(self) -> None:
        self.size = (100, 30)
        self.pending = 0
        self.written = b""
        self.free: Callable[[], None] | None = None
        self.typed: Callable[[bytes], None] = lambda _data: None
        self.resized: Callable[[], None] = lambda: None
        self.lent = False

    def write(self, data: bytes) -> None:
        self.written += data

    def call_when_free(self, callback: Callable[[], None]) -> bool:
        self.free = callback if self.pending else None
        return bool(self.pending)

    @contextmanager
    def lend(
        self, typed: Callable[[bytes], None], resized: Callable[[], None], *, lines: bool = False
    ) -> Iterator[FakeTerminal]:
        self.typed, self.resized, self.lent = typed, resized, True
        yield self
        self.lent = False


def pods(*containers: dict[str, Any]) -> FakeSource:
    source = workloads()
    source.answers[("containers", *CART)] = json.dumps(containers or [MAIN])
    source.answers[("debug_word", *CART)] = "y"
    return source


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0)


async def press(driver: Driver, *keys: str) -> None:
    """Press keys without waiting for what they set off."""
    from textual import events

    for key in keys:
        driver.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await asyncio.sleep(0)


async def opened(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> tuple[FakeTerminal, FakeStream]:
    """A shell in the cart's pod that has said its prompt."""
    terminal = FakeTerminal()
    monkeypatch.setattr(driver.app, "lend_terminal", terminal.lend)
    await press(driver, "s")
    await until(lambda: driver.source.streams)
    stream = driver.source.streams[-1]
    stream.flow(b"# ")
    await until(lambda: terminal.lent)
    return terminal, stream


async def test_a_shell_gets_the_terminal_and_its_exit_code_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(pods(), view="pods") as driver:
        terminal, stream = await opened(driver, monkeypatch)
        where = {"cluster": "prod-cloud", "namespace": "shop", "name": "cart-7d4b9", "container": "main"}
        assert (stream.method, stream.arguments) == ("shell", {**where, "columns": "120", "rows": "40"})
        text = terminal.written.decode()
        assert "shell in prod-cloud / shop / cart-7d4b9 / main" in text
        assert "Ctrl-]" in text
        assert text.endswith("# "), "what came early comes after the banner"
        terminal.typed(b"ls\r")
        terminal.size = (80, 24)
        terminal.resized()
        assert stream.fed == [sized(100, 30), *typed(b"ls\r"), sized(80, 24)]
        stream.end(StreamEnded(1, "3"))
        await driver.idle()
        assert not terminal.lent
        assert driver.dialog() == ""
        assert "in cart-7d4b9" in driver.toasts()[-1]
        assert "shell ended with 3" in driver.screen()


async def test_a_terminal_that_does_not_read_holds_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(pods(), view="pods") as driver:
        terminal, stream = await opened(driver, monkeypatch)
        assert not stream.held
        terminal.pending = visit.FULL + 1
        stream.flow(b"y\r\n")
        assert stream.held
        assert terminal.free is not None
        terminal.pending = 0
        terminal.free()
        assert not stream.held
        stream.end(StreamEnded(1, "0"))
        await driver.idle()


async def test_ctrl_bracket_twice_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(pods(), view="pods") as driver:
        terminal, stream = await opened(driver, monkeypatch)
        terminal.typed(b"\x1d\x1d")
        await driver.idle()
        assert stream.closed
        assert "left the shell" in driver.screen()


async def test_a_far_end_that_takes_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(pods(), view="pods") as driver:
        terminal, stream = await opened(driver, monkeypatch)
        stream.waiting = visit.MOST + 1
        terminal.typed(b"x")
        await driver.idle()
        assert stream.closed
        assert "it took no input" in driver.screen()


async def test_what_cannot_be_opened_never_takes_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    async with console(pods(), view="pods") as driver:
        terminal = FakeTerminal()
        monkeypatch.setattr(driver.app, "lend_terminal", terminal.lend)
        await press(driver, "s")
        await until(lambda: driver.source.streams)
        driver.source.streams[-1].end(StreamEnded(1, "", "Forbidden", "you may not create pods/exec", "Ask."))
        await driver.idle()
        assert driver.dialog() == "MessageDialog"
        assert "you may not create pods/exec" in driver.screen()
        assert terminal.written == b""


async def test_several_containers_are_offered_with_their_roles() -> None:
    async with console(pods(SETUP, PROXY, MAIN), view="pods") as driver:
        await driver.press("s")
        assert driver.dialog() == "Picker"
        screen = driver.screen()
        assert screen.index("main") < screen.index("setup"), "the default one first"
        assert "[init] terminated Completed" in screen
        assert "[sidecar] running" in screen
        await driver.press("escape")
        assert not driver.source.streams


async def test_no_container_that_runs() -> None:
    async with console(pods(SETUP), view="pods") as driver:
        await driver.press("s")
        assert "No container of cart-7d4b9 runs" in driver.screen()
        assert "setup: terminated Completed" in driver.screen()


async def test_an_image_without_a_shell_offers_a_debug_container_that_must_be_confirmed() -> None:
    async with console(pods(), view="pods") as driver:
        await press(driver, "s")
        await until(lambda: driver.source.streams)
        driver.source.streams[-1].end(StreamEnded(1, "", CommandNotFound.title, "no sh", ""))
        await driver.idle()
        assert "has no shell" in driver.screen()
        await driver.press("enter")
        for words in ("prod-cloud", "shop/cart-7d4b9", "busybox", "cannot be removed again"):
            assert words in driver.screen()
        await driver.press("enter")
        assert len(driver.source.streams) == 1, "Enter confirms nothing"
        await press(driver, "y")
        await until(lambda: len(driver.source.streams) == 2)
        stream = driver.source.streams[-1]
        assert (stream.method, stream.arguments["target"]) == ("debug", "main")
        assert "busybox" in stream.arguments["image"]
        stream.end(StreamEnded(1, "", "No answer in time", "not started", ""))
        await driver.idle()


async def test_in_a_protected_cluster_a_debug_container_is_confirmed_by_the_pods_name() -> None:
    source = pods()
    source.answers[("debug_word", *CART)] = "cart-7d4b9"
    async with console(source, view="pods") as driver:
        await driver.command("debug busybox")
        assert "prod-cloud is protected" in driver.screen()
        await driver.type("y")
        await driver.press("enter")
        assert "Type cart-7d4b9 to confirm it." in driver.screen()
        assert not source.streams
        await driver.press("backspace")
        await driver.type("cart-7d4b9")
        await press(driver, "enter")
        await until(lambda: source.streams)
        assert source.streams[-1].arguments["confirmed"] == "cart-7d4b9"
        source.streams[-1].end(StreamEnded(1, "", "No answer in time", "not started", ""))
        await driver.idle()


@pytest.mark.parametrize("command", ["shell", "attach", "debug busybox"])
async def test_read_only_refuses_what_may_change_a_pod(command: str) -> None:
    async with console(pods(), Settings(read_only=True), view="pods") as driver:
        await driver.command(command)
        assert ("containers", ANY) not in driver.source.calls
        assert "without it to open a shell" in driver.toasts()[-1]


# -- port-forwards ------------------------------------------------------------------------------------------------

POD = {"spec": {"containers": [{"name": "main", "ports": [{"containerPort": 8080, "name": "http"}]}]}}
MADE = {"uid": "forward-1", "local_port": 8081, "remote_port": 8080, "pod": "cart-7d4b9"}


def forward() -> ForwardRow:
    place = ("prod-cloud", "shop", "cart-7d4b9", "forward-1", 0.0)
    return ForwardRow(*place, port="8080", local_port=8081, pod="cart-7d4b9", remote_port=8080)


async def test_a_port_is_forwarded_and_its_url_said() -> None:
    source = pods()
    source.answers[("object", *CART)] = json.dumps(POD)
    source.answers[("forward_start", *CART)] = json.dumps(MADE)
    async with console(source, view="pods") as driver:
        await driver.press("F")
        assert "declared ports: 8080 http" in driver.screen()
        await driver.press("tab")
        await driver.type("x")
        await driver.press("enter")
        assert "The local port is a number" in driver.screen(), "the form stays open"
        await driver.press("backspace", "enter")
        method, arguments = source.calls[-1]
        assert (method, arguments["port"], arguments["local_port"]) == ("forward_start", "8080", "")
        assert "http://127.0.0.1:8081" in driver.screen()
        source.put(forward())
        await driver.press("q")
        assert "1 port-forward ends with it." in driver.screen()


@pytest.mark.parametrize(("typed", "ports"), [("9000:80", ("9000", "80")), ("http", ("", "http"))])
async def test_a_command_names_the_ports(typed: str, ports: tuple[str, str]) -> None:
    source = pods()
    source.answers[("forward_start", *CART)] = json.dumps(MADE)
    async with console(source, view="pods") as driver:
        await driver.command(f"forward {typed}")
        arguments = source.calls[-1][1]
        assert (arguments["local_port"], arguments["port"]) == ports
        await driver.command("forward 80:99999")
        assert "1 to 65535" in driver.toasts()[-1]


async def test_a_forward_that_fails_says_why() -> None:
    source = pods()
    source.answers[("forward_start", *CART)] = NotFound("the pod is gone", "Look for another.", code=404)
    async with console(source, view="pods") as driver:
        await driver.command("forward 80")
        assert driver.dialog() == "MessageDialog"
        assert "the pod is gone" in driver.screen()


async def test_forwards_are_listed_and_stopped() -> None:
    source = pods()
    source.put(forward())
    source.answers[("forward_stop", "prod-cloud", "")] = ""
    async with console(source, view="pods") as driver:
        await driver.press("delete")
        assert ("forward_stop", ANY) not in source.calls, "that would be a plan"
        await driver.press("escape")
        await driver.command("pf")
        assert [row["LOCAL"] for row in driver.table()] == ["127.0.0.1:8081"]
        await driver.press("delete")
        assert source.calls[-1] == ("forward_stop", {"cluster": "prod-cloud", "uid": "forward-1"})
        assert driver.toasts()[-1] == "1 port-forward stopped"
