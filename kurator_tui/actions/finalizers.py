"""What is left behind when a finalizer is taken off that its controller did not: facts, by its name. Pure."""

from __future__ import annotations

_STAYS = {
    "apps.kurator.dev": "Canaries, test loaders and MetricTemplates of its rollouts stay on the members",
    "fleet.kurator.dev": "its members keep the label of the fleet, and its control plane is not taken down",
    "cluster.cluster.kurator.dev": "machines, networks and identities at the provider stay, and cost",
    "customcluster.cluster.kurator.dev": "Kubernetes stays installed on its machines",
    "backup.kurator.dev": "its Backups and Schedules of Velero stay on the members, and go on",
    "restore.kurator.dev": "its Restores of Velero stay on the members",
    "migrate.kurator.dev": "its Backups and Restores of Velero stay on the members",
    "finalizers.fluxcd.io": "what Flux applied or installed of it stays",
    "karmada.io/cluster-controller": "what Karmada put on that member stays there",
    "karmada.io/execution-controller": "what it put on its member stays there",
    "karmada.io/binding-controller": "its Works, and what they put on members, stay",
    "kubernetes.io/pvc-protection": "a pod may still write to it: data can be lost",
    "kubernetes.io/pv-protection": "a claim may still be bound to it: data can be lost",
    "service.kubernetes.io/load-balancer-cleanup": "its load balancer at the provider stays, and costs",
    "foregroundDeletion": "what it owns is deleted later, or stays where it has other owners",
}
_PROVIDER = ".x-k8s.io"
"""Finalizers of Cluster API end so: `awscluster.infrastructure.cluster.x-k8s.io`."""


def left(finalizer: str) -> str:
    """What stays, as far as it is known."""
    if finalizer in _STAYS:
        return _STAYS[finalizer]
    if finalizer.partition("/")[0].endswith(_PROVIDER):
        return "machines and networks at the provider stay, and cost"
    return "what its controller would have cleaned up stays"
