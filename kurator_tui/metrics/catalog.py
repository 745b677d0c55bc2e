"""The catalogue of pages: YAML files of ours in `catalog/` and of the user's, read when somebody first wants them.

A page is panels; a panel is one query for all clusters, in variants: the first is taken whose exporters are there.
An entry of the user's that is wrong is left out and told, by file and entry; the rest stays. A page of the user's
with the id of ours takes its place. Queries are parsed when they are read: none that is no PromQL is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import msgspec

from kurator_tui.kinds.cells import inert
from kurator_tui.metrics.capabilities import SIGNS, Capabilities, hint
from kurator_tui.metrics.scoping import NAMES, QueryProblem, parsed

ORDER = (
    *("overview", "cluster", "nodes", "workload", "traffic", "rollout", "batch", "edge"),
    "control-plane",
)
LARGEST_FILE = 256 * 1024
MOST_PANELS = 40
Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way to ask. `needs` are capabilities (`capabilities.SIGNS`), none for series that are always there."""

    query: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
    needs: str | tuple[str, ...] = ()

    @property
    def capabilities(self) -> tuple[str, ...]:
        """`needs` as a tuple."""
        return (self.needs,) if isinstance(self.needs, str) else self.needs


class Panel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One panel, as in YAML; see `link.metrics.PanelMeta` for what most fields mean."""

    id: Id
    title: Title
    variants: Annotated[tuple[Variant, ...], msgspec.Meta(min_length=1, max_length=8)]
    unit: Annotated[str, msgspec.Meta(max_length=12)] = ""
    kind: str = "line"
    by: tuple[str, ...] = ("cluster",)
    warning: float | None = None
    critical: float | None = None
    below: bool = False
    namespaced: bool = False
    """Whether its series have the label `namespace`: then the namespaces in scope narrow it."""
    optional: bool = False
    """Whether it is shown only where its series exist."""

    def choose(self, capabilities: Capabilities) -> Variant | None:
        """The first variant whose exporters are there."""
        return next((each for each in self.variants if capabilities.has(each.capabilities)), None)

    def asked(
        self, capabilities: Capabilities, clusters: frozenset[str]
    ) -> tuple[str, str, frozenset[str]] | None:
        """(query, by which exporters, the `clusters` they cannot tell of); None where no variant has any series.

        Clusters that lack the exporters of one variant get their values from the next, in the same query.
        """
        chosen: list[Variant] = []
        lacking = clusters
        for each in self.variants:
            helps = not chosen or bool(lacking & capabilities.clusters(each.capabilities))
            if not capabilities.has(each.capabilities) or not helps:
                continue
            chosen.append(each)
            lacking = lacking - capabilities.clusters(each.capabilities) if each.capabilities else frozenset()
            if not lacking:
                break
        if not chosen:
            return None
        query = chosen[0].query
        for each in chosen[1:]:
            query = f"({query}) or on (cluster) ({each.query})"
        told = ", else ".join(dict.fromkeys("+".join(each.capabilities) for each in chosen))
        return query, told, lacking

    def hint(self) -> str:
        """What would turn it on: what the least demanding variant needs."""
        return hint(min(self.variants, key=lambda each: len(each.capabilities)).capabilities)


class Page(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One page, as in YAML."""

    id: Id
    title: Title
    panels: Annotated[tuple[Panel, ...], msgspec.Meta(min_length=1, max_length=MOST_PANELS)]
    needs: tuple[str, ...] = ()
    """Variables (`scoping.NAMES`) without which it is about nothing."""

    def panel(self, id: str) -> Panel | None:
        """The panel called `id`."""
        return next((panel for panel in self.panels if panel.id == id), None)


@dataclass(slots=True)
class Catalog:
    """Pages by id, in order, and what is wrong with the user's."""

    pages: dict[str, Page] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    own: set[str] = field(default_factory=set)
    """Ids of the user's pages."""


def load(own: Path | None = None) -> Catalog:
    """Our pages, then those of the YAML files in the directory `own`. Never raises for the user's files."""
    catalog = Catalog()
    folder = files("kurator_tui.metrics").joinpath("catalog")
    for id in ORDER:
        text = folder.joinpath(f"{id}.yaml").read_text(encoding="utf-8")
        catalog.pages[id] = _page(_yaml(text), catalog.problems, f"{id}.yaml")
    for path in _own_files(own, catalog.problems):
        try:
            page = _page(_yaml(_text(path)), catalog.problems, path.name)
        except (OSError, ValueError) as error:
            catalog.problems.append(_told(path.name, error))
            continue
        if page.id in catalog.own:
            catalog.problems.append(f"{inert(path.name)}: another file of yours has the page {page.id} already")
            continue
        catalog.pages[page.id] = page
        catalog.own.add(page.id)
    return catalog


def _own_files(own: Path | None, problems: list[str]) -> Sequence[Path]:
    if own is None:
        return ()
    try:
        return sorted(path for path in own.iterdir() if path.suffix in (".yaml", ".yml"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        problems.append(_told(own.name, error))
        return ()


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST_FILE:
        raise ValueError(f"larger than {LARGEST_FILE >> 10} KiB")
    return path.read_text(encoding="utf-8")


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - safe, in C
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise ValueError(f"{where}{getattr(error, 'problem', None) or 'is no YAML'}") from None


def _page(value: Any, problems: list[str], where: str) -> Page:
    """A page of the panels that are right; each other is a problem. Raises ValueError where no page is left."""
    if not isinstance(value, dict) or not isinstance(value.get("panels"), list):
        raise ValueError("a page is a mapping with `id`, `title` and a list of `panels`")
    panels: dict[str, Panel] = {}
    for number, entry in enumerate(value["panels"]):
        named = entry.get("id") if isinstance(entry, dict) else None
        try:
            panel = _checked(msgspec.convert(entry, Panel))
        except (msgspec.ValidationError, ValueError) as error:
            problems.append(_told(f"{where}, panel {named or number + 1}", error))
            continue
        if panel.id in panels:
            problems.append(f"{inert(where)}, panel {panel.id}: there is another one of this id")
            continue
        panels[panel.id] = panel
    page = msgspec.convert({**value, "panels": list(panels.values())}, Page)
    unknown = [name for name in page.needs if name not in NAMES]
    if unknown:
        raise ValueError(f"`needs` knows no {unknown[0]}: {', '.join(NAMES)}")
    return page


def _checked(panel: Panel) -> Panel:
    """Raises ValueError for what no type says: an unknown capability or kind, or a query that is none."""
    if panel.kind not in ("line", "bar", "number"):
        raise ValueError(f"`kind` is line, bar or number, not {panel.kind}")
    for variant in panel.variants:
        for name in variant.capabilities:
            if name not in SIGNS:
                raise ValueError(f"`needs` knows no {name}: {', '.join(SIGNS)}")
        try:
            parsed(variant.query)
        except QueryProblem as problem:
            raise ValueError(f"`query` {problem.message}") from None
    return panel


def _told(where: str, error: Exception) -> str:
    reason = error.strerror or type(error).__name__ if isinstance(error, OSError) else str(error)
    return inert(f"{where}: {reason}"[:300])


def shown(panels: Iterable[Panel], capabilities: Capabilities) -> list[Panel]:
    """Panels without the optional ones that have no series."""
    return [panel for panel in panels if not panel.optional or panel.choose(capabilities) is not None]
