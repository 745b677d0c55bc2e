"""`silences.yaml` before a command or the console starts: feeders are told, what is wrong with it is, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from kurator_tui.config.silences import SilencesFile
    from kurator_tui.link.session import Session


def use_silences(session: Session) -> tuple[SilencesFile, tuple[str, ...]]:
    """Tell a session that is new what the user does not want to hear of: the file, and what is wrong with it."""
    from kurator_tui.config.reading import FileProblem
    from kurator_tui.config.silences import SilencesFile

    file = SilencesFile()
    try:
        silences = file.read()
    except FileProblem as problem:
        return file, (f"{problem}; nothing is silenced",)
    if silences:
        session.silence(msgspec.json.encode(silences))
    return file, ()
