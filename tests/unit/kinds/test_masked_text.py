"""What looks like a secret in a text is gone, what people read stays."""

from __future__ import annotations

import time

import pytest

from kurator_tui.kinds.masked_text import LONGEST, SENSITIVE, masked_text
from kurator_tui.kinds.masking import MASK

KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "text",
    [
        "pull https://me:hunter2@reg.example/x failed",
        "Authorization: Bearer hunter2hunter2",
        "authorization=Basic hunter2=",
        "got 401 with bearer hunter2hunter2",
        "password=hunter2",
        'bad request: {"password": "hunter2", "b": 1}',
        r"bad request: {\"db_password\":\"hunter2\"}",
        "env DB_PASSWORD: hunter2",
        "helm --set db.password=hunter2 failed",
        "psql --password hunter2 -h db",
        "PGPASSWORD='hunter2 with words' psql",
        "GET https://x.example/y?token=hunter2&b=1",
        "aws_secret_access_key => hunter2",
        "client-secret:hunter2",
    ],
)
def test_the_value_of_what_is_called_a_secret_is_masked(text: str) -> None:
    found = masked_text(text)
    assert "hunter2" not in found
    assert MASK in found


@pytest.mark.parametrize(
    "secret",
    [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl",
        "AKIAIOSFODNN7EXAMPLE",
        "ghp_0123456789abcdefghij",
        "glpat-0123456789abcdefghij",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "VGhpcyBpcyBhIGxvbmcgc2VjcmV0IHZhbHVlIDEyMzQ1Njc4OTA=",
        KEY,
        KEY[:45],
    ],
)
def test_what_has_the_form_of_a_secret_is_masked_whatever_it_is_called(secret: str) -> None:
    assert masked_text(f"refused: {secret}") == f"refused: {MASK}"


@pytest.mark.parametrize(
    "text",
    [
        'Back-off pulling image "registry.shop.example/webapp/frontend:v4.19.0"',
        'MountVolume.SetUp failed for volume "creds" : secret "db-creds" not found',
        "exceeded quota: team, requested: secrets=1, used: secrets=9, limited: secrets=9",
        "0/12 nodes are available: 3 node(s) had untolerated taint {node.kubernetes.io/disk-pressure: }",
        "the path /apis/apps/v1/namespaces/team-A/deployments/Web2 is not served",
        "ReconciliationSucceeded: ReferencedResourceNotFoundIST0101",
        f"image registry.example/web@sha256:{'0123456789abcdef' * 4} in 2026-11-21T22:19:00Z",
        "pods/web-7d4b9c6f5-abcde 6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "Readiness probe failed: Get http://10.0.0.1:8080/healthz: dial tcp: connect: connection refused",
    ],
)
def test_what_people_read_stays(text: str) -> None:
    assert masked_text(text) == text


@pytest.mark.parametrize(
    ("title", "secret"), [("API TOKEN", True), ("PASSWORD", True), ("SECRETS", False), ("KEY", False)]
)
def test_columns_of_secrets_are_known_by_their_names(title: str, secret: bool) -> None:
    assert bool(SENSITIVE.search(title)) is secret


@pytest.mark.parametrize(
    "piece",
    ["password", "token=", "a", "https://", "-----BEGIN PRIVATE KEY-----", "--token-", "bearer ", "a://b", "aA0"],
)
def test_a_hostile_text_is_cut_and_costs_no_time_to_speak_of(piece: str) -> None:
    began = time.process_time()
    assert len(masked_text(piece * 50_000)) <= 2 * LONGEST
    assert time.process_time() - began < 1.0
