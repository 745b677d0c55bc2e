"""Objects in the user's editor: what is typed becomes a plan or nothing, and is never lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from kurator_tui.errors import NotFound
from kurator_tui.kinds.plans import Target, decode_targets
from tests.ui.driver import Driver, console
from tests.ui.plan_source import DEPLOYMENTS, PlanSource, carts

CART: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "cart", "namespace": "shop", "resourceVersion": "7"},
    "spec": {"replicas": 3},
    "status": {"readyReplicas": 3},
}
Typing = Callable[[str], str | int]
"""What a user makes of a text; a number is the code the editor ends with, and nothing is changed."""


class Editor:
    """An editor in which each visit is the next of `visits`."""

    def __init__(self, *visits: Typing) -> None:
        self._visits = list(visits)
        self.saw: list[str] = []
        self.commands: list[list[str]] = []
        self.code = 0

    async def run(self, command: Sequence[str]) -> int:
        path = Path(command[-1])
        assert path.stat().st_mode & 0o077 == 0
        self.commands.append(list(command))
        self.saw.append(path.read_text())
        made = self._visits.pop(0)(self.saw[-1])
        if isinstance(made, int):
            return made
        path.write_text(made)
        return self.code


@pytest.fixture(autouse=True)
def _vi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "vi")


def opens(drive: Driver, monkeypatch: pytest.MonkeyPatch, *visits: Typing) -> Editor:
    editor = Editor(*visits)
    monkeypatch.setattr(drive.app, "run_program", editor.run)
    return editor


def cart() -> PlanSource:
    source = carts()
    source.answer("ai-cloud", CART)
    return source


def five(text: str) -> str:
    return text.replace("replicas: 3", "replicas: 5")


def same(text: str) -> str:
    return text


def told(source: PlanSource) -> dict[str, str]:
    """What the last plan was told."""
    found: dict[str, str] = json.loads(source.planned[-1]["arguments"])
    return found


async def test_what_was_changed_is_planned_with_what_it_began_from(monkeypatch: pytest.MonkeyPatch) -> None:
    source = cart()
    async with console(source, view=DEPLOYMENTS) as drive:
        editor = opens(drive, monkeypatch, five)
        await drive.press("e")
        assert drive.dialog() == "PlanScreen"
        assert editor.saw[0].startswith("#: Edit: ai-cloud/shop deployments/cart\n")
        assert "status" not in editor.saw[0], "what its controllers say of it is not to be edited"
        assert yaml.safe_load(told(source)["yaml"])["spec"] == {"replicas": 5}
        assert yaml.safe_load(told(source)["from"])["spec"] == {"replicas": 3}
        assert not told(source)["yaml"].startswith("#:")
        assert not Path(editor.commands[0][-1]).parent.exists(), "no text stays behind"


@pytest.mark.parametrize(
    ("typing", "said"),
    [(same, "nothing was changed"), (lambda _text: "", "the text is empty"), (lambda _text: "# x\n", "no object")],
)
async def test_nothing_typed_is_nothing_planned(
    monkeypatch: pytest.MonkeyPatch, typing: Typing, said: str
) -> None:
    source = cart()
    async with console(source, view=DEPLOYMENTS) as drive:
        opens(drive, monkeypatch, typing)
        await drive.press("e")
        assert said in drive.toasts()[-1]
        assert drive.dialog() == ""
        assert source.planned == []


async def test_what_is_no_yaml_is_opened_again_at_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    source = cart()
    async with console(source, view=DEPLOYMENTS) as drive:
        editor = opens(
            drive,
            monkeypatch,
            lambda text: five(text).replace("spec:", "spec: ["),
            lambda text: text.replace("spec: [", "spec:"),
        )
        await drive.press("e")
        again = editor.saw[1].splitlines()
        assert again[2].startswith("#: WRONG: line ")
        assert "replicas: 5" in editor.saw[1], "what was typed is there still"
        (line,) = [word for word in editor.commands[1] if word.startswith("+")]
        near = again[int(line[1:]) - 2 : int(line[1:])]
        assert any("replicas" in text or "spec" in text for text in near)
        assert yaml.safe_load(told(source)["yaml"])["spec"] == {"replicas": 5}


async def test_what_stays_no_yaml_is_kept_and_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    source = cart()
    async with console(source, view=DEPLOYMENTS) as drive:
        editor = opens(
            drive, monkeypatch, lambda text: five(text) + "\n]", same, lambda text: text.replace("]", "")
        )
        await drive.press("e")
        assert "It is no YAML still" in drive.screen()
        assert source.planned == []
        await drive.press("e")
        assert drive.dialog() == "Picker"
        await drive.press("enter")
        assert "replicas: 5" in editor.saw[2]
        assert yaml.safe_load(told(source)["yaml"])["spec"] == {"replicas": 5}


async def test_an_editor_that_fails_writes_nothing_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    source = cart()
    async with console(source, view=DEPLOYMENTS) as drive:
        editor = opens(drive, monkeypatch, five, same)
        editor.code = -11
        await drive.press("e")
        assert "was ended by signal 11: nothing is written" in drive.screen()
        assert source.planned == []
        editor.code = 0
        await drive.press("e", "enter")
        assert yaml.safe_load(told(source)["yaml"])["spec"] == {"replicas": 5}


async def test_an_editor_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    source = cart()
    async with console(source, view=DEPLOYMENTS) as drive:

        async def missing(command: Sequence[str]) -> int:
            raise FileNotFoundError(2, "No such file or directory", command[0])

        monkeypatch.setattr(drive.app, "run_program", missing)
        monkeypatch.setenv("VISUAL", "editr")
        await drive.press("e")
        assert "'editr'" in drive.screen()
        assert "$VISUAL or $EDITOR" in drive.screen()
        assert source.planned == []


async def test_a_plan_that_is_left_keeps_the_text_which_may_be_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    source = cart()
    async with console(source, view=DEPLOYMENTS) as drive:
        editor = opens(drive, monkeypatch, five, same, same)
        await drive.press("e", "escape")
        assert "What was typed is kept: e goes on with it." in drive.toasts()[-1]
        await drive.press("e", "escape")
        assert len(editor.saw) == 1, "Esc neither opens nor drops it"
        await drive.press("e", "down", "enter")
        assert "replicas: 3" in editor.saw[1], "it was begun afresh"
        assert "nothing was changed" in drive.toasts()[-1]
        await drive.press("e")
        assert drive.dialog() == ""


async def test_p_opens_the_text_again_and_plans_what_became_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    source = cart()
    async with console(source, view=DEPLOYMENTS) as drive:
        editor = opens(drive, monkeypatch, five, lambda text: text.replace("replicas: 5", "replicas: 6"), same)
        await drive.press("e", "p")
        assert drive.dialog() == "PlanScreen"
        assert yaml.safe_load(told(source)["yaml"])["spec"] == {"replicas": 6}
        assert yaml.safe_load(told(source)["from"])["spec"] == {"replicas": 3}
        await drive.press("y", "escape", "e")
        assert len(source.commits) == 1
        assert "replicas: 3" in editor.saw[2], "what was applied is not offered again"


async def test_an_object_that_is_gone_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    source = carts()
    source.answers[("object", "ai-cloud", "cart")] = NotFound("deployments cart was not found")
    async with console(source, view=DEPLOYMENTS) as drive:
        editor = opens(drive, monkeypatch)
        await drive.press("e")
        assert "was not found" in drive.screen()
        assert editor.saw == []


# -- apply --------------------------------------------------------------------------------------------------------


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"


async def test_a_file_is_applied_to_the_clusters_that_were_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CONFIG)
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.command(f"apply {tmp_path / 'a.yaml'} on-prem,prod-*")
        assert drive.dialog() == "PlanScreen"
        clusters = [target.cluster for target in decode_targets(source.planned[-1]["targets"])]
        assert clusters == ["on-prem", "prod-cloud"]
        assert told(source)["yaml"] == CONFIG


async def test_what_is_not_said_is_asked_for_and_the_host_is_meant_first(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CONFIG)
    source = carts()
    async with console(source) as drive:
        await drive.command("apply")
        await drive.press("enter")
        assert "From where?" in drive.screen()
        await drive.type(str(tmp_path))
        await drive.press("enter")
        assert decode_targets(source.planned[-1]["targets"]) == (Target("host", "", "", ""),)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nothing.yaml host", "there is no nothing.yaml"),
        ("{}/b.yaml host", "line 2"),
        ("{}/b.yaml mars", "no cluster"),
    ],
)
async def test_a_file_that_cannot_be_applied_says_why(tmp_path: Path, words: str, said: str) -> None:
    (tmp_path / "b.yaml").write_text("a: 1\n- b\n")
    source = carts()
    async with console(source) as drive:
        await drive.command(f"apply {words.format(tmp_path)}")
        assert said in " ".join(drive.screen().split())
        assert source.planned == []


async def test_a_dash_is_what_one_writes_in_the_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    source = carts()
    async with console(source) as drive:
        opens(drive, monkeypatch, lambda _text: CONFIG)
        await drive.command("apply - host")
        assert told(source) == {"yaml": CONFIG}


async def test_clusters_are_completed_in_a_form() -> None:
    source = carts()
    async with console(source, view=DEPLOYMENTS) as drive:
        await drive.command("do copy")
        assert drive.dialog() == "FormDialog"
        await drive.type("on-prem,pro")
        await drive.press("right", "enter")
        assert told(source) == {"to": "on-prem,prod-cloud", "into": ""}
