"""Values outside Secrets whose names say that they are secret: of environments, parameters, Helm values. Pure.

    {"name": "DB_PASSWORD", "value": "…"}              an item with a name and a value, anywhere
    values: {"adminPassword": "…", "auth": {…}}       a key of a map that Kubernetes gives no meaning (`FREE`)

What only refers to a secret (`secretKeyRef`, `existingSecret`, `PASSWORD_FILE`) is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from kurator_tui.kinds.masking import LAST_APPLIED, marker

FREE = frozenset({"values", "extraArgs", "parameters", "substitute"})
"""Keys of maps whose keys anybody may choose: Helm values of HelmReleases, Applications and Kurator's plugins."""
_WITHIN = re.compile("passw(or)?d|passphrase|secret|credential|token|(api|access|private|encryption)_?-?key", re.I)
_WORDS = frozenset({"key", "keys", "pwd", "pass", "cred", "creds"})
_REFERS = frozenset({"ref", "refs", "name", "names", "file", "files", "path", "dir", "namespace", "class", "url"})
"""Last words of what says where a secret is, not what it is."""
_PLAIN = frozenset({"key", "keys", "topologykey"})
"""Keys of maps that selectors and tolerations have."""
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")

Segment = str | tuple[str, str | int]


def secret_name(name: str) -> bool:
    """Whether a value of this name is probably secret."""
    words = [word.lower() for word in _SPLIT.split(name) if word]
    if not words or words[-1] in _REFERS or words[0] == "existing":
        return False
    return bool(_WITHIN.search(name)) or not _WORDS.isdisjoint(words)


def covered(value: Any, salt: str = "", *, free: bool = False) -> Any:
    """`value` with a marker for each secret in it; `free` where its keys may be anybody's."""
    if isinstance(value, list):
        return [covered(each, salt, free=free) for each in value]
    if not isinstance(value, dict):
        return value
    name = value.get("name")
    named = isinstance(name, str) and secret_name(name)
    return {key: _covered(key, inner, salt, free=free, named=named) for key, inner in value.items()}


def _covered(key: str, value: Any, salt: str, *, free: bool, named: bool) -> Any:
    if key == LAST_APPLIED and isinstance(value, str):
        return marker(value, salt=salt) if _repeats(value) else value
    told = (key == "value" and named) or (free and secret_name(key) and key.lower() not in _PLAIN)
    if told and isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
        return marker(str(value), salt=salt)
    return covered(value, salt, free=free or key in FREE)


def _repeats(document: str) -> bool:
    try:
        return holds(msgspec.json.decode(document))
    except (msgspec.DecodeError, RecursionError):
        return False


def holds(value: Any, *, free: bool = False) -> bool:
    """Whether there is a secret in a value."""
    return bool(covered(value, free=free) != value)


def secrets_in(value: Any) -> Iterator[str]:
    """The secrets in a value, as text."""
    yield from _hidden(value, covered(value))


def _hidden(value: Any, shown: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _hidden(inner, shown[key])
    elif isinstance(value, list):
        for inner, said in zip(value, shown, strict=True):
            yield from _hidden(inner, said)
    elif value != shown:
        yield str(value)


def holds_at(path: Sequence[Segment], value: Any) -> bool:
    """Whether the value at a path of an object is a secret, or has one in it."""
    if not path:
        return holds(value)
    *way, last = path
    free = any(segment in FREE for segment in way)
    if isinstance(last, tuple):
        return holds(value, free=free)
    item = {"name": way[-1][1]} if way and isinstance(way[-1], tuple) and way[-1][0] == "name" else {}
    return holds({**item, last: value}, free=free)
