"""The demo server answers every recorded exchange as kube-apiserver did."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest

from tests.contract.replay import FOLDER, Answered, recordings, replay_all
from tests.contract.shapes import common_differences, differences

#: Answers compared by what both servers have: this one serves fewer kinds and checks.
_CATALOGUES = {
    "readyz-verbose": "fewer health checks",
    "api-aggregated-discovery": "fewer kinds",
    "apis-groups": "fewer groups",
    "apis-aggregated-discovery": "fewer kinds",
    "group-resources-core": "fewer kinds and subresources",
    "openapi-v3-index": "fewer groups",
    "rules-review-viewer": "another set of rules",
}
#: Differences that are meant: (recording, place) → reason.
_REVIEW_SPEC = ".metadata.managedFields[0].fieldsV1.f:spec.."
_EXCEPTIONS: dict[tuple[str, str], str] = {
    ("access-review-admin", _REVIEW_SPEC): "owns the spec itself; reviews are not stored",
    ("access-review-viewer-list", _REVIEW_SPEC): "owns the spec itself; reviews are not stored",
    ("access-review-viewer-delete", _REVIEW_SPEC): "owns the spec itself; reviews are not stored",
    ("access-review-nobody", _REVIEW_SPEC): "owns the spec itself; reviews are not stored",
    ("access-review-viewer-list", ".status.reason"): "names this demo's binding and group",
}

_EVERY = recordings()

if not _EVERY:
    pytest.skip(f"no recordings at {FOLDER}", allow_module_level=True)


@lru_cache(maxsize=1)
def _replayed() -> dict[int, Answered]:
    return replay_all()[1]


def _numbers(wanted: Callable[[dict[str, Any]], bool] = lambda response: True) -> pytest.MarkDecorator:
    """The recordings whose response is wanted, as parameters named as the files are."""
    chosen = [number for number in sorted(_EVERY) if wanted(_EVERY[number]["response"])]
    return pytest.mark.parametrize("number", chosen, ids=[f"{n:03d}-{_EVERY[n]['name']}" for n in chosen])


def _is_status(response: dict[str, Any]) -> bool:
    body = response.get("body")
    return isinstance(body, dict) and body.get("kind") == "Status"


@_numbers()
def test_status_and_content_type(number: int) -> None:
    recorded, answered = _EVERY[number]["response"], _replayed()[number]
    assert answered.status == recorded["status"], answered.body
    assert answered.content_type.partition(";")[0] == recorded["headers"]["content-type"].partition(";")[0]


@_numbers(lambda response: "body" in response)
def test_body_shape(number: int) -> None:
    name, recorded, ours = _EVERY[number]["name"], _EVERY[number]["response"]["body"], _replayed()[number].body
    found = common_differences(recorded, ours) if name in _CATALOGUES else differences(recorded, ours)
    assert [line for line in found if (name, line.partition(": ")[0]) not in _EXCEPTIONS] == []


@_numbers(_is_status)
def test_reason_details_and_causes(number: int) -> None:
    recorded, ours = _EVERY[number]["response"]["body"], _replayed()[number].body
    assert ours.get("reason") == recorded.get("reason")
    details, our_details = recorded.get("details") or {}, ours.get("details") or {}
    assert [our_details.get(key) for key in _NAMED] == [details.get(key) for key in _NAMED]
    assert _causes(our_details) == _causes(details)


_NAMED = ("name", "group", "kind", "retryAfterSeconds")


def _causes(details: dict[str, Any]) -> list[tuple[str, str]]:
    return [(cause.get("reason", ""), cause.get("field", "")) for cause in details.get("causes") or ()]


@_numbers(lambda response: "watch_events" in response)
def test_watch_events(number: int) -> None:
    recorded, ours = _EVERY[number]["response"]["watch_events"], _replayed()[number].watch_events
    assert [event["type"] for event in ours] == [event["type"] for event in recorded]
    assert differences(recorded, ours) == []


#: Messages that quote Go's JSON parser or a version of the recorded server.
_OTHER_WORDS = frozenset({16, 22, 33})


@_numbers(_is_status)
def test_words_of_common_errors(number: int) -> None:
    """People search for these messages, so most are word for word a real server's."""
    recorded, ours = _EVERY[number]["response"]["body"], _replayed()[number].body
    if number not in _OTHER_WORDS:
        assert ours.get("message") == recorded.get("message")
