"""Known issues of the platform that can be seen from objects, each with what helps.

| Code   | Issue                    | Seen from                                                          |
|--------|--------------------------|--------------------------------------------------------------------|
| KT2301 | kurator #434             | plugins' HelmReleases (`plugins`), since the Fleet says nothing    |
| KT5102 | kurator #604             | Application that is deleted, without its fleet                     |
| KT5103 | kurator #358             | Fleet that lists a CustomCluster                                   |
| KT5105 | kurator #135             | Cluster that is deleted and keeps its finalizers                   |
| KT5106 | kurator #404             | Backup or Restore that names what does not exist                   |
| KT5108 | kurator #317             | host that does not serve Flux                                      |
| KT5109 | kurator PR #208          | Fleets of one namespace                                            |
| KT5111 | kurator #651, #686       | rollout block for a member without Flagger                         |
| KT5112 | karmada #3740            | Karmada's Cluster that is deleted and not reached                  |
| KT5114 | bitnami/charts #35164    | pods that cannot pull an image of Bitnami                          |

Not seen from objects:

| Issue           | Why                                                                                          |
|-----------------|----------------------------------------------------------------------------------------------|
| kurator #128    | where a kubeconfig is: a question, not a fault; attaching a CustomCluster finds the Secret   |
| kurator #73     | what `tool list` says of binaries on somebody's machine                                      |
| kurator PR #520 | status is polled by design; the console watches members themselves                           |
| karmada #4779   | a join that is done twice: the error is the command's, nothing of it stays                   |
| kubeedge #3182  | how many sessions CloudCore has is a metric; Nodes alone do not tell                         |
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.flagger import CANARY
from kurator_tui.kinds.flux import HELM_RELEASE
from kurator_tui.kinds.karmada import KARMADA_CLUSTER, KarmadaClusterRow
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET, FleetRow, ManagedClusterRow
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.kurator_backups import BACKUP, RESTORE
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.shapes import mapping, text
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import State
from kurator_tui.triage.host import fresh, member_of_karmada, policies, release_marks, selected, value
from kurator_tui.triage.marking import of_pod
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

CLEANING = 1800.0
"""Seconds in which a cluster that is deleted should be gone: machines take their time."""
LEAVING = 300.0
"""Seconds in which a member should have left Karmada."""
CREATING = 120.0
"""Seconds in which what is named should be made, too."""
STARTING = 600.0
"""Seconds in which a fleet's rollout engine should be installed."""
_BITNAMI = re.compile(r'"([^" ]*\bbitnami/[^"]+)"')
_PULL = ("ImagePullBackOff", "ErrImagePull")

# -- Applications -------------------------------------------------------------------------------------------------

DELETED = Analyser(APPLICATION, concerns=lambda row: bool(row.deleting), host=(FLEET,))


