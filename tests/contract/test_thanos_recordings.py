"""What a real Thanos answered, read by the code that reads Thanos. Skips where the recordings are not at hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from kurator_tui.errors import ConsoleError
from kurator_tui.metrics.answers import Payload, decoded, matrix, payload, refusal, vector
from kurator_tui.metrics.scoping import QueryProblem, parsed

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings" / "thanos"

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="no recordings of a real Thanos beside the repository"
)


def recorded(name: str) -> dict[str, Any]:
    """The recording called `name`."""
    (path,) = RECORDINGS.glob(f"???-{name}.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def answer(name: str) -> Payload:
    body = recorded(name)["response"]["body"]
    return payload(json.dumps(body).encode(), "thanos")


@pytest.mark.parametrize("name", ["range", "range-histogram-quantile"])
def test_a_range_keeps_every_point_of_every_series(name: str) -> None:
    expected = recorded(name)["response"]["body"]["data"]["result"]
    lines = matrix(answer(name), "thanos")
    assert (lines.total, len(lines.series)) == (len(expected), len(expected))
    for line, told in zip(lines.series, expected, strict=True):
        assert line.labels == told["metric"]
        assert [at for at, _value in line.points] == [at for at, _text in told["values"]]
        values = [value for _at, value in line.points]
        assert all(
            a == b or (math.isnan(a) and math.isnan(b))
            for a, b in zip(values, (float(t) for _a, t in told["values"]), strict=True)
        )


@pytest.mark.parametrize(
    "name", ["range-too-many-points", "range-end-before-start", "range-zero-step", "query-many-to-many"]
)
def test_a_refusal_keeps_the_servers_words(name: str) -> None:
    response = recorded(name)["response"]
    error = refusal(response["status"], json.dumps(response["body"]).encode(), "thanos")
    assert response["body"]["error"][:60] in error.message


@pytest.mark.parametrize("name", ["labels", "label-values-cluster", "label-values-name"])
def test_names_are_lists_of_texts(name: str) -> None:
    assert decoded(answer(name), list[str], "thanos") == recorded(name)["response"]["body"]["data"]


@pytest.mark.parametrize(("name", "value"), [("query-nan", math.isnan), ("query-inf", math.isinf)])
def test_values_that_are_no_numbers_are_read(name: str, value: Any) -> None:
    assert any(value(sample.value) for sample in vector(answer(name), "thanos").samples)


def test_the_time_of_an_answer_is_the_servers() -> None:
    assert vector(answer("query-vector"), "thanos").at == pytest.approx(1795228931.148)


@pytest.mark.parametrize("name", ["query-matrix", "query-string"])
def test_what_is_no_vector_is_no_answer_of_an_instant_query(name: str) -> None:
    with pytest.raises(ConsoleError):
        vector(answer(name), "thanos")


@pytest.mark.parametrize("name", ["query-syntax-error", "query-type-error"])
def test_what_thanos_refuses_as_no_query_we_refuse_before_it_is_sent(name: str) -> None:
    query = recorded(name)["request"]["params"]["query"]
    with pytest.raises(QueryProblem) as caught:
        parsed(query)
    place = recorded(name)["response"]["body"]["error"].partition(": ")[0]
    if name == "query-syntax-error":
        assert caught.value.message.startswith(f"{place}: ")
