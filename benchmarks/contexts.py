"""A kubeconfig of 500 contexts, each with certificates of its own: how long until the link of each has started.

The servers are ports that refuse, so that only our own work is measured: reading the file and starting 500 links,
and then making 500 clients with their TLS contexts and one attempt each, a few at a time. The feeder is the real
one, spoken to over its link. The console meanwhile must not pause.
"""

from __future__ import annotations

import asyncio
import base64
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import trustme
import yaml

from benchmarks.console import console
from benchmarks.harness import Figure, median
from benchmarks.processes import cost
from kurator_tui.link import messages as m
from kurator_tui.link.framing import facts, frame
from kurator_tui.link.spawn import attach, spawn

CONTEXTS = 500
BUDGET = 0.8
PAUSE_BUDGET = 50.0
RUNS = 5
REFUSING = "https://127.0.0.1:1"
UNTRIED = ("connecting",)


def run(quick: bool = False) -> list[Figure]:
    """Seconds, median of a few feeders; and the console's worst pause."""
    with kubeconfig(CONTEXTS) as path:
        parse = _parse(path)
        taken = [asyncio.run(_feeder(path)) for _ in range(1 + (2 if quick else RUNS))][1:]  # the first one warms
        with console(path, "--members-from", "contexts", shows=("Fleets",)) as running:
            running.probe("mark")
            running.until(lambda state: sum(state["states"].get("", {}).values()) >= CONTEXTS)
            pauses = running.probe("report")["pauses"]
    known, tried, cpu = zip(*taken, strict=True)
    note = f"{len(taken)} feeders; parsing with the C loader alone {parse:.2f} s"
    return [
        Figure(
            f"{CONTEXTS} contexts, until every link has started", median(known), "s", BUDGET, max(known), note=note
        ),
        Figure(
            f"{CONTEXTS} contexts, until every server was tried",
            median(tried),
            "s",
            None,
            max(tried),
            note=f"{median(cpu):.2f} s of CPU",
        ),
        Figure(
            f"{CONTEXTS} contexts, worst pause of the console",
            pauses["worst_ms"],
            "ms",
            PAUSE_BUDGET,
            note=f"{pauses['worst_cpu_ms']:.0f} ms of it CPU",
        ),
    ]


async def _feeder(path: str) -> tuple[float, float, float]:
    """Seconds from `Configured` until all links have started, and until all were tried; CPU seconds until then."""
    attached = await attach(spawn())
    states: dict[str, str] = {}
    began = known = spent = 0.0
    try:
        async with asyncio.timeout(60):
            async for fact in facts(attached.reader):
                if isinstance(fact, m.Greeted):
                    for message in (m.Configured(path, members_from="contexts"), m.Subscribed("clusters")):
                        attached.writer.write(frame(message))
                    began, spent = time.monotonic(), cost([attached.process.pid]).cpu
                elif isinstance(fact, m.FreshnessChanged) and not fact.kind:
                    states[fact.cluster] = fact.state
                    if len(states) < CONTEXTS:
                        continue
                    known = known or time.monotonic()
                    if not any(state in UNTRIED for state in states.values()):
                        cpu = cost([attached.process.pid]).cpu - spent
                        return known - began, time.monotonic() - began, cpu
        raise RuntimeError("the feeder ended")
    finally:
        attached.writer.write(frame(m.Goodbye()))
        await attached.detach()


def _parse(path: str) -> float:
    """The baseline: the file read by the fast loader, nothing else."""
    began = time.monotonic()
    yaml.load(Path(path).read_text(), Loader=yaml.CSafeLoader)
    return time.monotonic() - began


@contextmanager
def kubeconfig(contexts: int) -> Iterator[str]:
    """A file as clusters hand them out: an own authority, a client certificate and its key a context."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kubeconfig"
        path.write_text(yaml.dump(_document(contexts), Dumper=yaml.CSafeDumper))
        os.chmod(path, 0o600)
        yield str(path)


def _document(contexts: int) -> dict[str, Any]:
    clusters, users = [], []
    for number in range(contexts):
        authority = trustme.CA()
        issued = authority.issue_cert(f"user-{number}.example.com")
        known = {"server": REFUSING, "certificate-authority-data": _text(authority.cert_pem.bytes())}
        own = {
            "client-certificate-data": _text(b"".join(blob.bytes() for blob in issued.cert_chain_pems)),
            "client-key-data": _text(issued.private_key_pem.bytes()),
        }
        clusters.append({"name": f"c{number}", "cluster": known})
        users.append({"name": f"u{number}", "user": own})
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "member-000",
        "clusters": clusters,
        "users": users,
        "contexts": [
            {"name": f"member-{n:03}", "context": {"cluster": f"c{n}", "user": f"u{n}"}} for n in range(contexts)
        ],
    }


def _text(pem: bytes) -> str:
    return base64.b64encode(pem).decode()
