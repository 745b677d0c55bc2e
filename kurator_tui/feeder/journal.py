"""The log's account of the clusters: every change of a state and its reason, once."""

from __future__ import annotations

import logging

from kurator_tui.store.freshness import Freshness, State

_LOG = logging.getLogger(__name__)
_TROUBLES = (State.STALE, State.FORBIDDEN, State.UNREACHABLE)


class Journal:
    """Remembers what it wrote, so that a state that is merely confirmed is not written again."""

    def __init__(self) -> None:
        self._written: dict[tuple[str, str], tuple[State, str]] = {}

    def note(self, cluster: str, kind: str, freshness: Freshness) -> None:
        """Write the state of (cluster, kind) where it is another; `kind` "" is the cluster itself."""
        said = (freshness.state, freshness.reason)
        if self._written.get((cluster, kind)) != said:
            self._written[(cluster, kind)] = said
            level = logging.WARNING if freshness.state in _TROUBLES else logging.DEBUG if kind else logging.INFO
            subject = f"{cluster}/{kind}" if kind else cluster
            _LOG.log(level, "%s is %s%s", subject, freshness.state, f": {said[1]}" if said[1] else "")
