"""A theme of ours as a theme of Textual: every role of the widgets' style sheets gets its colour here."""

from __future__ import annotations

from textual.app import App
from textual.theme import Theme

from kurator_tui.config.theme import ThemeSpec, load_theme


def textual_theme(spec: ThemeSpec) -> Theme:
    """`spec` for Textual. Text colours are given as they are: nothing is blended on its own."""
    levels = spec.levels
    return Theme(
        name=spec.name,
        dark=spec.dark,
        primary=spec.primary,
        secondary=spec.accent,
        accent=spec.accent,
        foreground=spec.foreground,
        background=spec.background,
        surface=spec.surface,
        panel=spec.panel,
        success=levels.healthy,
        warning=levels.degraded,
        error=levels.failed,
        variables={
            "text": spec.foreground,
            "text-muted": spec.muted,
            "text-disabled": spec.disabled,
            "text-primary": levels.progressing,
            "text-secondary": spec.accent,
            "text-accent": spec.accent,
            "text-success": levels.healthy,
            "text-warning": levels.degraded,
            "text-error": levels.failed,
            "block-cursor-foreground": spec.cursor_text,
            "block-cursor-background": spec.cursor,
            "block-cursor-text-style": "none",
            "input-selection-background": spec.cursor,
            "scrollbar": spec.panel,
            "scrollbar-hover": spec.disabled,
            "scrollbar-active": spec.muted,
            "scrollbar-background": spec.background,
            "scrollbar-background-hover": spec.background,
            "scrollbar-background-active": spec.background,
            "scrollbar-corner-color": spec.background,
        },
    )


def dress(app: App[int], name: str) -> None:
    """Give `app` the theme called `name`. Raises FileProblem, in which case it keeps the one it has."""
    spec = load_theme(name)
    app.register_theme(textual_theme(spec))
    app.theme = spec.name
