"""Fleets: what the fleet controller does not get done. Its one word, the phase, says little of that."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.fleet.overviews import EXPECTED, HOST_SIDE
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET, FleetRow, ManagedClusterRow
from kurator_tui.store.freshness import State
from kurator_tui.triage.host import fresh, managed, member_name, members_of
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

LONG = 900.0
"""Seconds after which a fleet should be done with what it does."""
REACHED = 600.0
"""Seconds in which the fleet controller gets to each plugin of each member: it tries every half minute."""
NAMED = 5
"""Members that are named; the others are counted."""
FEWEST = 2
"""Ready members that Submariner needs."""

FLEETS = Analyser(FLEET, host=(CLUSTER, ATTACHED_CLUSTER, CUSTOM_CLUSTER))


def _marks(fleet: FleetRow) -> dict[str, str]:
    return {"fleet": f"{fleet.namespace}/{fleet.name}"}


def _named(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


@FLEETS.rule("KT2201", "fleet failed", Severity.HIGH, suggests=("read.describe", "fleet.members"))
def failed(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """Kurator says that the fleet failed: its Karmada control plane could not be made, or not be taken away.

    TerminateFailed holds the finalizer, so the fleet stays until its `<fleet>-delete` pod succeeds. Read the log
    of the pods `<fleet>-init` or `<fleet>-delete` in the fleet's namespace, then delete that pod: there will be
    another one.
    """
    if fleet.phase in ("Failed", "TerminateFailed"):
        yield Seen(fleet.reason or fleet.phase, marks=_marks(fleet))


@FLEETS.rule("KT2202", "fleet does not get ready", Severity.MEDIUM, suggests=("read.describe",))
def stuck(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """The fleet has been on its way for a quarter of an hour.

    Until it is ready, plugins and Applications wait. Kurator writes no events and no conditions for it: the reason
    is in the log of `kurator-fleet-manager` in `kurator-system` only. Look first whether all of its members exist
    and can be reached from the host: one bad kubeconfig stops the whole fleet.
    """
    if fleet.phase in ("", "Pending", "Running", "Terminating") and fresh(look, HOST, FLEET):
        yield Seen(fleet.phase or "no status yet", after=LONG, marks=_marks(fleet))


@FLEETS.rule("KT2203", "fleet lists a cluster that does not exist", Severity.HIGH, suggests=("fleet.members",))
def missing_member(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """The fleet names a Cluster or AttachedCluster that its own namespace does not have.

    That is not only this member's trouble: the controller stops there, before it gets to the plugins of any
    member. The namespace in the reference is ignored, and a reference without kind means Cluster.

    Take it off the list, or attach the cluster under that name.
    """
    if fleet.deleting:
        return
    for kind, name in fleet.members:
        if kind not in ("Cluster", "AttachedCluster") or managed(look, fleet.namespace, kind, name) is not None:
            continue
        if look.find(CUSTOM_CLUSTER, HOST, fleet.namespace, name) is None:  # else KT5103 says what it is
            said = f"there is no {kind} {name} in {fleet.namespace}"
            marks = {**_marks(fleet), "member": member_name(look, fleet.namespace, name)}
            yield Seen(said, detail=name, marks=marks)


@FLEETS.rule("KT2205", "too few ready members for Submariner", Severity.MEDIUM, suggests=("plugin.submariner",))
def submariner(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """The fleet is to connect its members' networks, and fewer than two of them are ready.

    So nothing is installed. Get another member ready, or turn the plugin off.
    """
    if "submariner" not in fleet.plugins or fleet.deleting:
        return
    ready = [name for row, name in members_of(look, fleet) if row.ready]
    if len(ready) < FEWEST:
        yield Seen(f"{len(ready)} of {len(fleet.members)} members ready", after=REACHED, marks=_marks(fleet))


# -- members as Kurator believes they are ------------------------------------------------------------------------

ATTACHED = Analyser(ATTACHED_CLUSTER, concerns=lambda row: row.ready is False)


@ATTACHED.rule("KT2204", "Kurator cannot use a member", Severity.HIGH, suggests=("recheck", "attach"))
def not_ready(row: ManagedClusterRow, look: Look) -> Iterator[Seen | Again]:
    """Kurator tried to reach the member and could not.

    Until it can, the member gets no plugins, no Applications and no backups. Where Kurator may not even build a
    client for it, no other member of the fleet does, either.

    It looks again only when the object changes. Repair the Secret that `spec.kubeconfig` names, or the way from
    the host to the member's API server, then have it look again.
    """
    if row.ready is False:
        member = member_name(look, row.namespace, row.name)
        yield Seen("status.ready is false", after=60.0, marks={"member": member})


# -- plugins that nobody installed ------------------------------------------------------------------------------

PLUGINS = Analyser(
    FLEET,
    concerns=lambda fleet: bool(fleet.plugins) and not fleet.deleting,
    host=(CLUSTER, ATTACHED_CLUSTER, HELM_RELEASE),
)


@PLUGINS.rule("KT2303", "plugin was never installed", Severity.HIGH, suggests=("fleet.members", "read.describe"))
def never_installed(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """The fleet asks for a plugin, and members have no HelmRelease of it: the fleet's controller never got there.

    It works in an order: members first, then plugins; one member that is missing, or whose kubeconfig is bad,
    stops it before the plugins of all. The phase of the fleet may say Ready all the same.

    Look first for findings about the fleet's members, then at the log of `kurator-fleet-manager`.
    """
    if look.freshness(HOST, HELM_RELEASE).state is State.ABSENT:  # KT5108 says that
        return
    for plugin in fleet.plugins:
        lacking = _lacking(fleet, plugin, look)
        if lacking and fresh(look, HOST, HELM_RELEASE):
            marks = {**_marks(fleet), "plugin": plugin, **({"member": lacking[0]} if len(lacking) == 1 else {})}
            yield Seen(f"{plugin}: none on {_named(lacking)}", detail=plugin, after=REACHED, marks=marks)


def _lacking(fleet: FleetRow, plugin: str, look: Look) -> list[str]:
    """Ready members, and the host, without the HelmRelease of a plugin that they should have."""
    found = []
    if plugin in HOST_SIDE and look.find(HELM_RELEASE, HOST, fleet.namespace, HOST_SIDE[plugin]) is None:
        found.append(HOST)
    if plugin in EXPECTED:
        for row, name in members_of(look, fleet):
            release = f"{EXPECTED[plugin]}-{row.name}"
            if row.ready and look.find(HELM_RELEASE, HOST, fleet.namespace, release) is None:
                found.append(name)
    return found
