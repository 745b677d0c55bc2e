"""Members of the fleet, as the console itself sees them: its own probes, its own credentials.

What Kurator believes of a member may be hours old; see the pitfalls (KT50..).
"""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet.aggregate import MERGED
from kurator_tui.fleet.overviews import minor
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.core import NODE
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.store.freshness import State
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

SILENT = 10.0
"""Seconds for which a member that did answer may be silent: probes are lost now and then."""
ALL_SILENT = 5.0
"""The same for all of them at once: where each is asked every second or two, before any is told of by itself."""
TOGETHER = 120.0
"""Seconds within which what one cause silenced is noticed: in large fleets each member is asked once a minute."""
DAY = 86400.0
SOON = 30 * DAY
"""Before its end from which a certificate is told of."""
VERY_SOON = 7 * DAY
AHEAD = 300.0
"""Seconds by which a clock may be ahead: as much as Kubernetes itself allows for."""
UPGRADING = 900.0
"""Seconds for which that may be so: while control planes are replaced, new ones answer beside old ones."""
BEHIND = 3
"""Minor versions that a kubelet may be behind its API server; two before 1.28."""
BEHIND_BEFORE = 2
_SINCE = (1, 28)
SILENT_STATES = (State.UNREACHABLE.value, State.STALE.value)


def _concerns(member: ClusterOverview) -> bool:
    """One that answers, may be read, and has no certificate is well."""
    return member.state != State.LIVE.value or bool(member.note) or member.certificate_expiry is not None


MEMBERS: Analyser[ClusterOverview] = Analyser(CLUSTERS, concerns=_concerns)


def _marks(member: ClusterOverview) -> dict[str, str]:
    return {"member": member.name}


