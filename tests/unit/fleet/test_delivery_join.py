"""The joins of delivery as they are run: what they wait for, what joins a cluster again, and hundreds at once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from kurator_tui.fleet import deliveries, delivery_steps
from kurator_tui.fleet.delivery_objects import MEMBER_KINDS
from kurator_tui.fleet.delivery_plan import PLAN_KINDS
from kurator_tui.fleet.derived import Derived
from kurator_tui.fleet.interest import Interest, Reach
from kurator_tui.kinds.base import HOST, AnyKind, Row
from kurator_tui.kinds.deliveries import DELIVERIES, DELIVERY_STEPS, Sync
from kurator_tui.kinds.flux import KUSTOMIZATION
from kurator_tui.kinds.kurator_apps import APPLICATION
from kurator_tui.kinds.table import ObjectRow
from kurator_tui.store.freshness import Freshness, State
from tests.unit.fleet.delivery_estate import ABSENT, FORBIDDEN, ON_M1, DeliveryEstate
from tests.unit.fleet.rollout_objects import LIVE, NEXT


class Running:
    """An estate whose deliveries are joined by `Derived`, and the clusters whose rows that wrote."""

    def __init__(self, estate: DeliveryEstate, *kinds: AnyKind) -> None:
        self.store, self.members = estate.store, dict(estate.seen.members)
        self.kinds = kinds or (DELIVERIES, DELIVERY_STEPS)
        for kind in PLAN_KINDS:
            if self.store.told(HOST, kind.id) is None:
                self.store.set_freshness(HOST, kind.id, LIVE)
        self.derived = Derived(
            self.store,
            (deliveries.JOIN, delivery_steps.JOIN),
            Interest(lambda: None, lambda _seconds, _act: None),
            lambda: 0.0,
            lambda: None,
        )
        self.store.listen(self.derived.take)
        for kind in self.kinds:
            self.derived.require(kind.id, Reach())
        self.refresh()

    def refresh(self) -> set[str]:
        """The clusters in which a row of either kind is another one now."""
        before = self._rows()
        self.derived.refresh(self.members)
        after = self._rows()
        return {
            cluster
            for cluster, uid in before.keys() | after.keys()
            if before.get((cluster, uid)) is not after.get((cluster, uid))
        }

    def _rows(self) -> dict[tuple[str, str], Row]:
        return {
            (row.cluster, f"{kind.id}/{row.uid}"): row for kind in self.kinds for row in self.store.rows(kind.id)
        }

    def states(self, cluster: str) -> set[State]:
        return {self.store.freshness(cluster, kind.id).state for kind in self.kinds}


@pytest.fixture
def estate() -> DeliveryEstate:
    found = DeliveryEstate()
    found.applied()
    return found


def test_a_kind_that_a_member_refuses_costs_no_row(estate: DeliveryEstate) -> None:
    for kind in MEMBER_KINDS:
        estate.store.set_freshness("m1", kind.id, FORBIDDEN)
    running = Running(estate)
    assert running.states("m1") == {State.LIVE}
    (row,) = running.store.rows(DELIVERIES.id, "m1")
    assert (row.state, row.notes) == (Sync.IN_SYNC, ())  # type: ignore[attr-defined]


def test_rows_do_not_wait_for_what_members_list(estate: DeliveryEstate) -> None:
    for kind in MEMBER_KINDS:
        estate.store.set_freshness("m1", kind.id, Freshness(State.SYNCING, 1.0))
    running = Running(estate)
    assert running.states("m1") == {State.LIVE}
    assert running.store.count(DELIVERIES.id, "m1") == 1


def test_they_wait_for_all_that_the_host_lists(estate: DeliveryEstate) -> None:
    estate.store.set_freshness(HOST, KUSTOMIZATION.id, Freshness(State.SYNCING, 1.0))
    assert Running(estate).states("m1") == {State.SYNCING}


def test_applications_that_may_not_be_read_are_said_everywhere(estate: DeliveryEstate) -> None:
    estate.store.set_freshness(HOST, APPLICATION.id, FORBIDDEN)
    running = Running(estate)
    assert running.states("m1") == running.states(HOST) == {State.FORBIDDEN}


def test_without_kurator_there_is_nothing_to_deliver() -> None:
    estate = DeliveryEstate()
    estate.delete(APPLICATION, "uid-web")
    for kind in PLAN_KINDS:
        estate.store.set_freshness(HOST, kind.id, ABSENT)
    running = Running(estate)
    assert running.store.count(DELIVERIES.id) == running.store.count(DELIVERY_STEPS.id) == 0
    assert running.states("m1") == {State.LIVE}


def test_a_change_on_a_member_joins_that_member(estate: DeliveryEstate) -> None:
    estate.applied(inventory=("shop_web_apps_Deployment",))
    estate.workload("web", "img:1")
    running = Running(estate)
    estate.workload("web", "img:1", ready=0)
    assert running.refresh() == {"m1"}


def test_a_new_revision_of_the_source_joins_all_its_members_and_the_host(estate: DeliveryEstate) -> None:
    running = Running(estate)
    estate.git(NEXT)
    assert running.refresh() == {HOST, "m1", "m2"}


def test_hundreds_of_applications_on_many_members_change_one_by_one() -> None:
    estate, applications, members = DeliveryEstate(), 300, 30
    names = [f"m{number}" for number in range(1, members + 1)]
    for name in names[2:]:
        estate.store.set_freshness(name, "", LIVE)
        estate.member(name)
        for kind in MEMBER_KINDS:
            estate.store.set_freshness(name, kind.id, LIVE)
    estate.ready_fleet("Ready", *names)
    estate.applied()
    (application,) = estate.store.rows(APPLICATION.id)
    (flux,) = estate.store.rows(KUSTOMIZATION.id)
    assert isinstance(flux, ObjectRow)
    several = {f"a{at}": replace(application, name=f"app{at}", uid=f"a{at}") for at in range(applications)}
    written = {
        f"k{at}/{name}": replace(
            flux,
            name=f"sync-attachedcluster-{name}",
            uid=f"k{at}/{name}",
            labels=(("apps.kurator.dev/app-name", f"app{at}"),),
        )
        for at in range(applications)
        for name in names
    }
    estate.store.put(APPLICATION.id, HOST, {"uid-web": None, **several})
    estate.store.put(KUSTOMIZATION.id, HOST, {f"uid-{ON_M1}": None, **written})
    running = Running(estate, DELIVERIES)
    assert running.store.count(DELIVERIES.id) == applications * members
    assert len({row.uid for row in running.store.rows(DELIVERIES.id, "m7")}) == applications
    changed = "k17/m9"
    estate.store.put(KUSTOMIZATION.id, HOST, {changed: replace(written[changed], level="failed", reason="x")})
    assert running.refresh() == {"m9"}
