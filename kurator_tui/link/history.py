"""What a console can look back at: the recordings there are, and the recorder that goes on adding to them."""

from __future__ import annotations

from dataclasses import dataclass

from kurator_tui.link.past import Past
from kurator_tui.link.recorder import Recorder


@dataclass(slots=True)
class History:
    """Of a console that is live, or of one that shows a file."""

    past: Past
    recorder: Recorder | None = None
    """None where nothing new happens: a recording is shown."""
    every: bool = False
    """Whether what all screens show is read to be recorded, not what is open alone."""
    file: str = ""
    """The recording that is shown instead of clusters, "" for none."""
