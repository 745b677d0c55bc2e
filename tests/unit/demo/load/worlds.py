"""Small members, and writers that remember, for the tests of the estate made for load."""

import json
import random
from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.load.generator import Generator, Source
from kurator_tui.demo.load.members import Member, Schema
from kurator_tui.demo.load.population import Settler
from kurator_tui.demo.load.streams import Asked, Stream
from kurator_tui.demo.load.tables import Table

NOW = 1_790_000_000.0
SCHEMA = Schema(default_catalogue(host=False))


def settled(
    pods: int = 20, nodes: int = 3, *, name: str = "m0001", history: int = 1000, seed: int = 1
) -> tuple[Member, Generator]:
    """A member with these objects, and a generator that changes them."""
    rng = random.Random(f"{seed}/{name}")
    member = Member(name, SCHEMA, first_version=1000, history=history)
    settler = Settler(member, 0, rng, NOW)
    settler.settle(pods, nodes)
    return member, Generator([Source(member, settler, rng)], seed, wall=lambda: NOW)


class Client:
    """The far end of a connection: keeps what was written; reads no more after `patience` writes (None: ever)."""

    def __init__(self, patience: int | None = None) -> None:
        self.patience = patience
        self.stream: Stream | None = None
        self.received = b""
        self.closed = self.aborted = False
        self.waiting = 0
        self.ended = 0

    def write(self, data: bytes) -> None:
        """Send."""
        self.received += data
        if self.patience is not None and self.stream:
            self.patience -= 1
            if self.patience <= 0:
                self.stream.pause()

    def get_write_buffer_size(self) -> int:
        """Bytes that wait."""
        return self.waiting

    def close(self) -> None:
        """Send what is written, then close."""
        self.closed = True

    def abort(self) -> None:
        """Close at once."""
        self.aborted = True

    def over(self) -> None:
        """The stream ended by itself."""
        self.ended += 1

    def events(self) -> list[dict[str, Any]]:
        """Every whole event received so far."""
        return [json.loads(line) for line in b"".join(chunks(self.received)).splitlines()]

    def watch(self, member: Member, table: Table, asked: Asked, now: float = 0.0) -> Stream:
        """A stream to this client, pumped once."""
        self.stream = Stream(self, member, table, asked, now, self.over)
        self.stream.pump()
        return self.stream


def chunks(data: bytes) -> Iterator[bytes]:
    """The chunks of a chunked body as far as it goes; asserts that they are well formed."""
    at = 0
    while at < len(data):
        start = data.index(b"\r\n", at) + 2
        at = start + int(data[at : start - 2], 16) + 2
        assert data[at - 2 : at] == b"\r\n"
        yield data[start : at - 2]


def replayed(objects: dict[str, dict[str, Any]], events: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The objects by uid after these events."""
    known = dict(objects)
    for event in events:
        obj = event["object"]
        if event["type"] == "DELETED":
            del known[obj["metadata"]["uid"]]
        elif event["type"] != "BOOKMARK":
            known[obj["metadata"]["uid"]] = obj
    return known
