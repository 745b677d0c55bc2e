"""A keeper in memory, and rows of a small fleet for it."""

from __future__ import annotations

from collections.abc import Sequence

from kurator_tui import __version__
from kurator_tui.kinds.base import HOST, AnyKind, Level, Row
from kurator_tui.kinds.overview import CLUSTERS, FLEETS, ClusterOverview, FleetOverview
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link import messages as m
from kurator_tui.link.framing import encode_rows
from kurator_tui.link.session import Session
from kurator_tui.store.freshness import State
from kurator_tui.store.saved import About, Collector, Saved, Table, decode, pack, unpack

NOW = 1_800_000_000.0
THEN = NOW - 3600
SERVER = "https://host:6443"


class Memory:
    """A keeper that counts; `failing` makes it a full disk."""

    estate = "estate"

    def __init__(self, data: bytes = b"") -> None:
        self.data = data
        self.written = 0
        self.failing = False

    def read(self) -> bytes:
        return self.data

    def write(self, pieces: Sequence[bytes | memoryview]) -> None:
        if self.failing:
            raise OSError(28, "No space left on device")
        self.written += 1
        self.data = b"".join(pieces)

    @property
    def saved(self) -> Saved:
        found = unpack(self.data, About(__version__, self.estate))
        assert found is not None
        return found

    def rows(self, kind: AnyKind) -> dict[str, tuple[float, list[Row]]]:
        """cluster -> (since, rows)"""
        return {
            part.cluster: (part.since, [row for rows in decode(kind, part) for row in rows])
            for part in self.saved.of(kind)
        }


def cluster(name: str, state: str = "live", **fields: object) -> ClusterOverview:
    level = Level.HEALTHY if state == "live" else Level.PROGRESSING
    numbers = (
        {"nodes": 3, "pods": 40, "contact": THEN, "server": f"https://{name}:6443"} if state == "live" else {}
    )
    given = {"level": level, "kind": "AttachedCluster", "state": state, "since": THEN - 60, **numbers, **fields}
    return ClusterOverview(name, "default", name, f"uid-{name}", 1.0, **given)  # type: ignore[arg-type]


def fleet(**fields: object) -> FleetOverview:
    return FleetOverview(HOST, "default", "emea", "uid-emea", 1.0, members=("a", "b"), **fields)  # type: ignore[arg-type]


def pods(count: int, name: str = "a") -> list[PodRow]:
    return [PodRow(name, "shop", f"web-{i}", f"{name}-{i}", 1.0, "Running", "Running") for i in range(count)]


def file_of(tables: dict[AnyKind | str, list[Table]], about: About | None = None) -> bytes:
    collector = Collector()
    kinds = {KINDS[kind] if isinstance(kind, str) else kind: tables for kind, tables in tables.items()}
    for kind, some in kinds.items():
        list(collector.add(kind, some))
    return b"".join(pack(about or About(__version__, "estate", "prod", SERVER), collector.parts, list(kinds)))


def last_session(pod_count: int = 2) -> bytes:
    """What a session left an hour ago: the host, members a and b, one fleet, and the pods of a."""
    names = (HOST, "a", "b")
    return file_of(
        {
            FLEETS.id: [Table(HOST, THEN, [fleet(level=Level.HEALTHY, live=2, pods=80)])],
            CLUSTERS.id: [Table(name, THEN, [cluster(name)]) for name in names],
            POD.id: [Table("a", THEN, pods(pod_count))],
        }
    )


def session(keeper: Memory | None, *kinds: AnyKind) -> Session:
    opened = Session(m.Configured(), clock=lambda: NOW, keeper=keeper)
    for kind in kinds or (FLEETS, CLUSTERS):
        opened.subscribe(kind.id)
    return opened


def take(opened: Session, *facts: m.ToConsole) -> None:
    for fact in facts:
        opened.workers[0]._take(fact)


def greeted() -> m.Greeted:
    return m.Greeted(m.PROTOCOL, "test", 1)


def replaced(kind: AnyKind, name: str, rows: Sequence[Row]) -> m.RowsChanged:
    return m.RowsChanged(1, kind.id, encode_rows(list(rows)), begins=(name,), completes=(name,))


def changed(kind: AnyKind, *rows: Row) -> m.RowsChanged:
    return m.RowsChanged(1, kind.id, encode_rows(list(rows)))


def fresh(name: str, kind: AnyKind | None, state: State, reason: str = "") -> m.FreshnessChanged:
    return m.FreshnessChanged(name, kind.id if kind else "", state.value, NOW, reason)