@DELETED.rule(
    "KT5102",
    "Application cannot be deleted",
    Severity.MEDIUM,
    suggests=("fleet.create", "remove-finalizers"),
)
def without_fleet(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The Application is deleted and its fleet does not exist, so Kurator never takes its finalizer away.

    It asks the fleet what to clean up. Make a fleet of that name again, empty if need be; or remove the finalizer
    `apps.kurator.dev`: then Canaries and test-loaders that it made stay on the members.
    """
    for name in sorted({policy.fleet for policy in policies(row) if policy.fleet}):
        if look.find(FLEET, HOST, row.namespace, name) is None and fresh(look, HOST, FLEET):
            yield Seen(f"there is no fleet {name} in {row.namespace}", since=row.deleting, detail=name)


ENGINES = Analyser(
    APPLICATION,
    concerns=lambda row: not row.deleting and any(policy.block is not None for policy in policies(row)),
    host=(FLEET, CLUSTER, ATTACHED_CLUSTER),
)


@ENGINES.rule("KT5111", "rollout without its engine", Severity.HIGH, suggests=("plugin.flagger",))
def without_flagger(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A sync policy asks for a rollout on members that have no Flagger: no Canary can be made there.

    The new revision is not held back by that: it is simply not out. Turn on the fleet's flagger plugin with the
    same provider; nginx and kuma need their controller and a Prometheus that Flagger can ask, too.
    """
    for policy in policies(row):
        fleet = look.find(FLEET, HOST, row.namespace, policy.fleet) if policy.fleet else None
        if policy.block is None or fleet is None:
            continue
        lacking = [
            name
            for _cluster, name in selected(look, fleet, policy)
            if look.freshness(name, CANARY).state is State.ABSENT
        ]
        if lacking:
            provider = text(policy.block.get("trafficRoutingProvider"))
            said = f"policy {policy.name} ({provider or 'no provider'}): no Flagger on {', '.join(lacking[:5])}"
            marks = release_marks(look, row.namespace, row.name)
            yield Seen(said, detail=policy.name, after=STARTING, marks=marks)


# -- fleets and clusters ------------------------------------------------------------------------------------------

FLEETS = Analyser(FLEET, concerns=lambda fleet: not fleet.deleting, host=(CLUSTER, CUSTOM_CLUSTER))


@FLEETS.rule(
    "KT5103", "CustomCluster cannot be a member", Severity.HIGH, suggests=("custom.attach", "fleet.members")
)
def custom_member(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """The fleet lists a CustomCluster, which Kurator cannot put into a fleet: it finds no cluster of that name.

    That stops the fleet before the plugins of all its members. Make an AttachedCluster of the CustomCluster's
    kubeconfig, and list that.
    """
    for kind, name in fleet.members:
        if kind == "AttachedCluster" or look.find(CLUSTER, HOST, fleet.namespace, name) is not None:
            continue
        if look.find(CUSTOM_CLUSTER, HOST, fleet.namespace, name) is not None:
            said = f"{name} is a CustomCluster"
            yield Seen(said, detail=name, marks={"fleet": f"{fleet.namespace}/{fleet.name}"})


@FLEETS.rule("KT5109", "two fleets share a namespace", Severity.LOW, suggests=("fleet.create",))
def shared_namespace(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """Two fleets are in one namespace, which Kurator does not support.

    Names of their plugins' objects are the same (`thanos`, `grafana`, `<component>-<cluster>`), so each overwrites
    the other's. Move one of them to a namespace of its own, with its clusters and Applications.
    """
    names = [each.name for each in look.all(FLEET, HOST) if each.namespace == fleet.namespace]
    if len(names) > 1 and fleet.name == min(names):
        yield Seen(f"{', '.join(sorted(names))} in {fleet.namespace}")


HOSTS = Analyser(FLEET, concerns=lambda fleet: not fleet.deleting)


@HOSTS.rule("KT5108", "Flux is not installed on the host", Severity.HIGH, suggests=("read.describe",))
def no_flux(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """The host does not know HelmReleases: Kurator can install no plugin and bring out no Application.

    Its errors say something else. Install Flux as Kurator's documentation says: version 0.41 (`flux2` chart 2.7),
    since newer ones do not serve the API versions that Kurator uses.
    """
    if look.freshness(HOST, HELM_RELEASE).state is State.ABSENT:
        yield Seen("helmreleases.helm.toolkit.fluxcd.io is not served", marks={"host": HOST})


GOING = Analyser(CLUSTER, concerns=lambda row: row.deleting)


@GOING.rule("KT5105", "deleted cluster does not go", Severity.MEDIUM, suggests=("remove-finalizers",))
def residue(row: ManagedClusterRow, look: Look) -> Iterator[Seen | Again]:
    """A Cluster has been deleted for half an hour, and finalizers still hold it.

    Kurator waits for the machines and the cloud objects of Cluster API to be gone. What is left costs money: look
    at the Machines and the infrastructure objects of that name first, and at what they say. Remove finalizers only
    when nothing is left in the cloud; the AWS identity and copied credentials stay in any case.
    """
    _conditions, finalizers, deleting, *_more = row.parts or ((), (), 0.0)
    if not deleting:
        return
    if look.now - deleting < CLEANING:
        yield Again(deleting + CLEANING)
    elif finalizers and fresh(look, HOST, CLUSTER):
        yield Seen(f"finalizers: {', '.join(finalizers)}", since=deleting)


# -- backups without admission ------------------------------------------------------------------------------------

RESTORES = Analyser(RESTORE, host=(BACKUP,))
BACKUPS = Analyser(BACKUP, host=(FLEET,))


def misdirected(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A Backup names a fleet, or a Restore a Backup, that does not exist: nothing will ever happen.

    Kurator has no webhooks for these kinds, so it takes what cannot work and tells nobody. Names are looked up in
    the object's own namespace. Editing one does nothing: make it again with the right name.
    """
    fleet = text(mapping(part(BACKUP, row, "plan")).get("fleet"))
    if fleet and look.find(FLEET, HOST, row.namespace, fleet) is None and fresh(look, HOST, FLEET):
        yield Seen(f"there is no fleet {fleet} in {row.namespace}", after=CREATING)


def unsaved(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    backup = text(value(RESTORE, row, "backup"))
    if backup and look.find(BACKUP, HOST, row.namespace, backup) is None and fresh(look, HOST, BACKUP):
        yield Seen(f"there is no Backup {backup} in {row.namespace}", after=CREATING)


unsaved.__doc__ = misdirected.__doc__
for _each, _judge in ((BACKUPS, misdirected), (RESTORES, unsaved)):
    _each.rule("KT5106", "names what does not exist", Severity.MEDIUM, suggests=("backup.create", "delete"))(
        _judge
    )

# -- Karmada, Bitnami ---------------------------------------------------------------------------------------------

LEAVERS = Analyser(KARMADA_CLUSTER, concerns=lambda row: bool(row.deleting))


@LEAVERS.rule("KT5112", "leaving Karmada hangs", Severity.MEDIUM, suggests=("remove-finalizers", "read.describe"))
def hanging(row: KarmadaClusterRow, look: Look) -> Iterator[Seen | Again]:
    """The cluster is to leave Karmada, which cannot reach it and so cannot clean up there.

    Its Works and its finalizer stay for ever. If the cluster comes back, so does the clean-up. If it is gone for
    good, remove the finalizers of the Works in `karmada-es-<cluster>`, then the Cluster's.
    """
    if row.ready == "True":
        return
    if look.now - row.deleting < LEAVING:
        yield Again(row.deleting + LEAVING)
    elif fresh(look, row.cluster, KARMADA_CLUSTER):
        marks = {"member": member_of_karmada(look, row.name)}
        yield Seen(row.reason or "it is not reached", since=row.deleting, marks=marks)


IMAGES = Analyser(
    POD, concerns=lambda pod: pod.status.removeprefix("Init:") in _PULL and "bitnami/" in pod.message
)


@IMAGES.rule("KT5114", "image left Bitnami's public catalog", Severity.MEDIUM, suggests=("plugin.metric", "edit"))
def bitnami(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """The pod wants a versioned image of Bitnami, and those were taken out of the public catalog in August 2025.

    Prometheus, Thanos and Grafana of a fleet are installed by Bitnami's charts. Nodes that still have the image go
    on; every new one cannot start the pod.

    Set `image.repository` to `bitnamilegacy/…`, or to a copy of your own, in the plugin's `extraArgs`.
    """
    found = _BITNAMI.search(pod.message)
    if found is not None:
        yield Seen(found[1], marks=of_pod(pod, look, image=found[1]))
