"""Changes, asked by a console: the calls `plan`, `may`, `plans`, `close_plan`, `audit`, the stream `commit`.

    plan        verb, targets (JSON), arguments (JSON), id, take and leave (JSON lists of clashing fields to take
                from their managers, or to leave to them) -> a `kinds.plans.Plan` as JSON; dry runs only
    may         cluster, verb, kind, namespace -> "" or why not; RBAC is asked at most once a minute
    plans       -> JSON list of plans that did not end (`kinds.plans.Unfinished`)
    close_plan  id: what was not begun of it is not wanted any more
    audit       -> JSON list of the last entries of the audit (`actions.audit.Entry`), in order
    commit      `commit` (a `kinds.plans.Commit` as JSON); each message is a `Progress` as JSON. Feeding it
                `pause`, `resume` or `abort` does so; closing it aborts. A plan that was kept by an earlier
                feeder goes on where it was.

`--read-only`, read-only clusters and the confirmation are enforced here, whatever a console shows. The modules of
`actions` are loaded with the first question.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from kurator_tui.errors import AuditFailed, UsageError
from kurator_tui.feeder.channel import Channel
from kurator_tui.fleet.doors import door, servers
from kurator_tui.fleet.hub import Hub
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link.messages import Configured

if TYPE_CHECKING:
    from kurator_tui.actions.applying import LivePorts
    from kurator_tui.actions.commit import Applying
    from kurator_tui.actions.guarding import Guards
    from kurator_tui.actions.journal import Record
    from kurator_tui.actions.planning import Planned
    from kurator_tui.actions.rules import Rules
    from kurator_tui.api.writing import Manner
    from kurator_tui.kinds.plans import Commit, Plan

MOST_ENTRIES = 1000
"""Entries of the audit that are told."""
MOST_PLANS = 16
"""Plans that wait for their confirmation; the oldest is forgotten."""
KNOWN_FOR = 60.0
"""Seconds for which an answer about permissions holds."""


class _Method(Protocol):
    async def __call__(self, hub: Hub, arguments: Mapping[str, str], /) -> str: ...


class Acting:
    """What one console may change. `configured` says as whom, and what is off limits."""

    def __init__(self, configured: Configured, now: Callable[[], float] = time.time) -> None:
        self._configured = configured
        self._now = now
        self._plans: dict[str, tuple[float, Planned]] = {}
        """With the Unix seconds of the dry run: a computer that slept meanwhile has an old plan."""
        self._allowed: dict[tuple[str, ...], tuple[float, str]] = {}
        self._running: set[asyncio.Task[bool]] = set()

    @property
    def calls(self) -> dict[str, _Method]:
        """The calls by name."""
        told = {"plan": self.plan, "may": self.may, "plans": self.plans, "close_plan": self.close_plan}
        return {**told, "audit": self.audit}

    @property
    def rules(self) -> Rules:
        """What may be written where."""
        from kurator_tui.actions.rules import Rules

        told = self._configured
        closed, guarded = told.read_only_clusters, told.protected
        return Rules(told.read_only, closed, guarded, told.as_user, told.as_groups)

    @property
    def state(self) -> Path:
        """The folder of the audit. Raises AuditFailed where there is none."""
        if not self._configured.state_dir:
            raise AuditFailed("There is no folder for the audit.")
        return Path(self._configured.state_dir)

    def shut(self, hub: Hub, cluster: str) -> str:
        """Why there is no shell in a cluster, "" where there may be: what is done in one is planned nowhere."""
        from kurator_tui.actions.guarding import Guards

        if Guards(hub, self.rules).shut(cluster):
            return f"{inert(cluster)} is read-only here."
        if self.rules.user:
            return f"A shell would be your own, not {inert(self.rules.user)}'s: start without --as to open one."
        return ""

    # -- calls ------------------------------------------------------------------------------------------------

    async def plan(self, hub: Hub, arguments: Mapping[str, str]) -> str:
        """A plan with what the servers say of it. Raises ConsoleError."""
        from kurator_tui.actions import planning, undo
        from kurator_tui.actions.preview import Decided
        from kurator_tui.actions.reader import LiveReader
        from kurator_tui.kinds.plans import decode_targets, encode

        reader = LiveReader(hub, self.rules.manner)
        id = arguments.get("id") or planning.new_id(time.time())
        try:
            targets = decode_targets(arguments.get("targets") or "[]")
            given = msgspec.json.decode(arguments.get("arguments") or "{}", type=dict[str, str])
            if arguments.get("verb") == undo.VERB:
                planned = await undo.make(hub, reader, self.rules, id, given, self.state)
            else:
                verb = arguments.get("verb", "")
                said = (msgspec.json.decode(arguments.get(key) or "[]", type=list[str]) for key in Decided._fields)
                decided = Decided(*map(frozenset, said))
                planned = await planning.make(hub, reader, self.rules, id, verb, targets, given, decided)
        except msgspec.DecodeError as error:
            raise UsageError(f"no plan can be made of this: {error}") from error
        finally:
            await reader.close()
        self._plans[id] = self._now(), planned
        while len(self._plans) > MOST_PLANS:
            del self._plans[next(iter(self._plans))]
        return encode(planned.plan)

    async def may(self, hub: Hub, arguments: Mapping[str, str]) -> str:
        """Why a verb cannot be done to a kind in a namespace of a cluster, "" when it can. Raises ConsoleError."""
        from kurator_tui.actions.guarding import Guards
        from kurator_tui.kinds.verbs import VERBS

        cluster, verb = arguments.get("cluster", ""), VERBS.get(arguments.get("verb", ""))
        if self._configured.read_only:
            return "this console is read-only"
        if why := Guards(hub, self.rules).shut(cluster):
            return why
        if verb is None:
            return ""
        kind, namespace = arguments.get("kind", ""), arguments.get("namespace", "")
        place = (cluster, verb.permission, kind, namespace)
        known = self._allowed.get(place)
        if known is None or time.monotonic() - known[0] > KNOWN_FOR:
            known = self._allowed[place] = (time.monotonic(), await self._asked(hub, *place))
        return known[1]

    async def _asked(self, hub: Hub, cluster: str, permission: str, kind_id: str, namespace: str) -> str:
        from kurator_tui.api.review import can_i

        kind = KINDS.get(kind_id)
        if kind is None or kind.derived:
            return ""
        verb, _, subresource = permission.partition("/")
        resource = f"{kind.plural}/{subresource}" if subresource else kind.plural
        headers = self.rules.manner.headers or None
        connection, prefix = door(hub, cluster)
        asked = (verb, kind.group, resource, namespace or None)
        if await can_i(connection, *asked, headers=headers, prefix=prefix):
            return ""
        return f"you may not {verb} {resource}" + (f" in {namespace}" if namespace else "")

    async def plans(self, hub: Hub, _arguments: Mapping[str, str]) -> str:
        """Plans that were begun in this fleet and did not end, to be confirmed as they say. Raises AuditFailed."""
        from kurator_tui.actions import resuming
        from kurator_tui.actions.guarding import Guards
        from kurator_tui.kinds.plans import Unfinished, encode

        guards, found = Guards(hub, self.rules), []
        for record, states in await asyncio.to_thread(self._unfinished, servers(hub, list(hub.links))):
            plan = resuming.shown(await self._reaching(hub, guards, record), guards)
            found.append(Unfinished(plan, record.at, states))
        return encode(found)

    async def _reaching(self, hub: Hub, guards: Guards, record: Record) -> Record:
        from kurator_tui.actions import resuming
        from kurator_tui.actions.reader import LiveReader

        if not guards.any:
            return record
        reader = LiveReader(hub, self.rules.manner)
        try:
            return await resuming.reaching(reader, guards, record)
        finally:
            await reader.close()

    def _unfinished(self, here: Mapping[str, str]) -> list[tuple[Record, tuple[str, ...]]]:
        from kurator_tui.actions.audit import Audit
        from kurator_tui.actions.journal import Journal, position

        audit = Audit(self.state)
        return [
            (record, tuple(position(record, audit.entries(record.id))))
            for record in Journal(self.state).unfinished()
            if record.shard == self._configured.shard and not record.elsewhere(here)
        ]

    async def close_plan(self, _hub: Hub, arguments: Mapping[str, str]) -> str:
        """Nothing more is begun of a plan; it is kept open where nobody knows what became of a step.

        Raises UsageError where it is not kept.
        """
        from kurator_tui.actions.audit import Audit
        from kurator_tui.actions.journal import Journal, position

        journal, audit, id = Journal(self.state), Audit(self.state), arguments.get("id", "")
        for record in journal.load(id):
            states = position(record, audit.entries(id))
            if record.shard == self._configured.shard and not {"begun", "unknown"} & set(states):
                journal.end(record)
        return ""

    async def audit(self, _hub: Hub, _arguments: Mapping[str, str]) -> str:
        """What was written last, by every console of this user. Raises AuditFailed."""
        return await asyncio.to_thread(self._entries)

    def _entries(self) -> str:
        from kurator_tui.actions.audit import Audit

        return msgspec.json.encode(Audit(self.state).latest(MOST_ENTRIES)).decode()

    # -- the stream -------------------------------------------------------------------------------------------

    async def commit(self, hub: Hub, arguments: Mapping[str, str], channel: Channel) -> str:
        """Apply a plan; "done" when every step is. Raises ConsoleError where nothing can be begun."""
        from kurator_tui.actions.applying import apply
        from kurator_tui.actions.guarding import Guards
        from kurator_tui.api.writing import Manner
        from kurator_tui.kinds.plans import Progress, decode_commit, encode

        try:
            commit = decode_commit(arguments.get("commit") or "{}")
        except msgspec.DecodeError as error:
            raise UsageError(f"no plan can be applied so: {error}") from error
        self.rules.allow()
        guards = Guards(hub, self.rules)
        record = await self._record(hub, guards, commit)
        for cluster in record.clusters:
            if why := guards.shut(cluster) or guards.barred(record.reached):
                raise UsageError(f"{inert(cluster)} is not written to: {why}.")
        told: asyncio.Queue[Progress | None] = asyncio.Queue()
        ports = self.ports(hub, record.clusters, Manner(user=record.user, groups=record.groups))
        words = _Words()
        task = asyncio.create_task(apply(record, ports, self.state, told.put_nowait, words.begun))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _task: told.put_nowait(None))
        hearing = asyncio.create_task(words.hear(channel))
        try:
            while (progress := await told.get()) is not None:
                await channel.send(encode(progress).encode())
            return "done" if await task else ""
        finally:
            hearing.cancel()
            words.say("close")

    def ports(self, hub: Hub, clusters: Sequence[str], manner: Manner | None = None) -> LivePorts:
        """How writes are made and audited, as the settings' user unless `manner` says. Raises AuditFailed."""
        from kurator_tui.actions.applying import LivePorts
        from kurator_tui.actions.audit import Audit

        whose, events = _whose(hub, clusters), self._configured.events
        return LivePorts(hub, Audit(self.state), manner or self.rules.manner, whose, events=events)

    async def _record(self, hub: Hub, guards: Guards, commit: Commit) -> Record:
        """What is to be applied: planned here or kept, and confirmed. Raises UsageError."""
        from kurator_tui.actions import resuming
        from kurator_tui.actions.applying import moment
        from kurator_tui.actions.journal import Journal
        from kurator_tui.kinds.plans import outdated

        kept = Journal(self.state)
        if commit.plan in self._plans:
            tried, planned = self._plans[commit.plan]
            _need_confirmation(planned.plan, commit)
            now = self._now()
            record = planned.record(commit, self._configured.shard, self.rules, moment(now))
            if not kept.has(record) and (why := outdated(now - tried - commit.going)):
                raise UsageError(why, "The objects may be others by now: plan it again.")
            return msgspec.structs.replace(record, servers=servers(hub, planned.plan.clusters))
        for record in kept.load(commit.plan):
            if record.shard == self._configured.shard and kept.has(record):
                _need_same(record, self.rules, servers(hub, record.servers))
                record = await self._reaching(hub, guards, record)
                _need_confirmation(resuming.shown(record, guards), commit)
                staged = msgspec.structs.replace(record.commit, soak=commit.soak or record.commit.soak)
                if commit.waves:
                    staged = msgspec.structs.replace(staged, waves=commit.waves, more=commit.more)
                return msgspec.structs.replace(record, commit=staged)
        raise UsageError(f"plan {commit.plan} has ended", "It can be undone: kurator-tui do undo ID")


