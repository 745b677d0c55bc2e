"""The ways between objects: what belongs to a row, its owner, its node, its users, the same one elsewhere.

Objects are asked for while the console goes on; an answer that comes when the user has gone elsewhere is dropped.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from kurator_tui.config.actions import ACTIONS
from kurator_tui.errors import ConsoleError
from kurator_tui.kinds.base import AnyKind, Key, Row
from kurator_tui.screens.commands import UnknownCommand, parse
from kurator_tui.screens.frame import FrameBase
from kurator_tui.screens.keys import Request
from kurator_tui.screens.places import Aim
from kurator_tui.screens.registry import make_screen
from kurator_tui.screens.table_screen import TableScreen
from kurator_tui.store.scope import Scope

if TYPE_CHECKING:  # the first frame waits for no kinds
    from kurator_tui.kinds.links import Target
    from kurator_tui.screens.comparing import ComparisonScreen
    from kurator_tui.screens.kinds import KindScreen
    from kurator_tui.screens.rollouts import RolloutsScreen

Find = Callable[[], Awaitable["list[Target]"]]


class Ways(FrameBase):
    """The part of the frame that follows links; `frame_actions.Frame` adds the rest of what keys do."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._cursors: dict[str, Key] = {}
        """Where the cursor was on screens that were given up and can be come back to."""

    async def commanded(self, text: str | None) -> None:
        """A screen over the table ended, with a command that is not about it: the table is shown, and does it."""
        if not text:
            return
        if self.app.screen is not self:  # what that screen was opened over
            self.app.screen.dismiss(None)
        try:
            asked = parse(text)
        except UnknownCommand as error:
            self.say(str(error), level="error")
        else:
            await self.perform(*asked)

    def _make(self, place: str) -> TableScreen:
        aim = self.places.aims.get(place)
        screen = self.screens[place] = make_screen(place, self.source, self.look, self.gauges, aim)
        screen.scope = self.scope
        if (key := self._cursors.pop(place, None)) is not None:
            self.call_after_refresh(screen.table.select_key, key)
        return screen

    async def _show(self, before: TableScreen) -> None:
        await super()._show(before)
        for place in [place for place in self.screens if "#" in place and place not in self.places.aims]:
            await self.forget(place)  # a drill-down that no way leads back to
            self._cursors.pop(place, None)

    async def forget(self, place: str) -> None:
        screen = self.screens.pop(place, None)
        if screen is not None:
            if screen.table.selected_key is not None:
                self._cursors[place] = screen.table.selected_key
            await screen.leave()

    # -- asking -------------------------------------------------------------------------------------------------

    def ask(self, row: Row, find: Find) -> None:
        """Go where `find` says, once it knows; a later question takes the place of this one."""
        self.run_worker(self._asked(row, find), group="ways", exclusive=True)

    async def _asked(self, row: Row, find: Find) -> None:
        from kurator_tui.kinds.links import NoLink

        place, screen = self.places.place, self.current
        screen.asking = f"asking {row.cluster}"
        screen.refresh_title()
        try:
            targets = [await self._with_users(target) for target in await find()]
        except NoLink as error:
            self.say(f"{row.name}: {error}", level="warning")
        except ConsoleError as error:
            self.say(error.title, error.message, error.hint, level="error")
        else:
            if self.places.place == place:
                await self.go(row, targets)
        finally:
            screen.asking = ""
            if screen.is_mounted:
                screen.refresh_title()

    async def object(self, kind: AnyKind, row: Row) -> dict[str, Any]:
        """The full object of a row, by one GET. Raises ConsoleError."""
        where = {"cluster": row.cluster, "namespace": row.namespace, "name": row.name}
        found = json.loads(await self.source.call("object", kind=kind.id, **where))
        return found if isinstance(found, dict) else {}

    async def _with_users(self, target: Target) -> Target:
        """A target that means the users of an object, with their names. Raises NoLink, ConsoleError."""
        from kurator_tui.kinds.links import NoLink

        found = await self._users(target) if target.users_of else target
        if found.users_of and not found.objects:
            raise NoLink(f"no pod in {target.namespace} uses it")
        return found

    async def _users(self, target: Target) -> Target:
        """As `_with_users`, of now; maybe of nobody. Raises ConsoleError."""
        kind, name = target.users_of
        where = {"cluster": target.cluster, "namespace": target.namespace, "name": name}
        names = json.loads(await self.source.call("used_by", kind=kind, **where))
        places = frozenset((target.cluster, target.namespace, str(user)) for user in names)
        return replace(target, objects=places, asked=self.look.clock())

    def asks_users_again(self) -> bool:
        """Ask again who uses an object, where that is what is shown; False where it is not."""
        if not getattr(getattr(self.current, "target", None), "users_of", ()):
            return False
        self.run_worker(self._asked_again(cast("KindScreen", self.current)), group="ways", exclusive=True)
        return True

    async def _asked_again(self, screen: KindScreen) -> None:
        place, target = self.places.place, screen.target
        if target is None:
            return
        try:
            found = await self._users(target)
        except ConsoleError as error:
            self.say(error.title, error.message, error.hint, level="error")
            return
        if place in self.places.aims:
            self.places.aims[place] = self.places.aims[place]._replace(target=found)
        if screen.is_mounted:
            screen.narrow(found)

    # -- going --------------------------------------------------------------------------------------------------

    async def go(self, row: Row, targets: list[Target]) -> None:
        """Open the only target, or let the user choose."""
        from kurator_tui.kinds.registry import KINDS
        from kurator_tui.screens.overlays import target_picker

        known = [target for target in targets if target.kind in KINDS]
        if not known:
            missing = ", ".join(sorted({target.kind for target in targets}))
            self.say(f"{row.name}: no view shows {missing}", level="warning")
        elif len(known) == 1:
            await self.open_target(row, known[0])
        else:
            picker, choices = target_picker(row.name, known)

            async def chosen(picked: frozenset[str] | None) -> None:
                for value in picked or ():
                    await self.open_target(row, choices[value])

            self.app.push_screen(picker, chosen)

    async def open_target(self, row: Row, target: Target) -> None:
        """Go on to what belongs to `row`; Esc comes back to it."""
        path = getattr(self.current, "path", ())
        await self.open_aim(target.kind, Aim(target, (*path, self.current.title, f"{row.name}@{row.cluster}")))

    async def open_aim(self, view: str, aim: Aim) -> None:
        """Go on to a drill-down."""
        before = self.current
        self.places.drill(view, aim)
        await self._show(before)

    async def on_kind_screen_opened(self, message: KindScreen.Opened) -> None:
        """Enter: what belongs to the row; the details where nothing does."""
        from kurator_tui.kinds.children import (
            ROW_CHILDREN,
            bare,
            children,
            has_children,
            needs_object,
            row_children,
        )

        kind, row = message.screen_of_kind.kind, message.row

        async def find() -> list[Target]:
            if kind.id in ROW_CHILDREN:
                return row_children(kind.id, row)
            obj = await self.object(kind, row) if needs_object(kind.id) else bare(row)
            return children(kind.id, row.cluster, obj)

        if kind.id == "namespaces":
            self.use_scope(Scope(self.scope.clusters, frozenset({row.name})))
            await self.open_place("pods")
        elif has_children(kind.id):
            self.ask(row, find)
        elif kind.id == "pods":
            self.run_worker(self._containers(row), group="ways", exclusive=True)
        else:
            await self.current.open_details()

    def do_beneath(self, request: Request) -> None:
        """What the cluster or the fleet is made of."""
        from kurator_tui.kinds.children import row_children

        kind, row = self.current.kind.id, self.context.row

        async def find() -> list[Target]:
            return row_children(kind, row) if row is not None else []

        if row is not None:
            self.ask(row, find)

    async def _containers(self, row: Row) -> None:
        """A pod's containers; the chosen one's log is read."""
        from kurator_tui.kinds.registry import KINDS

        place = self.places.place
        try:
            pod = await self.object(KINDS["pods"], row)
        except ConsoleError as error:
            self.say(error.title, error.message, error.hint, level="warning")
            await self.current.open_details()
            return
        if self.places.place != place:
            return
        from kurator_tui.screens.overlays import container_picker

        async def chosen(picked: frozenset[str] | None) -> None:
            for name in picked or ():
                await self.open_container(row, name)

        self.app.push_screen(container_picker(row.name, pod), chosen)

    async def open_container(self, row: Row, name: str) -> None:
        """The log of a container where logs can be read; else the details of its pod."""
        if "logs" in ACTIONS:
            await self.perform(ACTIONS["logs"], Request(argument=name))
        else:
            await self.current.open_details()

    def subject(self) -> tuple[AnyKind, Row] | None:
        """The object under the cursor, as a row of its own kind; None, and that is said, where there is none."""
        from kurator_tui.screens.reading_target import NoObject, as_object

        row = self.context.row
        if row is None:
            return None
        try:
            return as_object(self.current.kind, row)
        except NoObject as reason:
            self.say(str(reason), level="warning")
            return None

    # -- keys ---------------------------------------------------------------------------------------------------

    def do_owner(self, request: Request) -> None:
        if (found := self.subject()) is not None:
            self.owner_of(*found)

    def owner_of(self, kind: AnyKind, row: Row) -> None:
        """Go to what owns the object of `row`."""
        from kurator_tui.kinds.links import owner

        async def find() -> list[Target]:
            return [owner(row.cluster, await self.object(kind, row))]

        self.ask(row, find)

    def do_node(self, request: Request) -> None:
        from kurator_tui.kinds.links import node

        kind, row = self.current.kind, self.context.row
        if row is None:
            return
        asked = row

        async def find() -> list[Target]:
            return [node(asked, kind)]

        self.ask(asked, find)

    def do_used(self, request: Request) -> None:
        from kurator_tui.kinds.links import users

        if (found := self.subject()) is None:
            return
        kind, row = found

        async def find() -> list[Target]:
            return [users(kind.id, row)]

        self.ask(row, find)

    async def do_compare(self, request: Request) -> None:
        """The marked rows; else what has the row's kind, namespace and name in any cluster."""
        if (row := self.context.row) is not None:
            await self.compare(row, self.current.table.marked)

    async def compare(self, row: Row, marked: Collection[Key] = ()) -> None:
        """Compare the `marked` rows of the open table if there are several, else the copies of `row`."""
        from kurator_tui.screens.comparing import Comparison
        from kurator_tui.screens.kind_facts import coverage

        screen = self.current
        kind = screen.kind.id
        rows = list(self.source.store.rows(kind))
        if len(marked) > 1:
            copies = [one for one in rows if one.key in marked]
            title = f"{len(copies)} {screen.kind.plural}"
        else:
            copies = [one for one in rows if (one.namespace, one.name) == (row.namespace, row.name)]
            title = f"{screen.kind.name} {row.name}"
        told = {one.cluster for one in copies}
        missing = coverage(kind, self.source.store.freshness_items(), self.scope.clusters).missing
        unknown = () if len(marked) > 1 else tuple(one for one in missing if one[0] not in told)
        places = tuple(sorted((one.cluster, one.namespace, one.name) for one in copies))
        path = (*getattr(screen, "path", ()), screen.title)
        await self.open_aim("comparison", Aim(Comparison(kind, places, unknown, title), path))

    async def on_comparison_screen_chosen(self, message: ComparisonScreen.Chosen) -> None:
        path = (*getattr(self.current, "path", ()), self.current.title)
        await self.open_aim("differences", Aim(message.pair, path))

    async def on_rollouts_screen_chosen(self, message: RolloutsScreen.Chosen) -> None:
        from kurator_tui.screens.rollout_detail import Target as Rollout

        row = message.row
        target = Rollout(row.uid, row.name, message.trail, message.first)
        await self.open_aim("rollout", Aim(target, (self.current.title,)))

    # -- scope --------------------------------------------------------------------------------------------------

    def use_scope(self, scope: Scope) -> None:
        """Every screen shows what is in `scope` from now on."""
        self.scope = scope
        for screen in self.screens.values():
            screen.set_scope(scope)
        self.refresh_tabs()
        self.refresh_status()
