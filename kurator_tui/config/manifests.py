"""Files of YAML or JSON that a user wants applied, as one text. It reads files and nothing else.

A directory means the files in it, as for kubectl: not those below. Each file is read as YAML here already, so that
a mistake is told with the file's name and line.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from pathlib import Path

from kurator_tui.errors import UsageError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.documents import Malformed, documents

STDIN = "-"
ENDINGS = (".yaml", ".yml", ".json")
MOST_BYTES = 16 * 2**20
"""Of all files together: what is larger is no manifest."""


MOST_OFFERED = 200


def offered() -> list[str]:
    """What could be applied of the working directory: files, directories, and stdin or an editor (`-`)."""
    try:
        with os.scandir() as entries:
            found = sorted(
                f"{each.name}/" if each.is_dir() else each.name
                for each in itertools.islice(entries, MOST_OFFERED)
                if not each.name.startswith(".") and (each.is_dir() or each.name.endswith(ENDINGS))
            )
    except OSError:
        found = []
    return [STDIN, *found]


def read(source: str) -> str:
    """The documents of a file, of the files in a directory, or of stdin (`-`). Raises UsageError."""
    if source == STDIN:
        return _checked("stdin", _bounded(sys.stdin.buffer.read(MOST_BYTES + 1), "stdin"))
    path = Path(source).expanduser()
    try:
        if path.is_dir():
            files = sorted(each for each in path.iterdir() if each.suffix in ENDINGS and each.is_file())
            if not files:
                raise UsageError(f"{inert(source)} holds no {', '.join(ENDINGS)}")
            return "\n---\n".join(_file(each) for each in files)
        if not path.is_file() and not source.startswith(("/dev/fd/", "/dev/stdin")):  # others may never end
            raise UsageError(
                f"{inert(source)} is no file and no directory" if path.exists() else f"there is no {inert(source)}"
            )
        return _file(path)
    except OSError as error:
        raise UsageError(f"{inert(source)} cannot be read: {error.strerror or error}") from error


def _file(path: Path) -> str:
    with path.open("rb") as file:
        text = _bounded(file.read(MOST_BYTES + 1), str(path))
    if path.suffix == ".json":
        try:
            text = json.dumps(json.loads(text), ensure_ascii=False)  # YAML takes no tabs between its tokens
        except ValueError as error:
            raise UsageError(f"{inert(str(path))}: {inert(str(error))}", "It is no JSON.") from error
    return _checked(str(path), text)


def _bounded(data: bytes, name: str) -> str:
    if len(data) > MOST_BYTES:
        raise UsageError(f"{inert(name)} is larger than {MOST_BYTES // 2**20} MiB: that is no manifest")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{inert(name)} is no text: {error.reason} at byte {error.start}") from error


def _checked(name: str, text: str) -> str:
    try:
        documents(text)
    except Malformed as error:
        raise UsageError(f"{inert(name)}: {error.message}", error.hint) from error
    return text
