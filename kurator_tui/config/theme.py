"""Themes as YAML: colours by role, loaded into `(loaded, failed)`; the console turns them into Textual themes.

A theme file holds the fields of `ThemeSpec`. Built-in ones are in `kurator_tui/themes/`, the user's in
`<config>/themes/`. Only roles have colours: no widget names one.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from kurator_tui.config.paths import themes_dir
from kurator_tui.config.reading import FileProblem, convert, read_yaml

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}$|ansi_[a-z_]+$")
DEFAULT = "kurator-dark"


class Levels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Colour of each health level's glyph and word."""

    healthy: str
    progressing: str
    degraded: str
    failed: str


class ThemeSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One theme; all colours are `#rrggbb` or `ansi_…`."""

    name: str
    dark: bool
    background: str
    surface: str
    """Status line, tab line, footer."""
    panel: str
    """Dialogs and titles."""
    foreground: str
    muted: str
    """Labels, stale rows."""
    disabled: str
    primary: str
    """Keys and what moves."""
    accent: str
    """Titles and the active tab."""
    cursor: str
    """Background of the selected row."""
    cursor_text: str
    levels: Levels

    def colours(self) -> dict[str, str]:
        """Role -> colour, levels as `levels.<level>`."""
        flat: dict[str, str] = {}
        for field, value in msgspec.to_builtins(self).items():
            if isinstance(value, dict):
                flat |= {f"{field}.{key}": colour for key, colour in value.items()}
            elif isinstance(value, str) and field != "name":
                flat[field] = value
        return flat


KURATOR_DARK = ThemeSpec(
    name=DEFAULT,
    dark=True,
    background="#0f1419",
    surface="#161d26",
    panel="#1c2530",
    foreground="#d3dae3",
    muted="#8494a6",
    disabled="#566374",
    primary="#79b8ff",
    accent="#e6c27a",
    cursor="#26425f",
    cursor_text="#ffffff",
    levels=Levels(healthy="#7fce8f", progressing="#79b8ff", degraded="#f0b35c", failed="#ff7b80"),
)
"""`kurator-dark.yaml` as it is read: a start with the default theme does not import a YAML reader (20 ms)."""

Loaded = dict[str, ThemeSpec]
Failed = dict[Path, str]


def builtin_dir() -> Path:
    """Directory of the built-in themes."""
    return Path(__file__).parent.parent / "themes"


def theme_names() -> list[str]:
    """Names that `load_theme` knows: the files' stems, built-in ones first."""
    found = [path.stem for folder in (builtin_dir(), themes_dir()) for path in sorted(folder.glob("*.yaml"))]
    return list(dict.fromkeys(found))


def load_theme(name: str) -> ThemeSpec:
    """The theme called `name`; the user's own comes first. Raises FileProblem."""
    for folder in (themes_dir(), builtin_dir()):
        if name == DEFAULT and folder == builtin_dir():
            return KURATOR_DARK
        if (file := folder / f"{name}.yaml").is_file():
            return _read(file)
    raise FileProblem(f"there is no theme {name!r}: use one of {', '.join(theme_names())}")


def load_themes() -> tuple[Loaded, Failed]:
    """All themes by name, and the files that are none with what is wrong with them."""
    loaded: Loaded = {}
    failed: Failed = {}
    for folder in (builtin_dir(), themes_dir()):
        for file in sorted(folder.glob("*.yaml")):
            try:
                theme = _read(file)
            except FileProblem as problem:
                failed[file] = str(problem)
            else:
                loaded[theme.name] = theme
    return loaded, failed


def _read(file: Path) -> ThemeSpec:
    theme = convert(read_yaml(file), ThemeSpec, file)
    for role, colour in theme.colours().items():
        if not _COLOUR.match(colour):
            raise FileProblem(f"{file}: {role}: {colour!r} is no colour like #1a2b3c")
    if theme.name != file.stem:
        raise FileProblem(f"{file}: the theme is called {theme.name!r}: name and file must agree")
    return theme
