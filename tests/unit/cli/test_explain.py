"""`kurator-tui explain`: the page of a code, without any cluster."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from kurator_tui.cli.explain import command
from kurator_tui.errors import UsageError
from kurator_tui.triage.registry import codes


def explained(*arguments: str) -> str:
    done = CliRunner().invoke(command, arguments)
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_a_code_is_explained_by_the_docstring_of_its_rule() -> None:
    text = explained("kt1001")
    assert text.startswith("KT1001: container crashes again and again\nseverity high, about pods\n\n")
    assert text.rstrip().endswith(codes()["KT1001"].page)


def test_without_a_code_all_of_them_are_listed() -> None:
    listed = [line.split()[0] for line in explained().splitlines()]
    assert listed == sorted(codes())


def test_a_code_that_nobody_has_is_wrong_usage_and_its_neighbours_are_named() -> None:
    with pytest.raises(UsageError, match="KT1099") as found:
        explained("KT1099")
    assert "KT1001" in found.value.hint
    with pytest.raises(UsageError) as found:
        explained("banana")
    assert "kurator-tui explain" in found.value.hint
