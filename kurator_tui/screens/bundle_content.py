"""The files of a bundle by relative name: pages, objects, numbers and pictures, all of them without secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from kurator_tui.config.bundle_files import safe_name
from kurator_tui.describe.markdown import code, items, link, table
from kurator_tui.describe.yaml_lines import yaml_lines, yaml_text
from kurator_tui.kinds.base import Row
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.incidents import IncidentRow, incident_subject
from kurator_tui.kinds.masking import masked
from kurator_tui.kinds.redacting import Redactor, names_of
from kurator_tui.screens.bundle_gathering import Gathered
from kurator_tui.screens.bundle_pages import actions_page, entry, log_page, moment, queries_page, timeline_page
from kurator_tui.screens.bundle_queries import Asked, numbers_csv, numbers_json
from kurator_tui.screens.evidence_parts import Answer
from kurator_tui.screens.evidence_steps import Step, steps
from kurator_tui.screens.evidence_timeline import Happening, changes, happened
from kurator_tui.screens.then import cells_told
from kurator_tui.store.freshness import Freshness
from kurator_tui.store.store import Store

ENTRY = "README.md"


@dataclass(frozen=True, slots=True)
class Picture:
    """One screen, drawn and as text, or why it is not there."""

    name: str
    title: str
    svg: str = ""
    text: str = ""
    why: str = ""


def cleared(found: Gathered, redactor: Redactor | None = None) -> tuple[Gathered, Redactor]:
    """The same without any secret, and what hides them in anything else."""
    redactor = redactor or Redactor()
    known = found.known
    objects = [each.value for _which, each in found.objects]
    for obj in (known.object.value, known.belongs.value, *objects):
        if obj is not None:
            redactor.learn(obj)
    for obj in (known.object.value, known.belongs.value, *objects):
        if obj is not None:
            redactor.forget(*names_of(obj))
    redactor.forget(*known.row.clusters, *(each.cluster for each in known.findings.value or ()))
    evidence = redactor.of(replace(known, object=Answer(), belongs=Answer()))
    evidence.object = _cleared(redactor, known.object)
    evidence.belongs = _cleared(redactor, known.belongs)
    told = [(which, _cleared(redactor, each)) for which, each in found.objects]
    parts = {
        name: redactor.of(getattr(found, name))
        for name in ("rows", "audit", "blind", "stale", "host", "events", "was")
    }
    return replace(found, known=evidence, objects=told, **parts), redactor


def _cleared(redactor: Redactor, answer: Answer[dict[str, Any]]) -> Answer[dict[str, Any]]:
    """An object's answer; who wrote what stays, for the timeline."""
    if answer.value is None:
        return Answer(why=redactor.text(answer.why))
    shown = redactor.object(answer.value)
    fields = (answer.value.get("metadata") or {}).get("managedFields")
    if fields:
        shown = {**shown, "metadata": {**shown["metadata"], "managedFields": fields}}
    return Answer(shown)


def bundle_name(row: IncidentRow, now: float, number: int = 1) -> str:
    """The name of the folder: code, what it is, or how many they are, and when it was written (UTC)."""
    told = f"incident-{safe_name(row.code, row.name)}" if number == 1 else f"{number}-incidents"
    return f"{told}-{datetime.fromtimestamp(now, UTC):%Y%m%d-%H%M%S}"


def files(found: Gathered, pictures: Sequence[Picture], *, read_only: bool = False) -> dict[str, bytes]:
    """Every file of one incident; `found` is `cleared`."""
    made: dict[str, str] = {}
    contents: list[tuple[str, str, str]] = []

    def add(path: str, text: str, label: str = "", said: str = "") -> None:
        made[path] = text
        if label:
            contents.append((label, path, said))

    add(
        "timeline.md",
        timeline_page(found.known, _more(found)),
        "Timeline",
        "what happened, and who changed what",
    )
    if log := log_page(found.known):
        add("log.md", log, "Log", "the lines around what went wrong")
    asked = _queries(found, made)
    add("queries.md", queries_page(asked, found.known.charts_why), "Queries", "what was asked of Prometheus")
    add("actions.md", actions_page(found), "Actions taken", "changes made with kurator-tui in its time")
    add("objects.md", _objects(found, made), "Objects", "as YAML, without managedFields")
    lost = []
    for each in pictures:
        if each.why:
            lost.append(f"{code(each.title)}: {code(each.why)}")
            continue
        add(f"screens/{each.name}.svg", each.svg, each.title, "the screen as a picture")
        add(f"screens/{each.name}.txt", each.text, f"{each.title} as text", "the same")
    add("incident.json", incident_json(found), "incident.json", "the incident and all its findings, for programs")
    made[ENTRY] = entry(found, suggested(found, read_only=read_only), contents, lost)
    return {path: text.encode("utf-8", "replace") for path, text in made.items()}


def suggested(found: Gathered, *, read_only: bool = False) -> list[Step]:
    """What can be done."""
    row = found.known.row
    return steps(row.suggests, incident_subject(row), found.known.workload, read_only)


