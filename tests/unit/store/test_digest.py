"""The digest: equal for equal objects in any order, different for any difference that counts."""

from __future__ import annotations

import hashlib

import pytest
from msgspec.structs import replace

from kurator_tui.kinds.core import NodeRow
from kurator_tui.kinds.deployments import DeploymentRow
from kurator_tui.kinds.pods import PodRow
from kurator_tui.store.digest import digest

POD = PodRow("c1", "shop", "web-1", "u1", 1.0, phase="Running", status="Running", restarts=3, node="n1")
OTHER = replace(POD, name="web-2", uid="u2")
NODE = NodeRow("c1", "", "n1", "u9", 1.0, ready="True")


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_no_rows_have_the_digest_of_nothing() -> None:
    assert digest([]) == (0, sha(""))


def test_lines_are_those_the_servers_write() -> None:
    pods = "c1\tshop\tweb-1\tu1\tRunning\t3\tn1\nc1\tshop\tweb-2\tu2\tRunning\t3\tn1"
    assert digest([POD, OTHER]) == (2, sha(pods))
    assert digest([NODE]) == (1, sha("c1\tn1\tu9\tTrue"))
    assert digest([DeploymentRow("c", "ns", "d", "u", 1.0)]) == (1, sha("c\tns\td\tu"))


def test_the_order_of_rows_does_not_matter() -> None:
    assert digest([OTHER, POD]) == digest(iter([POD, OTHER]))


@pytest.mark.parametrize(
    "changed",
    [{"status": "Error"}, {"restarts": 4}, {"node": "n2"}, {"uid": "u3"}, {"cluster": "c2"}, {"namespace": "x"}],
)
def test_whatever_counts_of_a_pod_makes_another_digest(changed: dict[str, object]) -> None:
    assert digest([replace(POD, **changed)]) != digest([POD])


def test_what_does_not_count_makes_no_difference() -> None:
    assert digest([replace(POD, ip="10.0.0.1", created=5.0)]) == digest([POD])
    assert digest([replace(NODE, heartbeat=5.0)]) == digest([NODE])
    assert digest([replace(NODE, ready="Unknown")]) != digest([NODE])


def test_text_that_is_no_unicode_has_a_digest_too() -> None:
    assert digest([replace(POD, status="\ud800")])[0] == 1
