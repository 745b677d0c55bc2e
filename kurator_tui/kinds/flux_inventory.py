"""What a Kustomization applied: the ids of its inventory (`namespace_name_group_kind`)."""

from __future__ import annotations

from typing import Any

LONGEST_INVENTORY = 12_000
"""Characters of an inventory's ids that a row keeps, some 200 objects; how many there are is a column."""


def inventory(ids: Any) -> str:
    """The ids (`namespace_name_group_kind`) of what it applied, one a line: one text is smaller than a list."""
    text = "\n".join(each for each in ids or () if isinstance(each, str))
    return text if len(text) <= LONGEST_INVENTORY else text[:LONGEST_INVENTORY].rpartition("\n")[0]


def inventory_id(id: str) -> tuple[str, str, str, str] | None:
    """Namespace, name, group and kind of `namespace_name_group_kind`, where a colon of a name is two underscores;
    None for what is no such id."""
    front, *rest = id.rsplit("_", 2)
    namespace, _, name = front.partition("_")
    if len(rest) != 2 or not name or not rest[1]:
        return None
    return namespace, name.replace("__", ":"), rest[0], rest[1]
