"""Which key does what: a preset, changed by the user's `keys.yaml`.

    preset: k9s                    # optional
    bindings:
      filter: ["/", "ctrl+slash"]  # action id -> key or keys; an empty list unbinds
      wide: ctrl+w

No key means two things in one view: a file that would make it so is refused with the two actions named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Literal

import msgspec

from kurator_tui.config.action import APART
from kurator_tui.config.actions import ACTIONS, VIEWS, Action
from kurator_tui.config.paths import keys_file
from kurator_tui.config.reading import FileProblem, convert, read_yaml

Keys = tuple[str, ...]

PRESETS: dict[str, dict[str, Keys]] = {
    "default": {},
    "k9s": {
        "wide": ("ctrl+w", "W"),
        "sort.column": ("O", "shift+up"),
        "copy": ("c", "C"),
    },
}
"""Preset -> the bindings in which it differs from the actions' own keys."""

_NAMED = frozenset(
    {"escape", "enter", "tab", "space", "backspace", "delete", "insert", "home", "end", "pageup", "pagedown"}
    | {"up", "down", "left", "right"}
    | {f"f{n}" for n in range(1, 25)}
)
_MODIFIER = re.compile(r"(ctrl|alt|shift|super|meta|hyper)[+-]", re.IGNORECASE)
_RENAMED = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
_DISPLAY = {
    "enter": "↵",
    "escape": "Esc",
    "slash": "/",
    "backslash": "\\",
    "at": "@",
    "minus": "-",
    "plus": "+",
    "underscore": "_",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
_ASCII_DISPLAY = {"enter": "Enter", "up": "Up", "down": "Down", "left": "Left", "right": "Right"}


def key_name(text: str) -> str:
    """The event name of a key as people write it: `/` is `slash`, `Ctrl-F` is `ctrl+f`, `Shift-n` is `N`.

    Raises ValueError for what is no key.
    """
    modifiers: list[str] = []
    rest = text if text == " " else text.strip()
    while (found := _MODIFIER.match(rest)) and len(rest) > found.end():
        modifiers.append(found[1].casefold())
        rest = rest[found.end() :]
    name = _base_name(rest)
    if "shift" in modifiers and len(name) == 1 and name.isalpha():
        modifiers.remove("shift")
        name = name.upper()
    if "ctrl" in modifiers and len(name) == 1:
        name = name.casefold()
    return "+".join([*sorted(set(modifiers)), name])


def _base_name(text: str) -> str:
    if len(text) == 1:
        if text.isalnum():
            return text
        try:
            name = unicodedata.name(text).casefold().replace("-", "_").replace(" ", "_")
        except ValueError:
            raise ValueError(f"{text!r} is no key") from None
        return _RENAMED.get(name, name)
    name = text.casefold().replace("-", "_")
    name = {"esc": "escape", "return": "enter", "del": "delete", "pgup": "pageup", "pgdn": "pagedown"}.get(
        name, name
    )
    if name in _NAMED or name in _DISPLAY or _character(name):
        return name
    raise ValueError(f"{text!r} is no key")


def _character(name: str) -> str:
    """The character called `name`, or ""."""
    unicode = {new: old for old, new in _RENAMED.items()}.get(name, name)
    for spelled in (unicode.replace("_", " "), unicode.replace("_", "-")):
        try:
            found = unicodedata.lookup(spelled.upper())
        except KeyError:
            continue
        if found.isprintable():
            return found
    return ""


def display(key: str, *, ascii_only: bool = False) -> str:
    """How a key is written for people: `ctrl+f` is `Ctrl-f`, `question_mark` is `?`."""
    *modifiers, name = key.split("+")
    shown = (_ASCII_DISPLAY.get(name) if ascii_only else None) or _DISPLAY.get(name)
    if shown is None:
        shown = name if len(name) == 1 else name.upper() if re.fullmatch(r"f\d+", name) else ""
    if not shown:
        shown = _character(name) or name.capitalize()
    if not modifiers and len(name) == 1 and name.isupper():
        return f"Shift-{name.casefold()}" if name in "NASOP" else name
    return "-".join([*(modifier.capitalize() for modifier in modifiers), shown])


class Keymap:
    """The keys of every action, and the action of every key in a view."""

    def __init__(self, bindings: Mapping[str, Keys]) -> None:
        self._keys = {action.id: bindings.get(action.id, action.keys) for action in ACTIONS.values()}
        self._actions: dict[str, dict[str, list[Action]]] = {}
        for view in (*VIEWS, *APART):
            table = self._actions[view] = {}
            for action in ACTIONS.values():
                for key in self._keys[action.id] if action.in_view(view) else ():
                    table.setdefault(key, []).append(action)

    def keys(self, action: str) -> Keys:
        """Keys of the action called `action`."""
        return self._keys.get(action, ())

    def action(self, view: str, key: str, kind: str = "") -> Action | None:
        """The action of `key` in `view` on rows of `kind`, or None.

        One that is for that kind goes before one of all kinds, and that before one of other kinds.
        """
        found = self._actions.get(view, {}).get(key, ())
        return min(found, key=lambda each: 0 if kind in each.kinds else 2 if each.kinds else 1, default=None)

    def conflicts(self) -> list[str]:
        """Keys that mean two things in one view, each as a sentence."""
        found: dict[str, None] = {}
        for view in (*VIEWS, *APART):
            for key, actions in self._actions[view].items():
                for first, second in combinations(actions, 2):
                    if _alike(first, second):
                        found[f"{display(key)} would mean both {first.id} and {second.id}"] = None
        return list(found)


def _alike(first: Action, second: Action) -> bool:
    """Whether rows of some kind have both, and neither is the more special one."""
    if not first.kinds or not second.kinds:
        return not first.kinds and not second.kinds
    return bool(first.kinds & second.kinds)


class _KeysFile(msgspec.Struct, forbid_unknown_fields=True):
    preset: Literal["default", "k9s", ""] = ""
    bindings: dict[str, str | list[str]] = {}


def preset(name: str) -> Keymap:
    """The key map called `name`; raises KeyError."""
    return Keymap(PRESETS[name])


def load_keymap(preset_name: str = "default", path: Path | None = None) -> tuple[Keymap, list[str]]:
    """The preset with the user's `keys.yaml` on top, and what is wrong with that file.

    A binding that cannot be used is left out and reported; so is a file in which a key means two things.
    """
    file = path or keys_file()
    try:
        raw = read_yaml(file)
        read = _KeysFile() if raw is None else convert(raw, _KeysFile, file)
    except FileProblem as problem:
        return preset(preset_name), [str(problem)]
    base = PRESETS[read.preset or preset_name]
    own, problems = _own(read.bindings, file)
    keymap = Keymap({**base, **own})
    if conflicts := keymap.conflicts():
        return Keymap(base), [
            *problems,
            *(f"{file}: {conflict}; the preset's keys are used" for conflict in conflicts),
        ]
    return keymap, problems


def _own(bindings: Mapping[str, str | list[str]], file: Path) -> tuple[dict[str, Keys], list[str]]:
    own: dict[str, Keys] = {}
    problems: list[str] = []
    for id, written in bindings.items():
        if id not in ACTIONS:
            problems.append(f"{file}: there is no action {id!r}")
            continue
        try:
            own[id] = tuple(key_name(text) for text in _listed(written))
        except ValueError as error:
            problems.append(f"{file}: {id}: {error}")
    return own, problems


def _listed(written: str | list[str]) -> Iterable[str]:
    if isinstance(written, list):
        return written
    return [written] if written == "," else [part.strip() or part for part in written.split(",") if part]
