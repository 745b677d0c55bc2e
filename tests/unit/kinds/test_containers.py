"""Containers of a pod, from objects of any shape."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.containers import DEFAULT, Container, containers

POD: dict[str, Any] = {
    "metadata": {},
    "spec": {
        "containers": [{"name": "app", "image": "app:1"}, {"name": "proxy", "tty": True}],
        "initContainers": [{"name": "setup"}, {"name": "mesh", "restartPolicy": "Always"}],
        "ephemeralContainers": [{"name": "debug-x", "image": "busybox"}],
    },
    "status": {
        "containerStatuses": [
            {"name": "proxy", "state": {"running": {}}},
            {"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 7},
        ],
        "initContainerStatuses": [{"name": "setup", "state": {"terminated": {"reason": "Completed"}}}],
    },
}


def test_all_containers_with_their_roles_and_states() -> None:
    assert containers(POD) == [
        Container("app", "container", "app:1", "waiting", "CrashLoopBackOff", 7, default=True),
        Container("proxy", "container", "", "running", tty=True),
        Container("setup", "init", "", "terminated", "Completed"),
        Container("mesh", "sidecar"),
        Container("debug-x", "debug", "busybox"),
    ]
    assert [each.name for each in containers(POD) if each.running] == ["proxy"]


@pytest.mark.parametrize(("chosen", "expected"), [("proxy", "proxy"), ("nope", "app"), (["x"], "app")])
def test_the_default_container(chosen: Any, expected: str) -> None:
    pod = {**POD, "metadata": {"annotations": {DEFAULT: chosen}}}
    assert [each.name for each in containers(pod) if each.default] == [expected]


@pytest.mark.parametrize(
    "pod",
    [
        {},
        {"spec": None, "status": 3, "metadata": []},
        {"spec": {"containers": "x"}},
        {"spec": {"containers": [3, None]}},
    ],
)
def test_no_pod_at_all_has_no_containers(pod: dict[str, Any]) -> None:
    assert containers(pod) == []


def test_odd_values_are_left_out() -> None:
    pod = {
        "spec": {"containers": [{"name": 3, "image": [], "tty": "yes"}]},
        "status": {"containerStatuses": [{"name": 3, "restartCount": "x", "state": "running"}]},
    }
    assert containers(pod) == [Container("", default=True)]
