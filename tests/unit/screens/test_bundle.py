"""What a bundle says: its pages, its objects and numbers; what clusters say does nothing in them."""

from __future__ import annotations

import csv
import io
import json
import re
from array import array
from dataclasses import replace as with_parts
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from kurator_tui.cli.triage_output import printed
from kurator_tui.cli.triage_read import Found, Incident, Object
from kurator_tui.kinds.audit import AuditRow
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.blindspots import BlindspotRow
from kurator_tui.kinds.core import EventRow
from kurator_tui.kinds.findings import FindingRow
from kurator_tui.kinds.inbox import Handled, InboxRow, inbox_row
from kurator_tui.kinds.incidents import State
from kurator_tui.kinds.plans import Line, Target
from kurator_tui.kinds.reading import Which
from kurator_tui.link.metrics import Missing, PanelData, PanelSeries, packed
from kurator_tui.screens.bundle_content import Picture, bundle_name, cleared, files
from kurator_tui.screens.bundle_gathering import OBJECTS, Gathered, wanted, within
from kurator_tui.screens.bundle_queries import numbers_csv, numbers_json
from kurator_tui.screens.evidence_parts import Answer, Evidence, Excerpt, Origin, Workload
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.freshness import State as Standing
from tests.ui.estate import NOW
from tests.ui.triage_source import DEPLOYMENT, POD, PULL

HOSTILE = "x`](http://evil) <script>alert(1)</script> ``` \x1b[31m|\n# head\u202e@all"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln"


def finding(number: int = 0, **fields: Any) -> FindingRow:
    values: dict[str, Any] = {"code": "KT1002", "title": "image cannot be pulled", "kind": "pods", **fields}
    values.setdefault("marks", (("owner", "Deployment/web"),))
    return FindingRow("edge-east", "shop", f"web-{number}", f"u{number}", NOW - 100 + number, **values)


def panel(**fields: Any) -> PanelData:
    series = PanelSeries((("cluster", "edge"), ("pod", "=cmd()")), packed(array("d", [1.0, float("nan"), 2.5])))
    return PanelData(
        start=NOW, step=30.0, count=3, series=(series,), total=1, query="sum(x)", source="t:1", **fields
    )


def change(at: float, cluster: str = "edge-east", **fields: Any) -> AuditRow:
    where = Target(cluster, "deployments.apps", "shop", "web")
    return AuditRow(cluster, "shop", "deployments/web", f"p/{at}", at, "p1", "scale", target=where, **fields)


def gathered(**parts: Any) -> Gathered:
    """Everything is known of an incident."""
    known = Evidence(
        replace(PULL, objects=2),
        findings=Answer([finding(), finding(1)]),
        means=Answer(["The registry does not have it."]),
        object=Answer(POD),
        events=Answer([]),
        deploys=Answer([]),
        follows=(("its Service has no endpoints", 3),),
        releases=Answer([]),
        audit=Answer([]),
        alerts=Answer([]),
        logs=Answer(Excerpt("web-0", ((NOW, "starting"), (NOW + 1, "fatal: no config")), 1)),
        origin=Answer(Origin((("revision", "main@sha1:7f3c2ab"),))),
        charts={"CPU used": Answer(panel())},
    )
    which = Which("edge-east", "pods", "shop", "web-5d7f-x2v4p")
    rows = [Row("edge-east", "shop", "web-0", "u0", NOW)]
    found = Gathered(known, NOW, "mgmt-eu", [(which, Answer(POD))], rows, audit=Answer([]))
    return with_parts(found, **parts)


def pages(found: Gathered, *pictures: Picture) -> dict[str, str]:
    return {path: data.decode() for path, data in files(cleared(found)[0], pictures).items()}


# -- the entry ------------------------------------------------------------------------------------------------


def test_the_entry_says_what_it_is_and_leads_to_the_rest() -> None:
    made = pages(gathered(), Picture("inbox", "Inbox", "<svg/>", "rows"))
    entry = made["README.md"]
    assert entry.startswith(f"# `{PULL.name}`\n")
    for text in (
        "| since | 2025-11-21 ",
        "The registry does not have it.",
        "- following from it: 3 findings, `its Service has no endpoints`",
        "| `edge-east` | 2 |",
        "main@sha1:7f3c2ab",
    ):
        assert text in entry
    assert "Everything that was asked for was answered." in entry
    assert set(re.findall(r"\]\(([^)]+)\)", entry)) == {
        *("timeline.md", "log.md", "queries.md", "actions.md", "objects.md"),
        *("screens/inbox.svg", "screens/inbox.txt", "incident.json"),
    }


