"""Where log records go: into the file of `--log-file`, or nowhere. Never to the terminal, which shows a screen.

Console and feeder append to the same file; each line names its process. A record is one inert line (a traceback
follows on lines of its own): names and messages of clusters cannot forge another record. Libraries log at WARNING
only: some write whole answers, and so secrets, at DEBUG.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from kurator_tui.errors import UsageError

FORMAT = "%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"


def configure(path: str = "") -> None:
    """Send log records to the file `path`, readable by its owner only; "" drops them. Raises UsageError."""
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(_file(path) if path else logging.NullHandler())
    root.setLevel(logging.WARNING)
    logging.getLogger("kurator_tui").setLevel(logging.DEBUG if path else logging.WARNING)


def _file(path: str) -> logging.Handler:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        handler = logging.FileHandler(Path(path), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write the log file {path}: {error.strerror}", "Choose another file.") from None
    handler.setFormatter(_OneLine(FORMAT))
    return handler


class _OneLine(logging.Formatter):
    """Records whose message cannot act on a terminal nor begin another line."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        from kurator_tui.kinds.cells import inert

        return inert(super().formatMessage(record))


def unexpected(error: Exception) -> str:
    """Log `error` with its traceback; the hint that says where to find it."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(logging.NullHandler())
    logging.getLogger("kurator_tui").error("unexpected error", exc_info=error)
    files = [handler.baseFilename for handler in root.handlers if isinstance(handler, logging.FileHandler)]
    return f"The details are in {files[0]}" if files else "Run it again with --log-file FILE to see the details."
