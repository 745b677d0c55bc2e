"""Which findings have one cause: rules as data, the strongest first. Pure.

A finding belongs to the first cause here whose marks it has all of, and that stands: one that names `roots` stands
while a finding of theirs is among those with the same marks. The last cause is the object itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.findings import MOMENT, RANK, FindingRow, Severity

HERE = "here"
OWN = frozenset({"cluster", "namespace", "name", "kind", "code", "member", "console"})
"""Marks that every finding has: fields of its row, the member that it is about: its cluster, unless the finding
says another one; and that this console found it: `HERE`."""

Key = tuple[str, ...]
"""A cause's id and the values of its marks."""


@dataclass(frozen=True, slots=True)
class Cause:
    """`marks` make findings alike. Codes are given by how they begin."""

    id: str
    because: str
    """Why these are one, for people."""
    marks: tuple[str, ...]
    names: str = ""
    """The mark that an incident is called by; "" for the object."""
    roots: tuple[str, ...] = ()
    """Codes of which one must be there; () for any."""
    of: tuple[str, ...] = ()
    """Codes that may belong to it; () for all."""
    within: float = 0.0
    """Seconds: only what begins so soon after another one is alike; 0.0 for any time."""
    least: int = 1
    """Workloads that have to be alike so."""


def value_of(finding: FindingRow, mark: str) -> str:
    """The value of a mark, or of a field that every finding has."""
    if mark == "member":
        return finding.mark(mark) or finding.cluster
    if mark == "console":
        return HERE
    if mark == "namespace":
        return finding.namespace or finding.mark(mark) or "-"
    if mark in OWN:
        value: str = getattr(finding, mark)
        return value
    return finding.mark(mark)


_FLEET = ("KT2203", "KT5002", "KT5019", "KT5103")
"""A member that is missing or without a kubeconfig, a pod that it waits for: the controller gets no further."""
_BEHIND_FLEET = ("KT2202", "KT2205", "KT2303", "KT2408")

CAUSES = (
    Cause("console", "neither the host nor any member answers", ("console",), roots=("KT2009",)),
    Cause("fleet", "the fleet's controller stops there", ("fleet",), "fleet", roots=_FLEET, of=_BEHIND_FLEET),
    Cause("member", "the member does not answer", ("member",), "member", roots=("KT2001", "KT2002")),
    Cause("unused", "Karmada cannot use the member", ("member",), "member", roots=("KT2605",), of=("KT26",)),
    Cause(
        "belief", "what Kurator believes of one member", ("member",), "member", roots=("KT2204",), of=("KT5009",)
    ),
    Cause("hub", "CloudCore does not run", ("cluster", "hub"), "cluster", roots=("KT3112",), of=("KT31",)),
    Cause("site", "one edge site", ("cluster", "site"), "site", roots=("KT311",), of=("KT31", "KT10", "KT11")),
    Cause(
        *("node", "one node", ("cluster", "node"), "node"),
        roots=("KT21", "KT310"),
        of=("KT10", "KT11", "KT14", "KT312", "KT41"),
    ),
    Cause("location", "one storage location", ("location",), "location", roots=("KT361",)),
    Cause("webhook", "one webhook that fails", ("cluster", "webhook"), "webhook", roots=("KT171",)),
    Cause("api", "one API that does not answer", ("cluster", "api"), "api", roots=("KT172",)),
    Cause("policy", "one policy refuses them", ("policy",), "policy"),
    Cause("quota", "one quota refuses them", ("cluster", "namespace", "quota"), "quota"),
    Cause(
        *("queue", "one queue holds them", ("cluster", "queue"), "queue"),
        roots=("KT3213", "KT3221", "KT3222"),
        of=("KT32",),
    ),
    Cause("waiting", "they wait in one queue", ("cluster", "queue"), "queue", of=("KT3211",)),
    Cause("made", "one cluster that is made or changed", ("made",), "made", of=("KT37",)),
    Cause(
        *("gateway", "one gateway between clusters", ("gateway",), "gateway"),
        roots=("KT3803", "KT3804", "KT3805"),
        of=("KT38",),
    ),
    Cause("link", "one tunnel between two clusters", ("link",), "link", of=("KT38",)),
    Cause("exported", "one service of several clusters", ("exported",), "exported", of=("KT381",)),
    Cause("host", "one host in the mesh", ("cluster", "host"), "host", of=("KT33",)),
    Cause("backup", "one backup of the fleet", ("backup",), "backup", of=("KT36",)),
    Cause("run", "one backup", ("cluster", "run"), "run", of=("KT36",)),
    Cause(
        *("controller", "one controller does not act", ("cluster", "controller"), "controller"),
        of=("KT3232", "KT3504"),
    ),
    Cause("alert", "one alert", ("alert",), "alert", of=("KT41",)),
    Cause("image", "one image", ("image",), "image", roots=("KT1002", "KT5114")),
    Cause("release", "one release", ("application", "revision"), "application", roots=("KT24", "KT25")),
    Cause(
        *("dependency", "one delivery, and what waits for it", ("cluster", "dependency")),
        roots=("KT2401", "KT2402"),
        of=("KT2404", "KT2405"),
    ),
    Cause("plugin", "one plugin of a fleet", ("fleet", "plugin"), "plugin", of=("KT23", "KT50")),
    Cause("placement", "one propagation policy", ("cluster", "placement"), "placement", of=("KT26",)),
    Cause("template", "one workload that Karmada brings out", ("cluster", "template"), "template", of=("KT26",)),
    Cause("storageclass", "one storage class", ("cluster", "storageclass"), "storageclass"),
    Cause("ingressclass", "one class of Ingresses", ("cluster", "ingressclass"), "ingressclass"),
    Cause("secret", "one Secret", ("cluster", "secret"), "secret", roots=("KT173",), of=("KT1314",)),
    Cause("cronjob", "runs of one CronJob", ("namespace", "cronjob"), "cronjob"),
    Cause(
        *(
            "override",
            "one Karmada override changes them, and they began together",
            ("override", MOMENT),
            "override",
        ),
        of=("KT10", "KT11", "KT12"),
        within=600.0,
        least=2,
    ),
    Cause(
        *("moment", "they began within a minute of each other", ("cluster", "code", MOMENT), "cluster"),
        of=("KT10", "KT11", "KT1201", "KT1203", "KT121", "KT1301", "KT14"),
        within=60.0,
        least=5,
    ),
    Cause("owner", "one workload", ("namespace", "owner"), "owner"),
    Cause("service", "one Service", ("cluster", "namespace", "service"), "service"),
    Cause("object", "one object", ("cluster", "kind", "namespace", "name")),
)
"""In the order in which they are tried."""

