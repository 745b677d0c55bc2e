"""Objects as nobody should write them: members whose Secret is no kubeconfig, and hostile or broken content.

Every row is there, every object is counted, and nothing in it acts on the terminal.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import yaml
from wcwidth import wcswidth

from tests.e2e.bad_input import (
    HOST,
    MEMBER,
    Access,
    Server,
    b64,
    kubeconfig,
    nothing_secret,
    run,
    serving,
    together,
    token,
    write,
)

PASSWORD = "pass-4c1e9b7d"
FLEET = "fleet.kurator.dev"
HOSTILE = (
    "集群-東京-한국",
    "rocket-🚀-👩‍👩‍👧",
    "שלום-مرحبا",
    "combining-e\u0301\u0308",
    "bidi-\u202eevil\u202c",
    "ansi-\x1b[31mred\x1b]0;title\x07\x9b2J",
    "[@click=app.bell]click[/][bold red]x",
    "two\nlines\tand\r\x00more",
    "a?b=c#d&e",
)
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b-\u200f\u2066-\u2069]")
"""What could act on a terminal, but for the ends of lines."""


def embedded(server: str, **user: Any) -> str:
    return yaml.safe_dump(kubeconfig({"it": Access(server, user or token())}))


async def test_a_member_without_a_usable_secret_says_what_is_wrong_and_the_others_live(tmp_path: Path) -> None:
    marker = tmp_path / "was-run"
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "touch", "args": [str(marker)]}
    host, member = Server("host", HOST), Server("m", MEMBER)
    member.add_node()
    async with serving(host, member):
        url = member.url
        secrets: dict[str, tuple[dict[str, str | bytes], str]] = {
            "key-missing": ({"other": embedded(url)}, "has no key value (it has other)"),
            "empty": ({"value": ""}, "is empty"),
            "garbage": ({"value": b"\x00\xff\xfe" + PASSWORD.encode()}, "is not YAML"),
            "broken": ({"value": f"users: [{{user: {{token: {PASSWORD}"}, "is not YAML (line "),
            "other-yaml": ({"value": f"password: {PASSWORD}"}, "is not a kubeconfig"),
            "text": ({"value": PASSWORD}, "is not a kubeconfig"),
            "exec": ({"value": embedded(url, exec=plugin)}, "has `exec`, which runs a program"),
            "auth-provider": ({"value": embedded(url, **{"auth-provider": {}})}, "has `auth-provider`"),
            "token-file": ({"value": embedded(url, tokenFile="/etc/passwd")}, "reads a file on this machine"),
            "aliases": ({"value": "a: &a [x]\nb: [*a, *a]"}, "repeats itself by aliases"),
            "no-pem": (
                {"value": embedded(url.replace("http", "https"), **{"client-certificate-data": b64(PASSWORD)})},
                "has no client-key",
            ),
            "refused": ({"value": embedded("http://127.0.0.1:9")}, "refuses connections"),
        }
        for name, (data, _) in secrets.items():
            host.add_secret(name, **data)
            host.attach(name)
        expected = {name: part for name, (_, part) in secrets.items()}
        host.add_secret("good", value=embedded(url))
        host.attach("good")
        host.attach("secret-missing")
        expected["secret-missing"] = "Secret default/secret-missing does not exist"
        host.attach("elsewhere", "../../kube-system/secrets/good")
        expected["elsewhere"] = "is no name of an object"
        host.add("attachedclusters", "nameless", "cluster.kurator.dev", spec={})
        expected["nameless"] = "names no Secret"
        expected["absent"] = "AttachedCluster default/absent, which does not exist"
        host.add_fleet("prod", "good", *expected)
        path, log = write(tmp_path, kubeconfig({"host": Access(host.url, token())})), tmp_path / "log"
        got, table, checked = await together(
            run(
                "get", "clusters", "-o", "json", "--kubeconfig", path, "--log-file", str(log), secrets=(PASSWORD,)
            ),
            run("get", "fleets", "--kubeconfig", path, secrets=(PASSWORD,)),
            run("check", "--kubeconfig", path, secrets=(PASSWORD,)),
        )
    assert (got.code, got.err) == (0, "")
    assert got.items.keys() == {"host", "good", *expected}
    assert (got.items["good"]["state"], got.items["good"]["nodes"]) == ("live", 1)
    for name, part in expected.items():
        assert (got.items[name]["state"], got.items[name]["fleet"]) == ("unreachable", "prod")
        assert part in got.items[name]["reason"], name
    assert "prod" in table.out
    assert checked.code == 1
    assert checked.out.count("hint: ") >= len(expected) - 1
    assert not marker.exists()
    logged = log.read_text()
    nothing_secret(logged, PASSWORD)
    assert "exec is unreachable: Secret default/exec, key value: 'it' has `exec`" in logged


def add_odd_objects(member: Server) -> tuple[int, int]:
    """Nodes and pods of every broken shape; returns how many of each."""
    names = ("no-status", "nulls", "wrong-types", "huge", *HOSTILE)
    huge = {"annotations": {"big": "x" * 2**20}}
    for plural in ("nodes", "pods"):
        member.add(plural, "no-status")
        member.add(plural, "nulls", metadata={"labels": None, "annotations": None}, spec=None, status=None)
        member.add(
            plural,
            "wrong-types",
            metadata={"labels": ["a"], "annotations": 7},
            spec={"nodeName": 5, "containers": {"a": 1}, "taints": "x", "unschedulable": "yes"},
            status={"conditions": "no", "allocatable": [1], "phase": {"a": 1}, "containerStatuses": 3},
        )
        member.add(plural, "huge", metadata=huge, spec={}, status={})
        for name in HOSTILE:
            message = {"type": "Ready", "status": "False", "reason": name, "message": name}
            member.add(plural, name, status={"conditions": [message], "reason": name, "message": name})
    return len(names), len(names)


async def test_hostile_and_broken_objects_are_shown_inert_aligned_and_counted(tmp_path: Path) -> None:
    host, member = Server("host", HOST), Server("m", MEMBER)
    nodes, pods = add_odd_objects(member)
    async with serving(host, member):
        host.add_secret("all", value=embedded(member.url))
        for name in HOSTILE:
            host.attach(name, "all")
            host.add_fleet(name, name, status={"phase": name, "reason": name})
        host.add("fleets", "no-spec", FLEET)
        host.add("fleets", "nulls", FLEET, spec=None, status=None)
        host.add("fleets", "wrong", FLEET, spec={"clusters": {"a": 1}, "plugin": []}, status={"phase": 5})
        host.add("fleets", "half-wrong", FLEET, spec={"clusters": [7, None, {"kind": "AttachedCluster"}]})
        path, log = write(tmp_path, kubeconfig({"host": Access(host.url, token())})), tmp_path / "log"
        target = ("--kubeconfig", path)
        as_json, as_table, as_csv, as_yaml = await together(
            *(run("get", "clusters", *target, "-o", form) for form in ("json", "table", "csv", "yaml"))
        )
        fleets, fleet_table = await together(
            run("get", "fleets", *target, "-o", "json", "--log-file", str(log)),
            run("get", "fleets", *target),
        )
        checked = await run("check", *target)
    ended = (as_json, as_table, as_csv, as_yaml, fleets, fleet_table, checked)
    assert [(done.code, done.err) for done in ended] == [(0, "")] * len(ended)
    assert [ACTS.findall(done.out) for done in ended] == [[]] * len(ended)
    clusters = {name: item for name, item in as_json.items.items() if name != "host"}
    assert clusters.keys() == {*HOSTILE}
    assert {(item["state"], item["nodes"], item["pods"]) for item in clusters.values()} == {("live", nodes, pods)}
    assert fleets.items.keys() == {*HOSTILE, "no-spec", "nulls", "wrong", "half-wrong"}
    assert all(fleets.items[name]["live"] == 1 for name in HOSTILE)
    assert len(list(csv.DictReader(io.StringIO(as_csv.out)))) == len(HOSTILE) + 1
    assert {item["name"] for item in yaml.safe_load(as_yaml.out)["items"]} == as_json.items.keys()
    for table, rows in ((as_table.out, len(HOSTILE) + 1), (fleet_table.out, len(fleets.items))):
        assert len(table.splitlines()) == rows + 1
        assert len({start_of_health(line) for line in table.splitlines()}) == 1, table
    assert "[@click=app.bell]click[/][bold red]x" in as_table.out
    assert ACTS.findall(log.read_text()) == []
    nothing_secret(log.read_text())


def start_of_health(line: str) -> int:
    """The terminal cell in which the column HEALTH of a line begins."""
    found = re.search("HEALTH|[●◐▲✖○…] (?=healthy|progressing|degraded|failed|unknown|stale)", line)
    assert found, line
    return wcswidth(line[: found.start()])
