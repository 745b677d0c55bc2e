"""What must not leave with anything that is handed on: beside what `masking` hides, secrets in plain sight. Pure.

A report is read by others than the cluster's users. So values that only *are* secrets (of an environment variable
called DB_PASSWORD, an annotation called token, an argument behind --password, a bearer token in a message) are
hidden too, and what was found as such in one place is hidden wherever it stands.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec

from kurator_tui.kinds.masked_text import SENSITIVE, masked_text
from kurator_tui.kinds.masking import LAST_APPLIED, MASK, marker, masked
from kurator_tui.kinds.shapes import mapping, meta

SHORTEST = 4
"""Characters of a secret that is looked for elsewhere; shorter ones are hidden in their place only."""
LONGEST = 4096
"""Characters up to which it is: what is longer is a document, of which a part would stand elsewhere."""
LOOSE = 6
"""Characters from which it is looked for within words, too."""

_SECRETIVE = re.compile(
    rf"{SENSITIVE.pattern}|cookie|\bdsn\b|_dsn$|(?:^|[_.-])(?:key|auth)$|connection[-_]?string", re.IGNORECASE
)
"""Names of variables, annotations and keys whose values are secrets."""
_FIELD = re.compile(
    r"(?:pass(?:word|wd|phrase)|token|(?:secret|api|access|private)[-_]?key|client[-_]?secret|credentials)$",
    re.IGNORECASE,
)
"""Names of fields whose text is a secret, rather than the name of one."""
_FLAG = re.compile(rf"--?[\w.-]*(?:{SENSITIVE.pattern})[\w.-]*", re.IGNORECASE)
"""An argument whose next one is a secret."""
_PEM = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}-----|$)", re.DOTALL)
_MARKER = re.compile(rf"{MASK}(?: \d+ bytes?)?(?: #[0-9a-f]+)?")
_PATH = re.compile(r"/[\w./-]+")


class Redactor:
    """Learns secrets from objects, then hides them in objects, texts and rows. Learn first."""

    def __init__(self) -> None:
        self._known: dict[str, None] = {}
        self._pattern: re.Pattern[str] | None = None

    # -- learning ---------------------------------------------------------------------------------------------

    def learn(self, obj: Any) -> None:
        """What of an object is secret is hidden from now on wherever it stands."""
        for value in _secrets(obj):
            if SHORTEST <= len(value) <= LONGEST and not _MARKER.fullmatch(value) and not _PATH.fullmatch(value):
                self._known[value] = None
        self._pattern = None

    def forget(self, *names: str) -> None:
        """These are names of what is reported: a secret that is called so is hidden in its place only."""
        for name in names:
            self._known.pop(name, None)
        self._pattern = None

    def _compiled(self) -> re.Pattern[str] | None:
        if self._pattern is None and self._known:
            ordered = sorted(self._known, key=len, reverse=True)  # a secret may begin as another one does
            self._pattern = re.compile("|".join(map(_anywhere, ordered)))
        return self._pattern

    # -- hiding -----------------------------------------------------------------------------------------------

    def text(self, text: str) -> str:
        """`text` without secrets; it has as many lines as before."""
        if (known := self._compiled()) is not None:
            text = known.sub(_hidden, text)
        if "\n" not in text:
            return masked_text(text)
        return "\n".join(map(masked_text, _PEM.sub(_hidden, text).split("\n")))

    def object(self, obj: dict[str, Any]) -> dict[str, Any]:
        """An object as it may be handed on: masked, without managedFields, without secrets in plain sight."""
        return self._fields(masked(obj), ())

    def _within(self, value: Any, path: tuple[str, ...]) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._item(value, at, path) for at in range(len(value))]
        return self._fields(value, path) if isinstance(value, dict) else value

    def _fields(self, value: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
        found = {}
        for key, each in value.items():
            secret = isinstance(each, str) and not _MARKER.fullmatch(each) and _is_secret(value, key, path)
            found[key] = marker(each) if secret else self._within(each, (*path, key))
        return found

    def _item(self, items: list[Any], at: int, path: tuple[str, ...]) -> Any:
        value = items[at]
        if isinstance(value, str) and at and isinstance(items[at - 1], str) and _FLAG.fullmatch(items[at - 1]):
            return value if value.startswith("-") else marker(value)
        return self._within(value, path)

    def of(self, value: Any) -> Any:
        """A row, or any plain data: the same with every text in it free of secrets."""
        if isinstance(value, str):
            cleaned = self.text(value)
            return value if cleaned == value else cleaned  # an enumeration's member stays one
        if isinstance(value, dict):
            return {key: self.of(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.of(each) for each in value]
        if isinstance(value, tuple):
            items = [self.of(each) for each in value]
            return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
        if isinstance(value, msgspec.Struct):
            names = value.__struct_fields__
            return type(value)(**{name: self.of(getattr(value, name)) for name in names})
        if is_dataclass(value) and not isinstance(value, type):
            return type(value)(**{each.name: self.of(getattr(value, each.name)) for each in fields(value)})
        return value


def _anywhere(secret: str) -> str:
    """A short one only as a whole word: it may be part of many."""
    escaped = re.escape(secret)
    return escaped if len(secret) >= LOOSE else rf"(?<!\w){escaped}(?!\w)"


def _hidden(found: re.Match[str]) -> str:
    return MASK + "\n" * found.group().count("\n")


def _is_secret(holder: dict[str, Any], key: str, path: tuple[str, ...]) -> bool:
    """Whether the text under `key` of `holder`, which stands at `path`, is a secret."""
    if key == "value" and isinstance(holder.get("name"), str):
        return _SECRETIVE.search(holder["name"]) is not None
    if path[-2:] == ("metadata", "annotations"):
        return key == LAST_APPLIED or _SECRETIVE.search(key.rpartition("/")[2]) is not None
    if path in (("data",), ("stringData",), ("binaryData",)):
        return _SECRETIVE.search(key) is not None
    return _FIELD.search(key) is not None


def _secrets(value: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every secret of an object, as it stands there and decoded."""
    if isinstance(value, list):
        for at, each in enumerate(value):
            if isinstance(each, str) and at and isinstance(value[at - 1], str) and _FLAG.fullmatch(value[at - 1]):
                yield each
            yield from _secrets(each, path)
    if not isinstance(value, dict):
        return
    if value.get("kind") == "Secret":
        yield from _of_a_secret(value)
    for key, each in value.items():
        if not isinstance(each, str):
            yield from _secrets(each, (*path, str(key)))
        elif key != LAST_APPLIED and _is_secret(value, str(key), path):
            yield each


def _of_a_secret(obj: dict[str, Any]) -> Iterator[str]:
    yield from (value for value in mapping(obj.get("stringData")).values() if isinstance(value, str))
    for value in mapping(obj.get("data")).values():
        if isinstance(value, str):
            yield value
            try:
                yield binascii.a2b_base64(value, strict_mode=True).decode()
            except (binascii.Error, ValueError):
                continue


def names_of(obj: dict[str, Any]) -> tuple[str, ...]:
    """How an object is called, and where it is."""
    about = meta(obj)
    return tuple(value for key in ("name", "namespace") if isinstance(value := about.get(key), str) and value)