SYMPTOMS = (
    *("KT2001", "KT1015", "KT1201", "KT1202", "KT121", "KT122", "KT13", "KT1503", "KT160", "KT1611"),
    *(
        "KT1711",
        "KT2301",
        "KT2302",
        "KT2401",
        "KT2402",
        "KT2404",
        "KT2405",
        "KT2501",
        "KT2502",
        "KT2506",
        "KT4001",
        "KT5007",
    ),
)
"""Findings that follow from others about the same workload in the same cluster, or the same member: a cluster that
cannot be reached as there is none, a run that failed, too few pods, a job that does not begin, a rollout that is
stuck or halts, a Service without endpoints, an autoscaler at its end, a budget short of pods, a webhook that
nobody answers, a Prometheus without its pod; a plugin or a delivery that waits for a workload."""
ALERTS = ("KT41",)
"""What monitoring says: it may follow from any other finding, symptom or not."""
DEEPEST = 2


def depth(code: str) -> int:
    """0 for what follows from nothing, 1 for symptoms, 2 for alerts: each follows from less deep ones only."""
    if code.startswith(ALERTS):
        return DEEPEST
    return 1 if code.startswith(SYMPTOMS) else 0


# -- what symptoms follow from ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tie:
    """A finding and a symptom belong together where `marks` of the one are `seeks` of the other."""

    id: str
    because: str
    """Why, for people."""
    marks: tuple[str, ...]
    seeks: tuple[str, ...]
    of: tuple[str, ...] = ()
    """Codes that others may follow from so; () for all."""
    alone: bool = False
    """Only where all that have the marks, and are more than low, are one incident: else nobody can say which."""

    def offered(self, finding: FindingRow) -> Key | None:
        """By what others find `finding`, which has the marks."""
        if self.alone and finding.severity == Severity.LOW:
            return None
        return (self.id, *[value_of(finding, mark) for mark in self.marks])


_WORKLOAD = ("cluster", "namespace", "owner")

