"""Incidents as pipelines read them: each form is parsed as strictly as its readers do."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from msgspec.structs import replace

from kurator_tui.cli.triage_output import printed
from kurator_tui.cli.triage_read import Found, Incident, Object
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.blindspots import BlindspotRow
from kurator_tui.kinds.findings import RANK, Severity
from kurator_tui.kinds.incidents import IncidentRow

HOSTILE = 'x\x1b]0;owned\x07 \x9b31m <b>&"\\{}\n\u202e\ufffe]]>'
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

PULL = IncidentRow(
    HOST,
    "",
    "image cannot be pulled: shop:v7",
    "image/shop:v7",
    1_800_000_000.0,
    code="KT1002",
    severity="high",
    clusters=("eu", "us"),
    objects=2,
    workloads=1,
    message="not found",
)
EVICTED = replace(
    PULL, name="evicted: shop/web", uid="object/eu/web", code="KT1007", severity="low", clusters=("eu",)
)
PODS = (Object("eu", "pods", "shop", "web-1"), Object("us", "pods", "shop", "web-2"))
BOTH = Found((Incident(PULL, PODS), Incident(EVICTED, PODS[:1])))
BAD = replace(PULL, name=HOSTILE, message=HOSTILE, uid=HOSTILE, clusters=(HOSTILE,))
EVIL = Found(
    (Incident(BAD, (Object(HOSTILE, HOSTILE, HOSTILE, HOSTILE),)),),
    (BlindspotRow("eu", "", "pods", "eu/pods", 0.0, "forbidden", HOSTILE),),
    (("us", HOSTILE),),
    silenced=3,
)
FORMS = ("table", "json", "junit", "sarif", "prometheus")


@pytest.mark.parametrize("form", FORMS)
def test_hostile_text_of_clusters_is_inert_in_every_form(form: str) -> None:
    text = printed(EVIL, form)
    assert UNSAFE.search(text) is None
    assert text.endswith("\n")


# -- JSON ---------------------------------------------------------------------------------------------------------


def test_json_has_exactly_what_it_promises_in_the_order_given() -> None:
    assert json.loads(printed(BOTH, "json")) == {
        "incidents": [
            {
                "code": "KT1002",
                "severity": "high",
                "title": "image cannot be pulled: shop:v7",
                "clusters": ["eu", "us"],
                "objects": [
                    {"cluster": "eu", "kind": "pods", "namespace": "shop", "name": "web-1"},
                    {"cluster": "us", "kind": "pods", "namespace": "shop", "name": "web-2"},
                ],
                "since": "2027-01-15T08:00:00Z",
            },
            {
                "code": "KT1007",
                "severity": "low",
                "title": "evicted: shop/web",
                "clusters": ["eu"],
                "objects": [{"cluster": "eu", "kind": "pods", "namespace": "shop", "name": "web-1"}],
                "since": "2027-01-15T08:00:00Z",
            },
        ]
    }


def test_json_of_nothing_is_an_empty_list_and_keeps_hostile_text_as_it_is() -> None:
    assert json.loads(printed(Found(), "json")) == {"incidents": []}
    (found,) = json.loads(printed(EVIL, "json"))["incidents"]
    assert found["title"] == HOSTILE


# -- table --------------------------------------------------------------------------------------------------------


def test_the_table_has_a_line_an_incident() -> None:
    head, first, second = printed(BOTH, "table").splitlines()
    assert head.split() == ["SEVERITY", "CODE", "INCIDENT", "CLUSTERS", "OBJECTS", "SINCE"]
    assert re.split(r"  +", first) == [
        "high",
        "KT1002",
        "image cannot be pulled: shop:v7",
        "2 clusters",
        "2",
        "2027-01-15T08:00:00Z",
    ]
    assert " eu " in second


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Found(), "nothing is wrong\n"),
        (Found(blind=EVIL.blind), "nothing is wrong, as far as can be seen\n"),
        (Found(unsynced=(("eu", "syncing"),)), "nothing is wrong, as far as can be seen\n"),
        (Found(complete=False), "nothing is wrong, as far as can be seen\n"),
    ],
)
def test_the_table_never_says_more_than_was_seen(found: Found, said: str) -> None:
    assert printed(found, "table") == said


# -- JUnit --------------------------------------------------------------------------------------------------------


def suite(found: Found, least: int = 0) -> ElementTree.Element:
    """The parsed suite; its counts are those of its cases."""
    root = ElementTree.fromstring(printed(found, "junit", least))
    cases = root.findall("testcase")
    assert root.tag == "testsuite"
    assert root.get("tests") == str(len(cases))
    assert root.get("failures") == str(len(root.findall("testcase/failure")))
    assert root.get("skipped") == str(len(root.findall("testcase/skipped")))
    assert all(case.get("name") and case.get("classname") for case in cases)
    return root


def test_junit_has_a_failing_case_an_incident() -> None:
    first, second = suite(BOTH).findall("testcase")
    failure = first.find("failure")
    assert (first.get("classname"), first.get("name")) == ("KT1002", "image cannot be pulled: shop:v7")
    assert failure is not None
    assert (failure.get("type"), failure.get("message")) == ("high", "high: not found")
    assert failure.text == "eu/pods/shop/web-1\nus/pods/shop/web-2"
    assert second.find("failure") is not None


def test_in_junit_what_is_less_severe_than_asked_is_skipped() -> None:
    first, second = suite(BOTH, RANK[Severity.MEDIUM]).findall("testcase")
    assert [child.tag for child in first] == ["failure"]
    assert [child.tag for child in second] == ["skipped"]


def test_what_xml_cannot_hold_is_left_out_of_junit() -> None:
    assert "\ufffe" in HOSTILE
    assert "\ufffe" not in printed(EVIL, "junit")
    assert "<b>&" in suite(EVIL).findall("testcase")[0].get("name", "")


def test_in_junit_what_could_not_be_seen_is_skipped_and_nothing_wrong_passes() -> None:
    assert len(suite(EVIL).findall("testcase/skipped")) == 3
    (case,) = suite(Found()).findall("testcase")
    assert (case.get("name"), list(case)) == ("nothing is wrong", [])


# -- SARIF --------------------------------------------------------------------------------------------------------

_TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
_LOCATION = {
    "type": "object",
    "required": ["logicalLocations"],
    "properties": {
        "logicalLocations": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"fullyQualifiedName": {"type": "string"}, "kind": {"type": "string"}},
                "additionalProperties": False,
            },
        }
    },
    "additionalProperties": False,
}
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": _TEXT,
                                                "help": _TEXT,
                                            },
                                            "additionalProperties": False,
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "invocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["executionSuccessful"],
                            "additionalProperties": False,
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["message"],
                                        "properties": {"message": _TEXT, "level": _LEVEL},
                                        "additionalProperties": False,
                                    },
                                },
                            },
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": {"type": "string"},
                                "level": _LEVEL,
                                "message": _TEXT,
                                "locations": {"type": "array", "items": _LOCATION},
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                "properties": {"type": "object"},
                            },
                        },
                    },
                },
            },
        },
    },
}
"""What SARIF 2.1.0 requires of the parts that are used, and no other parts."""


def sarif(found: Found) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(printed(found, "sarif"))
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert {result["ruleId"] for result in run["results"]} <= set(rules)
    assert len(rules) == len(set(rules))
    found_run: dict[str, Any] = run
    return found_run


def test_sarif_has_a_result_an_incident_and_explains_its_code() -> None:
    run = sarif(BOTH)
    first, second = run["results"]
    assert (first["level"], second["level"]) == ("error", "note")
    assert first["message"]["text"] == "image cannot be pulled: shop:v7: not found"
    assert [each["logicalLocations"][0]["fullyQualifiedName"] for each in first["locations"]] == [
        "eu/shop/web-1",
        "us/shop/web-2",
    ]
    assert first["partialFingerprints"] == {"incident": "image/shop:v7"}
    assert "The registry refuses the image" in run["tool"]["driver"]["rules"][0]["help"]["text"]
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_sarif_says_what_could_not_be_seen() -> None:
    (invocation,) = sarif(EVIL)["invocations"]
    assert invocation["executionSuccessful"] is False
    told = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert [text.partition(":")[0] for text in told] == ["Not synced", "Not seen", "Silenced"]


@pytest.mark.parametrize("found", [Found(), EVIL])
def test_sarif_of_nothing_and_of_hostile_text_is_valid(found: Found) -> None:
    assert len(sarif(found)["results"]) == len(found.incidents)


# -- Prometheus ---------------------------------------------------------------------------------------------------

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SAMPLE = re.compile(
    rf'({_NAME})(?:\{{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*"(?:,(?!\}}))?)+)\}})? (-?\d+(?:\.\d+)?)'
)
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')


def series(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """The samples of a text in Prometheus' exposition format, as strict as its own parser: each metric is
    announced once, before its samples, and no series comes twice."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
    announced: list[str] = []
    assert text.endswith("\n")
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            continue
        if line.startswith("# TYPE "):
            name, kind = line[7:].split(" ")
            assert kind == "gauge"
            assert name not in announced
            announced.append(name)
            continue
        match = _SAMPLE.fullmatch(line)
        assert match is not None, line
        name, labels, value = match.groups()
        assert name == announced[-1]
        pairs = tuple(
            (key, re.sub(r"\\(.)", lambda one: "\n" if one[1] == "n" else one[1], said))
            for key, said in _LABEL.findall(labels or "")
        )
        assert len({key for key, _said in pairs}) == len(pairs)
        assert (name, pairs) not in found
        found[(name, pairs)] = float(value)
    return found