def test_what_could_not_be_read_is_said() -> None:
    found = gathered(
        rows=[],
        objects=[(Which("edge-east", "nodes", "", "n1"), Answer(why="you may not"))],
        audit=Answer(why="no audit"),
        blind=[BlindspotRow("on-prem", "", "secrets", "b", NOW, "forbidden", "listing is forbidden")],
        stale=[("prod-cloud", Freshness(Standing.STALE, NOW, "no route"))],
    )
    found.known.logs = Answer(why="the container has not started")
    found.known.alerts = Answer()
    found.known.row = replace(PULL, objects=5000)
    missing = pages(found, Picture("inbox", "Inbox", why="not in time"))["README.md"].partition(
        "could not be read"
    )[2]
    for text in (
        "- `nodes edge-east/n1`: `you may not`",
        "- your changes: `no audit`",
        "- `secrets` in `on-prem`: `listing is forbidden`",
        "- cluster `prod-cloud` is stale since 2025-11-21 04:40:00: `no route`",
        "- the log: `the container has not started`",
        "- alerts: `it was not answered in time`",
        "- `Inbox`: `not in time`",
        "- the table of its objects: no row of them is known",
        "- findings: 2 are told, of 5000 objects",
    ):
        assert text in missing


def test_what_was_said_of_it_is_told() -> None:
    said = Handled(acknowledged="anna", acknowledged_at=NOW, assigned="ben", note="waiting for the registry")
    found = gathered()
    found.known.row = inbox_row(PULL, said, None, NOW)
    assert isinstance(found.known.row, InboxRow)
    entry = pages(found)["README.md"]
    assert "| acknowledged | `anna` 2025-11-21" in entry
    assert "| note | `waiting for the registry` |" in entry


def test_of_what_is_over_nothing_is_left_but_that() -> None:
    found = gathered(objects=[])
    found.known.row = replace(PULL, state=str(State.RESOLVED), resolved_at=NOW)
    found.known.findings = Answer([])
    entry = pages(found)["README.md"]
    assert "It has no findings any more." in entry
    assert "| over since | 2025-11-21" in entry


# -- hostile text ---------------------------------------------------------------------------------------------


def test_what_clusters_say_does_nothing_in_any_page() -> None:
    event = EventRow("e", "shop", "e", "e1", NOW, "Warning", HOSTILE, HOSTILE, "Pod", HOSTILE, last_seen=NOW)
    row = replace(
        PULL, name=HOSTILE, message=HOSTILE, cause=HOSTILE, because=HOSTILE, clusters=(HOSTILE,), uid=HOSTILE
    )
    known = gathered().known
    known.row, known.findings = row, Answer([replace(finding(), title=HOSTILE, name=HOSTILE, cluster=HOSTILE)])
    known.events, known.means = Answer([event]), Answer([HOSTILE])
    known.logs = Answer(Excerpt(HOSTILE, ((NOW, HOSTILE),), 0))
    known.charts = {HOSTILE: Answer(panel(warnings=(HOSTILE,), missing=(Missing(HOSTILE, HOSTILE),)))}
    found = gathered(
        known=known,
        objects=[
            (Which(HOSTILE, "pods", HOSTILE, HOSTILE), Answer({"kind": HOSTILE, "metadata": {"name": HOSTILE}}))
        ],
        audit=Answer([change(NOW, message=HOSTILE, diff=(Line(HOSTILE, HOSTILE, HOSTILE),))]),
        host=HOSTILE,
    )
    made = pages(found)
    for path, text in made.items():
        assert re.fullmatch(r"[A-Za-z0-9._/-]+", path)
        assert "\x1b" not in text
        assert "\u202e" not in text
        if path.endswith(".md"):
            bare = _without_code(text)
            assert "<script" not in bare, path
            assert "http://" not in bare, path
            assert "@all" not in bare, path
            assert not re.search(r"^# head", bare, re.MULTILINE), path
            cells = {line.count("|") - line.count("\\|") for line in text.splitlines() if line.startswith("|")}
            assert all(count < 10 for count in cells)


def _without_code(text: str) -> str:
    """Markdown without its blocks and spans of code, as CommonMark finds them."""
    text = re.sub(r"^(`{3,})[^`\n]*\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", text)


def test_programs_are_told_the_same_as_by_triage() -> None:
    told = json.loads(pages(gathered())["incident.json"])
    places = [Object("edge-east", "pods", "shop", "web-0"), Object("edge-east", "pods", "shop", "web-1")]
    (same,) = json.loads(printed(Found((Incident(PULL, tuple(places)),)), "json"))["incidents"]
    assert same.items() <= told.items()
    assert [each["name"] for each in told["findings"]] == ["web-0", "web-1"]
    assert told["resolved"] is None


def test_names_are_safe_and_the_folder_says_what_it_is() -> None:
    assert bundle_name(PULL, NOW) == (
        "incident-KT1002-image-cannot-be-pulled-registry.example-shop-web-v7-20251121-044000"
    )
    assert re.fullmatch(r"[A-Za-z0-9._-]{10,140}", bundle_name(replace(PULL, name="../" * 900 + HOSTILE), NOW))
    assert bundle_name(PULL, NOW, 3) == "3-incidents-20251121-044000"


# -- secrets --------------------------------------------------------------------------------------------------


