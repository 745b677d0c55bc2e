"""What reaches into pods, from a row: shells, processes, debug containers, port-forwards. Loaded when used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kurator_tui.screens.keys import Request
from kurator_tui.screens.ways import Ways

if TYPE_CHECKING:
    from kurator_tui.screens.forwarding import Forwarding
    from kurator_tui.screens.shells import Shells

FORWARDS = "forwards"


class Remote(Ways):
    """The part of the frame that the keys of these are sent to; `frame_actions.Frame` has it."""

    @cached_property
    def shells(self) -> Shells:
        """Visits containers."""
        from kurator_tui.screens.shells import Shells

        return Shells(self)

    @cached_property
    def forwarding(self) -> Forwarding:
        """Starts and stops port-forwards."""
        from kurator_tui.screens.forwarding import Forwarding

        return Forwarding(self)

    def do_shell(self, request: Request) -> None:
        self.shells.row("shell", container=request.argument)

    def do_attach(self, request: Request) -> None:
        self.shells.row("attach", container=request.argument)

    def do_debug(self, request: Request) -> None:
        """A debug container of the image typed, or of one asked for."""
        self.shells.row("debug", image=request.argument)

    def do_forward(self, request: Request) -> None:
        self.forwarding.row(request.argument)

    def do_delete(self, request: Request) -> None:
        self.forwarding.stop()

    # -- what is said at the end --------------------------------------------------------------------------------

    def count_forwards(self) -> None:
        """Know of every port-forward from now on, whatever is shown."""
        self.source.subscribe(FORWARDS, reader="farewell")

    def farewell(self) -> str:
        """What ends with the console; "" for nothing."""
        count = sum(1 for _row in self.source.store.rows(FORWARDS))
        return f"{count} port-forward{' ends' if count == 1 else 's end'} with it." if count else ""
