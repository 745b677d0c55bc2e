"""An error of ours ends the console with the error, not with pages of its insides on the user's screen."""

from __future__ import annotations

import asyncio

import pytest

from kurator_tui.app import KuratorApp, _end_of
from kurator_tui.config.settings import Settings
from tests.ui.source import FakeSource

SECRET = "in-a-local"


async def break_down(app: KuratorApp) -> None:
    """Run the console until something in it fails."""
    held = SECRET

    def fail() -> None:
        raise ZeroDivisionError(f"something with {len(held)} letters")

    async with app.run_test() as pilot:
        app.frame.call_later(fail)
        await pilot.pause()


async def test_an_error_of_ours_prints_no_traceback_and_no_locals(capsys: pytest.CaptureFixture[str]) -> None:
    app = KuratorApp(FakeSource(), Settings())
    with pytest.raises(ZeroDivisionError):
        await break_down(app)
    assert isinstance(app.failure, ZeroDivisionError)
    printed = "".join(capsys.readouterr())
    assert "Traceback" not in printed
    assert SECRET not in printed


class Late(FakeSource):
    """A source that fails when it is closed, as one that tells screens which are gone."""

    async def run(self) -> None:
        await super().run()
        raise ZeroDivisionError("too late")


async def test_a_source_that_fails_while_the_console_ends_does_not_hide_how_it_ended() -> None:
    app = KuratorApp(Late(), Settings())
    app.call_later(app.terminate, 15)
    async with app.run_test():
        pass
    reading = asyncio.create_task(app.frame.source.run())
    await app.frame.source.close()
    await _end_of(reading, app)
    assert app.return_code == 128 + 15
