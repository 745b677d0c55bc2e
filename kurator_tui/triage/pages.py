"""What a code means, for people: one page a code, made of its rule's docstring. Pure.

The same text is in `docs/findings`, in `kurator-tui explain` and in the evidence of an incident.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from kurator_tui.triage.rules import Analyser


class Page(msgspec.Struct, frozen=True):
    """One code. `text` is Markdown: what it is in a sentence, what it means, what to do first."""

    code: str
    title: str
    severity: str
    area: str
    """The module that its rule is in."""
    kinds: tuple[str, ...]
    """Ids of the kinds whose rows it judges."""
    text: str
    suggests: tuple[str, ...] = ()
    """Ids of verbs, else of actions, the likeliest first."""


def pages(analysers: Iterable[Analyser[Any]]) -> dict[str, Page]:
    """The page of every code of `analysers`, in the order of the codes. A code may judge several kinds."""
    found: dict[str, Page] = {}
    for analyser in analysers:
        for rule in analyser.rules:
            before = found[rule.code].kinds if rule.code in found else ()
            found[rule.code] = Page(
                rule.code,
                rule.title,
                str(rule.severity),
                rule.judge.__module__.rpartition(".")[2],
                (*before, *({analyser.kind.id} - {*before})),
                rule.page,
                rule.suggests,
            )
    return dict(sorted(found.items()))