def test_prometheus_counts_incidents_by_severity_and_their_objects() -> None:
    found = series(printed(BOTH, "prometheus"))
    counted = {
        dict(labels)["severity"]: value for (name, labels), value in found.items() if name.endswith("_incidents")
    }
    assert counted == {"critical": 0, "high": 1, "medium": 0, "low": 1}
    objects = {dict(labels)["id"]: value for (name, labels), value in found.items() if name.endswith("_objects")}
    assert objects == {"image/shop:v7": 2, "object/eu/web": 2}


def test_incidents_with_the_same_title_are_series_of_their_own() -> None:
    twin = replace(EVICTED, uid="object/us/web", clusters=("us",))
    found = series(printed(Found((Incident(EVICTED), Incident(twin))), "prometheus"))
    assert sum(name == "kurator_tui_incident_objects" for name, _labels in found) == 2


def test_prometheus_tells_what_could_not_be_seen_and_stays_a_text_of_its_format_with_hostile_labels() -> None:
    found = series(printed(EVIL, "prometheus"))
    assert found[("kurator_tui_blindspots", ())] == 1
    assert found[("kurator_tui_members_not_synced", ())] == 1
    assert found[("kurator_tui_silenced_findings", ())] == 3
    (labels,) = [dict(labels) for name, labels in found if name == "kurator_tui_incident_objects"]
    assert '<b>&"\\{}' in labels["title"]
