"""Findings that the user does not want to hear of, in `silences.yaml` of the config directory.

- codes: [KT10*, KT1203]
  clusters: [edge-*, tier=staging]
  labels: {app: load-*}
  until: 2026-12-01
  reason: load test until the release

All that an entry says must hold, and it must say one of codes, clusters and labels. A file with anything wrong in
it silences nothing: what is meant to be silent is better heard than the other way round.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import msgspec

from kurator_tui.config.paths import config_dir
from kurator_tui.config.reading import FileProblem
from kurator_tui.config.watched_file import WatchedFile
from kurator_tui.kinds.silences import Silence, Silences

MOST = 1000
"""Entries of a file: each is tried with each finding."""
_PARTS = tuple(Silence.__struct_fields__)
_CODE = re.compile(r"[A-Za-z0-9*?\[\]!-]+")


def silences_file() -> Path:
    return config_dir() / "silences.yaml"


class SilencesFile(WatchedFile):
    """The user's file."""

    def __init__(self, path: Path | None = None) -> None:
        super().__init__(path or silences_file())

    def read(self) -> Silences:
        """What the file says now; nothing when there is none. Raises FileProblem, which names the line."""
        text = self.text()
        return () if text is None else parse(text, str(self.path))


class _Wrong(Exception):
    """What is wrong with one entry."""


def parse(text: str, name: str) -> Silences:
    """`text` of the file `name`. Raises FileProblem, with the line of the first entry that is wrong."""
    import yaml  # 20 ms that a start without any such file does not pay

    loader = yaml.SafeLoader(text)
    try:
        root: Any = loader.get_single_node()
        if root is None:
            return ()
        if root.id != "sequence":
            raise FileProblem(f"{name} line {root.start_mark.line + 1}: expected a list, each entry with a dash")
        if len(root.value) > MOST:
            raise FileProblem(f"{name}: {len(root.value)} entries; at most {MOST} are taken")
        return tuple(_entry(loader, node, f"{name} line {node.start_mark.line + 1}") for node in root.value)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark is not None else ""
        raise FileProblem(f"{name}{where}: {getattr(error, 'problem', None) or error}") from None
    finally:
        loader.dispose()


def _entry(loader: Any, node: Any, place: str) -> Silence:
    try:
        if node.id != "mapping":
            raise _Wrong(f"expected {', '.join(_PARTS)}")
        keys = [key.value for key, _value in node.value]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise _Wrong(f"there is a second {twice}")
        raw = {str(key): value for key, value in loader.construct_object(node, deep=True).items()}
        return _silence(raw)
    except (_Wrong, ValueError) as error:  # a date that does not exist is a ValueError, too
        raise FileProblem(f"{place}: {error}") from None


def _silence(raw: dict[str, Any]) -> Silence:
    if unknown := [key for key in raw if key not in _PARTS]:
        raise _Wrong(f"{unknown[0]}: expected {', '.join(_PARTS)}")
    if "until" in raw:
        raw["until"] = _moment(raw["until"])
    if isinstance(labels := raw.get("labels"), dict):
        raw["labels"] = {str(key): _text(value) for key, value in labels.items()}
    found = msgspec.convert(raw, Silence)
    if not (found.codes or found.clusters or found.labels):
        raise _Wrong("it says none of codes, clusters and labels, and so would silence everything")
    for part in ("codes", "clusters"):
        if any(not each for each in getattr(found, part)):
            raise _Wrong(f"{part}: there is an empty one")
    if wrong := next((each for each in found.codes if not _CODE.fullmatch(each)), None):
        raise _Wrong(f"codes: {wrong!r} is no code: KT1001, or a pattern such as KT10*")
    return found


def _text(value: Any) -> str:
    """A label's value: YAML makes other things of `true` and `1`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise _Wrong("labels: expected a text for each")


def _moment(value: Any) -> float:
    """Unix seconds of a date (its first second) or a moment; without a time zone it is the user's own."""
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        if isinstance(value, datetime):
            return value.timestamp()
    except (ValueError, OverflowError, OSError):
        pass
    raise _Wrong(f"until: {value!r} is no date such as 2026-12-01 and no moment such as 2026-12-01T08:00:00Z")
