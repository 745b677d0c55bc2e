"""Names lead nowhere but to the object they name."""

from __future__ import annotations

import pytest

from kurator_tui.api.discovery import ResourcePath
from kurator_tui.api.paths import segment
from kurator_tui.errors import CredentialError, UsageError

NO_NAMES = ["", ".", "..", "../../kube-system/secrets/admin", "a/b", "%2e%2e", "%2F"]
PODS = ResourcePath("", "v1", "pods", True, frozenset())


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        PODS.item("ns", name)
    with pytest.raises(CredentialError):
        segment(name, CredentialError)


@pytest.mark.parametrize("namespace", NO_NAMES[1:])
def test_what_is_no_namespace_is_refused(namespace: str) -> None:
    with pytest.raises(UsageError):
        PODS.collection(namespace)
    with pytest.raises(UsageError):
        PODS.item(namespace, "a")


@pytest.mark.parametrize(
    ("name", "quoted"), [("m-1.kubeconfig", "m-1.kubeconfig"), ("a?b#c", "a%3Fb%23c"), ("集", "%E9%9B%86")]
)
def test_a_name_is_one_segment(name: str, quoted: str) -> None:
    assert segment(name) == quoted
