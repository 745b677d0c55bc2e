"""Applications and Flux: what does not get from its source to its clusters.

Flux's own objects are read, never their copies in an Application's status: with several targets all copies repeat
the last one (KT5001).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from kurator_tui.fleet.application_plan import application_of as labelled
from kurator_tui.fleet.application_plan import text
from kurator_tui.fleet.flux_state import attempted, transition
from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.flux import (
    BUCKET,
    GIT_REPOSITORY,
    HELM_CHART,
    HELM_RELEASE,
    HELM_REPOSITORY,
    KUSTOMIZATION,
    OCI_REPOSITORY,
    HelmReleaseRow,
    helm_release_health,
)
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, FLEET
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.table import ObjectRow, part
from kurator_tui.store.freshness import State
from kurator_tui.triage.host import (
    RELEASE_KINDS,
    FluxRow,
    application_of,
    flux_of,
    fresh,
    member_of_flux,
    policies,
    release_marks,
    selected,
    value,
)
from kurator_tui.triage.marking import refused_by, waited_for
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

BUSY = 900.0
"""Seconds that Flux may take for one revision: the timeout of most objects is shorter."""
BEHIND = 900.0
"""Seconds in which a new revision should be applied; Flux is told of one at once."""
REACHED = 300.0
"""Seconds in which Kurator makes the Flux objects of an Application: it tries every half minute."""
_DEPENDENCY = re.compile(r"dependency '([^']+)' is not ready")
NAMED = 5
"""Clusters that are named; the others are counted."""


def _marks(row: FluxRow, look: Look, said: str = "") -> Mapping[str, str]:
    """Of its release and its member, and of who refused it, as the API server `said`."""
    marks = {**release_marks(look, row.namespace, application_of(row)), **refused_by(said)}
    if member := member_of_flux(look, row) if application_of(row) else "":
        marks["member"] = member
    return {**marks, **waited_for(said, look, member or row.cluster)}


def _unwell(row: ObjectRow) -> bool:
    return row.level != Level.HEALTHY


KUSTOMIZATIONS = Analyser(KUSTOMIZATION, concerns=_unwell, host=RELEASE_KINDS)
HELM_RELEASES = Analyser(
    HELM_RELEASE, concerns=lambda release: not release.plugin and release.ready != "True", host=RELEASE_KINDS
)


@KUSTOMIZATIONS.rule(
    "KT2401", "Kustomization fails", Severity.HIGH, suggests=("reconcile", "read.describe", "suspend")
)
def kustomization_fails(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Flux cannot build, apply or check what it should bring out: the cluster keeps the revision before.

    BuildFailed is in the repository: a path or a manifest. ReconciliationFailed is what the cluster's API server
    said to it: a policy, a quota, a missing definition. HealthCheckFailed means that it was applied and does not
    get well: look at the workloads. PruneFailed leaves objects of before.

    The same words on every cluster mean the revision; on one alone, that cluster.
    """
    if row.level == Level.FAILED:
        since = transition(part(KUSTOMIZATION, row, "ready"))
        said = f"{row.reason} (revision {attempted(row) or '?'})"
        own = {"dependency": f"Kustomization/{row.namespace}/{row.name}"}
        yield Seen(said, since=since, marks={**_marks(row, look, row.reason), **own})


@HELM_RELEASES.rule(
    "KT2402", "HelmRelease fails", Severity.HIGH, suggests=("reconcile", "read.describe", "suspend")
)
def helm_release_fails(row: HelmReleaseRow, look: Look) -> Iterator[Seen | Again]:
    """Helm cannot install or upgrade a chart: depending on its settings the release before was put back, or not.

    `retries exhausted` in the evidence: Flux gave up and waits for a push or another version. ArtifactFailed: the
    chart could not be fetched or rendered. Anything else is what Helm or the cluster's API server said.
    """
    health = helm_release_health(row)
    if health.level is Level.FAILED:
        said = f"{health.reason} (version {attempted(row) or '?'}, {row.failures} failures)"
        own = {"dependency": f"HelmRelease/{row.namespace}/{row.name}"}
        yield Seen(said, since=row.changed, marks={**_marks(row, look, row.message), **own})


