"""Scopes that the user gave a name: clusters and namespaces, in `scopes.yaml` of the config directory. No secrets.

edge-shop:
  clusters: [edge-east, edge-west]
  namespaces: [shop]
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import msgspec

from kurator_tui.config.paths import config_dir
from kurator_tui.config.reading import FileProblem, convert, read_yaml
from kurator_tui.errors import UsageError
from kurator_tui.store.scope import Scope

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
RESERVED = frozenset({"all", "save", "delete"})
"""Words of the scope command."""


class _Saved(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    clusters: list[str] = []
    namespaces: list[str] = []


def scopes_file() -> Path:
    return config_dir() / "scopes.yaml"


def load() -> dict[str, Scope]:
    """The scopes by name, none where there is no file. Raises FileProblem."""
    path = scopes_file()
    found = convert(read_yaml(path) or {}, dict[str, _Saved], path)
    return {name: Scope(frozenset(one.clusters), frozenset(one.namespaces)) for name, one in found.items()}


def save(name: str, scope: Scope) -> None:
    """Keep `scope` as `name`, in the place of what had that name. Raises UsageError, FileProblem."""
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise UsageError(
            f"{name!r} cannot be a scope's name", "Letters, digits, dots and dashes, as in edge-shop."
        )
    _write({**load(), name: scope})


def delete(name: str) -> None:
    """Forget the scope `name`. Raises UsageError when there is none, FileProblem."""
    known = load()
    if name not in known:
        raise UsageError(f"no scope is called {name!r}", f"There are: {', '.join(sorted(known)) or 'none yet'}.")
    del known[name]
    _write(known)


def _write(scopes: dict[str, Scope]) -> None:
    """The whole file at once: another console reads the old one or the new one."""
    import yaml

    content = {
        name: {key: value for key, value in (("clusters", one.clusters), ("namespaces", one.namespaces)) if value}
        for name, one in sorted(scopes.items())
    }
    text = yaml.safe_dump(
        {name: {key: sorted(value) for key, value in one.items()} for name, one in content.items()}
    )
    path = scopes_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".scopes-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError as error:
        raise FileProblem(f"{path}: {error}") from None
