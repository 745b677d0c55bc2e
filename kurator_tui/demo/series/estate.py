"""All metrics of the estate, as its members' Prometheuses have scraped them.

Only members are monitored, as in a real fleet; a member whose server misbehaves has no series in Thanos. Exporters
differ between members: some were never turned on.
"""

from collections.abc import Iterable, Iterator, Sequence

from kurator_tui.demo.promql.selectors import Selector
from kurator_tui.demo.promql.series import Scraped, Series
from kurator_tui.demo.promql.values import NAME, Labels
from kurator_tui.demo.series import control_plane, mesh, nodes, state, systems
from kurator_tui.demo.series.families import Family, Member, Row
from kurator_tui.demo.series.past import Past
from kurator_tui.demo.world.world import World

FAMILIES: tuple[Family, ...] = (
    *control_plane.FAMILIES,
    *nodes.NODE_EXPORTER,
    *nodes.KUBELET,
    *state.FAMILIES,
    *mesh.ISTIO,
    *mesh.FLAGGER,
    *systems.VOLCANO,
    *systems.GPU,
    *systems.VELERO,
    *systems.OTHERS,
)
PROMETHEUS = "monitoring/prometheus-prometheus"
REPLICA = "prometheus_replica"
"""The label by which the operator tells replicas of one Prometheus apart."""
#: Exporters that were never turned on, by member.
_MISSING = {
    "edge-east": frozenset({"node-exporter"}),
    "edge-cold-chain": frozenset({"node-exporter", "kube-state-metrics"}),
    "pre-cloud": frozenset({"velero"}),
}


def silent(world: World) -> list[str]:
    """The members whose metrics do not arrive."""
    return [name for name in world.members if world.faults.get(name, "none") not in ("none", "latency")]


def missing(member: str) -> frozenset[str]:
    """The exporters (jobs) that a member does not have, or that nobody scrapes there."""
    if member in _MISSING:
        return _MISSING[member]
    number = member.rpartition("-")[2]
    return frozenset({"node-exporter"}) if number.isdigit() and not int(number) % 5 else frozenset()


class Chosen:
    """A `Storage` of the series that a query may ask for; made in the world's thread, read in any."""

    def __init__(self, series: Iterable[Series]) -> None:
        self.series = list(series)

    def select(self, selector: Selector) -> Iterator[Series]:
        """As `Storage`."""
        return (each for each in self.series if selector.accepts(each.labels))


class Metrics:
    """The estate's series. Holds the past of each member, which it starts to record at once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._past = {name: Past(world.clusters[name]) for name in world.members}
        self._made: dict[tuple[str, str, bool], tuple[object, list[Series]]] = {}

    def fleet(self, selectors: Sequence[Selector]) -> Chosen:
        """What Thanos has of these; of everything, without selectors. Belongs to the world's thread."""
        lost = {*silent(self._world), *self._world.unexposed}
        return Chosen(
            series
            for name in self._world.members
            if name not in lost
            for series in self._series(name, {"cluster": name, "prometheus": PROMETHEUS}, selectors)
        )

    def member(self, name: str, selectors: Sequence[Selector]) -> Chosen:
        """What the member's own Prometheus has: the same without external labels. The world's thread, too."""
        return Chosen(self._series(name, {}, selectors))

    def _series(self, name: str, external: Labels, selectors: Sequence[Selector]) -> Iterator[Series]:
        wanted = [s for s in selectors if all(s.may_have(*pair) for pair in external.items())]
        if selectors and not wanted:
            return
        world = self._world
        member = Member(world.clusters[name], world.plans[name], world.traffic, self._past[name])
        without = missing(name)
        for family in FAMILIES:
            if family.job in without or (wanted and not any(s.may_have(NAME, family.name) for s in wanted)):
                continue
            job = {"job": family.job} if family.job else {}
            if wanted and job and not any(s.may_have("job", family.job) for s in wanted):
                continue
            yield from self._of_family(member, family, {**external, **job})

    def _of_family(self, member: Member, family: Family, common: Labels) -> list[Series]:
        """The series of one family; made again only when something has changed in the cluster."""
        cluster, key = member.cluster, (member.name, family.name, "cluster" in common)
        state = (cluster.storage.rv, frozenset(cluster.stopped_nodes), member.traffic.changes)
        known, series = self._made.get(key, (None, []))
        if known != state:
            without = missing(member.name)
            rows = ((row, {NAME: family.name, **common, **row.labels}) for row in family.rows(member))
            series = [
                _scraped(e, row, member.start, family.kind) for row, e in rows if e.get("job") not in without
            ]
            self._made[key] = (state, series)
        return series


def _scraped(labels: Labels, row: Row, start: float, kind: str) -> Series:
    """What has a beginning is first seen by the next scrape."""
    ended = int(row.ended * 1000) if row.ended else 2**62
    counts = kind in ("counter", "histogram")
    return Scraped(labels, row.values, int(max(row.born, start) * 1000), ended, counts)
