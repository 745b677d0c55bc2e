"""What people say of incidents, shared by a ConfigMap on the host: the console's end. No widget, no server.

What this user says goes to the feeder; what others say comes from it whenever the ConfigMap changes, and counts
here if it is newer. What cannot be shared stays here, is told once, and is tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from kurator_tui.errors import ConsoleError, FeederLost
from kurator_tui.kinds.sharing import Told, Words, merged
from kurator_tui.link.messages import StreamEnded
from kurator_tui.screens.inbox import Inbox
from kurator_tui.screens.source import LIVE, Source, Stream

AGAIN, SOON = 60.0, 2.0
"""Seconds before what failed is tried again, and before that is done when the feeder was lost."""


class SharedInbox:
    """`tick` once a second; `told` gets what is wrong, `run` runs a coroutine beside the console."""

    def __init__(
        self,
        source: Source,
        inbox: Inbox,
        clock: Callable[[], float],
        told: Callable[[str], None],
        run: Callable[[Coroutine[Any, Any, None]], object],
    ) -> None:
        self._source, self._inbox, self._clock, self._told, self._run = source, inbox, clock, told, run
        self._stream: Stream | None = None
        self._open_at = self._send_at = 0.0
        self._sending = False
        self._problems = {"reading": "", "sending": ""}
        self.waiting: Words = {}
        """What this user said and nobody else knows yet."""
        inbox.share = self._say

    def tick(self) -> None:
        """Read and send what there is, once a feeder is there to do so."""
        if not self._ready:
            return
        if self._stream is None and self._clock() >= self._open_at:
            self._stream = self._source.open_stream("shared", {}, self._heard, self._ended)
        self._send_soon()

    @property
    def _ready(self) -> bool:
        return self._source.feeder_state == LIVE and self._source.host is not None

    def _say(self, said: Words) -> None:
        self.waiting.update(said)
        self._send_soon()

    # -- others' words ----------------------------------------------------------------------------------------

    def _heard(self, data: bytes) -> None:
        try:
            told = msgspec.json.decode(data, type=Told)
        except msgspec.DecodeError as error:
            self._wrong("reading", f"the feeder's words cannot be read: {error}")
            return
        self._wrong("reading", told.why)
        if not told.why:
            self._inbox.take(merged(told.incidents, self.waiting))

    def _ended(self, end: StreamEnded) -> None:
        gone = end.exit_code == FeederLost.exit_code  # that is said elsewhere, and there is another one soon
        self._stream, self._open_at = None, self._clock() + (SOON if gone else AGAIN)
        if end.title and not gone:
            self._wrong("reading", f"{end.title}: {end.message}")

    # -- our words --------------------------------------------------------------------------------------------

    def _send_soon(self) -> None:
        if self.waiting and self._ready and not self._sending and self._clock() >= self._send_at:
            self._sending = True
            self._run(self._send())

    async def _send(self) -> None:
        said = dict(self.waiting)
        try:
            answer = await self._source.call("share", incidents=msgspec.json.encode(said).decode())
            told = msgspec.json.decode(answer, type=Told)
        except FeederLost:
            self._send_at = self._clock() + SOON
        except (ConsoleError, msgspec.DecodeError) as error:
            self._send_at = self._clock() + AGAIN
            why = error.brief if isinstance(error, ConsoleError) else str(error)
            self._wrong("sending", f"what you say stays in this console: {why}")
        else:
            self._wrong("sending", "")
            self.waiting = {uid: each for uid, each in self.waiting.items() if said.get(uid) != each}
            self._inbox.take(merged(told.incidents, self.waiting))
        finally:
            self._sending = False

    def _wrong(self, doing: str, problem: str) -> None:
        """What is wrong with `doing`, "" for nothing any more."""
        if problem and problem != self._problems[doing]:
            self._told(problem)
        self._problems[doing] = problem
