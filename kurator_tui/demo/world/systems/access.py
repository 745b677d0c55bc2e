"""Who may do what: ServiceAccounts, Roles and bindings, of Kubernetes itself, of operators and of teams."""

from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.world.site import DAY, Site
from kurator_tui.demo.world.topology import HOST

Obj = dict[str, Any]

_RBAC = "rbac.authorization.k8s.io"
_API = f"{_RBAC}/v1"
_READ, _ALL = ["get", "list", "watch"], ["*"]
_CLUSTER_ROLES: dict[str, list[Obj]] = {
    "cluster-admin": [
        {"apiGroups": _ALL, "resources": _ALL, "verbs": _ALL},
        {"nonResourceURLs": _ALL, "verbs": _ALL},
    ],
    "admin": [{"apiGroups": ["", "apps", "batch"], "resources": _ALL, "verbs": _ALL}],
    "edit": [{"apiGroups": ["", "apps", "batch"], "resources": ["pods", "deployments", "jobs"], "verbs": _ALL}],
    "view": [{"apiGroups": ["", "apps", "batch"], "resources": ["pods", "services", "jobs"], "verbs": _READ}],
    "system:node": [{"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": [*_READ, "update"]}],
    "system:kube-scheduler": [{"apiGroups": [""], "resources": ["pods/binding"], "verbs": ["create"]}],
    "system:discovery": [{"nonResourceURLs": ["/api", "/apis", "/healthz", "/version"], "verbs": ["get"]}],
}
#: Operators by namespace: (ServiceAccount, its ClusterRole).
_OPERATORS = {
    "kurator-system": ("kurator-fleet-manager", "cluster-admin"),
    "fluxcd-system": ("helm-controller", "cluster-admin"),
    "cert-manager": ("cert-manager", "edit"),
    "kyverno": ("kyverno-admission-controller", "admin"),
    "velero": ("velero-server", "cluster-admin"),
    "istio-system": ("istiod", "edit"),
    "volcano-system": ("volcano-scheduler", "admin"),
    "kubeedge": ("cloudcore", "edit"),
    "monitoring": ("prometheus", "view"),
}
_TEAMS = ("webapp", "payments", "erp", "training", "inference", "edge-apps")


def objects(site: Site) -> Iterator[Obj]:
    """Cluster roles first, then operators, then teams."""
    for name, rules in _CLUSTER_ROLES.items():
        meta = {"labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}
        yield site.make(_API, "ClusterRole", name, age=150 * DAY, meta=meta, rules=rules)
    yield _bound(site, "cluster-admin", "", "cluster-admin", [_group("system:masters")])
    yield _bound(site, "system:discovery", "", "system:discovery", [_group("system:authenticated")])
    # A leftover of a hurried night: everybody who can log in may read everything.
    if site.name == "pre-cloud":
        yield _bound(site, "temporary-debug", "", "cluster-admin", [_group("system:authenticated")])
    for namespace, (account, role) in _OPERATORS.items():
        if site.has(namespace):
            yield site.make("v1", "ServiceAccount", account, namespace, age=140 * DAY)
            subject = {"kind": "ServiceAccount", "name": account, "namespace": namespace}
            yield _bound(site, account, "", role, [subject])
    for namespace in _TEAMS:
        if site.has(namespace):
            yield from _team(site, namespace)
    if site.name == HOST:
        yield from _host(site)


def _group(name: str) -> Obj:
    return {"apiGroup": _RBAC, "kind": "Group", "name": name}


def _bound(
    site: Site, name: str, namespace: str, role: str, subjects: list[Obj], kind: str = "ClusterRole"
) -> Obj:
    reference = {"apiGroup": _RBAC, "kind": kind, "name": role}
    what = "RoleBinding" if namespace else "ClusterRoleBinding"
    return site.make(_API, what, name, namespace, age=140 * DAY, roleRef=reference, subjects=subjects)


def _team(site: Site, namespace: str) -> Iterator[Obj]:
    yield site.make("v1", "ServiceAccount", "deployer", namespace, age=100 * DAY)
    rules = [
        {"apiGroups": ["", "apps"], "resources": ["pods", "pods/log", "deployments"], "verbs": _READ},
        {"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["create"]},
    ]
    yield site.make(_API, "Role", "debugger", namespace, age=100 * DAY, rules=rules)
    yield _bound(site, "debugger", namespace, "debugger", [_group(f"team-{namespace}")], "Role")
    subject = {"kind": "ServiceAccount", "name": "deployer", "namespace": namespace}
    yield _bound(site, "deployer", namespace, "edit", [subject])


def _host(site: Site) -> Iterator[Obj]:
    """The identities of Kurator's pipelines."""
    for name in ("webapp-backend", "ledger", "edge-charts"):
        yield site.make("v1", "ServiceAccount", name, "default", age=30 * DAY)
        subject = {"kind": "ServiceAccount", "name": name, "namespace": "default"}
        yield _bound(site, name, "default", "edit", [subject])
