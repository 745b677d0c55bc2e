"""Themes: the built-in ones load, keep their promises on contrast, and bad files are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from kurator_tui.config.reading import FileProblem
from kurator_tui.config.theme import (
    DEFAULT,
    KURATOR_DARK,
    ThemeSpec,
    builtin_dir,
    load_theme,
    load_themes,
    theme_names,
)

BUILTIN = ("colour-blind", "high-contrast", "kurator-dark", "kurator-light")


@pytest.fixture(autouse=True)
def own_config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty configuration of the user's own; returns its folder of themes."""
    monkeypatch.setenv("KURATOR_TUI_CONFIG_DIR", str(tmp_path))
    (tmp_path / "themes").mkdir()
    return tmp_path / "themes"


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, 1 … 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def read_roles(theme: ThemeSpec) -> dict[str, str]:
    """Colours that carry text one has to read, by role."""
    roles = ("foreground", "muted", "primary", "accent")
    return {
        role: colour for role, colour in theme.colours().items() if role in roles or role.startswith("levels.")
    }


def test_all_built_in_themes_load() -> None:
    loaded, failed = load_themes()
    assert failed == {}
    assert tuple(sorted(loaded)) == BUILTIN == tuple(theme_names())


def test_the_default_theme_is_what_its_file_says() -> None:
    assert load_theme(DEFAULT) is KURATOR_DARK
    assert load_themes()[0][DEFAULT] == KURATOR_DARK


@pytest.mark.parametrize("name", BUILTIN)
def test_text_is_readable_on_every_background_of_its_theme(name: str) -> None:
    theme = load_theme(name)
    least = 7.0 if name == "high-contrast" else 4.5
    for role, colour in read_roles(theme).items():
        for background in (theme.background, theme.surface):
            assert contrast(colour, background) >= least, (role, background)
    assert contrast(theme.cursor_text, theme.cursor) >= least


def deuteranopia(colour: str) -> tuple[float, float, float]:
    """How `colour` looks without green cones (Viénot, Brettel and Mollon 1999), linear RGB."""
    red, green, blue = (((int(colour[at : at + 2], 16) / 255) ** 2.2) for at in (1, 3, 5))
    mixed = 0.29275 * red + 0.70725 * green
    return mixed, mixed, -0.02234 * red + 0.02234 * green + blue


def test_the_colour_blind_theme_keeps_good_and_bad_apart() -> None:
    levels = load_theme("colour-blind").levels
    good = deuteranopia(levels.healthy)
    for bad in (levels.degraded, levels.failed):
        seen = deuteranopia(bad)
        assert sum((a - b) ** 2 for a, b in zip(good, seen, strict=True)) ** 0.5 > 0.4


def test_an_own_theme_replaces_a_built_in_one(own_config: Path) -> None:
    text = (builtin_dir() / "kurator-dark.yaml").read_text()
    (own_config / "kurator-dark.yaml").write_text(text.replace('"#0f1419"', '"#000000"'))
    assert load_theme("kurator-dark").background == "#000000"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: mine\n", "dark"),
        ("[", "line"),
        ((builtin_dir() / "kurator-dark.yaml").read_text(), "name and file must agree"),
        ((builtin_dir() / "kurator-dark.yaml").read_text().replace('"#0f1419"', "red-ish"), "is no colour"),
    ],
)
def test_a_bad_theme_file_is_named_and_the_others_load(own_config: Path, text: str, said: str) -> None:
    (own_config / "mine.yaml").write_text(text)
    loaded, failed = load_themes()
    assert set(BUILTIN) <= set(loaded)
    assert said in failed[own_config / "mine.yaml"]


def test_an_unknown_theme_names_the_known_ones() -> None:
    with pytest.raises(FileProblem, match="kurator-light"):
        load_theme("nonsense")
