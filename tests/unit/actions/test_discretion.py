"""What a server quotes of a write is told without the secrets in it."""

from __future__ import annotations

import pytest

from kurator_tui.actions.discretion import HIDDEN, discreet
from kurator_tui.actions.plan import AnyWrite, Apply, JsonPatch, Step
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.plans import Target

ENV = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "fast"}]


@pytest.mark.parametrize(
    "write",
    [
        Apply({"kind": "Deployment", "spec": {"containers": [{"name": "web", "env": ENV}]}}),
        JsonPatch(({"op": "add", "path": "/spec/containers/0/env", "value": ENV},)),
    ],
)
def test_a_value_of_the_environment_with_a_secrets_name_is_not_repeated(write: AnyWrite) -> None:
    error = ConsoleError('env: Invalid value: "hunter2" and "fast"')
    discreet(error, Step(Target("a", "deployments.apps", "d", "web"), write))
    assert error.message == f'env: Invalid value: "{HIDDEN}" and "fast"'
