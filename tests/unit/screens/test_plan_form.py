"""A form begins with what the object says now, written as its parameter is typed."""

from __future__ import annotations

from typing import Any

from kurator_tui.kinds.verbs import VERBS
from kurator_tui.screens.plan_form import form_fields, wrong

LOCATION = {"bucket": "b", "provider": "aws", "endpoint": "https://s3.example"}
CHART = {"repository": "https://c", "name": "velero", "version": "5"}
BACKUP = {"storage": {"location": LOCATION, "secretName": "keys"}, "extraArgs": {"a": {"b": 1}}, "chart": CHART}
NODES = {"storage": {"nodes": [{"name": "n1"}, {"name": "n2"}]}, "monitor": {"count": 3}}


def values(verb: str, obj: dict[str, Any], **given: str) -> dict[str, str]:
    return {field.key: field.value for field in form_fields(VERBS[verb], given, obj)}


def test_a_plugin_that_is_on_is_shown_as_it_is() -> None:
    fleet = {"spec": {"plugin": {"backup": BACKUP, "flagger": {"publicTestloader": True}}}}
    shown = values("plugin.backup", fleet)
    assert shown == {
        **LOCATION,
        "region": "",
        "secret": "keys",
        "values": '{"a": {"b": 1}}',
        "chart": "repository=https://c name=velero version=5",
    }
    assert values("plugin.flagger", fleet)["testloader"] == "yes"
    assert values("plugin.backup", fleet, bucket="other")["bucket"] == "other"


def test_lists_and_maps_are_written_with_blanks_between() -> None:
    spec = {"clusterCidrs": {"m1": "10.1.0.0/16", "m2": "10.2.0.0/16"}}
    fleet = {"spec": {"plugin": {"distributedStorage": {"storage": NODES}, "submariner": spec}}}
    assert values("plugin.storage", fleet)["nodes"] == "n1 n2"
    assert values("plugin.storage", fleet)["monitors"] == "3"
    assert values("plugin.submariner", fleet)["pods"] == "m1=10.1.0.0/16 m2=10.2.0.0/16"


def test_a_plugin_that_is_off_begins_empty_and_may_stay_so_where_nothing_is_needed() -> None:
    shown = values("plugin.kyverno", {"spec": {}})
    assert set(shown.values()) == {""}
    assert wrong(VERBS["plugin.kyverno"], shown) == ""
    assert "Fleet is needed" in wrong(VERBS["fleet.join"], {"to": ""})
