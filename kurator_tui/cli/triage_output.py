"""Incidents as a table, JSON, JUnit, SARIF and Prometheus text. Text of clusters is inert in all of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from kurator_tui import __version__
from kurator_tui.cli.output import inert_json
from kurator_tui.cli.triage_read import Found, Incident, Object, unseen_text
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.findings import RANK, Severity
from kurator_tui.kinds.width import pad, width_of

SARIF_LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LOCATIONS = 100
"""Objects of one SARIF result."""


def printed(found: Found, form: str, least: int = 0) -> str:
    """`found` in one of the forms, with a newline at its end. Incidents below the rank `least` fail nothing."""
    if form == "junit":
        return _junit(found, least)
    made = {"json": _json, "sarif": _sarif, "prometheus": _prometheus}.get(form, _table)
    return made(found)


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _json(found: Found) -> str:
    """Nothing but incidents: what could not be seen is told on stderr, and by the exit code."""
    return _as_json({"incidents": [_incident(each) for each in found.incidents]})


def _as_json(data: Any) -> str:
    return inert_json(json.dumps(data, indent=2, ensure_ascii=False)) + "\n"


def _incident(each: Incident) -> dict[str, Any]:
    row = each.row
    return {
        "code": row.code,
        "severity": row.severity,
        "title": row.name,
        "clusters": list(row.clusters),
        "objects": [one._asdict() for one in each.objects],
        "since": _moment(row.created),
    }


def _table(found: Found) -> str:
    if not found.incidents:
        return "nothing is wrong" + ("" if found.synced and not found.blind else ", as far as can be seen") + "\n"
    head = ("SEVERITY", "CODE", "INCIDENT", "CLUSTERS", "OBJECTS", "SINCE")
    lines = [head, *map(_line, found.incidents)]
    widths = [max(width_of(line[at]) for line in lines) for at in range(len(head))]
    return "".join(
        "  ".join(pad(text, width) for text, width in zip(line, widths, strict=True)).rstrip() + "\n"
        for line in lines
    )


def _line(each: Incident) -> tuple[str, ...]:
    row = each.row
    where = inert(row.clusters[0]) if len(row.clusters) == 1 else f"{len(row.clusters)} clusters"
    began = ("<" if row.before else "") + _moment(row.created)
    return row.severity, row.code, inert(row.name), where, str(row.objects), began


# -- JUnit --------------------------------------------------------------------------------------------------------


def _junit(found: Found, least: int) -> str:
    """A test case an incident: it fails if that is severe enough, else it is skipped, as is what is not seen."""
    cases = [_case(each, least) for each in found.incidents]
    for title, message in unseen_text(found):
        case = ElementTree.Element("testcase", classname="kurator-tui", name=_xml(f"{title}: {message}"))
        ElementTree.SubElement(case, "skipped", message=_xml(message))
        cases.append(case)
    if not cases:
        cases = [ElementTree.Element("testcase", classname="kurator-tui", name="nothing is wrong")]
    counts = Counter(child.tag for case in cases for child in case)
    suite = ElementTree.Element("testsuite", name="kurator-tui triage", tests=str(len(cases)), errors="0")
    suite.set("failures", str(counts["failure"]))
    suite.set("skipped", str(counts["skipped"]))
    suite.extend(cases)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _case(each: Incident, least: int) -> ElementTree.Element:
    row = each.row
    case = ElementTree.Element("testcase", classname=_xml(row.code), name=_xml(row.name))
    severe = RANK.get(row.severity, 0) >= least
    told = ElementTree.SubElement(case, "failure" if severe else "skipped", message=_xml(_said(each)))
    if severe:
        told.set("type", row.severity)
    told.text = "\n".join(_xml("/".join(one)) for one in each.objects)
    return case


def _said(each: Incident) -> str:
    return f"{each.row.severity}: {each.row.message}".rstrip(": ")


def _xml(text: str) -> str:
    """Inert, and without what XML cannot hold."""
    return "".join(char for char in inert(text) if char not in "\ufffe\uffff" and not "\ud800" <= char <= "\udfff")


# -- SARIF --------------------------------------------------------------------------------------------------------


def _sarif(found: Found) -> str:
    from kurator_tui.triage.pages import pages
    from kurator_tui.triage.registry import added, own

    known = pages((*own(), *added().analysers))
    rules = []
    for code in sorted({each.row.code for each in found.incidents}):
        rule: dict[str, Any] = {"id": code}
        if (page := known.get(code)) is not None:
            rule["shortDescription"] = {"text": page.title}
            rule["help"] = {"text": page.text, "markdown": page.text}
        rules.append(rule)
    invocation = {
        "executionSuccessful": found.synced,
        "toolExecutionNotifications": [
            {"level": "warning", "message": {"text": inert(f"{title}: {message}")}}
            for title, message in unseen_text(found)
        ],
    }
    run = {
        "tool": {"driver": {"name": "kurator-tui", "version": __version__, "rules": rules}},
        "invocations": [invocation],
        "results": [_result(each) for each in found.incidents],
    }
    return _as_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _result(each: Incident) -> dict[str, Any]:
    row = each.row
    return {
        "ruleId": row.code,
        "level": SARIF_LEVELS.get(row.severity, "warning"),
        "message": {"text": f"{inert(row.name)}: {inert(row.message)}".rstrip(": ")},
        "locations": [_location(one) for one in each.objects[:LOCATIONS]],
        "partialFingerprints": {"incident": inert(row.uid)},
        "properties": {"severity": row.severity, "clusters": [inert(name) for name in row.clusters]},
    }


def _location(one: Object) -> dict[str, Any]:
    name = inert("/".join((one.cluster, one.namespace, one.name)))
    return {"logicalLocations": [{"fullyQualifiedName": name, "kind": inert(one.kind)}]}


# -- Prometheus ---------------------------------------------------------------------------------------------------


def _prometheus(found: Found) -> str:
    """For the node exporter's textfile collector."""
    counts = Counter(each.row.severity for each in found.incidents)
    severities = [({"severity": str(each)}, counts[each]) for each in Severity]
    objects = [
        ({"code": row.code, "severity": row.severity, "title": row.name, "id": row.uid}, row.objects)
        for row in (each.row for each in found.incidents)
    ]
    return "".join(
        (
            _metric("incidents", "Incidents that go on, by severity.", severities),
            _metric("incident_objects", "Objects that something is wrong with.", objects),
            _metric("blindspots", "Kinds that could not be read, over all clusters.", [({}, len(found.blind))]),
            _metric("members_not_synced", "Members that are not as they are now.", [({}, len(found.unsynced))]),
            _metric("silenced_findings", "Findings that silences.yaml silences.", [({}, found.silenced)]),
        )
    )


def _metric(name: str, help: str, samples: Iterable[tuple[dict[str, str], int]]) -> str:
    name = f"kurator_tui_{name}"
    lines = [f"# HELP {name} {help}", f"# TYPE {name} gauge"]
    for labels, value in samples:
        text = ",".join(f'{label}="{_label(said)}"' for label, said in labels.items())
        lines.append(f"{name}{{{text}}} {value}" if text else f"{name} {value}")
    return "\n".join(lines) + "\n"


def _label(value: str) -> str:
    return inert(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
