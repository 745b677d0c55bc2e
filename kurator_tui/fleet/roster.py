"""Who the members are, as the host's rows in the store or the user's contexts say it."""

from __future__ import annotations

from kurator_tui.api.kubeconfig import Kubeconfig
from kurator_tui.errors import CredentialError
from kurator_tui.fleet.membership import Member, context_members, members
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.kurator import ATTACHED_CLUSTER, CLUSTER, CUSTOM_CLUSTER, FLEET
from kurator_tui.store.freshness import State
from kurator_tui.store.store import Store

MANAGED = (CLUSTER, ATTACHED_CLUSTER, CUSTOM_CLUSTER)
MEMBERSHIP_KINDS = {kind.id for kind in (FLEET, *MANAGED)}


class Roster:
    """The members of all fleets, or of `only_fleet`."""

    def __init__(self, store: Store, only_fleet: str = "") -> None:
        self._store = store
        self._only_fleet = only_fleet
        self._answered: set[str] = set()

    def known(self) -> bool:
        """Whether the host has said what the fleets list, and of each kind of cluster what there is.

        A kind of cluster that fails to be listed costs its own members only; without the Fleets nobody is one.
        """
        states = {kind: self._store.freshness(HOST, kind).state for kind in MEMBERSHIP_KINDS}
        answered = (State.LIVE, State.ABSENT, State.FORBIDDEN)
        self._answered |= {kind for kind, state in states.items() if state in answered}
        return all(
            kind in self._answered or (kind != FLEET.id and state is State.UNREACHABLE)
            for kind, state in states.items()
        )

    def members(self) -> list[Member]:
        """As Kurator's objects say it."""
        clusters = [row for kind in MANAGED for row in self._store.rows(kind.id, HOST)]
        return members(self._store.rows(FLEET.id, HOST), clusters, only_fleet=self._only_fleet)  # type: ignore[arg-type]

    def missing(self, member: Member) -> CredentialError:
        """Why the object of `member` is not among those listed."""
        where = f"{member.kind} {member.namespace}/{member.object_name}"
        kind = next((kind for kind in MANAGED if kind.name == member.kind), None)
        listed = self._store.freshness(HOST, kind.id) if kind is not None else None
        if listed is not None and listed.state is not State.LIVE:
            return CredentialError(
                f"the fleet lists {where}, which cannot be read: {listed.reason or listed.state}"
            )
        return CredentialError(
            f"the fleet lists {where}, which does not exist",
            "Create it, or remove it from the fleet's spec.clusters.",
        )


def contexts(own: Kubeconfig, chosen: str | None) -> list[Member]:
    """Every context of the user's kubeconfig but that of the host."""
    return context_members(own.contexts, own.select(chosen).name)
