"""No value of a secret is on disk: objects of all kinds that hold some are recorded, and the file is searched."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kurator_tui.config.history_files import RecordingFile
from kurator_tui.kinds.base import HOST, AnyKind
from kurator_tui.kinds.core import EVENT
from kurator_tui.kinds.incidents import INCIDENTS
from kurator_tui.kinds.masking import LAST_APPLIED
from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.kinds.registry import KINDS
from kurator_tui.link import messages as m
from kurator_tui.link.recorder import Recorder
from kurator_tui.link.recording import _body, read
from kurator_tui.store.freshness import Freshness, State
from kurator_tui.store.store import Store
from tests.unit.link.recorded import Clock, incident
from tests.unit.link.rows_kept import cluster

SECRET = "hunter2"
ENCODED = base64.b64encode(SECRET.encode()).decode()
ENV = [{"name": "DB_PASSWORD", "value": SECRET}, {"name": "PLAIN", "value": SECRET}]
POD = {
    "containers": [{"name": "web", "image": "web:v1", "env": ENV, "args": [f"--token={SECRET}"]}],
    "initContainers": [{"name": "init", "image": "web:v1", "env": ENV}],
}


def holding(kind: AnyKind) -> dict[str, Any]:
    """An object of `kind` with a secret wherever objects have them."""
    applied = {"kind": kind.name, "data": {"token": ENCODED}, "spec": {"template": {"spec": POD}}}
    annotations = {LAST_APPLIED: json.dumps(applied), "example.com/token": SECRET}
    return {
        "kind": kind.name,
        "metadata": {
            "name": f"one-{kind.plural}",
            "namespace": "shop",
            "uid": f"uid-{kind.id}",
            "annotations": annotations,
            "managedFields": [{"manager": "kubectl", "fieldsV1": {"f:data": {SECRET: {}}}}],
        },
        "data": {"token": ENCODED, "config": SECRET},
        "stringData": {"token": SECRET},
        "spec": {**POD, "template": {"spec": POD}},
    }


async def recorded(path: Path, store: Store, *facts: m.ToConsole) -> tuple[bytes, bytes]:
    """(the file, what is in it unpacked) after everything in `store` was recorded."""
    file = RecordingFile(path)
    recorder = Recorder(store, file, Clock())
    for fact in facts:
        recorder.hear(fact)
    await recorder.record()
    await recorder.close()
    file.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    data = path.read_bytes()
    recording = read(data)
    assert recording.problem == ""
    return data, b"".join(_body(data, each) for each in recording.records)


def assert_clean(*data: bytes) -> None:
    for each in data:
        assert SECRET.encode() not in each
        assert ENCODED.encode().rstrip(b"=") not in each


async def test_objects_of_every_kind_with_secrets_in_them_leave_none_on_disk(tmp_path: Path) -> None:
    store, done = Store(), set[str]()
    for kind in KINDS.values():
        if kind.projection is None or kind.project is None:
            continue
        try:
            row = kind.project("prod", msgspec.convert(holding(kind), kind.projection, strict=False))
        except (msgspec.ValidationError, AttributeError, TypeError):
            continue  # its spec is of another form
        store.put(kind.id, "prod", {row.uid: row})
        done.add(kind.id)
    assert {"secrets", "configmaps", "pods", "deployments.apps", "jobs.batch"} <= done
    assert len(done) > 100
    data, inside = await recorded(tmp_path / "f.rec", store)
    assert b"one-secrets" in inside
    assert_clean(data, inside)


async def test_texts_that_quote_a_secret_leave_none_on_disk(tmp_path: Path) -> None:
    store = Store()
    told = {
        "metadata": {"name": "e", "namespace": "shop", "uid": "e"},
        "reason": "Failed",
        "message": f"helm: exec: psql postgres://me:{SECRET}@db --password {SECRET}; Bearer {SECRET}",
        "involvedObject": {"kind": "Pod", "name": "web", "namespace": "shop"},
    }
    assert EVENT.project is not None
    row = EVENT.project("prod", msgspec.convert(told, EVENT.projection, strict=False))
    store.put(EVENT.id, "prod", {row.uid: row})
    store.put(
        CLUSTERS.id, "prod", {"c": cluster("prod", reason=f"token={SECRET}", server=f"https://me:{SECRET}@a")}
    )
    named = incident(f"hook failed: password: {SECRET}")
    store.put(INCIDENTS.id, HOST, {named.uid: msgspec.structs.replace(named, uid="i")})
    store.set_freshness("prod", "", Freshness(State.UNREACHABLE, 1.0, f"{SECRET} was refused"))
    data, inside = await recorded(
        tmp_path / "f.rec", store, m.HostDescribed("prod", f"https://{SECRET}@host", True)
    )
    assert b"helm: exec: psql postgres://" in inside
    assert b"hook failed" in inside
    assert_clean(data, inside)


@pytest.mark.parametrize("kind", ["secrets", "configmaps"])
def test_values_of_secrets_are_not_even_in_rows(kind: str) -> None:
    found = KINDS[kind]
    assert found.project is not None
    row = found.project("prod", msgspec.convert(holding(found), found.projection, strict=False))
    assert_clean(str(row).encode())
