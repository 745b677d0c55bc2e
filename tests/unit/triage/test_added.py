"""Analysers of other packages: those that work are used, the others are named and cost nobody anything."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kurator_tui.cli.check import left_out
from kurator_tui.triage.registry import Added, added

GUIDE = Path(__file__).parents[3] / "docs" / "analysers.md"
GOOD = """
from kurator_tui.kinds.findings import Severity
from kurator_tui.kinds.pods import POD
from kurator_tui.triage.rules import Analyser, Seen

PODS, MORE, EMPTY, NONE = Analyser(POD), Analyser(POD), Analyser(POD), []

@PODS.rule("ACME0001", "odd", Severity.LOW)
def odd(row, look):
    '''Odd.'''
    yield Seen()

for analyser, code in ((MORE, "ACME0002"),):
    analyser.rule(code, "odd", Severity.LOW)(odd)

BOTH = [PODS, MORE]
TAKEN, LOWER, OURS, STRANGE = Analyser(POD), Analyser(POD), Analyser(POD), Analyser("pods")
for analyser, code in ((TAKEN, "ACME0001"), (LOWER, "acme1"), (OURS, "KT9999"), (STRANGE, "ACME0003")):
    analyser.rule(code, "odd", Severity.LOW)(odd)
"""

Install = Callable[..., Added]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a module with entry points as a package would be; what of it is used."""
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def installed(source: str, **entries: str) -> Added:
        (tmp_path / "acme.py").write_text(source)
        about = tmp_path / "acme-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
        lines = [f"{name} = {target}" for name, target in entries.items()]
        (about / "entry_points.txt").write_text("\n".join(["[kurator_tui.analysers]", *lines]))
        added.cache_clear()
        return added()

    yield installed
    added.cache_clear()
    for name in set(sys.modules) - before:
        if name.startswith(("acme", "test_acme")):
            del sys.modules[name]


def test_an_entry_point_names_an_analyser_or_a_list_of_them(install: Install) -> None:
    found = install(GOOD, both="acme:BOTH")
    assert [rule.code for analyser in found.analysers for rule in analyser.rules] == ["ACME0001", "ACME0002"]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("acme:MISSING", "AttributeError"),
        ("nowhere:PODS", "ModuleNotFoundError"),
        ("acme:EMPTY", "it has no rules"),
        ("acme:NONE", "it names no Analyser"),
        ("acme:odd", "it names no Analyser"),
        ("acme:TAKEN", "the code ACME0001 is taken"),
        ("acme:LOWER", "'acme1' is not two to eight capitals"),
        ("acme:OURS", "'KT9999' is not two to eight capitals, other than KT"),
        ("acme:STRANGE", "pods is no kind"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_others_are_used(
    install: Install, caplog: pytest.LogCaptureFixture, target: str, why: str
) -> None:
    found = install(GOOD, aaa="acme:PODS", bad=target, zzz="acme:MORE")
    assert len(found.analysers) == 2
    ((name, told),) = found.problems
    assert name == "bad"
    assert why in told
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert [(each["check"], each["health"], each["reason"]) for each in left_out()] == [
        ("analyser bad", "degraded", told)
    ]


@pytest.mark.parametrize("source", ["raise SystemExit(3)", "1 / 0", "def"])
def test_a_module_that_fails_when_it_is_imported_ends_nothing(install: Install, source: str) -> None:
    found = install(source, bad="acme:PODS")
    assert [name for name, _why in found.problems] == ["bad"]


def test_the_example_of_the_documentation_works(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    module, tests = re.findall(r"```python\n(.+?)```", text, re.S)
    (toml,) = re.findall(r"```toml\n(.+?)```", text, re.S)
    (tmp_path / "acme_analysers.py").write_text(module)
    entry = re.findall(r'"kurator_tui\.analysers"\]\n(\w+) = "([\w:]+)"', toml)
    found = install("", **dict(entry))
    assert found.problems == ()
    assert [rule.code for analyser in found.analysers for rule in analyser.rules] == ["ACME0001"]
    names: dict[str, Callable[[], None]] = {}
    exec(compile(tests, "example", "exec"), names)
    run = [each for name, each in names.items() if name.startswith("test_")]
    assert len(run) == 2
    for each in run:
        each()
