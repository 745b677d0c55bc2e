"""Writing never waits; how much is left is known; a terminal that is gone is told once."""

from __future__ import annotations

import os
import pty
import threading
import tty
from collections.abc import Iterator

import pytest

from kurator_tui.wire.meter import Meter
from kurator_tui.wire.outlet import Outlet

PATIENCE = 60.0


class Pty:
    """A pseudo-terminal; nobody reads it unless told to."""

    def __init__(self) -> None:
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.file = os.fdopen(slave, "w")
        self.open = True

    def read(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            data += os.read(self.master, count - len(data))
        return data

    def close(self) -> None:
        if self.open:
            self.open = False
            os.close(self.master)


@pytest.fixture
def terminal() -> Iterator[Pty]:
    made = Pty()
    yield made
    made.close()
    made.file.close()


def outlet_on(terminal: Pty, gone: threading.Event | None = None) -> Outlet:
    outlet = Outlet(terminal.file, Meter(), (gone or threading.Event()).set)
    outlet.start()
    return outlet


def test_everything_arrives_in_order(terminal: Pty) -> None:
    outlet = outlet_on(terminal)
    texts = [f"{number:05}é" for number in range(200)]
    for text in texts:
        outlet.write(text)
    expected = "".join(texts).encode()
    assert terminal.read(len(expected)) == expected
    assert outlet.stop()


def test_a_terminal_that_does_not_read_costs_no_time_and_is_known(terminal: Pty) -> None:
    outlet = outlet_on(terminal)
    for _ in range(400):
        outlet.write("x" * 1000)  # far more than the kernel takes, and than a queue of frames would hold
    assert outlet.pending > 100_000
    free = threading.Event()
    assert outlet.call_when_free(free.set)
    terminal.read(400_000)
    assert free.wait(PATIENCE)
    assert outlet.pending == 0
    assert not outlet.call_when_free(free.set), "nothing to wait for"
    assert outlet.stop()


def test_the_end_does_not_wait_for_a_terminal_that_does_not_read(terminal: Pty) -> None:
    outlet = outlet_on(terminal)
    outlet.write("x" * 400_000)
    assert not outlet.stop(patience=0.05)
    assert outlet.write("more") == 4
    assert outlet.lost


def test_a_lost_terminal_is_told_once_and_not_written_to_again(terminal: Pty) -> None:
    told: list[str] = []
    gone = threading.Event()

    def tell() -> None:
        told.append("gone")
        gone.set()

    outlet = Outlet(terminal.file, Meter(), tell)
    outlet.start()
    terminal.close()
    outlet.write("first")
    assert gone.wait(PATIENCE)
    outlet.write("second")
    assert outlet.stop()
    assert told == ["gone"]


def test_a_lost_terminal_leaves_nobody_waiting(terminal: Pty) -> None:
    gone, free = threading.Event(), threading.Event()
    outlet = outlet_on(terminal, gone)
    outlet.write("x" * 400_000)
    assert outlet.call_when_free(free.set)
    terminal.close()
    assert gone.wait(PATIENCE)
    assert free.wait(PATIENCE)
    assert outlet.pending == 0


def test_a_terminal_others_made_non_blocking_gets_everything(terminal: Pty) -> None:
    os.set_blocking(terminal.file.fileno(), False)
    outlet = outlet_on(terminal)
    outlet.write("x" * 100_000)
    assert terminal.read(100_000) == b"x" * 100_000
    assert outlet.stop()


def test_accepted_bytes_are_counted(terminal: Pty) -> None:
    meter = Meter()
    outlet = Outlet(terminal.file, meter, lambda: None)
    outlet.start()
    outlet.write("äö")
    assert outlet.stop()
    assert meter.bytes == 4
    assert meter.last_minute == 4
