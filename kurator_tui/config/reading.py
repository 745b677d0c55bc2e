"""Reading one YAML file of a user: what is wrong with it comes back as text, never as a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from kurator_tui.errors import UsageError

T = TypeVar("T")


class FileProblem(UsageError):
    """A file cannot be used; the message names it and says why."""


def read_yaml(path: Path) -> Any:
    """The content of `path`, or None when there is no such file. Raises FileProblem."""
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise FileProblem(f"{path}: {error}") from None
    import yaml  # 20 ms that a start without any such file does not pay

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark is not None else ""
        raise FileProblem(f"{path}{where}: {getattr(error, 'problem', None) or error}") from None


def convert(value: Any, target: type[T], path: Path) -> T:
    """`value` as `target`. Raises FileProblem naming the key that is wrong."""
    try:
        return msgspec.convert(value, target)
    except msgspec.ValidationError as error:
        raise FileProblem(f"{path}: {error}") from None
