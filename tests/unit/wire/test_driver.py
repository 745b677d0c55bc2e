"""A terminal that is gone costs output, not the process."""

from __future__ import annotations

import io

from kurator_tui.wire.driver import Forgiving


class Vanishing(io.StringIO):
    """A file that fails from the second write on."""

    writes = 0

    def write(self, text: str) -> int:
        self.writes += 1
        if self.writes > 1:
            raise OSError(5, "Input/output error")
        return super().write(text)


def test_writes_to_a_lost_terminal_are_dropped_and_told_once() -> None:
    told: list[str] = []
    file = Vanishing()
    terminal = Forgiving(file, lambda: told.append("gone"))
    for text in ("one", "two", "three"):
        terminal.write(text)
        terminal.flush()
    assert file.getvalue() == "one"
    assert told == ["gone"]
    assert file.writes == 2, "a lost terminal is not tried again"
