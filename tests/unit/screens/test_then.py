"""What recorded rows answer, and that they say what they do not know."""

from __future__ import annotations

import asyncio
import json

from msgspec.structs import replace

from kurator_tui.kinds.alerts import ALERTS, AlertRow
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.core import EVENT, EventRow
from kurator_tui.kinds.findings import FINDINGS, FindingRow
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.reading import LIVE, REFUSED, Collector
from kurator_tui.link.history import History
from kurator_tui.link.messages import StreamEnded
from kurator_tui.link.past import Past
from kurator_tui.screens.source import Source
from kurator_tui.screens.then import NO_OBJECTS, alerts_then, findings_then, object_then
from kurator_tui.screens.timed import Timed
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.ui.source import FakeSource
from tests.unit.link.recorded import NOW, Reel, incident

WEB = {"cluster": "a", "kind": "pods", "namespace": "shop", "name": "web"}


def event(name: str, namespace: str = "shop", kind: str = "Pod") -> EventRow:
    uid = f"{namespace}-{kind}-{name}"
    return EventRow("a", namespace, uid, uid, NOW, "Warning", "BackOff", "it fails", kind, name, namespace)


def collected(store: Store) -> Collector:
    found = Collector()
    for data in object_then(store, WEB):
        found.take(data)
    return found


def test_events_that_were_recorded_are_those_of_the_object() -> None:
    store = Store()
    others = (event("api"), event("web", "other"), event("web", kind="Deployment"))
    store.put(EVENT.id, "a", {each.uid: each for each in (event("web"), *others)})
    found = collected(store)
    assert [each.uid for each in found.events.values()] == ["shop-Pod-web"]
    assert found.events_standing is not None
    assert found.events_standing.state == LIVE
    assert found.standing is not None
    assert (found.standing.state, found.standing.reason) == (REFUSED, NO_OBJECTS)


def test_where_nobody_read_events_none_is_not_the_answer() -> None:
    store = Store()
    store.set_freshness("b", EVENT.id, Freshness(State.LIVE, NOW))
    store.set_freshness("a", EVENT.id, Freshness(State.UNREAD, 0.0))
    standing = collected(store).events_standing
    assert standing is not None
    assert (standing.state, standing.reason) == (REFUSED, "nobody read events then")
    store.set_freshness("a", EVENT.id, Freshness(State.LIVE, NOW))
    standing = collected(store).events_standing
    assert standing is not None
    assert standing.state == LIVE, "they were read, and there were none"


def test_alerts_are_those_that_were_read_then() -> None:
    store = Store()
    assert alerts_then(store) is None
    store.put(ALERTS.id, "a", {"1": AlertRow("a", "shop", "Down", "1", NOW, summary="it is down")})
    (told,) = json.loads(alerts_then(store) or "")
    assert (told["name"], told["summary"]) == ("Down", "it is down")


def finding(name: str, code: str = "KT1001", namespace: str = "shop", cluster: str = "a") -> FindingRow:
    marks = (("owner", "Deployment/web"),)
    uid = f"{cluster}-{namespace}-{name}-{code}"
    return FindingRow(cluster, namespace, name, uid, NOW, code, "high", "it fails", "pods", "", marks)


def test_findings_are_those_of_the_incident_with_as_many_as_followed_from_them() -> None:
    store = Store()
    about = {"cause": "owner Deployment/web", "kind": "pods", "target": "a/shop/web-1", "symptoms": 1}
    row = replace(incident("it fails"), **about)
    store.replace(INCIDENTS.id, HOST, [row])
    own = [finding("web-2"), finding("web-1"), finding("web", "KT1201"), finding("web-1", "KT4101")]
    store.replace(FINDINGS.id, "a", [*own, finding("web-1", namespace="test")])
    store.replace(FINDINGS.id, "b", [finding("web-1", cluster="b")])
    told = json.loads(findings_then(store, row.uid) or "")
    assert [(each["namespace"], each["name"], each["code"], each["follows"]) for each in told] == [
        ("shop", "web-1", "KT1001", False),
        ("shop", "web-2", "KT1001", False),
        ("shop", "web", "KT1201", True),
    ]
    assert told[-1]["because"] == "recorded with the same owner Deployment/web"
    assert findings_then(store, "another") is None


async def test_logs_are_not_of_another_moment() -> None:
    source: Source = FakeSource()
    timed = Timed(source, History(Past(Reel())), lambda: NOW)
    timed.show(Store(), NOW - 60)
    ended: list[StreamEnded] = []
    timed.open_stream("logs", {}, lambda _data: None, ended.append)
    await asyncio.sleep(0)
    assert [each.message for each in ended] == ["logs are not recorded"]