@MEMBERS.rule("KT2001", "cluster cannot be reached", Severity.CRITICAL, suggests=("recheck", "fleet.leave"))
def unreachable(member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """The cluster never answered since this console runs.

    Its address, its network, its certificate or its credentials are wrong, or it is gone. Nothing of it is known,
    so nothing of it is judged. What Kurator wants to bring there waits, too: its Works, Kustomizations,
    HelmReleases and Canaries fold under this one.

    Look at the evidence first: `refused` and `timed out` mean the network or the API server, `certificate` and
    `unauthorized` mean the Secret of its kubeconfig. Then try the same kubeconfig with kubectl.
    """
    if member.state == State.UNREACHABLE.value:
        yield Seen(member.reason, since=member.since, marks=_marks(member))


@MEMBERS.rule("KT2002", "cluster does not answer any more", Severity.CRITICAL, suggests=("recheck",))
def stale(member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """The cluster did answer, and stopped to.

    All that is shown of it is how it was then, and is marked so. Its workloads probably go on: an API server that
    is away ends no pods. But nothing there can be changed, scaled or rolled out, and a node that fails now is not
    replaced.

    Look first whether other clusters at the same place are silent as well: then it is the network. Else look at
    its API server and its load balancer.
    """
    if member.state == State.STALE.value:
        yield Seen(member.reason, since=member.since, marks=_marks(member), after=SILENT)


@MEMBERS.rule("KT2009", "nothing answers this console", Severity.CRITICAL)
def alone(member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """The host and the members stopped to answer together, and nothing else answers, either.

    Clusters seldom fail together: most likely it is this machine's network, its VPN, its proxy, its name service
    or what signs its users in. Then the clusters run as before. Else the host and these members are at one site
    that is down. Nothing of them is known; all that was found before is kept, folds under this one, and is told of
    again as it is when they answer. Members that were silent long before do not count.

    Try to reach anything else from this machine first. Then look at the VPN, at the proxy in the environment and
    at the evidence: `refused`, `timed out` and `no such host` tell the network from a gateway that lets nobody in.
    """
    if member.cluster != HOST or member.state not in SILENT_STATES:
        return
    members = [each for each in look.everywhere(CLUSTERS) if each.cluster != HOST]
    asked = [each for each in members if not each.via.startswith(MERGED)]  # of others Karmada tells, on the host
    if not asked or any(each.state not in SILENT_STATES for each in members):
        return
    last = max(each.since for each in (member, *asked))
    together = [each for each in asked if last - each.since <= TOGETHER]
    if together and last - member.since <= TOGETHER:
        since = min(each.since for each in (member, *together))
        said = f"the host and {len(together)} member{'s' if len(together) > 1 else ''}"
        yield Seen(f"{said}: {member.reason}" if member.reason else said, since=since, after=ALL_SILENT)


@MEMBERS.rule("KT2003", "cluster may not be read", Severity.HIGH, suggests=("read.describe",))
def forbidden(member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """The cluster answers, but refuses this user what the console must read to say how it is.

    That something is wrong there is not said: it is not known. The evidence names what was refused. Ask for `get`,
    `list` and `watch` of it, cluster-wide, or use other credentials for this cluster.
    """
    if member.state == State.FORBIDDEN.value:
        yield Seen(member.reason, since=member.since, marks=_marks(member))


@MEMBERS.rule("KT2004", "cluster is read in part only", Severity.LOW, suggests=("read.describe",))
def partly(member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """The cluster answers, and refuses a part of what is read.

    Sums and verdicts are without that part. The evidence says what. Grant it, or take the cluster's numbers for
    what they are.
    """
    if member.note and member.state == State.LIVE.value:
        yield Seen(member.note, marks=_marks(member))


@MEMBERS.rule("KT2007", "kubeconfig's certificate ends", Severity.MEDIUM, suggests=("attach", "read.describe"))
def client_certificate(member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """The client certificate by which the cluster is spoken to ends soon.

    After that nobody who uses this kubeconfig gets in, the console no more than Kurator.

    Renew it on the cluster (`kubeadm certs renew admin.conf`), write the new kubeconfig into the Secret, and have
    Kurator look again: it does not notice a Secret that changed.
    """
    yield from _ends(member.client_expiry, member, look)


@MEMBERS.rule("KT2008", "API server's certificate ends", Severity.MEDIUM, suggests=("read.describe",))
def server_certificate(member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """The certificate of the cluster's API server ends soon.

    After that nothing speaks to it any more, its own kubelets included.

    Renew it there (`kubeadm certs renew apiserver`, then restart the API server). The other certificates of that
    control plane were usually made on the same day: look at them, too.
    """
    yield from _ends(member.server_expiry, member, look)


def _ends(at: float | None, member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """Medium within a month of the end, high within a week, critical after it."""
    if at is None:
        return
    left = at - look.now
    if left > SOON:
        yield Again(at - SOON)
        return
    if left <= 0:
        yield Seen("it has ended", since=at, marks=_marks(member), severity=Severity.CRITICAL)
        return
    severity = Severity.HIGH if left <= VERY_SOON else Severity.MEDIUM
    days = int(left // DAY)
    said = f"{days} days left" if days else "less than a day left"
    yield Seen(said, since=at - SOON, marks=_marks(member), severity=severity)
    yield Again(at - days * DAY if days else at)


# -- their nodes beside their API server ------------------------------------------------------------------------

NODES_OF: Analyser[ClusterOverview] = Analyser(
    CLUSTERS, concerns=lambda member: member.state == State.LIVE.value, beside=(NODE,)
)


@NODES_OF.rule("KT2005", "clocks are apart", Severity.MEDIUM, suggests=("read.describe",))
def clock(member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """The clock of the API server is minutes away from this machine's, or nodes report from the future.

    Or this machine's is wrong. Certificates and tokens made by one are not valid for the other, and events, ages
    and metrics are out of order. What triage says of the cluster is reckoned by the cluster's own clock. A node's
    clock that is behind cannot be told from a node that says little; it is not judged.

    Compare with a third clock first (`date -u` here and there), then look at chrony or ntpd on those nodes.
    """
    if abs(member.ahead) > AHEAD:
        where = "ahead of" if member.ahead > 0 else "behind"
        yield Seen(f"API server {abs(member.ahead):.0f} s {where} this machine", marks=_marks(member))
        return
    latest = look.now + AHEAD
    ahead = [node for node in look.all(NODE, member.cluster) if node.heartbeat > latest]
    if ahead:
        furthest = max(ahead, key=lambda node: node.heartbeat)
        by = int(furthest.heartbeat - look.now)
        yield Seen(f"{len(ahead)} nodes, {furthest.name} by {by} s", marks=_marks(member))


@NODES_OF.rule("KT2006", "kubelets and API server are too far apart", Severity.MEDIUM, suggests=("drain",))
def kubelets(member: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """Kubelets of the cluster are newer than its API server, or too many minor versions behind it.

    Three are supported, two before Kubernetes 1.28. Usually an upgrade stopped half way. Kubelets that are too old
    must be upgraded before the control plane goes on; newer ones mean that the control plane was forgotten. Nodes
    of KubeEdge have their own versions and do not count.
    """
    server = minor(member.version)
    if server is None:
        return
    nodes = look.all(NODE, member.cluster)
    apart = {version for version in {node.version for node in nodes if not node.edge} if _apart(version, server)}
    if apart:
        wrong = [node for node in nodes if node.version in apart and not node.edge]
        first = min(wrong, key=lambda node: node.name)
        said = f"API server {member.version}, {first.name} {first.version}"
        more = f" and {len(wrong) - 1} more nodes" if len(wrong) > 1 else ""
        yield Seen(said + more, marks=_marks(member), after=UPGRADING)


def _apart(version: str, server: tuple[int, int]) -> bool:
    """Whether a kubelet's version is none that goes with the API server's."""
    own = minor(version)
    if own is None or own[0] != server[0]:
        return False
    most = BEHIND if server >= _SINCE else BEHIND_BEFORE
    return not server[1] - most <= own[1] <= server[1]