def _need_confirmation(plan: Plan, commit: Commit) -> None:
    """Raises UsageError for a plan that cannot be applied, or was not confirmed as its risk demands."""
    from kurator_tui.kinds.verb import Risk

    if not plan.ready:
        raise UsageError(
            "This plan cannot be applied.", "A server refuses a part of it, or there is nothing to do."
        )
    wanted = plan.word if plan.risk is Risk.DESTRUCTIVE else "y"
    if plan.risk is not Risk.SAFE and commit.confirmed != wanted:
        raise UsageError("It was not confirmed.", f"Type {wanted} to confirm it.")


def _need_same(record: Record, rules: Rules, servers: Mapping[str, str]) -> None:
    """Raises UsageError for a plan that was begun as somebody else, or in another fleet."""
    if (record.user, record.groups) != (rules.user, rules.groups):
        whom = f"--as {inert(record.user)}" if record.user else "without --as"
        raise UsageError(f"plan {record.id} was begun as another user", f"Start it {whom} to go on with it.")
    if other := record.elsewhere(servers):
        where = f"{inert(other)} was {inert(record.servers[other])} then"
        raise UsageError(f"plan {record.id} was begun in another fleet: {where}", "Start it there to go on.")


class _Words:
    """What the console feeds while a plan is applied, also before there is something to be told."""

    def __init__(self) -> None:
        self._applying: Applying | None = None
        self._early: list[str] = []

    def begun(self, applying: Applying) -> None:
        """It is about to write: it is told what was said so far."""
        self._applying = applying
        for word in self._early:
            self.say(word)

    def say(self, word: str) -> None:
        """`pause`, `resume`, `abort`, or `close` when the console is gone."""
        if self._applying is None:
            self._early.append(word)
            return
        match word:
            case "pause":
                self._applying.pause()
            case "resume":
                self._applying.resume()
            case "abort":
                self._applying.abort("aborted")
            case "close":
                self._applying.abort("the console closed it")

    async def hear(self, channel: Channel) -> None:
        """Until it is cancelled."""
        while True:
            self.say((await channel.receive()).decode("ascii", "replace"))


def _whose(hub: Hub, clusters: Sequence[str]) -> dict[str, str]:
    """By cluster: where the credentials come from."""
    facts = {cluster: getattr(hub.links.get(cluster), "facts", None) for cluster in clusters}
    return {cluster: str(getattr(each, "via", "")) for cluster, each in facts.items()}
