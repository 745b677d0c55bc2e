"""Serves an estate made for load until it is told to end."""

from typing import Any

from kurator_tui.demo.load.control import Control
from kurator_tui.demo.load.estate import Estate
from kurator_tui.demo.load.options import LoadOptions
from kurator_tui.demo.serve import run_until_ended, until_ended


class Served:
    """An estate with its control endpoint."""

    def __init__(self, options: LoadOptions) -> None:
        self.estate = Estate(options)
        self._control = Control(self.estate)

    async def start(self) -> None:
        """Listen and let events flow."""
        await self._control.start()
        self.estate.control_url = self._control.url
        await self.estate.start()

    async def stop(self) -> None:
        """End everything."""
        await self.estate.stop()
        await self._control.stop()

    def description(self) -> dict[str, Any]:
        """What `-o json` prints."""
        return self.estate.description()

    def text(self) -> str:
        """The same for people."""
        return self.estate.text()

    def told(self) -> list[str]:
        """Nothing: its load is no secret."""
        return []


async def serve(options: LoadOptions) -> None:
    """Run an estate until SIGTERM, SIGINT, SIGHUP or, with `watch_parent`, the end of stdin.

    Raises ValueError for options or a script that make no sense, OSError when it cannot listen, read or write.
    """
    await until_ended(Served(options), as_json=options.json, watch_parent=options.watch_parent)


def run(options: LoadOptions) -> None:
    """`serve` on a loop of its own."""
    run_until_ended(serve(options))
