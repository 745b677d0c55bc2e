"""A scope is put into every selector of a query, whatever stands around it, and problems name their place."""

from __future__ import annotations

from typing import Any

import promql_parser
import pytest

from kurator_tui.metrics.scoping import QueryProblem, scoped


def selectors(promql: str) -> list[Any]:
    found: list[Any] = []

    def visit(node: Any) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(promql), visit)
    return found


def matchers(selector: Any) -> dict[str, str]:
    return {matcher.name: matcher.value for matcher in selector.matchers.matchers}


QUERIES = (
    "up",
    'sum by (cluster) (rate(up{job="a"}[5m] offset -1h)) / max_over_time(foo[1h:30s] @ 5)',
    '{__name__="a.b"} @ start() offset 5m',
    'label_replace(up, "a", "$1", "b", "(.*)\\"")',
    "topk(3, up) + on (a) group_left (b) up > bool 2",
    "absent(up) or (up) unless -up",
    "avg_over_time(up[1h])[2h:5m] @ end()",
)


@pytest.mark.parametrize("promql", QUERIES)
def test_every_selector_gets_the_scope_and_nothing_else_changes(promql: str) -> None:
    narrowed = scoped(promql, ["eu-1"], ["shop"])
    before, after = selectors(promql), selectors(narrowed)
    assert len(before) == len(after) > 0
    for old, new in zip(before, after, strict=True):
        assert matchers(new) == {**matchers(old), "cluster": "eu-1", "namespace": "shop"}
        assert (new.name, new.offset, new.at is None) == (old.name, old.offset, old.at is None)
    assert narrowed.count("offset") == promql.count("offset")


def test_without_a_scope_the_query_is_asked_as_it_was_written() -> None:
    assert scoped("sum( up )") == "sum( up )"


def test_several_clusters_are_one_anchored_alternative_of_their_exact_names() -> None:
    (selector,) = selectors(scoped("up", ["eu.1", 'b"}) or up{x="', "a|b"]))
    (matcher,) = selector.matchers.matchers
    assert matcher.op == promql_parser.MatchOp.Re
    assert matcher.value == 'a\\|b|b"\\}\\) or up\\{x="|eu\\.1'


def test_quotes_and_escapes_of_the_users_own_matchers_survive() -> None:
    promql = 'up{a="\\"q\\n", b=~"x\\\\.y"}'
    (selector,) = selectors(scoped(promql, ["c"]))
    assert matchers(selector) == {"a": '"q\n', "b": "x\\.y", "cluster": "c"}


def test_text_in_strings_is_no_selector() -> None:
    assert 'count_values("up", up{cluster="c"})' in scoped('count_values("up", up)', ["c"])


def test_alternatives_in_braces_get_it_each() -> None:
    assert scoped('foo{a="1" or b="2"}', ["c"]).count('cluster="c"') == 2


def test_variables_are_values_of_matchers_and_cannot_leave_them() -> None:
    promql = 'sum(x{pod=~"$workload-.*", node="$node"})'
    (selector,) = selectors(scoped(promql, variables={"workload": 'a.b"}', "node": "n$1"}))
    assert matchers(selector) == {"pod": 'a\\.b"\\}-.*', "node": "n$1"}


def test_a_variable_that_is_not_given_narrows_nothing() -> None:
    (selector,) = selectors(scoped('sum(x{pod=~"$workload-.*", node="$node"})', variables={"node": "n"}))
    assert matchers(selector) == {"node": "n"}


@pytest.mark.parametrize(
    ("promql", "place"),
    [
        ("sum(rate(up[5m])", "1:17"),
        ("rate(\nup[5m]))", "2:8"),
        ("up{a=b}", "1:6"),
        ("foo bar", "1:5"),
        ("a + * b", "1:5"),
        ("sum(up) +", "1:10"),
        ('x{a="b" c="d"} + y', "1:9"),
        ("1 + unknownfn(up)", "1:5"),
        ("sum(rate(up))", "1:5"),
        ("", "1:1"),
    ],
)
def test_a_problem_names_the_place(promql: str, place: str) -> None:
    with pytest.raises(QueryProblem) as caught:
        scoped(promql)
    assert caught.value.message.startswith(f"{place}: ")
