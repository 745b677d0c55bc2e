"""What people say of incidents as a ConfigMap on the host holds it, so that they share it. Pure.

Of an incident the newest word counts (`Handled.changed`), whoever read or wrote in between; so writers may merge
in any order. What is read there was written by others: it is bounded, and never trusted to be in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from kurator_tui.kinds.inbox import NOTHING, Handled

KEY = "inbox.json"
"""Of the ConfigMap's data."""
OWNED = ("app.kubernetes.io/managed-by", "kurator-tui")
"""Label without which a ConfigMap is somebody else's, and left alone."""
LARGEST = 900 * 1024
"""Bytes: an object of Kubernetes may have 1 MiB with all that is around it."""
MOST = 5000
"""Incidents; those that were touched last."""
KEEP = 30 * 86400.0
"""Seconds after which what nobody touched is let go."""
APART = 86400.0
"""Seconds that somebody's clock may be ahead: a word of a later time would never be answered."""
LONGEST = {"acknowledged": 100, "assigned": 500, "note": 500, "by": 100}
"""Characters of each text."""
LONGEST_UID = 1000
VERSION = 1

Words = dict[str, Handled]
"""What was said, by the incident's uid."""


class _Document(msgspec.Struct, frozen=True):
    version: int = VERSION
    incidents: dict[str, Handled] = {}


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a feeder knows of a shared inbox. `why` says why it is not what it is now."""

    incidents: dict[str, Handled] = {}
    why: str = ""


class NotUsable(Exception):
    """Why a ConfigMap holds nothing that can be shared; it must not be written to."""


def words_of(obj: Mapping[str, Any], now: float) -> Words:
    """What a ConfigMap holds. Raises NotUsable for one that is somebody else's, a newer or a broken one."""
    meta = obj.get("metadata")
    labels = meta.get("labels") if isinstance(meta, dict) else None
    if not isinstance(labels, dict) or labels.get(OWNED[0]) != OWNED[1]:
        raise NotUsable(f"it is no inbox: it has no label {OWNED[0]}={OWNED[1]}")
    data = obj.get("data")
    text = data.get(KEY) if isinstance(data, dict) else None
    return decode(text, now) if isinstance(text, str) else {}


def decode(text: str, now: float) -> Words:
    """Raises NotUsable."""
    if len(text) > 2 * LARGEST:
        raise NotUsable(f"it is larger than {LARGEST >> 10} KiB")
    try:
        found = msgspec.json.decode(text, type=_Document)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise NotUsable(f"it cannot be read: {error}") from None
    if found.version > VERSION:
        raise NotUsable("it is of a newer kurator-tui")
    return bounded(found.incidents, now)


def encode(words: Words, now: float) -> str:
    """Text of at most `LARGEST` bytes: what was touched last."""
    room = LARGEST - 100
    kept: dict[str, Handled] = {}
    for uid, each in sorted(bounded(words, now).items(), key=lambda item: -item[1].changed):
        room -= len(msgspec.json.encode({uid: each})) + 1
        if room < 0:
            break
        kept[uid] = each
    return msgspec.json.encode(_Document(incidents=dict(sorted(kept.items())))).decode()


def bounded(words: Mapping[str, Handled], now: float) -> Words:
    """Without what is too old, too long, too much, or from further in the future than clocks are apart."""
    found = {
        uid: _short(each)
        for uid, each in words.items()
        if len(uid) <= LONGEST_UID and now - KEEP < each.changed < now + APART
    }
    latest = sorted(found, key=lambda uid: -found[uid].changed)[:MOST]
    return {uid: found[uid] for uid in latest}


def _short(each: Handled) -> Handled:
    cut = {key: text[:most] for key, most in LONGEST.items() if len(text := getattr(each, key)) > most}
    return replace(each, **cut) if cut else each


def merged(*parts: Mapping[str, Handled]) -> Words:
    """Of each incident the newest word; the same in whatever order."""
    found: Words = {}
    for part in parts:
        for uid, each in part.items():
            before = found.get(uid)
            if before is None or _order(each) > _order(before):
                found[uid] = each
    return found


def _order(each: Handled) -> tuple[float, bytes]:
    return each.changed, msgspec.json.encode(each)


def news(known: Mapping[str, Handled], said: Mapping[str, Handled]) -> Words:
    """What of `said` is newer than what is known, and says something else."""
    return {
        uid: each
        for uid, each in said.items()
        if not _same(known.get(uid, NOTHING), each)
        and merged({uid: known.get(uid, NOTHING)}, {uid: each})[uid] == each
    }


def _same(one: Handled, other: Handled) -> bool:
    """Whether both say the same, whoever said it when."""
    return replace(one, changed=0.0, by="") == replace(other, changed=0.0, by="")
