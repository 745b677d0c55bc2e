"""From references to headers: secrets are read from files and the environment with each query, never kept."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path

from kurator_tui.errors import UsageError
from kurator_tui.link.access import Access

LARGEST = 64 * 1024
"""Bytes of a file that holds a secret."""
_SECRET_HEADERS = frozenset(("authorization", "proxy-authorization", "cookie", "x-api-key"))


def headers(access: Access, environ: Mapping[str, str]) -> dict[str, str]:
    """Headers of one request. Raises UsageError, which names the setting and never what it holds."""
    found: dict[str, str] = {}
    for name, value in access.headers.items():
        secret = name.lower() in _SECRET_HEADERS
        found[_clean(name, "headers")] = _resolved(value, f"headers.{name}", environ, plain=not secret)
    if access.token:
        found["Authorization"] = f"Bearer {_resolved(access.token, 'token', environ)}"
    elif access.user:
        password = _resolved(access.password, "password", environ) if access.password else ""
        pair = base64.b64encode(f"{access.user}:{password}".encode()).decode()
        found["Authorization"] = f"Basic {pair}"
    return found


def _resolved(text: str, setting: str, environ: Mapping[str, str], *, plain: bool = False) -> str:
    scheme, _, name = text.partition(":")
    if scheme == "env":
        if name not in environ:
            raise UsageError(f"thanos_access.{setting}: the environment has no {name}.")
        value = environ[name]
    elif scheme == "file":
        try:
            with Path(name).expanduser().open("rb") as file:
                value = file.read(LARGEST).decode()
        except (OSError, ValueError) as error:
            raise UsageError(f"thanos_access.{setting}: {name} cannot be read ({type(error).__name__}).") from None
    elif plain:
        value = text
    else:
        raise UsageError(
            f"thanos_access.{setting} holds no reference.", "Write env:NAME or file:PATH, never the secret itself."
        )
    return _clean(value.strip(), setting)


def _clean(value: str, setting: str) -> str:
    """A header's text; a line break in it would be another header."""
    if not value.isprintable():
        raise UsageError(f"thanos_access.{setting} holds what no header may hold.")
    return value
