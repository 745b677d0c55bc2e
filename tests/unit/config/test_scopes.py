"""Scopes with names: kept, found again, forgotten, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.config import scopes
from kurator_tui.config.reading import FileProblem
from kurator_tui.errors import UsageError
from kurator_tui.store.scope import Scope

EDGE = Scope(frozenset({"edge-east", "edge-west"}), frozenset({"shop"}))


@pytest.fixture(autouse=True)
def own_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KURATOR_TUI_CONFIG_DIR", str(tmp_path / "config"))


def test_what_was_saved_is_loaded_and_what_was_deleted_is_gone() -> None:
    assert scopes.load() == {}
    scopes.save("edge", EDGE)
    scopes.save("ml", Scope(namespaces=frozenset({"ml"})))
    assert scopes.load() == {"edge": EDGE, "ml": Scope(namespaces=frozenset({"ml"}))}
    scopes.delete("edge")
    assert list(scopes.load()) == ["ml"]
    assert [path.name for path in scopes.scopes_file().parent.iterdir()] == ["scopes.yaml"]


@pytest.mark.parametrize("name", ["", "all", "save", "a b", "../x", "-n"])
def test_names_that_mean_something_else_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a scope's name"):
        scopes.save(name, EDGE)


def test_a_scope_that_is_not_there_is_named_with_those_that_are() -> None:
    scopes.save("edge", EDGE)
    with pytest.raises(UsageError, match="'moon'") as told:
        scopes.delete("moon")
    assert "edge" in told.value.hint


@pytest.mark.parametrize("text", ["[1, 2]", "edge: {clusters: 3}", "edge: {colour: red}", "a: ["])
def test_a_broken_file_is_told_and_never_overwritten(text: str) -> None:
    scopes.scopes_file().parent.mkdir()
    scopes.scopes_file().write_text(text)
    with pytest.raises(FileProblem):
        scopes.load()
    with pytest.raises(FileProblem):
        scopes.save("edge", EDGE)
    assert scopes.scopes_file().read_text() == text
