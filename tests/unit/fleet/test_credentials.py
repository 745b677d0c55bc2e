"""Names out of cluster objects lead nowhere but to the object they name."""

from __future__ import annotations

import pytest

from kurator_tui.errors import CredentialError
from kurator_tui.fleet.credentials import segment


@pytest.mark.parametrize("name", ["", ".", "..", "../../kube-system/secrets/admin", "a/b", "%2e%2e", "%2F"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(CredentialError):
        segment(name)


@pytest.mark.parametrize(
    ("name", "quoted"), [("m-1.kubeconfig", "m-1.kubeconfig"), ("a?b#c", "a%3Fb%23c"), ("集", "%E9%9B%86")]
)
def test_a_name_is_one_segment(name: str, quoted: str) -> None:
    assert segment(name) == quoted
