"""Kinds that nobody wrote a file for, on the console's side: what is served, and what a word means of it."""

from __future__ import annotations

from typing import Protocol

import msgspec

from kurator_tui.kinds.generic import Definition
from kurator_tui.kinds.registry import DEFINED, WRONG, ServedKind, define, find, offer, offered


class Asked(Protocol):
    """What answers: a `link.session.Session`."""

    async def call_all(self, method: str, **arguments: str) -> list[str]:
        """Ask every feeder. Raises ConsoleError."""

    def define(self, definition: bytes) -> None:
        """Tell every feeder of a kind."""


async def refresh(asked: Asked) -> None:
    """Find out what is served, for completion and `registry.offered`. Raises ConsoleError."""
    found: dict[str, ServedKind] = {}
    for answer in await asked.call_all("kinds"):
        for kind in msgspec.json.decode(answer, type=list[ServedKind]):
            known = found.get(kind.id)
            clusters = kind.clusters + (known.clusters if known is not None else 0)
            found[kind.id] = msgspec.structs.replace(kind, clusters=clusters)
    offer(found.values())


def learnable(word: str) -> bool:
    """Whether members are to be asked what `word` is: it means a kind that nobody wrote a file for."""
    return bool(offered(word)) or any(kind.id in DEFINED for kind in find(word))


async def learn(asked: Asked, word: str) -> list[str]:
    """Define the kinds that `word` means and nobody wrote a file for, as they are now. Raises ConsoleError.

    Returns what is wrong with those that are new or different. Where feeders differ, the first counts.
    """
    found: dict[str, Definition] = {}
    for answer in await asked.call_all("define", word=word):
        for definition in msgspec.json.decode(answer, type=list[Definition]):
            found.setdefault(definition.id, definition)
    wrong: list[str] = []
    for id, definition in found.items():
        if define(definition):
            wrong += [f"{id}: {text}" for text in WRONG[id]]
        asked.define(msgspec.json.encode(definition))
    return wrong
