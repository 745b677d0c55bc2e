"""The inbox that people share by a ConfigMap on the host, asked by a console.

    share    the call: incidents (JSON: uid -> `kinds.inbox.Handled`) -> `Told` as JSON, what there is then
    shared   the stream: each message is a `Told` as JSON, what the ConfigMap holds whenever that changes

Only with the user's opt-in (`share_inbox` in the settings), never on a read-only console, never on a read-only
host. It is watched by name, not polled; rights are asked for before a write.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from kurator_tui.api.facts import Changed, Fact, Listed, Lost, Resumed
from kurator_tui.api.reflector import reflect
from kurator_tui.errors import ConsoleError, Forbidden, UsageError
from kurator_tui.feeder.acting import Acting
from kurator_tui.feeder.channel import Channel
from kurator_tui.fleet.doors import door
from kurator_tui.fleet.hub import Hub
from kurator_tui.fleet.reading import locate
from kurator_tui.kinds.base import HEALTHY, HOST, Kind, Row
from kurator_tui.kinds.decode import RowDecoder
from kurator_tui.kinds.inbox import Handled
from kurator_tui.kinds.meta import Projection, SlimMeta
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.reading import Which
from kurator_tui.kinds.sharing import KEY, NotUsable, Told, Words, bounded, words_of
from kurator_tui.link.messages import Configured

CONFIG_MAPS = "configmaps"
VERB = "share-inbox"
"""What the audit calls it."""
LOOK = 1.0
"""Seconds between two looks whether the host is still reached the same way."""
KNOWN_FOR = 60.0
"""Seconds for which an answer about permissions holds."""


class _Meta(SlimMeta):
    labels: dict[str, str] | None = None


class _Map(Projection):
    metadata: _Meta = msgspec.field(default_factory=_Meta)
    data: dict[str, str] | None = None


class _MapRow(Row, frozen=True, gc=False, array_like=True):
    """A ConfigMap with its labels and the text that is shared."""

    labels: tuple[tuple[str, str], ...] = ()
    text: str | None = None

    def words(self, now: float) -> Words:
        """Raises NotUsable."""
        data = {KEY: self.text} if self.text is not None else {}
        return words_of({"metadata": {"labels": dict(self.labels)}, "data": data}, now)


def _row(cluster: str, obj: _Map) -> _MapRow:
    meta = obj.metadata
    labels, text = tuple((meta.labels or {}).items()), (obj.data or {}).get(KEY)
    return _MapRow(cluster, meta.namespace or "", meta.name, meta.uid, 0.0, labels, text)


MAP: Kind[Any, _MapRow] = Kind(
    id="the shared inbox",
    name="ConfigMap",
    versions=("v1",),
    plural=CONFIG_MAPS,
    row=_MapRow,
    projection=_Map,
    project=_row,
    health=lambda _row: HEALTHY,
    columns=(),
)
"""How the ConfigMap is read here; no screen knows this kind."""


class Sharing:
    """`configured` says where, if at all; `acting` as whom, and where the audit is."""

    def __init__(self, configured: Configured, acting: Acting, now: Callable[[], float] = time.time) -> None:
        namespace, _, name = configured.share_inbox.partition("/")
        self._target = Target(HOST, CONFIG_MAPS, namespace, name)
        self._on = bool(namespace and name)
        self._acting, self._now = acting, now
        self._alone = asyncio.Lock()
        self._may: dict[str, tuple[float, bool]] = {}

    def _need_opt_in(self) -> None:
        if not self._on:
            raise UsageError("The inbox is not shared.", "share_inbox: NAMESPACE/NAME in the settings shares it.")

    # -- writing ----------------------------------------------------------------------------------------------

    async def share(self, hub: Hub, arguments: Mapping[str, str]) -> str:
        """Put what was said into the ConfigMap; what it holds then. Raises ConsoleError: nothing was written."""
        from kurator_tui.actions import sharing
        from kurator_tui.actions.guarding import Guards
        from kurator_tui.actions.planning import new_id

        self._need_opt_in()
        self._acting.rules.allow()
        if why := Guards(hub, self._acting.rules).shut(HOST):
            raise UsageError(f"The inbox is not shared: {why}.")
        try:
            said = msgspec.json.decode(arguments.get("incidents") or "{}", type=dict[str, Handled])
        except msgspec.DecodeError as error:
            raise UsageError(f"nothing can be shared of this: {error}") from error

        async def allowed(verb: str) -> None:
            await self._need_right(hub, verb)

        async with self._alone:
            rules = self._acting.rules
            ports = self._acting.ports(hub, [HOST])
            entry = ports.stamped(new_id(self._now()), VERB, self._target, rules.user, rules.groups)
            words = await sharing.share(ports, self._target, bounded(said, self._now()), allowed, self._now, entry)
        return msgspec.json.encode(Told(words)).decode()

    async def _need_right(self, hub: Hub, verb: str) -> None:
        """Raises Forbidden."""
        from kurator_tui.api.review import can_i

        known = self._may.get(verb)
        if known is None or self._now() - known[0] > KNOWN_FOR:
            connection, prefix = door(hub, HOST)
            where, name = self._target.namespace, "" if verb == "create" else self._target.name
            headers = self._acting.rules.manner.headers or None
            asked = (verb, "", CONFIG_MAPS, where)
            may = await can_i(connection, *asked, name=name, headers=headers, prefix=prefix)
            known = self._may[verb] = (self._now(), may)
        if not known[1]:
            what = f"you may not {verb} configmaps in {self._target.namespace} on the host"
            raise Forbidden(what, f"Ask for it, or take share_inbox ({self._target.label}) out of the settings.")

    # -- reading ----------------------------------------------------------------------------------------------

    async def shared(self, hub: Hub, _arguments: Mapping[str, str], channel: Channel) -> str:
        """Tell what the ConfigMap holds, until cancelled. Raises UsageError without an opt-in."""
        self._need_opt_in()
        following = _Following(self._target, self._now)
        reading = asyncio.create_task(following.run(hub))
        reading.add_done_callback(lambda _task: following.woken.set())
        try:
            while True:
                await following.woken.wait()
                following.woken.clear()
                if reading.done():
                    reading.result()
                if (told := following.told()) is not None:
                    await channel.send(msgspec.json.encode(told))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


class _Following:
    """One ConfigMap, watched by its name: it need not be there yet."""

    def __init__(self, target: Target, now: Callable[[], float]) -> None:
        self._target, self._now = target, now
        self.woken = asyncio.Event()
        self._rows: dict[str, _MapRow] = {}
        self._listed = False
        self._lost = ""
        self._said: Told | None = None

    async def run(self, hub: Hub) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._follow(hub)
            except ConsoleError as error:
                self._lose(error.brief)
            await asyncio.sleep(LOOK)

    async def _follow(self, hub: Hub) -> None:
        """Until the host is reached another way. Raises ConsoleError."""
        target = self._target
        through, path, _kind = locate(hub, Which(HOST, target.kind, target.namespace, target.name))
        watch = asyncio.create_task(
            reflect(
                through.connection,
                path,
                RowDecoder(MAP, HOST),
                self._take,
                namespace=target.namespace,
                field_selector=f"metadata.name={target.name}",
            )
        )
        try:
            while not watch.done() and door(hub, HOST) == through:
                await asyncio.wait({watch}, timeout=LOOK)
            if watch.done():
                await watch
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    def _take(self, fact: Fact) -> None:
        if isinstance(fact, Changed):
            for uid, row in fact.rows.items():
                if isinstance(row, _MapRow) and row.name == self._target.name:
                    self._rows[uid] = row
                else:
                    self._rows.pop(uid, None)
        elif isinstance(fact, Listed | Resumed):
            self._listed, self._lost = True, ""
        elif isinstance(fact, Lost):
            self._lose(fact.error.brief)
        self.woken.set()

    def _lose(self, why: str) -> None:
        self._lost = why
        self.woken.set()

    def told(self) -> Told | None:
        """What is to be told now; None for nothing new."""
        if not self._listed and not self._lost:
            return None
        words: Words = {}
        why = self._lost
        for row in self._rows.values():
            try:
                words = row.words(self._now())
            except NotUsable as error:
                why = f"{self._target.label}: {error}"
        told = Told(words, why)
        if told == self._said:
            return None
        self._said = told
        return told
