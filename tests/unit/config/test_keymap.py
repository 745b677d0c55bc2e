"""Keys: presets, the user's keys.yaml, and that no key means two things."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.config.keymap import PRESETS, display, key_name, load_keymap, preset


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_no_key_means_two_things_in_one_view(name: str) -> None:
    assert preset(name).conflicts() == []


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("/", "slash"),
        ("?", "question_mark"),
        ("Ctrl-F", "ctrl+f"),
        ("ctrl+f", "ctrl+f"),
        ("Shift-n", "N"),
        ("shift+left", "shift+left"),
        ("G", "G"),
        ("g", "g"),
        ("-", "minus"),
        ("+", "plus"),
        ("[", "left_square_bracket"),
        ("@", "at"),
        ("Esc", "escape"),
        ("PgDn", "pagedown"),
        ("F5", "f5"),
        ("question_mark", "question_mark"),
    ],
)
def test_keys_are_read_as_people_write_them(written: str, name: str) -> None:
    assert key_name(written) == name


@pytest.mark.parametrize("written", ["", "ctrl+", "nonsense", "f99"])
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="is no key"):
        key_name(written)


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("slash", "/"),
        ("question_mark", "?"),
        ("ctrl+f", "Ctrl-f"),
        ("N", "Shift-n"),
        ("G", "G"),
        ("escape", "Esc"),
        ("shift+left", "Shift-←"),
        ("left_square_bracket", "["),
    ],
)
def test_keys_are_shown_as_people_write_them(key: str, shown: str) -> None:
    assert display(key) == shown


def test_ascii_display_has_no_other_characters() -> None:
    keymap = preset("default")
    keys = [key for action in ("open", "move.up", "sort.left") for key in keymap.keys(action)]
    assert all(display(key, ascii_only=True).isascii() for key in keys)


def test_the_user_rebinds_an_action(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("bindings:\n  filter: ['ctrl+slash', 'Y']\n  wide: []\n")
    keymap, problems = load_keymap(path=file)
    assert problems == []
    assert keymap.keys("filter") == ("ctrl+slash", "Y")
    assert keymap.action("fleets", "slash") is None
    assert keymap.keys("wide") == ()


def test_the_file_may_choose_the_preset(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("preset: k9s\n")
    keymap, problems = load_keymap(path=file)
    assert problems == []
    assert "ctrl+w" in keymap.keys("wide")


def test_a_file_that_makes_a_key_ambiguous_is_refused_with_both_actions(tmp_path: Path) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text("bindings:\n  copy: j\n")
    keymap, problems = load_keymap(path=file)
    assert keymap.keys("copy") == ("c",)
    assert "j would mean both move.down and copy" in problems[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bindings: [1]", "keys.yaml"),
        ("bindings:\n  nonsense: x\n", "there is no action 'nonsense'"),
        ("bindings:\n  copy: wibble\n", "copy: 'wibble' is no key"),
        ("preset: emacs\n", "Invalid enum value 'emacs'"),
        ("a: [", "line"),
        ("\x00", "keys.yaml"),
    ],
)
def test_a_bad_file_is_reported_and_the_preset_is_used(tmp_path: Path, text: str, expected: str) -> None:
    file = tmp_path / "keys.yaml"
    file.write_text(text)
    keymap, problems = load_keymap(path=file)
    assert keymap.keys("copy") == ("c",)
    assert expected in problems[0]


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    assert load_keymap(path=tmp_path / "absent.yaml")[1] == []
