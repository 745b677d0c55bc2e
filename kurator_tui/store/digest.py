"""One hash of all rows of a kind: two sides that hold the same objects in the same state have the same digest.

A pod's line is `cluster, namespace, name, uid, status, restarts, node`, a node's `cluster, name, uid, ready` (the
status of its Ready condition), anything else's `cluster, namespace, name, uid`, with tabs between. The digest is
the SHA-256 of the sorted lines joined by newlines, in UTF-8.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from kurator_tui.kinds.base import Row
from kurator_tui.kinds.core import NodeRow
from kurator_tui.kinds.pods import PodRow


def line(row: Row) -> str:
    """What of `row` the digest is about."""
    if isinstance(row, PodRow):
        return f"{row.cluster}\t{row.namespace}\t{row.name}\t{row.uid}\t{row.status}\t{row.restarts}\t{row.node}"
    if isinstance(row, NodeRow):
        return f"{row.cluster}\t{row.name}\t{row.uid}\t{row.ready}"
    return f"{row.cluster}\t{row.namespace}\t{row.name}\t{row.uid}"


def digest(rows: Iterable[Row]) -> tuple[int, str]:
    """(number of rows, digest in hex). The order of `rows` does not matter."""
    lines = sorted(map(line, rows))
    return len(lines), hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
