"""What a terminal shows is what the widgets show, whatever happens to either."""

from __future__ import annotations

import itertools
import logging
import os
import signal
import time
from collections.abc import Callable

import pytest
from textual import events
from textual.geometry import Size

from kurator_tui.wire import frames as frames_module
from kurator_tui.wire.display import SWITCH
from tests.unit.wire.apps import CURSOR, BoardApp, Screen, running, until

Patch = pytest.MonkeyPatch


def shows(app: BoardApp, screen: Screen) -> Callable[[], bool]:
    """Whether the terminal has every line of the board."""

    def same() -> bool:
        height = app.size.height
        wanted = [app.board.lines.get(y, f"line {y}") for y in range(height)]
        return screen.terminal.text[:height] == wanted

    return same


async def test_a_changed_line_arrives_as_its_changed_cells(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        # The first frame may be drawn before the terminal said whether it can tell frames.
        await until(lambda: screen.raw.endswith((b"\x1b[H", b"\x1b[?2026l")), "the end of the frame")
        sent = len(screen.raw)
        app.board.put(5, "lime 5")
        await until(shows(app, screen), "the new line")
        await until(lambda: screen.raw.endswith(b"\x1b[?2026l"), "its end: terminals that can tell see it whole")
        assert len(screen.raw) - sent < 80
        assert app.meter.frames == 2
        assert not app.meter.stock


async def test_a_terminal_that_stops_reading_stops_nobody_and_gets_the_last_frame(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(120, 40)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        screen.reading.clear()
        for turn in range(100):  # far more than the 30 places of Textual's queue
            await app.turn(f"turn {turn}")
        assert app.meter.shed > 60
        sent = len(screen.raw)
        screen.reading.set()
        await until(shows(app, screen), "the last frame")
        assert len(screen.raw) - sent < 100_000


async def test_a_size_that_is_told_late_is_not_taken_for_the_terminals(monkeypatch: Patch) -> None:
    """A signal within the handler of the one before tells the newer size first."""
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        late = Size(120, 40)
        await app._post_message(events.Resize(late, late))
        await app.turn("after it")
        await until(shows(app, screen), "all lines of the size there is")
        assert app.size == Size(80, 24)


async def test_keys_are_heard_while_the_terminal_does_not_read(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        screen.reading.clear()
        for turn in range(60):
            await app.turn(f"turn {turn}")
        screen.press(b"abc")
        await until(lambda: app.keys == ["a", "b", "c"], "the keys")
        screen.reading.set()


async def test_a_slow_terminal_is_known_as_slow(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(120, 40)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        assert not app.meter.slow
        screen.bytes_per_second = 4_000
        turns = itertools.count()

        def busy() -> bool:
            turn = next(turns)
            for y in range(40):
                app.board.put(y, f"turn {turn} line {y} " + "xyz"[turn % 3] * 70)
            return app.meter.slow

        await until(busy, "slow")
        screen.bytes_per_second = 0
        await until(shows(app, screen), "the last frame")


async def test_the_answers_of_the_terminal_are_no_keys(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(120, 40)
    async with running(app, screen, monkeypatch):
        for turn in range(20):
            await app.turn(f"turn {turn}")
            await until(shows(app, screen), "the lines")
        assert screen.raw.count(CURSOR) > 3
        assert app.keys == []


async def test_a_terminal_that_never_answers_is_asked_once(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(120, 40, answers=False)
    async with running(app, screen, monkeypatch):
        for turn in range(20):
            await app.turn(f"turn {turn}")
            await until(shows(app, screen), "the lines")
        assert screen.raw.count(CURSOR) == 1


async def test_a_resized_terminal_is_painted_anew(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        for width, height in ((100, 30), (40, 10), (80, 24)):
            screen.size(width, height)
            os.kill(os.getpid(), signal.SIGWINCH)
            await until(lambda: app.size == (width, height), "the new size")  # noqa: B023
            await until(shows(app, screen), "all lines")


async def test_a_size_that_comes_back_at_once_is_painted_anew(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        screen.terminal.feed("\x1b[2J")
        os.kill(os.getpid(), signal.SIGWINCH)
        await until(shows(app, screen), "all lines again")


async def test_what_others_wrote_on_the_screen_is_drawn_over_when_asked(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        os.write(screen.slave, b"\x1b[HBroadcast message from root")
        await until(lambda: "Broadcast" in screen.terminal.text[0], "the message")
        app.redraw()
        await until(shows(app, screen), "all lines again")


async def test_after_a_suspension_everything_is_painted_again(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        with app.suspend():
            os.write(screen.slave, b"\x1b[2Jan editor")
            await until(
                lambda: "an editor" in screen.terminal.text[-1] + "".join(screen.terminal.text), "the editor"
            )
        await until(shows(app, screen), "all lines again")
        app.board.put(3, "after")
        await until(shows(app, screen), "the new line")


async def test_dialogs_come_and_go(monkeypatch: Patch) -> None:
    from textual.screen import ModalScreen
    from textual.widgets import Static

    class Dialog(ModalScreen[None]):
        DEFAULT_CSS = "Dialog { align: center middle; } Dialog Static { width: 20; height: 3; border: solid red; }"

        def compose(self) -> object:  # type: ignore[override]
            yield Static("你好 dialog")

    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        with app._context():
            await app.push_screen(Dialog())
        await until(lambda: any("dialog" in line for line in screen.terminal.text), "the dialog")
        app.board.put(0, "behind it")
        await until(lambda: screen.terminal.text[0] == "behind it", "the line behind")
        with app._context():
            await app.pop_screen()
        await until(shows(app, screen), "all lines again")


async def test_what_is_not_a_frame_keeps_its_order_and_is_never_shed(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        screen.reading.clear()
        for turn in range(50):
            app.copy_to_clipboard(f"copy {turn}")
            await app.turn(f"turn {turn}")
        app.bell()
        screen.reading.set()
        await until(lambda: screen.raw.count(b"\x1b]52;c;") == 50 and b"\x07" in screen.raw[-3000:], "all of them")
        await until(shows(app, screen), "the last frame")


async def test_a_failure_falls_back_to_stock_output_for_good(
    monkeypatch: Patch, caplog: pytest.LogCaptureFixture
) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")

        def broken(*_: object) -> None:
            raise ZeroDivisionError

        assert app._frames is not None
        with monkeypatch.context() as patch, caplog.at_level(logging.ERROR):
            patch.setattr(frames_module.Frames, "show", broken)
            app.board.put(4, "first after the failure")
            await until(shows(app, screen), "the line")
        app.board.put(5, "second after the failure")
        await until(shows(app, screen), "the line")
        assert app.meter.stock
        assert [record.name for record in caplog.records].count("kurator_tui.wire.display") == 1


async def test_a_frame_that_waited_is_not_sent_over_stock_output(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(120, 40)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        screen.reading.clear()
        for turn in range(20):
            await app.turn(f"turn {turn}")
        assert app.meter.shed > 0
        app._fall_back(ZeroDivisionError())
        await app.turn("the last")
        screen.reading.set()
        await until(shows(app, screen), "the last frame")
        await app.turn("one more")
        await until(shows(app, screen), "one more")


async def test_stock_output_does_not_wait_for_the_terminal_either(monkeypatch: Patch) -> None:
    monkeypatch.setenv(SWITCH, "stock")
    app, screen = BoardApp(), Screen(120, 40)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        screen.reading.clear()
        for turn in range(100):
            await app.turn(f"turn {turn}")
        assert app.meter.shed > 50
        screen.reading.set()
        await until(shows(app, screen), "the last frame")


async def test_the_users_limit_is_kept(monkeypatch: Patch) -> None:
    app, screen = BoardApp(max_kbps=160), Screen(120, 40)
    async with running(app, screen, monkeypatch):
        await until(shows(app, screen), "all lines")
        sent, began = len(screen.raw), time.monotonic()
        turn = 0
        while time.monotonic() < began + 1 or len(screen.raw) == sent:
            turn += 1
            await app.turn(f"turn {turn}")
        assert 0 < len(screen.raw) - sent < 20_000 * (time.monotonic() - began) + 8_000
        assert app.meter.shed > 0
        await until(shows(app, screen), "the last frame")


async def test_a_terminal_that_vanishes_ends_the_application(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch) as task:
        await until(shows(app, screen), "all lines")
        os.close(screen.slave)
        screen.hang_up()
        app.board.put(1, "nobody sees this")
        await until(task.done, "the end")
        assert app.return_code == 128 + signal.SIGHUP


async def test_without_scroll_regions_it_works_too(monkeypatch: Patch) -> None:
    app, screen = BoardApp(), Screen(80, 24)
    async with running(app, screen, monkeypatch, term="strange"):
        await until(shows(app, screen), "all lines")
        for y in range(24):
            app.board.put(y, f"line {y + 1}")
        await until(shows(app, screen), "moved lines")
        assert b"\x1b[r" not in screen.raw


async def test_headless_applications_are_left_alone() -> None:
    app = BoardApp()
    async with app.run_test(size=(40, 10)) as pilot:
        app.board.put(1, "headless")
        await pilot.pause()
        assert app._frames is None
        assert app.meter.bytes == 0
