"""Coverage: a member whose sidecar is not there or fails is named, whatever the answers warn of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kurator_tui.errors import Broken
from kurator_tui.metrics.answers import payload
from kurator_tui.metrics.coverage import Coverage, parse

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings" / "thanos"


def coverage(data: object) -> Coverage:
    return parse(payload(json.dumps({"status": "success", "data": data}).encode(), "thanos"), "thanos")


def store(cluster: str, error: str | None = None) -> dict[str, object]:
    return {"name": "x", "lastError": error, "labelSets": [{"cluster": cluster}], "maxTime": 1}


def test_a_member_without_a_sidecar_a_failing_one_and_the_past_are_told_apart() -> None:
    found = coverage({"sidecar": [store("a"), store("b", "lost \x1b[31m")], "store": [store("c"), store("b")]})
    assert found.gap("a") == ""
    assert "lost" in found.gap("b")
    assert "\x1b" not in found.gap("b")
    assert "only the bucket" in found.gap("c")
    assert "no sidecar" in found.gap("d")


def test_one_of_two_replicas_is_enough() -> None:
    assert coverage({"sidecar": [store("a", "lost"), store("a")]}).gap("a") == ""


def test_a_receiver_and_a_further_querier_count_as_live() -> None:
    found = coverage({"receive": [store("a")], "query": [store("b")], "sidecar": None})
    assert (found.gap("a"), found.gap("b")) == ("", "")


@pytest.mark.parametrize("data", [[], "x", {"sidecar": [1]}, {"sidecar": [{"labelSets": [1]}]}])
def test_what_is_no_list_of_stores_is_broken(data: object) -> None:
    with pytest.raises(Broken):
        coverage(data)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of a real Thanos are not here")
def test_recorded_stores_name_the_member_whose_sidecar_died() -> None:
    def gaps(name: str) -> tuple[str, str]:
        body = json.loads((RECORDINGS / name).read_text())["response"]["body"]
        found = parse(payload(json.dumps(body).encode(), "thanos"), "thanos")
        return found.gap("host"), found.gap("member-1")

    assert gaps("027-stores.json") == ("", "")
    host, member = gaps("044-one-sidecar-down-stores.json")
    assert host == ""
    assert "connection refused" in member