def _more(found: Gathered) -> Iterator[Happening]:
    """What happened beside what the evidence tells: who wrote the objects, events of the workloads."""
    for which, answer in found.objects:
        if answer.value is not None:
            yield from changes(answer.value, which.cluster)
    known = {each.uid for part in (found.known.events, found.known.deploys) for each in part.value or ()}
    yield from happened([each for each in found.events if each.uid not in known])


def _queries(found: Gathered, made: dict[str, str]) -> list[Asked]:
    asked = []
    for number, (title, answer) in enumerate(found.known.charts.items(), 1):
        data = answer.value
        if data is None:
            asked.append(Asked(title, None, answer.why or "it was not answered in time"))
            continue
        name = f"{number:02}-{safe_name(title.casefold())}"
        paths = (("CSV", f"queries/{name}.csv"), ("JSON", f"queries/{name}.json"))
        made[paths[0][1]], made[paths[1][1]] = numbers_csv(data), numbers_json(title, data)
        asked.append(Asked(title, data, "", paths))
    return asked


def _objects(found: Gathered, made: dict[str, str]) -> str:
    """objects.md; the objects become files."""
    rows = []
    for number, (which, answer) in enumerate(found.objects, 1):
        place = "/".join(part for part in (which.cluster, which.namespace, which.name) if part)
        if answer.value is None:
            rows.append((code(which.kind), code(place), f"not read: {code(answer.why)}"))
            continue
        short = safe_name(which.kind.partition(".")[0], which.name, which.cluster)
        path = f"objects/{number:02}-{short}.yaml"
        lines = yaml_text(yaml_lines(masked(answer.value))).split("\n")  # without managedFields
        made[path] = "\n".join(map(inert, lines))
        rows.append((code(which.kind), code(place), link("YAML", path)))
    listed = table(("kind", "object", "file"), rows) if rows else "It is about no object that can be read."
    return f"# Objects\n\nAs they were when this was written.\n\n{listed}\n{_as_they_were(found)}"


def _as_they_were(found: Gathered) -> str:
    """The rows of an incident that is over; objects themselves are not recorded."""
    if found.then is None:
        return ""
    rows = [
        (
            code(kind),
            code("/".join(part for part in (row.cluster, row.namespace, row.name) if part)),
            code(cells_told(row, kind, found.then.at)),
        )
        for kind, row in found.was
    ]
    told = table(("kind", "object", "what its row said"), rows) if rows else "No row of them was recorded."
    said = "As the console recorded them: objects are not recorded, only their rows."
    return f"\n## {moment(found.then.at)}\n\n{said}\n\n{told}\n"


def incident_json(found: Gathered) -> str:
    """The incident as `triage -o json` tells it, with more of it and all its findings, as JSON of ASCII."""
    row, findings = found.known.row, found.known.findings.value or ()
    places = dict.fromkeys((each.cluster, each.kind, each.namespace, each.name) for each in findings)
    told: dict[str, Any] = {
        "code": row.code,
        "severity": row.severity,
        "title": row.name,
        "clusters": list(row.clusters),
        "objects": [dict(zip(("cluster", "kind", "namespace", "name"), each, strict=True)) for each in places],
        "since": _moment(row.created),
        "id": row.uid,
        "state": row.state,
        "resolved": _moment(row.resolved_at),
        "cause": row.cause,
        "grouped_by": row.because,
        "message": row.message,
        "counts": {"objects": row.objects, "workloads": row.workloads, "symptoms": row.symptoms},
        "suggests": list(row.suggests),
    }
    told["findings"] = [
        {
            **{key: getattr(each, key) for key in ("cluster", "namespace", "name", "kind", "code", "severity")},
            "title": each.title,
            "message": each.message,
            "since": _moment(each.created),
            "marks": dict(each.marks),
        }
        for each in findings
    ]
    return json.dumps(told, indent=1, ensure_ascii=True) + "\n"


def _moment(at: float) -> str | None:
    return f"{moment(at).replace(' ', 'T')}Z" if moment(at) else None


def several(parts: Mapping[str, tuple[IncidentRow, Mapping[str, bytes]]]) -> dict[str, bytes]:
    """The files of some incidents, each in the folder that it is named by, and an entry that leads to them."""
    made = {f"{folder}/{path}": data for folder, (_row, told) in parts.items() for path, data in told.items()}
    lines = [
        f"{link(row.name, f'{folder}/{ENTRY}')}: {code(row.severity)}, {code(row.code)}, "
        f"{', '.join(map(code, row.clusters[:8]))}"
        for folder, (row, _told) in parts.items()
    ]
    made[ENTRY] = f"# {len(parts)} incidents\n\n{items(lines)}\n".encode("utf-8", "replace")
    return made


def only(
    redactor: Redactor, rows: Mapping[str, Sequence[Row]], fresh: Iterable[tuple[str, str, Freshness]]
) -> Store:
    """A store for pictures: `rows` by kind, and how `fresh` a cluster's kinds are, without secrets."""
    still = Store()
    for kind, found in rows.items():
        by_cluster: dict[str, dict[str, Any]] = {}
        for row in found:
            by_cluster.setdefault(row.cluster, {})[row.uid] = redactor.of(row)
        for cluster, told in by_cluster.items():
            still.put(kind, cluster, told)
    for cluster, kind, freshness in fresh:
        still.set_freshness(cluster, kind, redactor.of(freshness))
    return still
