"""The protocol below an answer: what it holds back for whoever will read the body."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kurator_tui.api import handover
from kurator_tui.api.handover import Handler

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Plain(asyncio.Transport):
    """A transport that only knows whether it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False

    def close(self) -> None: ...

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


async def answered(monkeypatch: pytest.MonkeyPatch) -> tuple[Handler, Plain]:
    """A connection on which a chunked answer has begun."""
    monkeypatch.setattr(handover, "HELD", 10)
    handler, transport = Handler(asyncio.get_running_loop()), Plain()
    handler.connection_made(transport)
    handler.set_response_params()
    handler.data_received(HEAD)
    return handler, transport


async def test_nothing_more_is_read_while_much_is_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, transport = await answered(monkeypatch)
    handler.data_received(b"4\r\nab\r\n")
    assert transport.reading
    handler.data_received(b"4\r\ncd\r\n")
    assert not transport.reading
    got: list[bytes] = []
    assert handler.divert(got.append, lambda _error: None) == [b"4\r\nab\r\n", b"4\r\ncd\r\n"]
    assert transport.reading
    handler.data_received(b"more")
    assert got == [b"more"]


async def test_reading_goes_on_when_the_library_has_the_body(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, transport = await answered(monkeypatch)
    handler.data_received(b"a\r\n0123456789\r\n")
    assert not transport.reading
    handler.pass_on()
    assert transport.reading
