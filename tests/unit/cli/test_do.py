"""Every verb is a command: its parameters are options that no other option is called by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from kurator_tui.cli import do, run
from kurator_tui.cli.do import command
from kurator_tui.cli.options import Options
from kurator_tui.errors import UsageError
from kurator_tui.kinds.plans import Plan, PlannedStep, Target, Unfinished
from kurator_tui.kinds.verbs import VERBS, Risk
from kurator_tui.link import plans
from kurator_tui.link.plans import Joined


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_verb_explains_its_parameters(verb: str) -> None:
    told = CliRunner().invoke(command, [verb, "--help"])
    assert told.exit_code == 0, told.output
    for parameter in VERBS[verb].parameters:
        if parameter.kind not in ("yaml", "fields") and parameter.name != "namespace" and verb != "undo":
            assert f"--{parameter.name}" in told.output


def test_arguments_are_those_that_were_said_and_the_defaults_of_the_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[dict[str, str]] = []

    async def plan(
        _options: object, _verb: object, _objects: object, arguments: dict[str, str], _how: object
    ) -> int:
        heard.append(arguments)
        return 0

    monkeypatch.setattr(do, "_do", plan)
    runner = CliRunner()
    runner.invoke(command, ["app.create", "--name", "a", "--url", "u"])
    runner.invoke(command, ["app.create", "--name", "a", "--url", "u", "--no-prune"])
    runner.invoke(command, ["attach", "--file", "f", "--file-context", "c"])
    assert [each.get("prune") for each in heard] == ["yes", "no", None]
    assert (heard[2]["file"], heard[2]["file-context"]) == ("f", "c")


def test_a_plan_that_goes_on_meets_the_rules_of_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.yaml").write_text("read_only: true\nread_only_clusters: [prod-*]\n")
    monkeypatch.setenv("KURATOR_TUI_CONFIG_DIR", str(tmp_path))
    heard: list[Options] = []

    def session(options: Options, _kinds: object) -> None:
        heard.append(options)
        raise UsageError("enough")

    monkeypatch.setattr(run, "session", session)
    CliRunner().invoke(command, ["resume", "p"])
    assert [(each.read_only, each.read_only_clusters) for each in heard] == [(True, ("prod-*",))]


@pytest.mark.parametrize(
    ("risk", "words", "confirmed"),
    [
        (Risk.DISRUPTIVE, (), None),
        (Risk.DISRUPTIVE, ("--yes",), "y"),
        (Risk.DESTRUCTIVE, ("--yes",), None),
        (Risk.DESTRUCTIVE, ("--confirm", "other"), None),
        (Risk.DESTRUCTIVE, ("--confirm", "shop"), "shop"),
    ],
)
def test_a_plan_that_goes_on_is_shown_and_confirmed(
    monkeypatch: pytest.MonkeyPatch, risk: Risk, words: tuple[str, ...], confirmed: str | None
) -> None:
    steps = (PlannedStep(0, Target("m1", "deployments.apps", "d", "shop"), "patch"),)
    word = "shop" if risk is Risk.DESTRUCTIVE else ""
    plan = Plan("p", "scale", "Scale shop", risk, steps=steps, word=word, user="ann", protected=("m1",))
    said: list[str] = []

    @asynccontextmanager
    async def session(_options: Options, _kinds: object) -> AsyncIterator[tuple[object, ...]]:
        yield object(), (), True

    async def unfinished(_session: object) -> list[tuple[Joined, list[Unfinished]]]:
        return [(Joined(plan, ()), [Unfinished(plan, "now", ("begun",))])]

    async def applied(_session: object, _joined: Joined, confirmed: str, _how: object) -> int:
        said.append(confirmed)
        return 0

    monkeypatch.setattr(run, "session", session)
    monkeypatch.setattr(plans, "unfinished", unfinished)
    monkeypatch.setattr(do, "applied", applied)
    told = CliRunner().invoke(command, ["resume", "p", *words])
    for each in (f"Scale shop  [p, {risk.value}]", "clusters: m1", "as ann", "protected: m1"):
        assert each in told.output
    assert said == ([] if confirmed is None else [confirmed])
