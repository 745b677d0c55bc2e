"""What an estate holds, as a number that its readers can compare with theirs.

A digest is the SHA-256 of the sorted lines of all objects joined by newlines. A pod's line is
`cluster namespace name uid status restarts node`, a node's `cluster name uid ready`, tab-separated; `status` is
kubectl's STATUS column, `ready` the status of the condition Ready.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

from kurator_tui.demo.load.members import Member


def digest(lines: Iterable[str]) -> dict[str, Any]:
    """`{"count": n, "digest": hex}` of these lines."""
    ordered = sorted(lines)
    return {
        "count": len(ordered),
        "digest": hashlib.sha256("\n".join(ordered).encode("utf-8", "surrogatepass")).hexdigest(),
    }


def of_members(members: Iterable[Member]) -> dict[str, Any]:
    """The digests of pods and nodes."""
    found = list(members)
    return {
        plural: digest(
            state.digest_line(member.name) for member in found for state in member.tables["", plural].states()
        )
        for plural in ("pods", "nodes")
    }