@KUSTOMIZATIONS.rule("KT2404", "Kustomization does not finish", Severity.MEDIUM, suggests=("reconcile",))
def kustomization_hangs(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Flux has been at it, or has waited for something else, for a quarter of an hour.

    DependencyNotReady in the evidence names what has to be ready first: look at that. Otherwise it waits for
    objects to get well, or kustomize-controller in `fluxcd-system` does not run.
    """
    if row.level in (Level.PROGRESSING, Level.UNKNOWN) and fresh(look, row.cluster, KUSTOMIZATION):
        yield Seen(row.reason, after=BUSY, marks={**_marks(row, look, row.reason), **_waits_for(row, row.reason)})


def _waits_for(row: FluxRow, said: str) -> dict[str, str]:
    """What it depends on and is not ready, as Flux words it: `Kustomization/namespace/name` of its cluster."""
    found = _DEPENDENCY.search(said)
    kind = "Kustomization" if isinstance(row, ObjectRow) else "HelmRelease"
    return {"dependency": f"{kind}/{found[1]}"} if found else {}


@HELM_RELEASES.rule("KT2405", "HelmRelease does not finish", Severity.MEDIUM, suggests=("reconcile",))
def helm_release_hangs(row: HelmReleaseRow, look: Look) -> Iterator[Seen | Again]:
    """Helm has been at it, or has waited for something else, for a quarter of an hour.

    DependencyNotReady in the evidence names what has to be ready first: look at that. Otherwise its pods do not
    get ready, or helm-controller in `fluxcd-system` does not run.
    """
    health = helm_release_health(row)
    if health.level in (Level.PROGRESSING, Level.UNKNOWN) and fresh(look, row.cluster, HELM_RELEASE):
        marks = {**_marks(row, look, row.message), **_waits_for(row, health.reason)}
        yield Seen(health.reason, after=BUSY, marks=marks)


# -- sources ----------------------------------------------------------------------------------------------------


GIT, HELM, OCI, BUCKETS, CHARTS = (
    Analyser(kind, concerns=_unwell, host=RELEASE_KINDS)
    for kind in (GIT_REPOSITORY, HELM_REPOSITORY, OCI_REPOSITORY, BUCKET, HELM_CHART)
)


def not_fetched(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The source cannot be fetched: nothing new gets to any cluster.

    What runs goes on running, and what was fetched last is still applied again and again.

    AuthenticationFailed: the Secret that `spec.secretRef` names is missing, wrong or expired. GitOperationFailed
    and failed lookups: the address, a proxy, or the server. A tag or branch that is gone says so. Try the address
    from a pod on the host first: what works from here may not work from there.
    """
    if row.level == Level.FAILED:
        since = transition(part(GIT_REPOSITORY, row, "ready"))  # all kinds of sources have it at the same place
        yield Seen(row.reason, since=since, marks=release_marks(look, row.namespace, labelled(row.labels)))


for _each in (GIT, HELM, OCI, BUCKETS, CHARTS):
    _each.rule("KT2409", "source cannot be fetched", Severity.HIGH, suggests=("reconcile", "read.describe"))(
        not_fetched
    )


# -- revisions that do not arrive -------------------------------------------------------------------------------

APPLIED = Analyser(
    KUSTOMIZATION,
    concerns=lambda row: row.level == Level.HEALTHY and not row.reason,
    host=RELEASE_KINDS,
)


@APPLIED.rule("KT2403", "newest revision is not applied", Severity.MEDIUM, suggests=("reconcile",))
def behind(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The source has a newer revision for a quarter of an hour, and this Kustomization still has the one before.

    It says Ready, for what it has. Flux is told of a new revision at once, so either kustomize-controller does not
    run, or it is busy with others. Reconcile it; then look at the controller's log in `fluxcd-system`.
    """
    source = text(value(KUSTOMIZATION, row, "source"))
    if "(" in source or not source.startswith("GitRepository/"):
        return
    found = look.find(GIT_REPOSITORY, row.cluster, row.namespace, source.partition("/")[2])
    if found is None or found.level != Level.HEALTHY or not fresh(look, row.cluster, KUSTOMIZATION):
        return
    newest, applied = text(value(GIT_REPOSITORY, found, "revision")), text(value(KUSTOMIZATION, row, "revision"))
    if newest and applied and newest != applied:
        yield Seen(f"{applied} is applied, {newest} is fetched", after=BEHIND, marks=_marks(row, look))


# -- Applications -----------------------------------------------------------------------------------------------

APPLICATIONS = Analyser(
    APPLICATION,
    concerns=lambda row: not row.deleting,
    host=(FLEET, CLUSTER, ATTACHED_CLUSTER, KUSTOMIZATION, HELM_RELEASE, *RELEASE_KINDS),
)


@APPLICATIONS.rule("KT2406", "Application's fleet does not exist", Severity.HIGH, suggests=("app.edit",))
def no_fleet(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """The Application is to go to a fleet that does not exist: it goes nowhere.

    Kurator looks for the fleet in the Application's own namespace. Do not delete the Application meanwhile:
    without its fleet that hangs on a finalizer. Make the fleet again, or name another one.
    """
    gone = {policy.fleet for policy in policies(row) if policy.fleet} - {
        fleet.name for fleet in look.all(FLEET, HOST) if fleet.namespace == row.namespace
    }
    for name in sorted(gone):
        if not any(fleet.name == name for fleet in look.all(FLEET, HOST)):  # else KT5018 says where it is
            marks = release_marks(look, row.namespace, row.name)
            yield Seen(f"there is no fleet {name} in {row.namespace}", detail=name, marks=marks)


@APPLICATIONS.rule("KT2407", "Application goes to no cluster", Severity.MEDIUM, suggests=("app.edit", "label"))
def nowhere(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """No cluster of the fleet has the labels that a sync policy selects: it brings nothing anywhere.

    The labels are those of the Cluster or AttachedCluster objects on the host, not those of nodes or of Karmada's
    clusters. Label the clusters, or change the policy's selector.
    """
    for policy in policies(row):
        fleet = look.find(FLEET, HOST, row.namespace, policy.fleet) if policy.fleet else None
        if fleet is not None and policy.labels and not selected(look, fleet, policy):
            wanted = ", ".join(f"{key}={wish}" for key, wish in policy.labels.items())
            marks = release_marks(look, row.namespace, row.name)
            yield Seen(
                f"policy {policy.name}: no cluster of {policy.fleet} has {wanted}", detail=policy.name, marks=marks
            )


@APPLICATIONS.rule("KT2408", "Application does not reach clusters", Severity.HIGH, suggests=("app.sync",))
def not_reached(row: ObjectRow, look: Look) -> Iterator[Seen | Again]:
    """Kurator made no Kustomization or HelmRelease for clusters that a sync policy selects.

    It goes through the fleet's clusters in their order and stops at the first one that it cannot use; the others
    get nothing. The reason is in the log of `kurator-fleet-manager` in `kurator-system` only.

    Look for findings about the members of the fleet first, and whether Flux is installed on the host.
    """
    if look.freshness(HOST, KUSTOMIZATION).state is State.ABSENT or not fresh(look, HOST, APPLICATION):
        return
    for policy in policies(row):
        fleet = look.find(FLEET, HOST, row.namespace, policy.fleet) if policy.fleet else None
        lacking = [
            name
            for cluster, name in (selected(look, fleet, policy) if fleet is not None else ())
            if flux_of(look, row.namespace, policy, cluster.kind, cluster.name) is None
        ]
        if lacking:
            more = f" and {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
            marks = {**release_marks(look, row.namespace, row.name), "fleet": f"{row.namespace}/{policy.fleet}"}
            if len(lacking) == 1:
                marks["member"] = lacking[0]
            said = f"policy {policy.name}: nothing for {', '.join(lacking[:NAMED])}{more}"
            yield Seen(said, detail=policy.name, after=REACHED, marks=marks)