def test_no_secret_is_in_any_file() -> None:
    env = [{"name": "DB_PASSWORD", "value": "swordfish"}]
    pod = {**POD, "spec": {"containers": [{"env": env, "args": ["--token", "sea-horse"]}]}}
    notes = {**DEPLOYMENT, "metadata": {**DEPLOYMENT["metadata"], "annotations": {"x/token": "star-fish"}}}
    secret = {"kind": "Secret", "metadata": {"name": "db"}, "stringData": {"a": "jelly-fish"}}
    said = f"swordfish sea-horse star-fish jelly-fish Bearer {TOKEN}"
    event = EventRow("e", "shop", "e", "e1", NOW, "Warning", "Failed", said, "Pod", "web", last_seen=NOW)
    found = gathered(
        objects=[
            (Which("edge-east", "secrets", "shop", str(n)), Answer(obj)) for n, obj in enumerate((pod, secret))
        ],
        audit=Answer([change(NOW, message=said, request=said, diff=(Line("a", said, said),))]),
        stale=[("prod-cloud", Freshness(Standing.STALE, NOW, said))],
        events=[replace(event, uid="e2")],
    )
    found.known.object, found.known.belongs = Answer(pod), Answer(notes)
    found.known.events, found.known.row = Answer([event]), replace(PULL, message=said, name=said)
    found.known.logs = Answer(Excerpt("web", ((NOW, said),), 0))
    found.known.findings = Answer([finding(message=said)])
    found.known.charts["CPU used"] = Answer(panel(warnings=(said,)))
    made = pages(found)
    for path, text in made.items():
        for word in ("swordfish", "sea-horse", "star-fish", "jelly-fish", "eyJ"):
            assert word not in text, path
    assert "•••" in made["timeline.md"]


def test_managed_fields_stay_out_but_who_wrote_is_told() -> None:
    made = pages(gathered(objects=[(Which("edge-east", "deployments.apps", "shop", "web"), Answer(DEPLOYMENT))]))
    assert "managedFields" not in made["objects/01-deployments-web-edge-east.yaml"]
    assert yaml.safe_load(made["objects/01-deployments-web-edge-east.yaml"])["metadata"]["name"] == "web"
    assert "deployment/web: kustomize-controller wrote" in made["timeline.md"]


# -- actions, queries, what is read ---------------------------------------------------------------------------


def test_actions_are_those_of_its_clusters_within_its_time() -> None:
    known = gathered().known
    began = known.began
    rows = [change(began + 5), change(began - 3000), change(began - 4000), change(began + 1, "elsewhere")]
    assert within(rows, known) == [rows[1], rows[0]]
    known.row = replace(PULL, state=str(State.RESOLVED), resolved_at=began + 2)
    assert within(rows, known) == [rows[1]]


def test_actions_say_what_was_changed() -> None:
    made = pages(
        gathered(audit=Answer([change(NOW, outcome="done", who="anna", diff=(Line("spec.replicas", "1", "3"),))]))
    )
    assert "| `scale` | `edge-east/shop deployments/web` | `anna` | `done` |" in made["actions.md"]
    assert "spec.replicas\n- 1\n+ 3\n" in made["actions.md"]
    assert "Nothing was changed" in pages(gathered())["actions.md"]


def test_numbers_are_told_as_csv_that_no_spreadsheet_runs_and_as_json() -> None:
    rows = list(csv.reader(io.StringIO(numbers_csv(panel()))))
    assert rows == [
        ["time", "cluster", "pod", "value"],
        ["2025-11-21T04:40:00.000+00:00", "edge", "'=cmd()", "1.0"],
        ["2025-11-21T04:41:00.000+00:00", "edge", "'=cmd()", "2.5"],
    ]
    told = json.loads(numbers_json("CPU", panel()))
    assert (told["query"], told["series"][0]["values"]) == ("sum(x)", [[NOW, "1.0"], [NOW + 60, "2.5"]])


def test_queries_name_who_answered_and_where_the_numbers_are() -> None:
    page = pages(gathered())["queries.md"]
    assert "```promql\nsum(x)\n```" in page
    assert "answered by `t:1`" in page
    assert "[CSV](queries/01-cpu-used.csv) · [JSON](queries/01-cpu-used.json)" in page


def test_the_object_that_leads_is_read_first_and_not_too_many() -> None:
    known = gathered().known
    known.workload = Workload("deployments.apps", "edge-east", "shop", "web")
    known.owners = (("ReplicaSet", "web-5d7f"), ("Deployment", "web"), ("Unheard", "x"))
    known.findings = Answer([finding(number) for number in range(500)])
    found = wanted(known)
    assert [(which.kind, which.name) for which in found[:5]] == [
        ("pods", "web-5d7f-x2v4p"),
        ("deployments.apps", "web"),
        ("nodes", "edge-node-3"),
        ("replicasets.apps", "web-5d7f"),
        ("pods", "web-0"),
    ]
    assert len(found) == len(set(found)) == OBJECTS


@pytest.mark.parametrize("kind", ["rollouts", "findings", "unheard"])
def test_what_is_joined_of_many_objects_is_not_read(kind: str) -> None:
    known = gathered().known
    known.row, known.findings = replace(PULL, kind=kind), Answer([finding(kind=kind, marks=())])
    assert [which for which in wanted(known) if which.kind == kind] == []
