"""Whose events are told with an object's, and how its messages come together."""

from __future__ import annotations

import pytest

from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.reading import Collector, Happened, Kin, Version, Which, encode


def about(kind: str, name: str) -> EventRow:
    return EventRow("c1", "shop", "e", f"e-{name}", 0.0, object_kind=kind, object_name=name)


@pytest.mark.parametrize(
    ("kind", "name", "of", "told"),
    [
        ("deployments.apps", "Deployment", ("Pod", "web-7d4b9c6f5d-x2x4k"), True),
        ("deployments.apps", "Deployment", ("ReplicaSet", "web-7d4b9c6f5d"), True),
        ("deployments.apps", "Deployment", ("Pod", "web-api-7d4b9c6f5d-x2x4k"), False),
        ("deployments.apps", "Deployment", ("Deployment", "web"), True),
        ("deployments.apps", "Deployment", ("Service", "web"), False),
        ("statefulsets.apps", "StatefulSet", ("Pod", "web-12"), True),
        ("statefulsets.apps", "StatefulSet", ("PersistentVolumeClaim", "data-web-0"), True),
        ("statefulsets.apps", "StatefulSet", ("Pod", "web-x"), False),
        ("cronjobs.batch", "CronJob", ("Pod", "web-29384756-x2x4k"), True),
        ("pods", "Pod", ("Pod", "web"), True),
        ("pods", "Pod", ("Pod", "web-2"), False),
    ],
)
def test_events_of_what_an_object_makes_are_its_own(kind: str, name: str, of: tuple[str, str], told: bool) -> None:
    assert Kin(Which("c1", kind, "shop", "web"), name).holds(about(*of)) is told


def test_a_version_in_parts_is_there_with_the_last_one() -> None:
    known = Collector()
    known.take(encode(Version(b'{"a":', False)))
    assert known.versions == 0
    known.take(encode(Version(b"1}", True, 2, 99)))
    assert (known.object, known.versions, known.managers) == ({"a": 1}, 1, 2)


def test_events_come_go_and_begin_anew() -> None:
    known = Collector()
    known.take(encode(Happened([about("Pod", "a"), about("Pod", "b")])))
    known.take(encode(Happened([], ["e-a"])))
    assert list(known.events) == ["e-b"]
    known.take(encode(Happened([about("Pod", "c")], anew=True)))
    assert list(known.events) == ["e-c"]
