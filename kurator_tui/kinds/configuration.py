"""What workloads are given: ConfigMap, Secret, ServiceAccount, ResourceQuota, LimitRange, Lease.

ConfigMaps and Secrets are read as metadata alone: their data never enters this process.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import judge
from kurator_tui.kinds.meta import quantity
from kurator_tui.kinds.table import cell, table

CONFIG_MAP = table("configmaps", "ConfigMap", ("v1",), short_names=("cm",), metadata_only=True)

SECRET = table(
    "secrets",
    "Secret",
    ("v1",),
    cell(
        "release",
        "metadata.labels.name",
        "metadata.labels.owner",
        read=lambda name, by: name if by == "helm" else "",
    ),
    cell("version", "metadata.labels.version", wide=True),
    cell(
        "certificate",
        "metadata.annotations['cert-manager.io/certificate-name']",
        "metadata.labels['cluster.x-k8s.io/cluster-name']",
        title="FOR",
    ),
    metadata_only=True,
)

SERVICE_ACCOUNT = table(
    "serviceaccounts",
    "ServiceAccount",
    ("v1",),
    cell("secrets", "secrets[*].name", format=Format.COUNT, read=lambda names: len(names or ())),
    cell("pull_secrets", "imagePullSecrets[*].name", title="PULL SECRETS", width=40),
    cell("automount", "automountServiceAccountToken", wide=True),
    short_names=("sa",),
)


def _fullest(hard: Any, used: Any) -> tuple[float, str]:
    """Share and name of the resource of which most is used."""
    shares = [(0.0, "")]
    if isinstance(hard, Mapping) and isinstance(used, Mapping):
        shares += [
            (quantity(used.get(name)) / limit, str(name))
            for name, most in hard.items()
            if (limit := quantity(most))
        ]
    return max(shares)


def _used(hard: Any, used: Any) -> str:
    if not isinstance(hard, Mapping):
        return ""
    had = used if isinstance(used, Mapping) else {}
    return ", ".join(f"{name} {had.get(name, 0)}/{most}" for name, most in hard.items())


@judge("status.hard", "status.used", says="a resource that is used up is degraded")
def _quota(hard: Any, used: Any) -> Health:
    share, name = _fullest(hard, used)
    return Health(Level.DEGRADED, f"{name} is used up") if share >= 1 else HEALTHY


RESOURCE_QUOTA = table(
    "resourcequotas",
    "ResourceQuota",
    ("v1",),
    cell("fullest", "status.hard", "status.used", read=lambda hard, used: _fullest(hard, used)[1]),
    cell(
        "share", "status.hard", "status.used", read=lambda hard, used: _fullest(hard, used)[0], format=Format.RATIO
    ),
    cell("used", "status.hard", "status.used", read=_used, width=80, priority=5),
    health=_quota,
    short_names=("quota",),
)

LIMIT_RANGE = table(
    "limitranges",
    "LimitRange",
    ("v1",),
    cell("types", "spec.limits[*].type"),
    cell("default", "spec.limits[*].default", width=50),
    cell("max", "spec.limits[*].max", width=50, priority=5),
    short_names=("limits",),
)

LEASE = table(
    "leases.coordination.k8s.io",
    "Lease",
    ("v1",),
    cell("holder", "spec.holderIdentity", width=50),
    cell("renewed", "spec.renewTime", format=Format.AGE),
    cell("seconds", "spec.leaseDurationSeconds", format=Format.COUNT, wide=True),
)


KINDS = (CONFIG_MAP, SECRET, SERVICE_ACCOUNT, RESOURCE_QUOTA, LIMIT_RANGE, LEASE)
