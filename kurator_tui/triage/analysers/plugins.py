"""Plugins of fleets: their HelmReleases, since the Fleet itself says nothing of them."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.kinds.base import HOST, Level
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.flux import HELM_RELEASE, HelmReleaseRow, helm_release_health
from kurator_tui.triage.host import fresh, member_name
from kurator_tui.triage.marking import waited_for
from kurator_tui.triage.rules import Again, Analyser, Look, Seen

INSTALLING = 960.0
"""Seconds that a plugin may take: Kurator gives Helm fifteen minutes, and looks each minute."""


def _concerns(release: HelmReleaseRow) -> bool:
    return bool(release.plugin) and (release.ready != "True" or release.suspended)


RELEASES = Analyser(HELM_RELEASE, concerns=_concerns)


def _marks(release: HelmReleaseRow, look: Look, said: str = "") -> dict[str, str]:
    found = {"fleet": f"{release.namespace}/{release.fleet}", "plugin": release.plugin}
    if release.remote and release.component:
        cluster = release.name.removeprefix(f"{release.component}-")
        found["member"] = member_name(look, release.namespace, cluster)
    return {**found, **waited_for(said, look, found.get("member", release.cluster))}


@RELEASES.rule("KT2301", "plugin failed", Severity.HIGH, suggests=("reconcile", "read.describe", "plugin.off"))
def failed(release: HelmReleaseRow, look: Look) -> Iterator[Seen | Again]:
    """Helm could not install or upgrade a plugin of the fleet on a member, or on the host.

    The Fleet says Ready all the same. `retries exhausted` in the evidence means that it waits for a push:
    reconcile it when the cause is gone. `timed out waiting` means that its pods do not come up: look at them on
    the member, usually at their images. While one member's plugin fails, the metrics endpoints of all members are
    not kept up to date.
    """
    health = helm_release_health(release)
    if health.level is Level.FAILED:
        yield Seen(health.reason, since=release.changed, marks=_marks(release, look, release.message))


@RELEASES.rule("KT2302", "plugin does not get ready", Severity.MEDIUM, suggests=("read.describe", "reconcile"))
def slow(release: HelmReleaseRow, look: Look) -> Iterator[Seen | Again]:
    """A plugin of the fleet has been on its way for longer than Helm is given for it.

    Either Helm still waits for its pods, or helm-controller does not look at it at all. Look at the pods in the
    plugin's namespace on the member, then whether helm-controller in `fluxcd-system` runs.
    """
    health = helm_release_health(release)
    if health.level in (Level.PROGRESSING, Level.UNKNOWN) and fresh(look, HOST, HELM_RELEASE):
        yield Seen(health.reason, after=INSTALLING, marks=_marks(release, look, release.message))


@RELEASES.rule("KT2304", "plugin is suspended", Severity.LOW, suggests=("suspend",))
def suspended(release: HelmReleaseRow, look: Look) -> Iterator[Seen | Again]:
    """Somebody suspended the HelmRelease of a plugin.

    Kurator writes it anew at its next pass over the fleet, so this does not last: it is gone within minutes where
    the fleet is reconciled, and stays where that is stuck.

    To keep a plugin as it is change the fleet, not its HelmRelease.
    """
    if release.suspended and release.ready != "False":
        yield Seen("spec.suspend is true", after=INSTALLING, marks=_marks(release, look))
