"""The demo server answers every recorded exchange as kube-apiserver did."""

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
_EXCEPTIONS: dict[tuple[str, str], str] = {}

_EVERY = recordings()
_NUMBERS = sorted(_EVERY)
_NAMES = [f"{number:03d}-{_EVERY[number]['name']}" for number in _NUMBERS]

if not _EVERY:
    pytest.skip(f"no recordings at {FOLDER}", allow_module_level=True)


@lru_cache(maxsize=1)
def _replayed() -> dict[int, Answered]:
    return replay_all()[1]


@pytest.fixture(params=_NUMBERS, ids=_NAMES)
def pair(request: pytest.FixtureRequest) -> tuple[dict[str, Any], Answered]:
    """A recorded exchange and our answer to it."""
    return _EVERY[request.param], _replayed()[request.param]


def test_status_and_content_type(pair: tuple[dict[str, Any], Answered]) -> None:
    exchange, answered = pair
    recorded = exchange["response"]
    assert answered.status == recorded["status"], answered.body
    assert answered.content_type.partition(";")[0] == recorded["headers"]["content-type"].partition(";")[0]


def test_body_shape(pair: tuple[dict[str, Any], Answered]) -> None:
    exchange, answered = pair
    name, recorded = exchange["name"], exchange["response"].get("body")
    if name in _CATALOGUES:
        found = common_differences(recorded, answered.body)
    else:
        found = differences(recorded, answered.body)
    unexpected = [line for line in found if (name, line.partition(": ")[0]) not in _EXCEPTIONS]
    assert unexpected == []


def test_error_message_and_causes(pair: tuple[dict[str, Any], Answered]) -> None:
    exchange, answered = pair
    recorded = exchange["response"].get("body")
    if not isinstance(recorded, dict) or recorded.get("kind") != "Status":
        pytest.skip("not an error")
    ours = answered.body
    assert ours.get("reason") == recorded.get("reason")
    causes = (recorded.get("details") or {}).get("causes")
    assert [_cause(c) for c in (ours.get("details") or {}).get("causes") or ()] == [
        _cause(c) for c in causes or ()
    ]
    details, our_details = recorded.get("details") or {}, ours.get("details") or {}
    for key in ("name", "group", "kind"):
        assert our_details.get(key) == details.get(key)


def _cause(cause: dict[str, Any]) -> tuple[str, str]:
    return cause.get("reason", ""), cause.get("field", "")


def test_watch_events(pair: tuple[dict[str, Any], Answered]) -> None:
    exchange, answered = pair
    recorded = exchange["response"].get("watch_events")
    if recorded is None:
        pytest.skip("not a watch")
    ours = answered.watch_events
    assert [event["type"] for event in ours] == [event["type"] for event in recorded]
    assert differences(recorded, ours) == []
