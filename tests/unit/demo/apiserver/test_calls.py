"""Paths, verbs, bodies and delete options."""

import base64
from typing import Any

import pytest

from kurator_tui.demo.apiserver import calls, protobuf
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.errors import StatusError

CATALOGUE = default_catalogue(host=True)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v1/pods", ("pods", "", "", "")),
        ("/api/v1/namespaces", ("namespaces", "", "", "")),
        ("/api/v1/namespaces/a", ("namespaces", "", "a", "")),
        ("/api/v1/namespaces/a/status", ("namespaces", "", "a", "status")),
        ("/api/v1/namespaces/a/pods", ("pods", "a", "", "")),
        ("/api/v1/namespaces/a/pods/p", ("pods", "a", "p", "")),
        ("/api/v1/namespaces/a/pods/p/log", ("pods", "a", "p", "log")),
        ("/apis/apps/v1/namespaces/a/deployments/d/scale", ("deployments", "a", "d", "scale")),
        ("/api/v1/nodes/n", ("nodes", "", "n", "")),
    ],
)
def test_paths(path: str, expected: tuple[str, str, str, str]) -> None:
    target = calls.route(CATALOGUE, path)
    assert target is not None
    assert (target.rt.plural, target.ns, target.name, target.subresource) == expected


@pytest.mark.parametrize(
    "path", ["/api/v1", "/apis/apps/v1", "/api/v1/things", "/api/v1/namespaces/a/nodes", "/x"]
)
def test_paths_that_are_no_resource(path: str) -> None:
    assert calls.route(CATALOGUE, path) is None


def test_what_follows_proxy_is_kept() -> None:
    target = calls.route(CATALOGUE, "/api/v1/namespaces/a/services/http:s:9/proxy/api/v1/query")
    assert target is not None
    assert (target.name, target.rest) == ("http:s:9", "api/v1/query")


def test_yaml_dates_stay_text() -> None:
    rt = CATALOGUE.by_plural("configmaps")
    obj = calls.decode(
        rt, b"metadata: {name: a}\ndata: {day: 2026-01-01, at: 2026-01-01T00:00:00Z}\n", "application/yaml"
    )
    assert obj["data"] == {"day": "2026-01-01", "at": "2026-01-01T00:00:00Z"}
    assert obj["kind"] == "ConfigMap"


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b"[]", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"a":NaN}', "application/json", 400),
        (b'{"apiVersion":"v2"}', "application/json", 400),
        (b'{"metadata":7}', "application/json", 400),
        (b"a: [", "application/yaml", 400),
        (b"{}", "text/plain", 415),
        (b"\xff\xfe", "application/json", 400),
        (b"k8s\0", protobuf.MEDIA_TYPE, 415),
        (b"junk", protobuf.MEDIA_TYPE, 400),
        (b"k8s\0\x0a\xff", protobuf.MEDIA_TYPE, 400),
    ],
)
def test_bad_bodies(body: bytes, kind: str, code: int) -> None:
    with pytest.raises(StatusError) as caught:
        calls.decode(CATALOGUE.by_plural("configmaps"), body, kind)
    assert caught.value.code == code


def test_a_namespace_as_kubectl_sends_it() -> None:
    sent = base64.b64decode("azhzAAoPCgJ2MRIJTmFtZXNwYWNlEhUKDwoDZm9vEgAaACIAKgAyADgAEgAaABoAIgA=")
    assert protobuf.decode(sent) == {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "foo"}}


def envelope(kind: bytes, raw: bytes) -> bytes:
    """A protobuf body of a short message."""
    inner = b"\x0a\x02v1\x12" + bytes([len(kind)]) + kind
    return b"k8s\0\x0a" + bytes([len(inner)]) + inner + b"\x12" + bytes([len(raw)]) + raw


def test_secret_bytes_become_base64() -> None:
    sent = envelope(b"Secret", b"\x12\x06\x0a\x01a\x12\x01b")
    assert protobuf.decode(sent) == {"apiVersion": "v1", "kind": "Secret", "data": {"a": "Yg=="}}


def test_a_field_that_is_not_known_is_never_dropped() -> None:
    assert protobuf.decode(envelope(b"ServiceAccount", b"\x12\x06\x0a\x01a\x12\x01b")) is None
    assert protobuf.decode(envelope(b"ServiceAccount", b"\x12\x00\x18\x00")) is not None


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ({}, None, calls.DeleteOptions()),
        ({"gracePeriodSeconds": "5"}, None, calls.DeleteOptions(grace=5)),
        ({"gracePeriodSeconds": "5"}, {"gracePeriodSeconds": 0}, calls.DeleteOptions(grace=0)),
        ({"propagationPolicy": "Orphan"}, None, calls.DeleteOptions(propagation="Orphan")),
        ({"orphanDependents": "true"}, None, calls.DeleteOptions(propagation="Orphan")),
        ({}, {"orphanDependents": False}, calls.DeleteOptions(propagation="Background")),
        ({}, {"dryRun": ["All"]}, calls.DeleteOptions(dry_run=True)),
        ({}, {"preconditions": {"uid": "u", "resourceVersion": "3"}}, calls.DeleteOptions(uid="u", version="3")),
    ],
)
def test_delete_options(query: dict[str, str], body: Any, expected: calls.DeleteOptions) -> None:
    assert calls.delete_options(query, body) == expected


@pytest.mark.parametrize(("query", "body"), [({"dryRun": "Some"}, None), ({}, {"propagationPolicy": "Maybe"})])
def test_bad_delete_options(query: dict[str, str], body: Any) -> None:
    with pytest.raises(StatusError) as caught:
        calls.delete_options(query, body)
    assert caught.value.code == 422
