"""What is handed on holds no secret: not of a Secret, not of a variable, not in an annotation or a message."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.masking import LAST_APPLIED, MASK
from kurator_tui.kinds.redacting import Redactor, names_of

JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl"


def pod(**container: Any) -> dict[str, Any]:
    return {
        "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "shop", "managedFields": [{"manager": "me"}]},
        "spec": {"containers": [{"name": "web", **container}]},
    }


def shown(obj: dict[str, Any]) -> str:
    redactor = Redactor()
    redactor.learn(obj)
    return json.dumps(redactor.object(obj), ensure_ascii=False)


def test_values_of_a_secret_are_hidden_also_decoded_and_elsewhere() -> None:
    value = base64.b64encode(b"correct horse").decode()
    secret = {"kind": "Secret", "metadata": {"name": "db"}, "data": {"x": value}, "stringData": {"y": "battery-7"}}
    redactor = Redactor()
    redactor.learn(secret)
    assert value not in json.dumps(redactor.object(secret))
    assert redactor.text(f"login with correct horse, {value} or battery-7 failed") == (
        f"login with {MASK}, {MASK} or {MASK} failed"
    )


@pytest.mark.parametrize("name", ["DB_PASSWORD", "apiKey", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "MONGO_DSN"])
def test_the_value_of_a_variable_that_is_called_a_secret_is_hidden_wherever_it_stands(name: str) -> None:
    obj = pod(env=[{"name": name, "value": "swordfish"}, {"name": "MODE", "value": "fast"}])
    assert "swordfish" not in shown(obj)
    assert '"value": "fast"' in shown(obj)
    redactor = Redactor()
    redactor.learn(obj)
    assert redactor.text("user swordfish unknown") == f"user {MASK} unknown"


def test_references_to_secrets_stay() -> None:
    reference = {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
    obj = pod(env=[reference], volumeMounts=[{"mountPath": "/var/run/secrets/token", "name": "creds"}])
    assert json.dumps(reference) in shown(obj)
    assert "/var/run/secrets/token" in shown(obj)


def test_tokens_in_annotations_are_hidden_by_their_name_or_their_look() -> None:
    notes = {"example.com/token": "t0ps3cret", "note": f"uses {JWT}", LAST_APPLIED: '{"a": "b"}', "team": "shop"}
    told = shown({"kind": "Deployment", "metadata": {"name": "web", "annotations": notes}})
    assert "t0ps3cret" not in told
    assert "eyJ" not in told
    assert '{\\"a\\"' not in told
    assert '"team": "shop"' in told


def test_arguments_behind_a_flag_are_hidden() -> None:
    told = shown(pod(args=["--token", "abc123xyz", "--password=hunter2", "--level", "debug"]))
    assert "abc123xyz" not in told
    assert "hunter2" not in told
    assert "debug" in told


def test_a_secret_in_a_config_map_or_a_custom_resource_is_hidden() -> None:
    told = shown({"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"db.password": "zebra42", "size": "9"}})
    assert "zebra42" not in told
    assert '"size": "9"' in told
    assert "zebra42" not in shown({"kind": "Thing", "spec": {"auth": {"clientSecret": "zebra42"}}})


def test_secrets_in_texts_are_told_by_their_look_and_lines_stay_lines() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----"
    hidden = Redactor().text(f"Authorization: Bearer abcdef0123456789\n{key}\npassword=hunter2\nGET /healthz 200")
    assert hidden == f"Authorization: {MASK}\n{MASK}\n\n\n\npassword={MASK}\nGET /healthz 200"


def test_a_name_of_what_is_reported_stays_readable() -> None:
    obj = pod(env=[{"name": "DB_PASSWORD", "value": "shop"}])
    redactor = Redactor()
    redactor.learn(obj)
    redactor.forget(*names_of(obj))
    assert redactor.text("shop/web-1") == "shop/web-1"
    assert '"value": "shop"' not in json.dumps(redactor.object(obj))


def test_a_short_secret_is_looked_for_as_a_word_only() -> None:
    redactor = Redactor()
    redactor.learn(pod(env=[{"name": "PIN_TOKEN", "value": "ab1c"}]))
    assert redactor.text("ab1c, ab1cd") == f"{MASK}, ab1cd"


def test_rows_are_the_same_without_secrets() -> None:
    row = Row("edge", "shop", "web", "u", 5.0)
    redactor = Redactor()
    assert redactor.of(row) == row
    assert redactor.of({"a": (f"x {JWT}", 1)}) == {"a": (f"x {MASK}", 1)}


def test_managed_fields_are_left_out() -> None:
    assert "managedFields" not in shown(pod())
