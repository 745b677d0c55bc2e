"""Selectors, operators, aggregation and functions of instant vectors, with values worked out by hand."""

import math

import pytest

from kurator_tui.demo.promql import QueryError, instant, parse
from tests.unit.demo.promql.storage import Written

FLEET = Written(
    """
    cpu{cluster="a",node="1"} 4 4 4
    cpu{cluster="a",node="2"} 8 8 8
    cpu{cluster="b",node="3"} 2 2 2
    used{cluster="a",node="1"} 1 2 3
    used{cluster="a",node="2"} 2 2 2
    info{cluster="a",zone="eu"} 1 1 1
    info{cluster="b",zone="us"} 1 1 1
    latency_bucket{le="0.1"} 10 10 10
    latency_bucket{le="0.5"} 40 40 40
    latency_bucket{le="+Inf"} 50 50 50
    """
)


def test_a_sample_stands_for_five_minutes() -> None:
    assert FLEET.at('cpu{node="3"}', 60 + 299) == {"__name__=cpu,cluster=b,node=3": 2.0}
    assert FLEET.at('cpu{node="3"}', 60 + 300) == {}
    assert FLEET.at('cpu{node="3"}', -1) == {}


def test_offsets_and_fixed_times_look_elsewhere() -> None:
    query = 'used{node="1"}'
    assert list(FLEET.at(query, 60).values()) == [3.0]
    assert list(FLEET.at(f"{query} offset 30s", 60).values()) == [2.0]
    assert list(FLEET.at(f"{query} @ 0", 60).values()) == [1.0]
    found = FLEET.between(f"{query} @ end()", 0, 60, 30)
    assert [value for _, value in found["__name__=used,cluster=a,node=1"]] == [3.0, 3.0, 3.0]


def test_matchers_match_whole_values() -> None:
    assert len(FLEET.at('cpu{node=~"1|2"}', 60)) == 2
    assert len(FLEET.at('cpu{cluster!~"a.+"}', 60)) == 3
    assert len(FLEET.at('{__name__=~"cpu|used", node!="1"}', 60)) == 3


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sum by (cluster) (cpu)", {"cluster=a": 12.0, "cluster=b": 2.0}),
        ("sum without (node) (cpu)", {"cluster=a": 12.0, "cluster=b": 2.0}),
        ("avg(cpu)", {"": pytest.approx(14 / 3)}),
        ("stddev(cpu)", {"": pytest.approx(math.sqrt(56 / 9))}),
        ("quantile(0.5, cpu)", {"": 4.0}),
        ("topk(1, cpu)", {"__name__=cpu,cluster=a,node=2": 8.0}),
        ("bottomk by (cluster) (1, cpu)", {
            "__name__=cpu,cluster=a,node=1": 4.0, "__name__=cpu,cluster=b,node=3": 2.0}),
        ('count_values("cores", cpu > 2)', {"cores=4": 1.0, "cores=8": 1.0}),
        ("used / cpu", {"cluster=a,node=1": 0.75, "cluster=a,node=2": 0.25}),
        ("cpu * on(cluster) group_left(zone) info", {
            "cluster=a,node=1,zone=eu": 4.0, "cluster=a,node=2,zone=eu": 8.0, "cluster=b,node=3,zone=us": 2.0}),
        ("cpu > 3", {"__name__=cpu,cluster=a,node=1": 4.0, "__name__=cpu,cluster=a,node=2": 8.0}),
        ("cpu > bool 3", {"cluster=a,node=1": 1.0, "cluster=a,node=2": 1.0, "cluster=b,node=3": 0.0}),
        ("cpu and used", {"__name__=cpu,cluster=a,node=1": 4.0, "__name__=cpu,cluster=a,node=2": 8.0}),
        ("cpu unless used", {"__name__=cpu,cluster=b,node=3": 2.0}),
        ('info or on(cluster) cpu{cluster="a"}', {
            "__name__=info,cluster=a,zone=eu": 1.0, "__name__=info,cluster=b,zone=us": 1.0}),
        ('label_replace(info, "site", "$1-1", "zone", "(.).*")', {
            "__name__=info,cluster=a,site=e-1,zone=eu": 1.0, "__name__=info,cluster=b,site=u-1,zone=us": 1.0}),
        ('label_join(info{cluster="a"}, "both", "/", "cluster", "zone")', {
            "__name__=info,both=a/eu,cluster=a,zone=eu": 1.0}),
        ('absent(cpu{cluster="c"})', {"cluster=c": 1.0}),
        ("absent(cpu)", {}),
        ("clamp(cpu, 3, 5)", {"cluster=a,node=1": 4.0, "cluster=a,node=2": 5.0, "cluster=b,node=3": 3.0}),
        ('round(cpu{node="1"} / 3, 0.5)', {"cluster=a,node=1": 1.5}),
        ("histogram_quantile(0.5, latency_bucket)", {"": pytest.approx(0.1 + 0.4 * 15 / 30)}),
        ("histogram_quantile(0.1, latency_bucket)", {"": pytest.approx(0.05)}),
        ("histogram_quantile(0.99, latency_bucket)", {"": 0.5}),
        ("hour(vector(3600 * 5))", {"": 5.0}),
        ("year(vector(0)) + month(vector(0))", {"": 1971.0}),
        ("scalar(cpu) * vector(1)", {"": pytest.approx(math.nan, nan_ok=True)}),
        ("-used offset 30s", {"cluster=a,node=1": -2.0, "cluster=a,node=2": -2.0}),
    ],
)  # fmt: skip
def test_values(query: str, found: dict[str, float]) -> None:
    assert FLEET.at(query, 60) == found


@pytest.mark.parametrize(
    ("query", "kind", "said"),
    [
        ("sum(rate(up[5m])", "bad_data", "1:17: parse error: unclosed left parenthesis"),
        (
            "rate(up)",
            "bad_data",
            '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
        ),
        ("", "bad_data", "unknown position: parse error: no expression found in input"),
        ("1 + nosuch(up)", "bad_data", '1:5: parse error: unknown function with name "nosuch"'),
        (
            "cpu / on(cluster) used",
            "execution",
            'found duplicate series for the match group {cluster="a"} on the right hand-side of the operation: '
            '[{__name__="used", cluster="a", node="2"}, {__name__="used", cluster="a", node="1"}]'
            ";many-to-many matching not allowed: matching labels must be unique on one side",
        ),
        (
            "cpu * on(cluster) info",
            "execution",
            "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
        ),
        (
            'label_replace(cpu, "node", "x", "", "")',
            "execution",
            "vector cannot contain metrics with the same labelset",
        ),
    ],
)
def test_errors_have_prometheus_words(query: str, kind: str, said: str) -> None:
    with pytest.raises(QueryError) as refused:
        instant(FLEET, query, 60_000)
    assert (refused.value.kind, refused.value.message) == (kind, said)


def test_every_text_is_parsed_or_refused() -> None:
    for text in ("{", "a[", "1 +", "sum by", '"', "a offset", "@", "a @ ", "((((", "a{b=~'('}"):
        with pytest.raises(QueryError):
            parse(text)
