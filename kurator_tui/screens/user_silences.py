"""The frame follows `silences.yaml`: a change counts while the console runs, what is wrong with it is said.

Once a second one `stat`, between keys. A file with anything wrong in it silences nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kurator_tui.config.reading import FileProblem
from kurator_tui.screens.frame import FrameBase

if TYPE_CHECKING:  # most users have no such file
    from kurator_tui.config.silences import SilencesFile

TITLE = "silences.yaml"


class UserSilences(FrameBase):
    """The part of the frame that knows what the user does not want to hear of."""

    silences_file: SilencesFile | None = None
    """What was read, and told to the feeders, before the console started."""

    def _tick(self) -> None:
        super()._tick()
        if self.silences_file is None:
            from kurator_tui.config.silences import SilencesFile

            self.silences_file = SilencesFile()
        if self.silences_file.changed():
            self._read_silences(self.silences_file)

    def _read_silences(self, file: SilencesFile) -> None:
        try:
            silences = file.read()
        except FileProblem as error:
            silences = ()
            self.say(TITLE, f"{error}; nothing is silenced", level="error")
        self.source.silence(msgspec.json.encode(silences))
