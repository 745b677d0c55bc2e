"""The images that an execution built, and whether Tekton Chains signed them. Pure.

Names of results are those that Chains itself goes by: `IMAGES`, or `…IMAGE_URL` beside `…IMAGE_DIGEST`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any

DIGEST = 19
"""Characters of a digest that are shown: `sha256:` and twelve."""
FAILED = "failed"
"""The word of Chains for what it could not sign."""


class Chains(enum.StrEnum):
    """What is known of Tekton Chains on the host."""

    RUNS = "runs"
    DOWN = "down"
    """Installed, and none of its pods is ready."""
    ABSENT = "absent"
    UNKNOWN = "unknown"


def images(results: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """`registry/shop/web:v1@sha256:0123456789ab` of each image that results name."""
    known = dict(results)
    found: list[str] = []
    for name, value in known.items():
        if name == "IMAGES":
            found += [_short(each) for each in value.replace(",", " ").split()]
        elif name.endswith("IMAGE_URL") and value:
            digest = known.get(f"{name.removesuffix('URL')}DIGEST", "")
            found.append(_short(f"{value}@{digest}" if digest and "@" not in value else value))
    return tuple(dict.fromkeys(found))


def _short(image: str) -> str:
    name, at, digest = image.partition("@")
    return f"{name}{at}{digest[:DIGEST]}"


def signature(notes: Iterable[Mapping[str, Any]], chains: Chains, *, ended: bool) -> tuple[str, str]:
    """Whether what was built is signed, by what Chains noted on the runs, and why not where that is known."""
    words = {str(note.get("signed") or "") for note in notes} - {""}
    if "failed" in words:
        return FAILED, "Tekton Chains could not sign what it built"
    if "true" in words:
        return "signed", ""
    if words:
        return ", ".join(sorted(words)), ""
    if not ended or chains is Chains.UNKNOWN:
        return "", ""
    why = {Chains.ABSENT: "Chains is not installed", Chains.DOWN: "Chains does not run"}.get(chains, "")
    return "not signed", f"not signed: {why}" if why else ""


def attestation(notes: Iterable[Mapping[str, Any]]) -> str:
    """Where the attestation is: an entry of a transparency log before the annotations of the run."""
    notes = tuple(notes)
    logged = next((str(url) for note in notes if (url := note.get("transparency"))), "")
    return logged or ("in its annotations" if any(note.get("attested") for note in notes) else "")
