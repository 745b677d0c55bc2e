"""Versions of Kubernetes: which step an upgrade may take, which kubelets an API server still takes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kurator_tui.kinds.cells import inert

_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})\.(\d{1,4})([-+].*)?")
_THREE = 28
"""From this minor on, kubelets may be three minors older than the API server; before, two."""


class Version(NamedTuple):
    """Ordered as versions are; what follows the patch is left out."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"v{self.major}.{self.minor}.{self.patch}"


def version(text: str) -> Version | None:
    """`v1.30.4`, `1.30.4-eks-1`; None for what is none."""
    found = _VERSION.fullmatch(text.strip())
    return Version(int(found[1]), int(found[2]), int(found[3])) if found else None


def refused(now: str, wanted: str) -> str:
    """Why nobody upgrades from `now` to `wanted`, "" where it can be done."""
    before, after = version(now), version(wanted)
    if after is None:
        return f"{inert(wanted)} is no version, such as v1.30.4"
    if before is None:
        return f"the version it has is not known ({inert(now) or 'none'})"
    if after == before:
        return f"it is {before} already"
    if after < before:
        return f"it is {before}: Kubernetes does not go back to {after}"
    if after.major != before.major or after.minor - before.minor > 1:
        return f"it is {before}: one minor at a time, v{before.major}.{before.minor + 1} is the next"
    return ""


def skewed(wanted: str, kubelets: Mapping[str, str]) -> list[str]:
    """Nodes (name -> version) that an API server of version `wanted` would not work with, with the reason."""
    api = version(wanted)
    if api is None:
        return []
    oldest = api.minor - (3 if api.minor >= _THREE else 2)
    said = []
    for name, text in kubelets.items():
        known = version(text.partition("-kubeedge")[0])
        if known is not None and (known.minor < oldest or known.minor > api.minor):
            said.append(f"{name} ({known})")
    return said


def several(versions: Iterable[str]) -> str:
    """`v1.29.1, v1.30.4`: the different ones in order."""
    known = {found for each in versions if (found := version(each)) is not None}
    return ", ".join(map(str, sorted(known)))
