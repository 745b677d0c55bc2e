"""The error that a feeder sent instead of an answer."""

from __future__ import annotations

from kurator_tui.errors import ConsoleError
from kurator_tui.link import messages as m


class AnsweredError(ConsoleError):
    """An error the feeder sent as the answer to a call, with its own title and exit code."""

    def __init__(self, answer: m.Answered) -> None:
        super().__init__(answer.message, answer.hint)
        self.title = answer.title  # type: ignore[misc]
        self.exit_code = answer.exit_code  # type: ignore[misc]
