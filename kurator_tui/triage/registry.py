"""The one registry of analysers: every module of `analysers/`, and those of other packages by entry point.

A package adds its own by the entry point group `kurator_tui.analysers`, each naming an `Analyser` or a list of
them: docs/analysers.md.
"""

from __future__ import annotations

import logging
import pkgutil
import re
from collections.abc import Collection
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, NamedTuple

from kurator_tui.triage import analysers
from kurator_tui.triage.rules import Analyser, Rule

GROUP = "kurator_tui.analysers"
OURS = "KT"
"""How codes of this package begin, those to come too."""
_CODE = re.compile(r"[A-Z]{2,8}\d{4}")
_LOG = logging.getLogger(__name__)


@cache
def own() -> tuple[Analyser[Any], ...]:
    """Those of this package, by the code of their first rule."""
    found = []
    for module in pkgutil.iter_modules(analysers.__path__):
        loaded = import_module(f"{analysers.__name__}.{module.name}")
        found += [each for each in vars(loaded).values() if isinstance(each, Analyser)]
    return tuple(sorted({id(each): each for each in found}.values(), key=lambda each: each.rules[0].code))


class Added(NamedTuple):
    """What other packages bring."""

    analysers: tuple[Analyser[Any], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    """(name of the entry point, why it is left out)."""


@cache
def added() -> Added:
    """The analysers of other packages; one with anything wrong is left out, told of, and costs no other."""
    found: list[Analyser[Any]] = []
    problems: list[tuple[str, str]] = []
    taken = set(codes())
    for entry in entry_points(group=GROUP):
        try:
            its = _usable(entry.load(), taken)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - somebody else's module must not end the console
            unexpected = not isinstance(error, _Unusable)
            why = f"{type(error).__name__}: {error}" if unexpected else str(error)
            _LOG.error("analyser %s is left out: %s", entry.name, why, exc_info=error if unexpected else None)
            problems.append((entry.name, why))
            continue
        taken.update(rule.code for analyser in its for rule in analyser.rules)
        found += its
    return Added(tuple(found), tuple(problems))


class _Unusable(Exception):
    """Why what an entry point names cannot be used."""


def _usable(loaded: object, taken: Collection[str]) -> list[Analyser[Any]]:
    """One analyser or several, as an entry point names them. Raises _Unusable."""
    from kurator_tui.kinds.registry import WRITTEN

    its = [loaded] if isinstance(loaded, Analyser) else list(loaded) if isinstance(loaded, list | tuple) else []
    found = [each for each in its if isinstance(each, Analyser)]
    if not found or len(found) != len(its):
        raise _Unusable("it names no Analyser, and no list of them")
    for each in found:
        kinds = (each.kind, *each.beside, *each.host)
        if unknown := next((str(kind) for kind in kinds if getattr(kind, "id", None) not in WRITTEN), None):
            raise _Unusable(f"{unknown[:80]} is no kind of kurator_tui.kinds")
    codes = [rule.code for each in found for rule in each.rules]
    if not codes:
        raise _Unusable("it has no rules")
    for code in codes:
        if not _CODE.fullmatch(code) or code.startswith(OURS):
            raise _Unusable(f"the code {code!r} is not two to eight capitals, other than {OURS}, and four digits")
        if code in taken:
            raise _Unusable(f"the code {code} is taken")
    return found


def codes() -> dict[str, Rule]:
    """Code -> rule, of this package."""
    return {rule.code: rule for analyser in own() for rule in analyser.rules}
