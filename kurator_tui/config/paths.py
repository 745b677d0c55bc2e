"""Where a user's files are: the XDG base directories. Only names; nothing is created here."""

from __future__ import annotations

import os
from pathlib import Path

APPLICATION = "kurator-tui"


def _base(variable: str, default: str) -> Path:
    """`$variable`, or `default` under the home directory. The specification ignores relative paths."""
    value = os.environ.get(variable, "")
    return Path(value) if os.path.isabs(value) else Path.home() / default


def config_dir() -> Path:
    """Directory of settings, keys, views and `themes/`; `KURATOR_TUI_CONFIG_DIR` overrides it."""
    own = os.environ.get("KURATOR_TUI_CONFIG_DIR")
    return Path(own) if own else _base("XDG_CONFIG_HOME", ".config") / APPLICATION


def cache_dir() -> Path:
    """Directory of what can be lost without harm (the last known rows)."""
    return _base("XDG_CACHE_HOME", ".cache") / APPLICATION


def state_dir() -> Path:
    """Directory of what must be kept: the audit and the plans that were applied."""
    return _base("XDG_STATE_HOME", ".local/state") / APPLICATION


def settings_file() -> Path:
    return config_dir() / "settings.yaml"


def keys_file() -> Path:
    return config_dir() / "keys.yaml"


def views_file() -> Path:
    return config_dir() / "views.yaml"


def themes_dir() -> Path:
    """The user's own themes; one of the same name replaces a built-in one."""
    return config_dir() / "themes"
