"""What the console may look back at: the ring of what it saw, of its estate, or for as long as it runs."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kurator_tui.cli.options import Options
from kurator_tui.config.settings import Settings

if TYPE_CHECKING:
    from kurator_tui.link.history import History
    from kurator_tui.link.past import Past
    from kurator_tui.link.session import Session

FOLDER = "history"


@contextmanager
def history(options: Options, settings: Settings, session: Session) -> Iterator[History | None]:
    """The history of a console, None when none is kept. Where nothing is to be kept it ends with the console."""
    if not settings.history_mib or os.name == "nt":
        yield None
        return
    from kurator_tui.config.estate import estate
    from kurator_tui.config.paths import state_dir

    found = None if options.no_cache else estate(options.configured(), os.environ)
    if found is not None:
        yield _history(state_dir() / FOLDER, found, settings, session)
        return
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kurator-tui-"))
        except OSError:
            yield None
        else:
            yield _history(Path(folder) / FOLDER, "", settings, session)


def looking_back(options: Options) -> Past | None:
    """What consoles of the same estate recorded, None where nothing is kept; nothing is added to it."""
    from kurator_tui.config.settings import load_settings

    settings, _problems = load_settings()
    if not settings.history_mib or os.name == "nt" or options.no_cache:
        return None
    from kurator_tui.config.estate import estate
    from kurator_tui.config.history_files import Ring
    from kurator_tui.config.paths import state_dir
    from kurator_tui.link.past import Past

    found = estate(options.configured(), os.environ)
    return Past(Ring(state_dir() / FOLDER, found, size=0, age=0.0)) if found is not None else None


def _history(folder: Path, estate: str, settings: Settings, session: Session) -> History:
    from kurator_tui.config.history_files import Ring
    from kurator_tui.link.history import History
    from kurator_tui.link.past import Past
    from kurator_tui.link.recorder import Recorder

    ring = Ring(folder, estate, size=settings.history_mib << 20, age=settings.history_hours * 3600.0)
    recorder = Recorder(session.store, ring, time.time, session=ring.session, retry=True)
    session.listen(recorder.hear)
    return History(Past(ring, ring.session), recorder, every=settings.history_screens)
