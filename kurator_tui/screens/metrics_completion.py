"""Completion of `:metrics`: pages, and of PromQL the names of metrics and labels, which the feeder knows.

The command bar completes at once from what is known; `learn` is called for a text of which nothing is.
"""

from __future__ import annotations

import msgspec

from kurator_tui.errors import ConsoleError
from kurator_tui.link.metrics import Completion
from kurator_tui.screens.source import Source

WORDS = ("metrics ", "me ")
"""How a command that is completed here begins."""
PAGES = ("overview", "cluster", "nodes", "workload", "traffic", "rollout", "batch", "edge", "control-plane")
"""Pages that are always there."""
MOST = 50
"""Texts whose completion is remembered."""


def promql_of(text: str) -> str | None:
    """The query in a command; None where it is another command."""
    word = next((word for word in WORDS if text.startswith(word)), None)
    return None if word is None else text[len(word) :].lstrip()


class Queries:
    """What the feeder said of the queries that were typed."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._known: dict[str, Completion] = {}
        self.pages: tuple[str, ...] = PAGES

    def words(self, text: str) -> list[str]:
        """Whole commands that `text` may become; none of another command, and of what is not known yet."""
        promql = promql_of(text)
        if promql is None:
            return []
        head = text[: len(text) - len(promql)]
        pages = [head + page for page in self.pages if promql and page.startswith(promql)]
        found = self._known.get(promql)
        if found is None:
            return pages
        before, after = promql[: found.start], promql[found.end :]
        return list(dict.fromkeys([*pages, *(f"{head}{before}{word}{after}" for word in found.words)]))

    async def learn(self, text: str) -> str:
        """Ask what completes `text`. Returns what is wrong with its query and where, "" for nothing."""
        promql = promql_of(text)
        if not promql or promql in self.pages:
            return ""
        if promql not in self._known:
            try:
                told = await self._source.call("metrics_names", promql=promql, cursor=str(len(promql)))
            except ConsoleError:
                return ""  # the query can be asked all the same
            while len(self._known) >= MOST:
                del self._known[next(iter(self._known))]
            self._known[promql] = msgspec.json.decode(told, type=Completion)
        found = self._known[promql]
        where = f"{found.at + 1}: " if found.problem and 0 <= found.at < len(promql) else ""
        return f"{where}{found.problem}"
