"""What a test sees and does of an object that is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.reading import (
    LIVE,
    Standing,
    Told,
    Version,
    encode,
)
from kurator_tui.screens.reading import ReadingScreen
from kurator_tui.screens.reading_title import ReadingTitleLine
from tests.ui.driver import Driver
from tests.ui.estate import NOW
from tests.ui.source import FakeStream

POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-5c8f6", "namespace": "shop", "uid": "u1", "labels": {"app": "web"}},
    "spec": {"nodeName": "n1", "containers": [{"name": "web", "image": "shop/web:v7"}]},
    "status": {"phase": "Running"},
}


SECRET: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "db", "namespace": "shop", "uid": "s1"},
    "data": {"password": "••• 8 bytes", "user": "••• 4 bytes"},
}


def event(uid: str, message: str, ago: float, **fields: Any) -> EventRow:
    return EventRow(
        "prod-cloud",
        "shop",
        uid,
        uid,
        NOW - ago,
        type="Warning",
        reason="BackOff",
        message=message,
        object_kind="Pod",
        object_name="web-5c8f6",
        last_seen=NOW - ago,
        **fields,
    )


class Read:
    """The reading screen of one test, and what its feeder tells it."""

    def __init__(self, drive: Driver) -> None:
        self.drive = drive

    @property
    def screen(self) -> ReadingScreen:
        assert isinstance(self.drive.app.screen, ReadingScreen)
        return self.drive.app.screen

    @property
    def stream(self) -> FakeStream:
        return self.drive.source.streams[-1]

    async def tell(self, *told: Told) -> None:
        for one in told:
            self.stream.flow(encode(one))
        self.screen._draw()
        await self.drive.idle()

    async def version(self, obj: dict[str, Any], **managed: int) -> None:
        await self.tell(Version(json.dumps(obj).encode(), True, **managed), Standing(LIVE, NOW))

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.screen.text.lines)

    @property
    def title(self) -> str:
        return self.screen.query_one(ReadingTitleLine).text

    @property
    def marked(self) -> list[str]:
        view = self.screen.text
        return [view.lines[at].text.strip() for at in sorted(view.marked)]

    async def go(self, text: str) -> None:
        """The cursor goes to the line that holds `text`."""
        lines = self.screen.text.lines
        self.screen.text.go(next(at for at, line in enumerate(lines) if text in line.text))
        await self.drive.idle()


@contextmanager
def copied(drive: Driver) -> Iterator[list[str]]:
    texts: list[str] = []
    with patch.object(drive.app, "copy_to_clipboard", texts.append):
        yield texts


async def opened(drive: Driver, key: str) -> Read:
    await drive.press("move.bottom", key)
    return Read(drive)
