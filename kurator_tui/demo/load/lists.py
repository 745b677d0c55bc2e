"""Lists as bytes: consistent pages over a snapshot, made when asked for, compressed copies kept while fresh."""

import gzip
import json
from collections.abc import Mapping

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.listing import decode_token, encode_token, parse_version
from kurator_tui.demo.load.members import Member
from kurator_tui.demo.load.tables import State, Table

GZIP_FROM = 128 * 1024
"""kube-apiserver compresses answers from this size on."""
SNAPSHOTS = 4
"""Versions of one resource whose lists can be read on in pages."""

_PIECE = 16
"""Objects of a list written at a time."""

Key = tuple[str, str, str, int, int, int]
"""(group, plural, namespace, version, first object, limit)."""


class Page:
    """One answer to a list request; `key` says what it is of."""

    def __init__(self, key: Key, head: bytes, states: list[State]) -> None:
        self.key = key
        self._head = head
        self._states = states

    def body(self) -> bytes:
        """The JSON."""
        return b"".join(self.pieces())

    def pieces(self) -> list[bytes]:
        """The JSON in pieces that are cheap to write one by one."""
        pieces, states = [self._head], self._states
        for start in range(0, len(states), _PIECE):
            items = b",".join([state.item() for state in states[start : start + _PIECE]])
            pieces.append(b"," + items if start else items)
        return [*pieces, b"]}"]


class Lists:
    """The lists of one member."""

    def __init__(self, member: Member) -> None:
        self._member = member
        self._packed: dict[Key, bytes] = {}

    def page(self, table: Table, namespace: str, query: Mapping[str, str]) -> Page:
        """What a list request asks for. Raises StatusError."""
        limit, first, version, token = _count(query.get("limit")), 0, self._member.rv, query.get("continue", "")
        if token:
            version, (_, start) = decode_token(token, "")
            first = _count(start)
            if version not in table.snapshots:
                raise errors.expired(
                    "The provided continue parameter is too old to display a consistent list result."
                )
        else:
            _check_version(query, version)
        states = self._snapshot(table, version)
        if namespace:
            states = [state for state in states if state.namespace == namespace]
        if name := selected_name(table, query):
            states = [state for state in states if state.name == name]
        chosen = states[first : first + limit] if limit else states[first:]
        metadata: dict[str, object] = {"resourceVersion": str(version)}
        left = len(states) - first - len(chosen)
        if left:
            metadata["continue"] = encode_token(version, ("", str(first + limit)), None)
            metadata["remainingItemCount"] = left
        else:
            self._finished(table, version)
        resource = table.resource
        opening = {"kind": f"{resource.kind}List", "apiVersion": resource.api_version, "metadata": metadata}
        head = json.dumps(opening, separators=(",", ":")).encode()[:-1] + b',"items":['
        return Page((resource.group, resource.plural, namespace, version, first, limit), head, chosen)

    def packed(self, page: Page) -> bytes | None:
        """The page compressed, if it was compressed before."""
        return self._packed.get(page.key)

    def pack(self, page: Page, pieces: list[bytes]) -> bytes:
        """Compress a page as kube-apiserver does, and keep it as long as nothing newer is packed."""
        version = page.key[3]
        packed = self._packed[page.key] = gzip.compress(b"".join(pieces), 1, mtime=0)
        for old in [key for key in self._packed if key[3] != version]:
            self._packed.pop(old, None)
        return packed

    def warm(self, table: Table, limit: int) -> None:
        """Compress all pages of a table beforehand; may run in a thread while nothing changes."""
        token = ""
        while True:
            page = self.page(table, "", {"limit": str(limit), "continue": token})
            pieces = page.pieces()
            if sum(map(len, pieces)) >= GZIP_FROM:
                self.pack(page, pieces)
            version, first = page.key[3], page.key[4] + limit
            if first >= len(table.slots):
                return
            token = encode_token(version, ("", str(first)), None)

    def _snapshot(self, table: Table, version: int) -> list[State]:
        states = table.snapshots.get(version)
        if states is None:
            states = table.snapshots[version] = table.states()
            while len(table.snapshots) > SNAPSHOTS:
                del table.snapshots[next(iter(table.snapshots))]
        return states

    def _finished(self, table: Table, version: int) -> None:
        """Let go of a list that was read to its end, unless it is still what there is."""
        if version != self._member.rv:
            table.snapshots.pop(version, None)


def _count(text: str | None) -> int:
    if not text:
        return 0
    if not text.isdigit():
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def _check_version(query: Mapping[str, str], current: int) -> None:
    asked = parse_version(query.get("resourceVersion", ""))
    if asked > current:
        raise errors.too_large_version(asked, current)
    if query.get("resourceVersionMatch") == "Exact" and asked != current:
        raise errors.expired()


def selected_name(table: Table, query: Mapping[str, str]) -> str:
    """The name a field selector asks for, '' for none. Raises StatusError for selectors not served here."""
    if not table.slots and not table.named:
        return ""
    field, label = query.get("fieldSelector", ""), query.get("labelSelector", "")
    key, _, name = field.partition("=")
    if label or (field and (key != "metadata.name" or "," in name)):
        raise errors.bad_request("an estate made for load serves no selectors but metadata.name")
    return name.lstrip("=")
