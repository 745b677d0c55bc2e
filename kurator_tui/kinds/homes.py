"""Which kinds belong together on the screens that are a home for systems of the platform. Data only.

A home has a digit, a tab and a line of sections, each the table of one kind. A new section is a line here.
"""

from __future__ import annotations

from typing import NamedTuple


class Section(NamedTuple):
    """One table of a home: the kind's id, and what the line of sections calls it."""

    kind: str
    title: str


HOMES: dict[str, tuple[Section, ...]] = {
    "edge": (
        Section("edgesites", "Sites"),
        Section("edgemap", "Map"),
        Section("edgenodes", "Nodes"),
        Section("edgepods", "Pods"),
        Section("edgedevices", "Devices"),
        Section("edgejobs", "Jobs"),
        Section("edgeapplications.apps.kubeedge.io", "Applications"),
        Section("rules.rules.kubeedge.io", "Rules"),
        Section("ruleendpoints.rules.kubeedge.io", "Endpoints"),
    ),
    "delivery": (
        Section("deliveries", "Applications"),
        Section("deliverysteps", "Steps"),
        Section("pipelineexecutions", "Pipelines"),
        Section("pipelinetasks", "Tasks"),
        Section("propagations", "Propagation"),
        Section("propagationsteps", "Hops"),
        Section("clusters.cluster.karmada.io", "Karmada"),
        Section("traffichosts", "Traffic"),
        Section("traffic", "Routes"),
        Section("links", "Links"),
        Section("linkmatrix", "Matrix"),
        Section("exportedservices", "Exported"),
        Section("kustomizations.kustomize.toolkit.fluxcd.io", "Kustomizations"),
        Section("helmreleases.helm.toolkit.fluxcd.io", "Releases"),
        Section("applications.argoproj.io", "Argo CD"),
        Section("federatedhpas.autoscaling.karmada.io", "Autoscaling"),
        Section("federatedresourcequotas.policy.karmada.io", "Quotas"),
    ),
    "policy": (
        Section("policystatus", "Policies"),
        Section("violations", "Violations"),
        Section("compliance", "Compliance"),
        Section("exemptions", "Exceptions"),
        Section("backupstatus", "Backups"),
        Section("backupschedules", "Schedules"),
        Section("backupstoragelocations.velero.io", "Storage"),
        Section("uncovered", "Not covered"),
    ),
    "batch": (
        Section("batchqueues", "Queues"),
        Section("batchjobs", "Jobs"),
        Section("podgroups.scheduling.volcano.sh", "Pod groups"),
        Section("accelerators", "Accelerators"),
        Section("preemptions", "Preemptions"),
        Section("jobflows.flow.volcano.sh", "Flows"),
        Section("jobtemplates.flow.volcano.sh", "Templates"),
    ),
}
"""View -> its sections; the first is the one that it opens with."""

BESIDE: dict[str, tuple[Section, ...]] = {
    "clusters": (
        Section("clusters", "Clusters"),
        Section("versions", "Versions"),
        Section("lifecycle", "Lifecycle"),
        Section("certificates", "Certificates"),
    ),
    "fleets": (
        Section("fleets", "Fleets"),
        Section("pluginreleases", "Plugins"),
        Section("plumbing", "Metrics plumbing"),
    ),
}
"""View with a screen of its own -> that, and the tables beside it; its digit always opens the first."""

_SECTIONS = HOMES | BESIDE
_HOME_OF = {section.kind: home for home, sections in _SECTIONS.items() for section in sections}


def home_of(kind: str) -> str:
    """The home that shows `kind`, "" where it belongs to none."""
    return _HOME_OF.get(kind, "")


def sections_of(kind: str) -> tuple[Section, ...]:
    """The sections among which `kind` is; none where it has no home."""
    return _SECTIONS.get(home_of(kind), ())


def section_title(kind: str) -> str:
    """What the section that shows `kind` is called, "" where it has no home."""
    return next((section.title for section in sections_of(kind) if section.kind == kind), "")


def beside(kind: str, step: int) -> str:
    """The kind `step` sections on from `kind` in its home, round its ends; `kind` itself where it has no home."""
    kinds = [section.kind for section in sections_of(kind)]
    return kinds[(kinds.index(kind) + step) % len(kinds)] if kind in kinds else kind


def screen_kinds() -> tuple[str, ...]:
    """All kinds that numbered screens and their sections show, but pods."""
    sections = (section.kind for found in (*HOMES.values(), *BESIDE.values()) for section in found)
    return tuple(dict.fromkeys(("rollouts", "deployments.apps", "nodes", "findings", *sections)))
