"""Who may do what, and which signing requests wait."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.access import (
    CERTIFICATE_SIGNING_REQUEST,
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
)
from kurator_tui.kinds.base import HEALTHY, AnyKind, Health, Level
from tests.unit.kinds.support import health, values


@pytest.mark.parametrize("kind", [ROLE, CLUSTER_ROLE])
def test_a_role_names_resources_and_verbs_once(kind: AnyKind) -> None:
    rules = [{"resources": ["pods"], "verbs": ["get", "list"]}, {"resources": ["pods", "nodes"], "verbs": ["get"]}]
    assert values(kind, "rules", "resources", "verbs", rules=rules) == (2, "pods,nodes", "get,list")


@pytest.mark.parametrize("kind", [ROLE_BINDING, CLUSTER_ROLE_BINDING])
def test_a_binding_shows_the_role_and_whom_it_is_given(kind: AnyKind) -> None:
    subjects = [{"kind": "ServiceAccount", "namespace": "shop", "name": "web"}, {"kind": "Group", "name": "ops"}]
    parts = {"roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": subjects}
    assert values(kind, "role", "subjects", **parts) == ("ClusterRole/view", "ServiceAccount:shop/web,Group:ops")
    assert values(kind, "subjects", roleRef={}) == ("",)


@pytest.mark.parametrize(
    ("told", "certificate", "verdict"),
    [
        ([], "", Health(Level.PROGRESSING, "Pending")),
        (["Approved"], "", Health(Level.PROGRESSING, "Approved, not issued")),
        (["Approved"], "LS0t", HEALTHY),
        (["Denied"], "", Health(Level.FAILED, "Denied")),
        (["Approved", "Failed"], "", Health(Level.FAILED, "Failed")),
    ],
)
def test_a_signing_request(told: list[str], certificate: str, verdict: Health) -> None:
    status = {"conditions": [{"type": kind, "status": "True"} for kind in told], "certificate": certificate}
    assert health(CERTIFICATE_SIGNING_REQUEST, status=status) == verdict
    assert values(CERTIFICATE_SIGNING_REQUEST, "condition", status=status) == (",".join(told),)
