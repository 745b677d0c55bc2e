"""One object as JSON, with secrets that can be compared and not read."""

from __future__ import annotations

import json
from typing import Any

from kurator_tui.feeder.looking import CALLS, told_apart
from tests.unit.feeder.test_calls import WHICH, hub_answering

VALUE = "c2VjcmV0"


def secret(value: str = VALUE) -> dict[str, Any]:
    return {"kind": "Secret", "data": {"token": value}}


def test_values_of_secrets_are_told_apart_by_a_salted_digest_and_by_nothing_else() -> None:
    assert told_apart(secret(), "s") == told_apart(secret(), "s")
    assert told_apart(secret(), "s") != told_apart(secret("b3RoZXI="), "s")
    assert told_apart(secret(), "s") != told_apart(secret(), "t")
    for salt in ("", "s"):
        assert VALUE not in str(told_apart(secret(), salt))
        assert "token" in str(told_apart(secret(), salt))


async def test_an_object_comes_as_json_without_managed_fields() -> None:
    hub = hub_answering(b'{"kind":"Pod","metadata":{"name":"x","managedFields":[1]}}')
    assert json.loads(await CALLS["object"](hub, WHICH)) == {"kind": "Pod", "metadata": {"name": "x"}}
