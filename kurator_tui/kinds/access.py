"""Who may do what: Role, ClusterRole, RoleBinding, ClusterRoleBinding, and signing requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kurator_tui.kinds.base import HEALTHY, Format, Health, Level
from kurator_tui.kinds.judge import because, by_type, judge
from kurator_tui.kinds.table import cell, table

GROUP = "rbac.authorization.k8s.io"


def _subjects(subjects: Any) -> str:
    return ",".join(_subject(each) for each in subjects or () if isinstance(each, Mapping))


def _subject(each: Mapping[str, Any]) -> str:
    place = f"{each['namespace']}/" if each.get("namespace") else ""
    return f"{each.get('kind', '')}:{place}{each.get('name', '')}"


def _role(kind: Any, name: Any) -> str:
    return f"{kind or ''}/{name or ''}"


_RULES = cell("rules", "rules[*]", format=Format.COUNT)
_RESOURCES = cell(
    "resources", "rules[*].resources[*]", read=lambda found: ",".join(dict.fromkeys(found)), width=60
)
_VERBS = cell("verbs", "rules[*].verbs[*]", read=lambda found: ",".join(dict.fromkeys(found)), width=50)
_BINDING = (
    cell("role", "roleRef.kind", "roleRef.name", read=_role, width=50),
    cell("subjects", "subjects[*]", read=_subjects, width=70),
)

ROLE = table(f"roles.{GROUP}", "Role", ("v1",), _RULES, _RESOURCES, _VERBS)
CLUSTER_ROLE = table(f"clusterroles.{GROUP}", "ClusterRole", ("v1",), _RULES, _RESOURCES, _VERBS, namespaced=False)
ROLE_BINDING = table(f"rolebindings.{GROUP}", "RoleBinding", ("v1",), *_BINDING)
CLUSTER_ROLE_BINDING = table(
    f"clusterrolebindings.{GROUP}", "ClusterRoleBinding", ("v1",), *_BINDING, namespaced=False
)


@judge(
    "status.conditions[*]", "status.certificate", says="Denied and Failed are failed; no decision is progressing"
)
def _request(told: Any, certificate: Any) -> Health:
    found = by_type(told)
    for kind in ("Denied", "Failed"):
        if kind in found:
            return Health(Level.FAILED, because(found[kind]) or kind)
    if "Approved" not in found:
        return Health(Level.PROGRESSING, "Pending")
    return HEALTHY if certificate else Health(Level.PROGRESSING, "Approved, not issued")


CERTIFICATE_SIGNING_REQUEST = table(
    "certificatesigningrequests.certificates.k8s.io",
    "CertificateSigningRequest",
    ("v1",),
    cell("condition", "status.conditions[*].type"),
    cell("signer", "spec.signerName", width=50),
    cell("requestor", "spec.username", width=50),
    cell("duration", "spec.expirationSeconds", format=Format.COUNT, title="SECONDS", wide=True),
    health=_request,
    short_names=("csr",),
    namespaced=False,
)

KINDS = (ROLE, CLUSTER_ROLE, ROLE_BINDING, CLUSTER_ROLE_BINDING, CERTIFICATE_SIGNING_REQUEST)
