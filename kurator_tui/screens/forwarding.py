"""Port-forwards from a row: which port, where it is then, and their end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.cells import inert
from kurator_tui.widgets.dialog import MessageDialog
from kurator_tui.widgets.form import Field, FormDialog

if TYPE_CHECKING:
    from kurator_tui.screens.remote import Remote

FORWARDS = "forwards"


def divide(text: str) -> tuple[str, str]:
    """(local, remote) of `[LOCAL:]PORT`."""
    local, colon, remote = text.strip().rpartition(":")
    return (local, remote) if colon else ("", remote)


def wrong(values: dict[str, str]) -> str:
    """What is wrong with the ports of a form; "" when nothing is."""
    local, remote = values["local"], values["remote"]
    if local and not _is_port(local):
        return "The local port is a number from 1 to 65535, or nothing."
    if not remote:
        return "A port of the pod is needed: its number or its name."
    if remote.lstrip("-").isdecimal() and not _is_port(remote):
        return "A port is a number from 1 to 65535, or a name."
    return ""


def _is_port(text: str) -> bool:
    return text.isdecimal() and 0 < int(text) < 2**16


class Forwarding:
    """Starts and stops port-forwards for a frame."""

    def __init__(self, frame: Remote) -> None:
        self._frame = frame

    def row(self, asked: str) -> None:
        """Forward a port of the row under the cursor: `[LOCAL:]PORT`, or what a form says."""
        frame = self._frame
        if (found := frame.subject()) is None:
            return
        kind, row = found
        if not asked:
            frame.run_worker(self._ask_ports(kind, row), group=FORWARDS, exclusive=True)
            return
        local, remote = divide(asked)
        if problem := wrong({"local": local, "remote": remote}):
            frame.say(problem, level="warning")
        else:
            self._start(kind.id, row, local, remote)

    async def _ask_ports(self, kind: AnyKind, row: Row) -> None:
        from kurator_tui.kinds.ports import ports

        try:
            declared = ports(await self._frame.object(kind, row))
        except ConsoleError as error:
            self._frame.app.push_screen(MessageDialog(error.title, error.message, error.hint))
            return
        names = ", ".join(f"{port.number} {port.name or port.owner}".strip() for port in declared)
        message = f"on {row.cluster}, namespace {row.namespace}\n"
        message += f"declared ports: {names}" if declared else "it declares no port"
        first = str(declared[0].number) if declared else ""
        same = "the same if it is free, else any"

        def filled(values: dict[str, str] | None) -> None:
            if values is not None:
                self._start(kind.id, row, values["local"], values["remote"])

        fields = [Field("remote", "Port", first, "number or name"), Field("local", "Local port", "", same)]
        self._frame.app.push_screen(FormDialog(f"Forward a port of {row.name}", message, fields, wrong), filled)

    def _start(self, kind: str, row: Row, local: str, remote: str) -> None:
        self._frame.run_worker(self._started(kind, row, local, remote), group=FORWARDS)

    async def _started(self, kind: str, row: Row, local: str, remote: str) -> None:
        where = {"cluster": row.cluster, "namespace": row.namespace, "kind": kind, "name": row.name}
        try:
            answer = await self._frame.source.call("forward_start", **where, port=remote, local_port=local)
            made = json.loads(answer)
        except ConsoleError as error:
            self._frame.app.push_screen(MessageDialog(error.title, error.message, error.hint))
            return
        self._frame.count_forwards()
        url = f"http://127.0.0.1:{made['local_port']}"
        target = f"port {made['remote_port']} of {made['pod'] if kind == 'pods' else row.name} on {row.cluster}"
        self._frame.say(url, f"leads to {inert(target)}", ":forwards lists them")

    # -- their end ----------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop the marked forwards, else the one under the cursor: they are ours, nobody else loses anything."""
        marked, row = self._frame.current.table.marked, self._frame.context.row
        rows = [each for each in self._frame.source.store.rows(FORWARDS) if each.key in marked]
        if row is not None and not rows:
            rows = [row]
        if rows:
            self._frame.run_worker(self._stop(rows), group=FORWARDS)

    async def _stop(self, rows: Sequence[Row]) -> None:
        calls = [self._frame.source.call("forward_stop", cluster=row.cluster, uid=row.uid) for row in rows]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        failed = [answer for answer in answers if isinstance(answer, BaseException)]
        for failure in failed:
            if not isinstance(failure, ConsoleError):
                raise failure
            self._frame.say(failure.title, failure.message, failure.hint, level="warning")
        if not failed:
            self._frame.say(f"{len(answers)} port-forward{'' if len(answers) == 1 else 's'} stopped")
