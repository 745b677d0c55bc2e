"""The part of the frame that keeps the inbox: what was said of incidents, the bell, the way to evidence."""

from __future__ import annotations

import json
import os
from collections.abc import Coroutine
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from kurator_tui.config.paths import state_dir
from kurator_tui.config.rollout_actions import ROLLOUTS
from kurator_tui.config.triage_actions import TRIAGE
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.incidents import INCIDENTS, IncidentRow
from kurator_tui.link.messages import HostDescribed
from kurator_tui.screens.keys import Request
from kurator_tui.screens.source import LIVE
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.screens.ways import Ways

if TYPE_CHECKING:  # the first frame waits for no inbox
    from kurator_tui.screens.alarm import Alarm
    from kurator_tui.screens.evidence_parts import Evidence
    from kurator_tui.screens.frame_actions import Frame
    from kurator_tui.screens.inbox import Inbox
    from kurator_tui.screens.inbox_shared import SharedInbox
    from kurator_tui.screens.rollouts import RolloutsScreen
    from kurator_tui.screens.triage import TriageScreen

_HERE = frozenset({"127.0.0.1", "::1", "localhost"})


BUNDLE = "bundle"
"""The group of workers that write bundles."""
DEMO = "demo"
"""The context of an estate of which nothing is kept."""


def estate_of(host: HostDescribed) -> str:
    """What tells one estate from others: its server, the context where that is on this machine; "" of a demo."""
    if (urlsplit(host.server).hostname or "") not in _HERE:
        return host.server
    return "" if host.context == DEMO else host.context


class InboxWays(Ways):
    """`frame_actions.Frame` has it."""

    @cached_property
    def inbox(self) -> Inbox:
        """What was said of incidents."""
        from kurator_tui.screens.inbox import Inbox

        return Inbox(self.look.clock, lambda problem: self.say("Inbox", problem, level="warning"))

    @cached_property
    def sharing(self) -> SharedInbox:
        """What is said of incidents, shared with others as the settings say."""
        from kurator_tui.screens.inbox_shared import SharedInbox

        def run(asking: Coroutine[Any, Any, None]) -> object:
            return self.run_worker(asking, group="inbox", exit_on_error=True)

        def told(problem: str) -> None:
            self.say("Shared inbox", problem, level="warning")

        return SharedInbox(self.source, self.inbox, self.look.clock, told, run)

    @cached_property
    def alarm(self) -> Alarm:
        """Rings as the settings say."""
        from kurator_tui.screens.alarm import Alarm

        return Alarm(self.settings.alarm, self.look.clock, self.ring)

    def ring(self, text: str) -> None:
        """Ring on the user's terminal."""
        from kurator_tui.wire.bell import in_tmux, ringing

        if (driver := self.app._driver) is not None:
            driver.write(ringing(self.settings.alarm_by, text, tmux=in_tmux(os.environ)))

    def _make(self, place: str) -> TableScreen:
        screen = super()._make(place)
        if place == TRIAGE:
            self._find_file()
            cast("TriageScreen", screen).use(self.inbox)
            if self.settings.share_inbox:
                self.sharing.tick()  # before the first word
        return screen

    def _tick(self) -> None:
        self._find_file()
        self.inbox.refresh()
        if self.settings.share_inbox:
            self.sharing.tick()
        going = [row for row in self.source.store.rows(INCIDENTS.id) if isinstance(row, IncidentRow)]
        if self.source.feeder_state == LIVE:
            self.inbox.settle(going)
            self.alarm.take(going, complete=self.source.synced, quiet=self.inbox.snoozed)
        super()._tick()

    def on_unmount(self) -> None:
        if "inbox" in self.__dict__:
            self.inbox.close()

    def _find_file(self) -> None:
        """Where it is kept depends on what is looked at."""
        host = self.source.host
        if not self.inbox.ready and host is not None and (estate := estate_of(host)):
            from kurator_tui.config.inbox_file import InboxFile

            self.inbox.use(InboxFile(state_dir(), estate, self.look.clock))

    def put_off(self, row: IncidentRow) -> bool:
        """Whether nobody need look at an incident now."""
        return "inbox" in self.__dict__ and self.inbox.snoozed(row)

    def on_triage_screen_chosen(self, message: TriageScreen.Chosen) -> None:
        from kurator_tui.screens.evidence import open_evidence

        open_evidence(cast("Frame", self), message.row)
        if self.inbox.game is not None and (said := self.inbox.game.open(message.row)):
            self.say("Game day", said)

    def do_explain(self, request: Request) -> None:
        """The page of a code: of the row under the cursor unless one is named."""
        code = request.argument.strip() or getattr(self.current.table.cursor_row, "code", "")
        if code:
            self.run_worker(self._explain(code.upper()), group="explain", exclusive=True)
        else:
            self.say("explain what? This row has no code: :explain KT1001", level="warning")

    async def _explain(self, code: str) -> None:
        from kurator_tui.screens.evidence_parts import meaning_of
        from kurator_tui.widgets.dialog import MessageDialog

        try:
            answer = await self.source.call("explain", code=code)
            means = meaning_of(answer)
        except ConsoleError as error:
            self.say(error.title, error.message, error.hint, level="error")
            return
        if means.value is None:
            self.say(f"{code}: {means.why}", level="warning")
            return
        title = str(json.loads(answer).get("title") or "")
        self.app.push_screen(MessageDialog(f"{code}: {title}", "\n\n".join(means.value)))

    # -- bundles ----------------------------------------------------------------------------------------------

    def on_triage_screen_bundled(self, message: TriageScreen.Bundled) -> None:
        self.bundle(message.rows, message.argument)

    def bundle(self, rows: list[IncidentRow], argument: str, known: dict[str, Evidence] | None = None) -> None:
        """Write everything about incidents, beside the console; `known` is evidence that is there, by uid."""
        if any(worker.group == BUNDLE and not worker.is_finished for worker in self.workers):
            self.say("a bundle is being written: wait until it is", level="warning")
            return
        tar = "--tar" in argument.split()
        asked = argument.replace("--tar", "", 1).strip() if tar else argument
        folder = Path(asked or self.settings.bundles or ".").expanduser().absolute()
        tar = tar or self.settings.bundles_as == "tar"
        self.run_worker(self._bundle(rows, folder, known or {}, tar=tar), group=BUNDLE)

    async def _bundle(
        self, rows: list[IncidentRow], folder: Path, known: dict[str, Evidence], *, tar: bool
    ) -> None:
        from kurator_tui.screens.bundling import Bundling

        board = self.screens.get(ROLLOUTS)
        bundling = Bundling(
            self.source,
            self.look.clock,
            theme=self.app.theme,
            ascii_only=self.look.ascii_only,
            read_only=self.settings.read_only,
            trail=cast("RolloutsScreen", board).trail if board is not None else None,
        )
        many = rows[0].name if len(rows) == 1 else f"{len(rows)} incidents"
        self.say(f"gathering everything about {many}")
        try:
            path = await bundling.write([self.inbox.row(row) for row in rows], folder, tar=tar, known=known)
        except ConsoleError as error:
            self.say(error.title, error.message, error.hint, level="error")
        else:
            self.say("bundle written", str(path))
