"""Words at the cursor: metrics in expressions, labels in braces and groupings, values in quotes."""

from __future__ import annotations

from typing import Any

import pytest

from kurator_tui.metrics.completion import Context, Expected, completed, context, wanted_names
from kurator_tui.metrics.service import Metrics
from tests.unit.metrics.endpoint import FakeEndpoint, data_of


def at(text: str) -> Context:
    """The context at the mark `|` of a query."""
    return context(text.replace("|", ""), text.index("|"))


@pytest.mark.parametrize(
    ("text", "expected", "prefix"),
    [
        ("|", Expected.EXPRESSION, ""),
        ("ra|", Expected.EXPRESSION, "ra"),
        ("sum(kube_po|)", Expected.EXPRESSION, "kube_po"),
        ("a + |", Expected.EXPRESSION, ""),
        ("sum by (cl|) (up)", Expected.LABEL, "cl"),
        ("a / on (|) b", Expected.LABEL, ""),
        ("up{|}", Expected.LABEL, ""),
        ('up{a="b", jo|', Expected.LABEL, "jo"),
        ("rate(up[5|", Expected.NOTHING, ""),
        ("sum(up) b|", Expected.OPERATOR, "b"),
        ("up |", Expected.OPERATOR, ""),
    ],
)
def test_what_belongs_at_the_cursor(text: str, expected: Expected, prefix: str) -> None:
    found = at(text)
    assert (found.expected, found.prefix) == (expected, prefix)
    assert found.end - found.start == len(prefix)


@pytest.mark.parametrize("text", ['up{job="kube-a|', 'rate(up{job=~"kube-a|"}[5m])'])
def test_within_quotes_values_of_that_label_belong(text: str) -> None:
    found = at(text)
    assert (found.expected, found.label, found.metric, found.prefix) == (Expected.VALUE, "job", "up", "kube-a")


def test_labels_of_a_grouping_are_those_of_the_metric_behind_it() -> None:
    assert at("sum by (|) (rate(istio_requests_total[5m]))").metric == "istio_requests_total"


async def names(text: str, **replies: Any) -> tuple[list[str], FakeEndpoint]:
    endpoint = FakeEndpoint(**replies)
    where = at(text)
    return completed(where, await wanted_names(Metrics(endpoint), where)), endpoint


async def test_metric_names_come_before_functions_and_those_that_begin_so_before_those_that_hold_it() -> None:
    words, _endpoint = await names("rate|", **{"label/__name__/values": data_of(["scrape_rate", "rate_limit"])})
    assert words[0] == "rate_limit"
    assert "rate" not in words
    assert words.index("irate") > words.index("scrape_rate") > 0


async def test_labels_are_asked_for_of_their_metric_only() -> None:
    words, endpoint = await names("up{|", labels=data_of(["__name__", "cluster", "job"]))
    assert words == ["cluster", "job"]
    assert endpoint.asked[0][1] == {"match[]": '{__name__="up"}'}


async def test_values_are_asked_for_of_their_label() -> None:
    words, _endpoint = await names('up{job="ku|', **{"label/job/values": data_of(["kubelet", "node"])})
    assert words == ["kubelet"]


async def test_names_that_would_do_harm_are_left_out() -> None:
    words, _endpoint = await names("up{|", labels=data_of(["ok", "bad\x1b[31m", "x" * 500]))
    assert words == ["ok"]


async def test_nothing_is_asked_where_nothing_belongs() -> None:
    words, endpoint = await names("rate(up[5|")
    assert (words, endpoint.asked) == ([], [])
