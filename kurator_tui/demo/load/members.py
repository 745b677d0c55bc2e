"""One member of the estate: its tables and its version counter. Knows nothing of HTTP or of what changes when."""

import json
from typing import Any

from kurator_tui.demo.apiserver.discovery import (
    VERSION,
    aggregated,
    core_versions,
    group,
    group_list,
    resource_list,
)
from kurator_tui.demo.apiserver.resources import Catalogue
from kurator_tui.demo.load.tables import Change, State, Table


class Schema:
    """What every member serves: discovery bodies made once, and the resources by their path."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.version = _encoded(VERSION)
        self.resources = {rt.gvr: rt for rt in catalogue if not rt.virtual}
        self._documents: dict[tuple[str, bool], bytes] = {}

    def document(self, path: str, *, wants_aggregated: bool) -> bytes | None:
        """The discovery document at `path`, None when there is none."""
        key = (path, wants_aggregated and path in ("/api", "/apis"))
        if key not in self._documents:
            found = self._made(*key)
            if found is None:
                return None
            self._documents[key] = _encoded(found)
        return self._documents[key]

    def _made(self, path: str, as_aggregated: bool) -> dict[str, Any] | None:
        if as_aggregated:
            return aggregated(self.catalogue, core=path == "/api")
        match path.strip("/").split("/"):
            case ["api"]:
                return core_versions("127.0.0.1")
            case ["apis"]:
                return group_list(self.catalogue)
            case ["apis", name]:
                return group(self.catalogue, name)
            case ["api", version]:
                return resource_list(self.catalogue, "", version)
            case ["apis", name, version]:
                return resource_list(self.catalogue, name, version)
        return None


def _encoded(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class Member:
    """A cluster. `rv` counts its writes; `history` is how many changes a resource keeps."""

    def __init__(self, name: str, schema: Schema, *, first_version: int, history: int) -> None:
        self.name = name
        self.schema = schema
        self.rv = first_version
        self.tables: dict[tuple[str, str], Table] = {
            (rt.group, rt.plural): Table(rt, history) for rt in schema.resources.values()
        }
        self.pods = self.tables["", "pods"]
        self.nodes = self.tables["", "nodes"]
        self.namespaces = self.tables["", "namespaces"]

    def expire(self) -> None:
        """Forget all history, as a compaction does: what is there now is the beginning."""
        for table in self.tables.values():
            table.expire(self.rv)

    def apply(self, table: Table, change: Change) -> None:
        """Carry out a change of a named object and tell the watches, whatever its version is.

        A version older than the object's changes nothing here: it is only sent.
        """
        state = change[1]
        key = (state.namespace, state.name)
        known: State | None = table.named.get(key)
        if state.rv <= self.rv:
            if known is None or state.rv > known.rv:
                _put(table, key, change)
            table.tell(change)
            return
        self.rv = state.rv
        _put(table, key, change)
        table.publish([change])


def _put(table: Table, key: tuple[str, str], change: Change) -> None:
    if change[0] == b"DELETED":
        table.named.pop(key, None)
    else:
        table.named[key] = change[1]
