"""Values with names of secrets are recognised where anybody may choose names, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.kinds.masking import LAST_APPLIED, MASK
from kurator_tui.kinds.secret_names import covered, holds, holds_at, secret_name


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD",
        "PGPASSWORD",
        "adminPassword",
        "API_KEY",
        "awsSecretAccessKey",
        "TOKEN",
        "credentials",
        "db-pwd",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "PASSWORD_FILE",
        "existingSecret",
        "secretName",
        "tokenSecretRef",
        "TOKEN_URL",
        "KEYCLOAK_HOST",
        "monkey",
    ],
)
def test_names_of_what_is_none_or_refers_to_one(name: str) -> None:
    assert not secret_name(name)


def pod(**env: str) -> dict[str, Any]:
    told = [{"name": name, "value": value} for name, value in env.items()]
    return {"kind": "Pod", "spec": {"containers": [{"name": "web", "env": told}]}}


def test_a_value_of_the_environment_is_covered_and_its_neighbours_are_not() -> None:
    shown = covered(pod(DB_PASSWORD="hunter2", MODE="fast"), "salt")
    first, second = shown["spec"]["containers"][0]["env"]
    assert first["value"].startswith(f"{MASK} 7 bytes #")
    assert second["value"] == "fast"


def test_helm_values_are_covered_by_their_keys_and_fields_of_kubernetes_are_not() -> None:
    values = {"auth": {"adminPassword": "hunter2", "pin": 1, "apiKey": 4711}, "tolerations": [{"key": "gpu"}]}
    release = {"spec": {"values": values, "tokenMode": "x", "secretName": "s"}}
    shown = covered(release)
    assert "hunter2" not in str(shown)
    assert "4711" not in str(shown)
    assert shown["spec"]["values"]["tolerations"] == [{"key": "gpu"}]
    assert (shown["spec"]["tokenMode"], shown["spec"]["secretName"]) == ("x", "s")


def test_what_refers_to_a_secret_and_what_is_on_or_off_stays() -> None:
    env = [
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "s", "key": "token"}}},
        {"name": "KEY", "value": ""},
    ]
    refers = {"spec": {"env": env, "automountServiceAccountToken": True, "values": {"token": True}}}
    assert covered(refers) == refers
    assert not holds(refers)


def test_the_annotation_that_repeats_the_object_is_covered_where_it_has_one() -> None:
    repeated = '{"spec":{"env":[{"name":"TOKEN","value":"hunter2"}]}}'
    assert "hunter2" not in str(covered({"metadata": {"annotations": {LAST_APPLIED: repeated}}}))
    plain = {"metadata": {"annotations": {LAST_APPLIED: '{"spec":{}}'}}}
    assert covered(plain) == plain


def test_a_field_is_recognised_by_the_way_to_it() -> None:
    env = ("spec", "containers", ("name", "web"), "env")
    assert holds_at((*env, ("name", "TOKEN"), "value"), "hunter2")
    assert holds_at((*env, ("name", "TOKEN")), {"name": "TOKEN", "value": "hunter2"})
    assert holds_at(("spec", "values", "auth", "password"), "hunter2")
    assert not holds_at((*env, ("name", "MODE"), "value"), "fast")
    assert not holds_at(("spec", "password"), "hunter2")
    assert not holds_at(("spec", "replicas"), 2)