TIES = (
    Tie("workload", "about the same workload", _WORKLOAD, _WORKLOAD),
    Tie("waits", "waits for that workload", _WORKLOAD, ("member", "waits_in", "waits_for")),
    Tie("missing", "the member does not exist", ("member",), ("member",), of=("KT2203",)),
    Tie("names", "names the same object", ("cluster", "namespace", "name"), ("cluster", "namespace", "about")),
    Tie("backup", "about the same backup", ("backup",), ("backup",), of=("KT36",)),
    Tie("schedule", "about the same schedule", ("cluster", "schedule"), ("cluster", "schedule"), of=("KT36",)),
    Tie("application", "about the same release", ("application",), ("application",), of=("KT24", "KT25")),
    Tie("namespace", "the only one of its namespace", ("cluster", "namespace"), ("cluster", "whole"), alone=True),
    Tie(
        *("cluster", "the only one about its cluster", ("cluster",), ("whole_cluster",)),
        of=("KT17", "KT20", "KT21"),
        alone=True,
    ),
)
"""In the order in which they are tried."""

# -- all that is asked of a finding -----------------------------------------------------------------------------


class Sorted(NamedTuple):
    """A finding, and all that grouping asks of it, asked once."""

    finding: FindingRow
    possible: tuple[tuple[Key, bool], ...]
    """What it may belong to, the strongest first, and whether it is a root of that."""
    workload: Key | None
    about: Key
    """The object."""
    place: str
    """The cluster where something is wrong: of what the host says of a member, that member."""
    depth: int
    rank: int
    offers: tuple[Tie, ...]
    """By what symptoms may find it."""
    seeks: tuple[tuple[Tie, Key], ...]
    """By what it looks for others, if it is a symptom: with the tie's id and the values of its marks."""


class _Fits(NamedTuple):
    """What concerns findings of a code with such marks."""

    causes: tuple[tuple[Cause, bool], ...]
    """With whether such a finding is a root of it."""
    offers: tuple[Tie, ...]
    seeks: tuple[Tie, ...]
    depth: int


def sorter(causes: Iterable[Cause]) -> Callable[[FindingRow], Sorted]:
    """What sorts findings by `causes`. Those whose marks or codes a finding has not cost it nothing."""
    given = tuple(causes)
    known: dict[tuple[str, tuple[str, ...]], _Fits] = {}
    """By code and names of the marks."""

    def sort(finding: FindingRow) -> Sorted:
        values = dict(finding.marks)
        namespace = finding.namespace or values.get("namespace") or "-"
        about = (finding.cluster, finding.kind, namespace, finding.name)
        values["cluster"], values["kind"], values["namespace"], values["name"] = about
        values["code"], values["member"] = finding.code, values.get("member") or finding.cluster
        values["console"] = HERE
        fits = (finding.code, tuple([what for what, value in finding.marks if value]))
        if (found := known.get(fits)) is None:
            found = known[fits] = _fitting(given, *fits)
        owner = values.get("owner")
        return Sorted(
            finding,
            tuple([((cause.id, *[values[mark] for mark in cause.marks]), root) for cause, root in found.causes]),
            (about[0], about[2], owner) if owner else None,
            about,
            values["member"] if finding.cluster == HOST else finding.cluster,
            found.depth,
            RANK.get(finding.severity, 0),
            found.offers,
            tuple([(tie, (tie.id, *[values[each] for each in tie.seeks])) for tie in found.seeks])
            if found.seeks
            else (),
        )

    return sort


def _fitting(causes: Iterable[Cause], code: str, marks: tuple[str, ...]) -> _Fits:
    has, deep = OWN.union(marks), depth(code)
    fitting = [
        cause
        for cause in causes
        if has.issuperset(cause.marks) and (not cause.of or code.startswith((*cause.of, *cause.roots)))
    ]
    always = (at for at, cause in enumerate(fitting) if not cause.roots and not cause.within)
    stands = next(always, len(fitting))
    return _Fits(
        tuple(
            (cause, code.startswith(cause.roots or ("",)))
            for at, cause in enumerate(fitting)
            if at <= stands
            or not cause.within  # what begins together counts for nothing behind what always stands
        ),
        tuple(
            tie
            for tie in TIES
            if deep < DEEPEST and has.issuperset(tie.marks) and code.startswith(tie.of or ("",))
        ),
        tuple(tie for tie in TIES if deep and has.issuperset(tie.seeks)),
        deep,
    )
