"""What holds for every analyser there is."""

from __future__ import annotations

import re

import pytest

from kurator_tui.config.actions import ACTIONS
from kurator_tui.kinds.verbs import VERBS
from kurator_tui.triage.registry import codes, own
from kurator_tui.triage.rules import Rule

RULES = sorted({rule.code: rule for analyser in own() for rule in analyser.rules}.values(), key=lambda it: it.code)
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def test_a_code_means_one_thing_though_several_kinds_may_have_it() -> None:
    for rule in RULES:
        other = codes()[rule.code]
        assert (rule.title, rule.page, rule.severity) == (other.title, other.page, other.severity)


def test_no_kind_has_a_code_twice() -> None:
    used = [(analyser.kind.id, rule.code) for analyser in own() for rule in analyser.rules]
    assert len(set(used)) == len(used)


@each_rule
def test_a_rule_has_a_code_and_a_title_without_a_full_stop(rule: Rule) -> None:
    assert re.fullmatch(r"KT\d{4}", rule.code)
    assert rule.title
    assert not rule.title.endswith(".")


@each_rule
def test_its_page_begins_with_one_sentence_then_says_what_to_do(rule: Rule) -> None:
    first, *more = rule.page.split("\n\n")
    assert first.endswith(".")
    assert "\n" not in first
    assert any(each.strip() for each in more)


@each_rule
def test_what_it_suggests_exists(rule: Rule) -> None:
    assert set(rule.suggests) <= VERBS.keys() | ACTIONS.keys()
