"""The part of the frame that changes clusters: verbs of the row or the marked rows, undo, plans under way."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from kurator_tui.config.actions import ACTIONS, Context
from kurator_tui.config.rollout_actions import ROLLOUTS as BOARD
from kurator_tui.config.verb_actions import APPLY, AUDIT, UNDO, object_kind
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import AnyKind, Row
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.verbs import VERBS, Verb, verbs_of
from kurator_tui.screens.keys import Request
from kurator_tui.screens.remote import Remote
from kurator_tui.store.freshness import State

if TYPE_CHECKING:
    from kurator_tui.screens.changing import Changes
    from kurator_tui.screens.frame_actions import Frame
    from kurator_tui.screens.menu import Menu

_SILENT = (State.STALE, State.UNREACHABLE)


class Acting(Remote):
    """What the keys of verbs are sent to; `frame_actions.Frame` has it."""

    @cached_property
    def changes(self) -> Changes:
        """Plans, from the question to the end."""
        from kurator_tui.screens.changing import Changes

        return Changes(self)

    # -- what may be done -------------------------------------------------------------------------------------

    @property
    def context(self) -> Context:
        return self.judged(super().context, self.current.kind)

    def judged(self, context: Context, kind: AnyKind) -> Context:
        """`context` with what is known of changing its row, an object of `kind`."""
        row = context.row
        found = object_kind(kind, row)
        changed = replace(context, object_kind=found, read_only=self.settings.read_only)
        if row is None or not found:
            return changed
        target = object_target(kind, row)
        if target is None:
            return changed
        denied = self.changes.denied(verbs_of(found), target)
        return replace(changed, standing=self._standing(target.cluster), denied=denied)

    def _standing(self, cluster: str) -> str:
        """Why a cluster cannot be asked now, "" when it can."""
        told = self.source.store.freshness(cluster)
        return f"{cluster} is {told.state}" if told.state in _SILENT else ""

    def judge_menu(self, menu: Menu) -> None:
        """Ask what may be done with the row while its menu is open, and say so in it."""
        context = self.context
        if context.row is not None and context.object_kind and not context.read_only and not context.standing:
            self.run_worker(self._judge_menu(menu, context.object_kind), group="menu", exclusive=True)

    async def _judge_menu(self, menu: Menu, kind: str) -> None:
        from kurator_tui.screens.overlays import menu_entries

        await self.changes.ask_may(verbs_of(kind), self.targets()[:1])
        menu.show(menu_entries(self.context, self.key_texts))
        self.refresh_footer()

    # -- verbs ------------------------------------------------------------------------------------------------

    def targets(self) -> list[Target]:
        """The objects of the marked rows, else of the one under the cursor."""
        screen, row = self.current, self.context.row
        store = self.source.store
        marked = [found for key in sorted(screen.table.marked) if (found := store.get(screen.kind.id, key))]
        rows = marked or ([row] if row is not None else [])
        return [target for each in rows if (target := object_target(screen.kind, each)) is not None]

    def do_verb(self, request: Request) -> None:
        verb = VERBS[request.argument]
        self.changes.begin(verb, self.targets() if verb.targeted else ())

    def do_rollout_verb(self, request: Request) -> None:
        """A verb of rollouts, for the application or the rollouts selected."""
        from kurator_tui.kinds.board import board_key
        from kurator_tui.kinds.rollouts import ROLLOUTS, RolloutRow
        from kurator_tui.kinds.verbs_rollouts import addressed

        row = self.context.row
        keys = self.current.table.marked or ({row.key} if row is not None else set())
        rows = [each for each in self.source.store.rows(ROLLOUTS.id) if isinstance(each, RolloutRow)]
        if self.view == BOARD:
            applications = {uid for _cluster, uid in keys}
            rows = [each for each in rows if self.scope.holds(each) and board_key(each) in applications]
        else:
            rows = [each for each in rows if each.key in keys]
        self.changes.begin(VERBS[request.argument], addressed(request.argument, rows))

    def do_do(self, request: Request) -> None:
        """`VERB [NAME=VALUE]...` for the row or the marked rows."""
        try:
            word, *said = shlex.split(request.argument)
        except ValueError as error:
            self.say(f"do: {error}" if request.argument else "do what? A verb is needed", level="error")
            return
        verb = VERBS.get(word)
        if verb is None:
            self.say(f"there is no verb {word!r}", ", ".join(VERBS), level="error")
            return
        if reason := ACTIONS[f"verb.{verb.id}"].off(self.context):
            self.say(f"{verb.label}: {reason}", level="warning")
            return
        given = {name: value for name, _, value in (each.partition("=") for each in said)}
        if unknown := sorted(set(given) - {each.name for each in verb.parameters}):
            known = ", ".join(each.name for each in verb.parameters) or "nothing"
            self.say(f"{verb.id} is told {known}, not {unknown[0]}", level="error")
            return
        if verb.id == UNDO and not given:
            self.do_undo(Request())
        elif verb.id == APPLY:
            self.do_apply(Request())
        else:
            self.changes.begin(verb, self.targets() if verb.targeted else (), given)

    def verbs_here(self) -> list[Verb]:
        """What `:do` can do with the row."""
        kind = self.context.object_kind
        return [verb for verb in VERBS.values() if not verb.targeted or (kind and verb.takes(kind))]

    def open_object(self, target: Target) -> None:
        """Read an object over what is shown."""
        from kurator_tui.kinds.reading import Which
        from kurator_tui.kinds.registry import KINDS
        from kurator_tui.screens.reading import ReadingScreen

        if target.kind not in KINDS:
            self.say(f"{target.label}: this console does not know the kind {target.kind}", level="warning")
            return
        which = Which(target.cluster, target.kind, target.namespace, target.name)
        row = Row(target.cluster, target.namespace, target.name, target.uid, 0.0)
        self.app.push_screen(ReadingScreen(cast("Frame", self), which, row, "yaml"), cast("Frame", self).commanded)

    def do_apply(self, request: Request) -> None:
        """`FILE|DIR|- [CLUSTER,...]`: documents for clusters; what is not said is asked for."""
        self.changes.manifests.begin(request.argument)

    def cluster_names(self) -> list[str]:
        """All clusters there are, in order."""
        return sorted(row.name for row in self.source.store.rows(CLUSTERS.id))

    # -- what was done ----------------------------------------------------------------------------------------

    def do_undo(self, request: Request) -> None:
        """Take back the plan selected in the audit, else the last one that changed something."""
        self.run_worker(self._undo(), group="undo", exclusive=True)

    async def _undo(self) -> None:
        from kurator_tui.kinds.audit import AuditRow

        row = self.context.row if self.view == AUDIT else None
        try:
            plan = row.plan if isinstance(row, AuditRow) else self.changes.last_done or await self._last_audited()
        except ConsoleError as error:
            self.say(error.title, error.message, error.hint, level="error")
            return
        if plan:
            self.changes.begin(VERBS[UNDO], (), {"plan": plan})
        else:
            self.say("nothing was changed yet that could be taken back", level="warning")

    async def _last_audited(self) -> str:
        """The last plan of an earlier console that changed something, "" for none. Raises ConsoleError."""
        from kurator_tui.kinds.audit import audit_rows

        rows = audit_rows(await self.source.call("audit"))
        return next((row.plan for row in reversed(rows) if row.outcome == "done"), "")

    def do_plans(self, request: Request) -> None:
        self.run_worker(self._plans(), group="plans", exclusive=True)

    async def _plans(self) -> None:
        from kurator_tui.screens.plan_list import PlanList

        await PlanList(self).open()

    # -- said elsewhere -----------------------------------------------------------------------------------------

    def plan_badge(self) -> tuple[int, int] | None:
        """Only a console that planned something knows of plans."""
        return self.changes.badge if "changes" in self.__dict__ else None

    def farewell(self) -> str:
        ends = (
            "A plan is being applied: nothing more of it is begun, :plans goes on with it."
            if self.plan_badge()
            else ""
        )
        return " ".join(text for text in (ends, super().farewell()) if text)


def object_target(kind: AnyKind, row: Row) -> Target | None:
    """The object that a row stands for, None for none."""
    from kurator_tui.screens.reading_target import NoObject, target

    if not object_kind(kind, row):
        return None
    try:
        which = target(kind, row)
    except NoObject:
        return None
    uid = row.uid if which.kind == kind.id else ""
    return Target(which.cluster, which.kind, which.namespace, which.name, uid)
