"""Pitfalls of Kurator's fleets, as its code is: what is asked for and does something else, or nothing.

| Code   | Of  | Seen from                                                         |
|--------|-----|-------------------------------------------------------------------|
| KT5002 | K2  | Fleet that lists a ready Cluster, and no plugins there            |
| KT5007 | K7  | HelmRelease of Prometheus on a member                             |
| KT5008 | K8  | Service of the Thanos sidecar on a member                         |
| KT5009 | K9  | `status.ready` beside the console's own probe                     |
| KT5010 | K10 | phase of a Migrate beside Velero's                                |
| KT5012 | K12 | `extraArgs` of a Fleet beside the values of its HelmReleases      |
| KT5013 | K13 | switches of the metric plugin                                     |
| KT5014 | K14 | provider of the backup plugin                                     |
| KT5016 | K16 | Service of Grafana beside the values of its HelmRelease           |
| KT5019 | K19 | pod `<fleet>-init` or `<fleet>-delete`                            |
| KT5020 | K20 | KubeadmControlPlane of a CustomCluster                            |
| KT5021 | K21 | `status.reason` of a Fleet that is ready                          |
| KT5022 | K22 | Fleets of one namespace                                           |

K1, K3 to K6, K11 and K18 are with the Applications (`pitfalls_applications`). Not seen from objects, or not worth
a finding:

| Of  | Why                                                                                                     |
|-----|---------------------------------------------------------------------------------------------------------|
| K13 | `pluginEndpoints`, `primary`, `preview`, `strategy`: rows do not hold them, and nobody waits for them   |
| K15 | no compactor, no retention: true of every fleet with the metric plugin; charts of long ranges say it     |
| K17 | `join edge` is a command that runs on somebody's machine: no object remembers it                        |
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kurator_tui.fleet.overviews import EXPECTED, minor
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.cluster_api import CLUSTER as CAPI_CLUSTER
from kurator_tui.kinds.cluster_api import KUBEADM_CONTROL_PLANE
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.flux import HELM_RELEASE, HelmReleaseRow, helm_release_health
from kurator_tui.kinds.helm_values import corrupted, difference
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, FLEET, FleetRow
from kurator_tui.kinds.kurator_backups import MIGRATE
from kurator_tui.kinds.networking import SERVICE
from kurator_tui.kinds.overview import CLUSTERS, ClusterOverview
from kurator_tui.kinds.pods import POD, PodRow
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.store.freshness import State
from kurator_tui.triage.host import fresh, member_name, members_of, value
from kurator_tui.triage.marking import waited_for
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

REACHED = 600.0
"""Seconds in which the fleet controller gets to each plugin of each member."""
PROBED = 300.0
"""Seconds for which Kurator and the console may disagree about a member."""
BALANCED = 600.0
"""Seconds in which a load balancer should have an address."""
_ADDRESS = re.compile(r"^[0-9.]+$|^[0-9a-fA-F:]+:[0-9a-fA-F:]*$")
_PASSWORDS = ("admin.password", "admin.existingSecret", "adminPassword")
_PROVIDERS = ("gcp", "azure")


def _marks(fleet: FleetRow) -> dict[str, str]:
    return {"fleet": f"{fleet.namespace}/{fleet.name}"}


FLEETS = Analyser(FLEET, concerns=lambda fleet: not fleet.deleting, host=(CLUSTER, ATTACHED_CLUSTER, HELM_RELEASE))


@FLEETS.rule("KT5002", "fleet takes a cloud credential for a kubeconfig", Severity.HIGH, suggests=("attach",))
def cloud_credential(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """A ready Cluster is a member of the fleet, and its plugins are never installed (K2).

    Kurator since May 2023 reads the kubeconfig of a Cluster from the Secret of its cloud credential. That is none,
    so it fails, and with it plugins, Applications and backups of every member of the fleet.

    Make an AttachedCluster on the Secret `<name>-kubeconfig`, key `value`, and list that instead of the Cluster.
    """
    wanted = [EXPECTED[plugin] for plugin in fleet.plugins if plugin in EXPECTED]
    for row, name in members_of(look, fleet) if wanted else ():
        if row.kind != "Cluster" or not row.ready:
            continue
        if not any(look.find(HELM_RELEASE, HOST, fleet.namespace, f"{each}-{row.name}") for each in wanted):
            said = f"Cluster {row.name} is ready and has none of {', '.join(wanted)}"
            yield Seen(said, detail=name, after=REACHED, marks=_marks(fleet))


@FLEETS.rule("KT5013", "switch does nothing", Severity.LOW, suggests=("plugin.metric",))
def idle_switch(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """The metric plugin of the fleet sets a switch that Kurator declares and never reads (K13).

    `nodeExporter` and `kubeStateMetrics` have no effect. Set the same in `extraArgs` of the plugin's Prometheus.
    """
    switches = fleet.parts[1]["switches"] if len(fleet.parts) > 1 else ()
    if switches:
        yield Seen(f"prometheus.{', prometheus.'.join(switches)}", marks=_marks(fleet))


@FLEETS.rule("KT5014", "backups cannot work with this provider", Severity.HIGH, suggests=("plugin.backup",))
def provider(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """The backup plugin is to store with a provider that Kurator knows by name only (K14).

    For `gcp` and `azure` it has no Secret to give, so the plugin fails on every member. Only `aws`, with any
    storage that speaks S3, and `huaweicloud` work.
    """
    found = fleet.parts[1]["provider"] if len(fleet.parts) > 1 else ""
    if found in _PROVIDERS:
        yield Seen(f"spec.plugin.backup.storage.location.provider is {found}", marks=_marks(fleet))


@FLEETS.rule("KT5021", "fleet's reason is old", Severity.LOW, suggests=("read.describe",))
def old_reason(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """The fleet is ready and still says why it once was not (K21).

    Kurator sets `status.reason` when its control plane fails, and never clears it. There is nothing to repair.
    """
    if fleet.phase == "Ready" and fleet.reason:
        yield Seen(fleet.reason, marks=_marks(fleet))


@FLEETS.rule("KT5022", "cluster is in two fleets", Severity.MEDIUM, suggests=("fleet.members", "fleet.leave"))
def two_fleets(fleet: FleetRow, look: Look) -> Iterator[Seen | Again]:
    """Two fleets list the same cluster, and each takes it from the other at every pass (K22).

    The label `fleet.kurator.dev/fleet-name` flips between them: plugins of both are installed, and what selects by
    the label sees it come and go. Take it off one of the two lists.
    """
    others = sorted(
        (each for each in look.all(FLEET, HOST) if each.namespace == fleet.namespace and each.name > fleet.name),
        key=lambda each: each.name,
    )
    mine = set(fleet.members)
    for other in others:
        for kind, name in sorted(mine.intersection(other.members)):
            said = f"{kind} {name} is in {fleet.name} and {other.name}"
            yield Seen(said, detail=f"{name}/{other.name}", marks=_marks(fleet))


# -- plugins ------------------------------------------------------------------------------------------------------

RELEASES = Analyser(HELM_RELEASE, concerns=lambda row: row.plugin != "" and row.remote, host=(FLEET,))


@RELEASES.rule("KT5007", "one member holds up the metrics of all", Severity.LOW, suggests=("reconcile",))
def blocker(release: HelmReleaseRow, look: Look) -> Iterator[Seen | Again]:
    """Prometheus is not ready on one member, so nobody keeps the list of all members' sidecars (K7).

    Kurator writes that list when all of them are ready: new members and new addresses are missing in Thanos until
    then. It also removes no plugin that was turned off. The Fleet says Ready meanwhile.

    Get this one ready, or take its member out of the fleet.
    """
    if release.component == "prometheus" and release.ready != "True" and fresh(look, HOST, HELM_RELEASE):
        health = helm_release_health(release)
        marks = {"fleet": f"{release.namespace}/{release.fleet}", "plugin": release.plugin}
        marks["member"] = member_name(look, release.namespace, release.name.removeprefix("prometheus-"))
        marks |= waited_for(release.message, look, marks["member"])
        yield Seen(health.reason, after=REACHED, marks=marks)


@RELEASES.rule("KT5012", "values are not what the fleet asks for", Severity.LOW, suggests=("read.yaml",))
def other_values(release: HelmReleaseRow, look: Look) -> Iterator[Seen | Again]:
    """A plugin's HelmRelease has other values than the `extraArgs` of its fleet (K12).

    Kurator renders them by a template that escapes for HTML, and fills what is `false`, `0` or empty with its own
    defaults: text with quotes, `<`, `>`, `&` or `+` may arrive changed.

    Compare both; write such values so that they need no quotes, or give `true`/non-zero ones.
    """
    fleet = look.find(FLEET, HOST, release.namespace, release.fleet)
    if fleet is None or not fleet.parts or not release.parts:
        return
    asked = dict(fleet.parts[0].get(release.component, ()))
    lines = difference(asked, dict(release.parts[0])) if asked else ()
    wrong = [line for line in lines if corrupted((line,))]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        marks = {**_marks(fleet), "plugin": release.plugin}
        yield Seen(f"{wrong[0]}{more}", after=PROBED, marks=marks)


SIDECARS = Analyser(
    SERVICE, concerns=lambda row: row.name == "prometheus-prometheus-thanos" and row.namespace == "monitoring"
)


@SIDECARS.rule("KT5008", "Thanos cannot be told where a member is", Severity.MEDIUM, suggests=("read.describe",))
def no_address(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The member's sidecar has no IP address that Kurator could hand to Thanos (K8).

    It takes IPs of load balancers only: one with a host name, as on AWS, is left out without a word, and so is one
    that waits for its address. Metrics of this member are then missing in every panel of the fleet.

    Give the Service an address (a network load balancer with a fixed IP, MetalLB), or add the member's sidecar to
    Thanos by hand.
    """
    addresses = str(value(SERVICE, row, "external") or "")
    if not any(_ADDRESS.match(each) for each in addresses.split(",")) and fresh(look, row.cluster, SERVICE):
        said = f"EXTERNAL-IP is {addresses or 'none'}"
        yield Seen(said, after=BALANCED, marks={"member": row.cluster, "plugin": "metric"})


