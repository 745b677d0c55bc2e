"""Names of objects in URL paths. The one rule that keeps a name from leading to anything but its object."""

from __future__ import annotations

from urllib.parse import quote

from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.cells import inert


def segment(name: str, error: type[ConsoleError] = UsageError) -> str:
    """`name` quoted as one segment of a path. Raises `error` for what Kubernetes allows no object to be called.

    Refused are "", ".", ".." and names with "/" or "%" (apimachinery's `IsValidPathSegmentName`).
    """
    if name in ("", ".", "..") or "/" in name or "%" in name:
        raise error(f"{inert(name)!r} is no name of an object")
    return quote(name, safe="")
