"""Whatever JSON a client sends, a write gives an object or a `StatusError`, and never changes its inputs."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kurator_tui.demo.apiserver import fields, patches, validation
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.errors import StatusError
from kurator_tui.demo.apiserver.resources import ResourceType
from tests.examples import examples

Object = dict[str, Any]

CATALOGUE = default_catalogue(host=True)
PODS = CATALOGUE.by_plural("pods")
FLEETS = CATALOGUE.by_plural("fleets", "fleet.kurator.dev")
NOW = "2026-11-21T02:39:14Z"
LIVE = {
    "pods": validation.apply_defaults(
        PODS,
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "p", "labels": {"a": "b"}, "finalizers": ["x"]},
            "spec": {"containers": [{"name": "c", "image": "i", "env": [{"name": "A", "value": "1"}]}]},
        },
    ),
    "fleets": {
        "apiVersion": "fleet.kurator.dev/v1alpha1",
        "kind": "Fleet",
        "metadata": {"name": "f"},
        "spec": {"clusters": [{"name": "a", "kind": "Cluster"}]},
    },
}
_KEYS = st.sampled_from(
    [
        *("metadata", "labels", "finalizers", "spec", "containers", "env", "name", "ports", "containerPort"),
        *("resources", "limits", "volumes", "tolerations", "clusters", "plugin", "status", "conditions", "type"),
        *("$patch", "$retainKeys", "$setElementOrder/containers", "$deleteFromPrimitiveList/finalizers", "kind"),
        *("managedFields", "annotations", "ownerReferences", "uid", "securityContext", "x"),
    ]
)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "c", "A", "delete", "replace", "\x1b[0m", "日本"])
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=25,
)
_DOCUMENTS = st.dictionaries(_KEYS, _JSON, max_size=4)
_POINTERS = st.lists(st.sampled_from(["metadata", "spec", "containers", "0", "-", "env", "x"]), max_size=5)
_OPERATION = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "remove", "replace", "test", "move", "copy", "other"]),
        "path": _POINTERS.map(lambda names: "".join(f"/{name}" for name in names)),
    },
    optional={"value": _JSON, "from": st.sampled_from(["/spec", "/metadata/labels", "/x/y", "nonsense"])},
)


def store(rt: ResourceType, live: Object, new: Object) -> None:
    """The steps of an update after decoding, as the server orders them."""
    metadata = new.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        return
    new = {**new, "apiVersion": live["apiVersion"], "kind": live["kind"]}
    known, _ = validation.prune_and_check_unknown(rt, new, "")
    full = validation.apply_defaults(rt, known)
    validation.validate_update(rt, live, full)
    tracked = fields.track_update(None, full, manager="m", api_version=rt.api_version, now=NOW)
    validation.apply_admission(rt, tracked)
    fields.track_update(tracked, live, manager="n", api_version=rt.api_version, now=NOW)


def attempt(rt: ResourceType, change: Any, document: Any) -> None:
    live = LIVE[rt.plural]
    before, sent = copy.deepcopy(live), copy.deepcopy(document)
    refusal: dict[str, Any] | None = None
    try:
        store(rt, live, change(live, document))
    except StatusError as error:
        refusal = error.body()
    assert refusal is None or refusal["code"] in (400, 409, 413, 422)
    assert live == before
    assert document == sent


_FAST = settings(max_examples=examples(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("rt", [PODS, FLEETS], ids=["pods", "fleets"])
@_FAST
@given(document=_DOCUMENTS)
def test_any_merge_patch_is_survived(rt: ResourceType, document: Object) -> None:
    attempt(rt, patches.merge_patch, document)


@_FAST
@given(document=_DOCUMENTS)
def test_any_strategic_merge_patch_is_survived(document: Object) -> None:
    attempt(PODS, lambda live, patch: patches.strategic_merge(live, patch, PODS), document)


@pytest.mark.parametrize("rt", [PODS, FLEETS], ids=["pods", "fleets"])
@_FAST
@given(document=st.lists(_OPERATION, max_size=4))
def test_any_json_patch_is_survived(rt: ResourceType, document: list[Object]) -> None:
    attempt(rt, lambda live, ops: patches.json_patch(live, ops, rt=rt, name="x"), document)


@pytest.mark.parametrize("rt", [PODS, FLEETS], ids=["pods", "fleets"])
@_FAST
@given(document=_DOCUMENTS)
def test_any_apply_is_survived(rt: ResourceType, document: Object) -> None:
    def change(live: Object, sent: Object) -> Object:
        metadata = sent.get("metadata")
        named = {**(metadata if isinstance(metadata, dict) else {}), "name": live["metadata"]["name"]}
        applied = {**sent, "apiVersion": live["apiVersion"], "kind": live["kind"], "metadata": named}
        applied, _ = validation.prune_and_check_unknown(rt, applied, "")
        return fields.server_side_apply(live, applied, manager="m", force=True, now=NOW, rt=rt)

    attempt(rt, change, document)
