"""The catalogue: answers become whole numbers by cluster, and what is missing stays missing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import promql_parser
import pytest

from kurator_tui.errors import Broken, ConsoleError, TimedOut
from kurator_tui.metrics.answers import Answer, Sample, parse, refusal
from kurator_tui.metrics.numbers import CATALOGUE, Counts, ask, counts, whole

RECORDINGS = Path(__file__).parents[4] / "shared" / "recordings" / "thanos"


class Told:
    """A source that answers from a mapping of queries; what is not in it has no samples."""

    def __init__(self, answers: Mapping[str, Answer | ConsoleError]) -> None:
        self.answers = {CATALOGUE[name].query: answer for name, answer in answers.items()}
        self.asked: list[str] = []

    async def query(self, promql: str) -> Answer:
        self.asked.append(promql)
        found = self.answers.get(promql, Answer([]))
        if isinstance(found, ConsoleError):
            raise found
        return found

    async def close(self) -> None:
        """Nothing is open."""


def vector(**values: float) -> Answer:
    return Answer([Sample({"cluster": cluster}, value) for cluster, value in values.items()])


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_query_is_one_vector_by_cluster(name: str) -> None:
    tree = promql_parser.parse(CATALOGUE[name].query)
    assert isinstance(tree, promql_parser.AggregateExpr)
    assert tree.modifier is not None
    assert tree.modifier.labels == ["cluster"]


def test_cores_become_millicores_and_a_cluster_that_an_answer_lacks_has_no_number() -> None:
    found = counts(
        {"nodes": vector(a=3, b=2), "cpu_allocatable": vector(a=7.91), "memory_allocatable": vector(a=1e9)}
    )
    assert found == {"a": Counts(nodes=3, cpu_allocatable=7910, memory_allocatable=10**9), "b": Counts(nodes=2)}


def test_a_sample_without_a_cluster_is_nobodys() -> None:
    assert counts({"nodes": Answer([Sample({}, 3), Sample({"cluster": ""}, 3)])}) == {}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), -1.0, 1e300])
def test_what_counts_nothing_is_no_number(value: float) -> None:
    assert whole(value) is None


async def test_one_round_asks_each_query_once() -> None:
    source = Told({"nodes": vector(a=1), "pods": vector(a=9)})
    reading = await ask(source)
    assert sorted(source.asked) == sorted(number.query for number in CATALOGUE.values())
    assert (reading.counts, reading.error) == ({"a": Counts(nodes=1, pods=9)}, "")


async def test_where_nobody_answers_nobody_is_asked_again() -> None:
    source = Told({"nodes": TimedOut("thanos did not answer in time.")})
    reading = await ask(source)
    assert len(source.asked) == 1
    assert (reading.counts, reading.error) == ({}, "thanos did not answer in time.")


async def test_a_query_that_fails_costs_its_own_number_only() -> None:
    reading = await ask(Told({"nodes": vector(a=1), "pods": Broken("cut short")}))
    assert (reading.counts["a"].nodes, reading.counts["a"].pods, reading.error) == (1, None, "cut short")


async def test_a_warning_of_many_queries_is_told_once() -> None:
    warned = Answer([Sample({"cluster": "a"}, 1)], ("store lost",))
    assert (await ask(Told(dict.fromkeys(CATALOGUE, warned)))).warnings == ("store lost",)


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of a real Thanos are not here")
@pytest.mark.parametrize(
    "path", sorted(RECORDINGS.glob("0*-query-*.json")) + sorted(RECORDINGS.glob("0*-one-*.json"))
)
def test_recorded_answers_are_samples_or_errors_of_the_tree(path: Path) -> None:
    recording = json.loads(path.read_text())
    response, body = recording["response"], json.dumps(recording["response"]["body"]).encode()
    if response["status"] != 200:
        error = refusal(response["status"], body, "thanos")
        assert recording["response"]["body"]["error"][:100] in error.message
        return
    kind = response["body"]["data"].get("resultType")
    if kind not in ("vector", "scalar"):
        with pytest.raises(ConsoleError):
            parse(body, "thanos")
        return
    answer = parse(body, "thanos")
    expected = response["body"]["data"]["result"]
    assert len(answer.samples) == (len(expected) if kind == "vector" else 1)
    assert len(answer.warnings) == len(response["body"].get("warnings", ()))


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of a real Thanos are not here")
def test_a_lost_sidecar_leaves_its_cluster_without_numbers_and_a_warning_that_names_it() -> None:
    recorded = json.loads((RECORDINGS / "036-one-sidecar-down-partial-allowed.json").read_text())
    answer = parse(json.dumps(recorded["response"]["body"]).encode(), "thanos")
    assert counts({"nodes": answer}) == {"host": Counts(nodes=2)}
    assert 'cluster="member-1"' in answer.warnings[0]