GRAFANA = Analyser(
    SERVICE,
    concerns=lambda row: row.cluster == HOST and row.name.endswith("-grafana"),
    host=(HELM_RELEASE,),
)


@GRAFANA.rule("KT5016", "Grafana is open to the default password", Severity.MEDIUM, suggests=("plugin.grafana",))
def default_password(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Grafana of the fleet has an address outside the cluster, and the password that everybody knows (K16).

    Kurator installs it with admin/admin behind a load balancer. Set `admin.password`, or better
    `admin.existingSecret`, in the plugin's `extraArgs`.
    """
    release = look.find(HELM_RELEASE, HOST, row.namespace, "grafana")
    if release is None or release.plugin != "grafana" or value(SERVICE, row, "type") != "LoadBalancer":
        return
    addresses = str(value(SERVICE, row, "external") or "")
    paths = {path for path, _text in (release.parts[0] if release.parts else ())}
    others = release.parts[1] if len(release.parts) > 1 else ()
    if addresses and not addresses.startswith("<") and not paths.intersection(_PASSWORDS) and not others:
        yield Seen(f"{addresses}, no password is set", marks={"plugin": "grafana"})


# -- members and their life ---------------------------------------------------------------------------------------

BELIEVED: Analyser[ClusterOverview] = Analyser(
    CLUSTERS, concerns=lambda row: row.kurator_ready is not None and row.kind == "AttachedCluster"
)


@BELIEVED.rule("KT5009", "Kurator believes otherwise of a member", Severity.LOW, suggests=("recheck",))
def old_belief(row: ClusterOverview, look: Look) -> Iterator[Seen | Again]:
    """Kurator's `status.ready` of the member is not what the console itself finds (K9).

    Kurator looks when the object changes, at nothing else: not when the member goes, not when its Secret changes.
    A member that answers again gets no plugins and no Applications until it looks.

    Have it look again: that touches an annotation.
    """
    down = row.state in (State.UNREACHABLE.value, State.STALE.value)
    if down and row.kurator_ready:
        yield Seen("Kurator says ready; it does not answer", after=PROBED, marks={"member": row.name})
    elif row.state == State.LIVE.value and row.kurator_ready is False:
        said = "Kurator says not ready; it answers"
        yield Seen(said, after=PROBED, marks={"member": row.name}, severity=Severity.MEDIUM)


INITIAL = Analyser(
    POD,
    concerns=lambda pod: pod.cluster == HOST and pod.phase == "Failed" and pod.name.endswith(("-init", "-delete")),
    host=(FLEET,),
)


@INITIAL.rule("KT5019", "fleet waits for a pod that failed", Severity.HIGH, suggests=("logs", "delete"))
def init_failed(pod: PodRow, look: Look) -> Iterator[Seen | Again]:
    """The pod that makes, or takes away, the fleet's Karmada failed: the fleet stays as it is for good (K19).

    Kurator does not try again while the pod is there. Read its log; when the cause is gone, delete the pod.
    """
    name, _, what = pod.name.rpartition("-")
    fleet = look.find(FLEET, HOST, pod.namespace, name)
    if fleet is None:
        return
    if fleet.phase in ("", "Pending", "Running") if what == "init" else fleet.deleting:
        said = f"pod {pod.name}: {pod.message or pod.status}; the fleet says {fleet.phase or 'nothing'}"
        yield Seen(said, marks=_marks(fleet))


MIGRATIONS = Analyser(MIGRATE, concerns=lambda row: row.level == Level.FAILED)


@MIGRATIONS.rule("KT5010", "migration never says that it failed", Severity.MEDIUM, suggests=("read.describe",))
def endless(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A migration failed in Velero, and Kurator says that it is in progress (K10).

    It never writes Failed, and polls for ever. Read Velero's Backup and Restore on the members; then delete the
    Migrate and make another one.
    """
    phase = str(value(MIGRATE, row, "phase") or "")
    if not phase.startswith("Failed"):
        yield Seen(f"{phase or 'no phase'}; {row.reason}")


PLANES = Analyser(
    KUBEADM_CONTROL_PLANE,
    concerns=lambda row: (
        value(KUBEADM_CONTROL_PLANE, row, "version") != value(KUBEADM_CONTROL_PLANE, row, "running")
    ),
    host=(CAPI_CLUSTER,),
)


@PLANES.rule("KT5020", "upgrade is ignored", Severity.MEDIUM, suggests=("kcp.upgrade",))
def too_far(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """A CustomCluster is to be upgraded by more than one minor version, and Kurator does nothing (K20).

    kubespray goes one minor at a time; the refusal is in the operator's log only. Ask for the next minor, wait
    until it runs, then for the one after.
    """
    asked, runs = (minor(str(value(KUBEADM_CONTROL_PLANE, row, key) or "")) for key in ("version", "running"))
    if asked is None or runs is None or asked[0] != runs[0] or asked[1] - runs[1] <= 1:
        return
    cluster = look.find(CAPI_CLUSTER, HOST, row.namespace, str(value(KUBEADM_CONTROL_PLANE, row, "in_cluster")))
    if cluster is not None and value(CAPI_CLUSTER, cluster, "provider") == "CustomCluster":
        said = f"runs {runs[0]}.{runs[1]}, {asked[0]}.{asked[1]} is asked for"
        yield Seen(said, marks={"member": cluster.name})
