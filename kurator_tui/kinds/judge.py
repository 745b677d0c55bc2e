"""Rules of health for kinds that are tables: which paths they read, and the verdict.

A rule says what the platform says, in its words. It is read from one object alone, when that object arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kurator_tui.kinds.base import HEALTHY, SEVERITY, Health, Level

Verdict = Callable[..., Health]


@dataclass(frozen=True, slots=True)
class Judge:
    """`read` takes the value at each of `paths` (None where there is nothing) and gives the verdict."""

    paths: tuple[str, ...]
    read: Verdict
    says: str = ""
    """The rule in words, for the generated page of kinds."""


HEALTHY_ALWAYS = Judge((), lambda: HEALTHY, "always healthy: it has no state")


def judge(*paths: str, says: str) -> Callable[[Verdict], Judge]:
    """Make a function of the values at `paths` a rule."""
    return lambda read: Judge(paths, read, says)


def phase(
    path: str,
    *,
    healthy: Sequence[str] = (),
    progressing: Sequence[str] = (),
    degraded: Sequence[str] = (),
    failed: Sequence[str] = (),
    reason: str | Sequence[str] = (),
    none: Health | None = None,
) -> Judge:
    """By one word. `reason` are the paths of what explains a verdict that is not healthy; without words there the
    phase itself does. `none` is the verdict without a phase: unknown, "no status yet"."""
    levels = {
        **dict.fromkeys(healthy, Level.HEALTHY),
        **dict.fromkeys(progressing, Level.PROGRESSING),
        **dict.fromkeys(degraded, Level.DEGRADED),
        **dict.fromkeys(failed, Level.FAILED),
    }
    reasons = (reason,) if isinstance(reason, str) else tuple(reason)

    def read(word: Any, *told: Any) -> Health:
        if not word or not isinstance(word, str):
            return none or Health(Level.UNKNOWN, "no status yet")
        level = levels.get(word, Level.UNKNOWN)
        if level is Level.HEALTHY:
            return HEALTHY
        because = ": ".join(dict.fromkeys(words for each in told if (words := _words(each))))
        return Health(level, because or word)

    words = [f"{level} when {', '.join(w for w in levels if levels[w] is level)}" for level in _in_order(levels)]
    return Judge((path, *reasons), read, f"`{path}`: " + "; ".join(words))


def conditions(
    *good: str,
    bad: Sequence[str] = (),
    progress: Sequence[str] = (),
    waiting: Sequence[str] = (),
    at: str = "status.conditions",
    none: Health | None = None,
) -> Judge:
    """By conditions. `good` have to be True, the first one that is not decides: False is failed, or progressing
    when its reason is among `waiting`; Unknown is progressing. `bad` must not be True (failed), those of
    `progress` say that something goes on. A status that has not seen the latest generation is progressing, unless
    these conditions have: Flux does not count a generation as observed before it succeeded once."""

    def read(found: Any, generation: Any, observed: Any) -> Health:
        told = by_type(found)
        newer = isinstance(generation, int) and isinstance(observed, int) and observed < generation
        if newer and all(_get(told.get(kind), "observedGeneration") != generation for kind in (*good, *bad)):
            return Health(Level.PROGRESSING, "spec update not observed yet")
        for kind in bad:
            if _status(told, kind) == "True":
                return Health(Level.FAILED, because(told[kind]))
        if not any(kind in told for kind in good):
            return none or Health(Level.UNKNOWN, "no status yet")
        for kind in good:
            if kind in told and _status(told, kind) != "True":
                its = told[kind]
                soft = _status(told, kind) == "Unknown" or _get(its, "reason") in waiting
                going = soft or any(_status(told, other) == "True" for other in progress)
                return Health(Level.PROGRESSING if going else Level.FAILED, because(its) or f"not {kind}")
        return HEALTHY

    words = [f"failed when {', '.join(bad)} is True"] if bad else []
    words += [f"healthy when {', '.join(good)} is True"] if good else []
    paths = (f"{at}[*]", "metadata.generation", "status.observedGeneration")
    return Judge(paths, read, f"`{at}`: " + "; ".join(words))


def suspended(path: str, otherwise: Judge, word: str = "suspended") -> Judge:
    """Whoever suspended it meant it: healthy, and the reason says so; a fault it had before still shows."""

    def read(flag: Any, *values: Any) -> Health:
        found = otherwise.read(*values)
        if flag is True and SEVERITY[found.level] < SEVERITY[Level.DEGRADED]:
            return Health(Level.HEALTHY, word)
        return found

    return Judge((path, *otherwise.paths), read, f"{otherwise.says}; `{path}`: {word}")


def worst_of(found: Iterable[Health]) -> Health:
    """The worst of several verdicts, the first one among equals; healthy without any."""
    return max(found, key=lambda health: SEVERITY[health.level], default=HEALTHY)


def of_cluster(cluster: Any, health: Health) -> Health:
    """A verdict whose reason names the cluster it is of, where that is known."""
    named = isinstance(cluster, str) and cluster and health.reason
    return Health(health.level, f"{cluster}: {health.reason}") if named else health


def worst(*rules: Judge) -> Judge:
    """The worst verdict of several rules; the first one among equals."""
    paths = tuple(path for rule in rules for path in rule.paths)

    def read(*values: Any) -> Health:
        found, at = [], 0
        for rule in rules:
            found.append(rule.read(*values[at : at + len(rule.paths)]))
            at += len(rule.paths)
        return max(found, key=lambda health: (SEVERITY[health.level], bool(health.reason)))

    return Judge(paths, read, "; ".join(rule.says for rule in rules))


def replicas(
    wanted: str, ready: str, *, default: int | None = 1, what: str = "ready", also: Judge | None = None
) -> Judge:
    """By numbers: all wanted are ready; none of them is failed, some are degraded."""

    def read(want: Any, have: Any) -> Health:
        number = want if isinstance(want, int) else default
        count = have if isinstance(have, int) else 0
        if number is None:
            return Health(Level.UNKNOWN, "no status yet")
        if count >= number:
            return HEALTHY
        return Health(Level.FAILED if count == 0 else Level.DEGRADED, f"{count} of {number} {what}")

    rule = Judge((wanted, ready), read, f"`{ready}` of `{wanted}` {what}")
    return worst(also, rule) if also is not None else rule


# -- pieces -----------------------------------------------------------------------------------------------------


def because(condition: Any) -> str:
    """`reason: message` of a condition."""
    return ": ".join(
        words for words in (_words(_get(condition, "reason")), _words(_get(condition, "message"))) if words
    )


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, Mapping) else None


def by_type(found: Any) -> dict[str, Any]:
    """Conditions by their type; the last one of each."""
    return {kind: each for each in found or () if isinstance(kind := _get(each, "type"), str)}


def _status(told: Mapping[str, Any], kind: str) -> str:
    return str(_get(told.get(kind), "status"))


def _words(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list):
        return ", ".join(words for each in value if (words := _words(each)))
    return "" if value is None or isinstance(value, Mapping) else str(value)


def _in_order(levels: Mapping[str, Level]) -> Iterable[Level]:
    return sorted(set(levels.values()), key=lambda level: SEVERITY[level])
