"""The console with a probe: `python -m benchmarks.probed_console SOCKET [kurator-tui's arguments]`.

It is started by the same front door, in the same order, as `kurator-tui`: only when the application runs does the
probe attach itself to it. Nothing that a user's console would not import is imported before.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any


def attach(socket: str) -> None:
    """Make the next `asyncio.run` one in which an application is probed."""
    run = asyncio.run

    def probed(main: Coroutine[Any, Any, int], **options: Any) -> int:
        from textual.app import App

        run_async = App.run_async

        async def run_probed(app: App[int], *arguments: Any, **keywords: Any) -> int | None:
            from benchmarks.probe import Probe

            await Probe(app).serve(socket)
            return await run_async(app, *arguments, **keywords)

        App.run_async = run_probed  # type: ignore[method-assign,assignment]
        return run(main, **options)

    asyncio.run = probed  # type: ignore[assignment]


if __name__ == "__main__":
    attach(sys.argv.pop(1))
    from kurator_tui.cli.main import main

    main()
