"""A member with one pod whose status changes when told to: `python -m benchmarks.marker_server`.

Prints {"server", "token"} as one JSON line, then takes one word a line from stdin, writes it as the pod's status
and prints the monotonic moment before the write. Ends with its stdin.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time

from kurator_tui.demo.apiserver.auth import ADMIN
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.server import ClusterServer
from kurator_tui.demo.apiserver.storage import Storage

TOKEN = "marker-token"
NAMESPACE, NAME = "0-marker", "0-marker"


async def main() -> None:
    """Serve until stdin ends."""
    catalogue = default_catalogue(host=False)
    storage = Storage(catalogue, time.time)
    server = ClusterServer("0-marker", catalogue, storage, {TOKEN: ADMIN})
    pods = catalogue.by_plural("pods")
    await server.start()
    status = {"phase": "Running", "reason": "START"}
    pod = {"metadata": {"name": NAME, "namespace": NAMESPACE}, "spec": {"containers": []}, "status": status}
    storage.create(catalogue.by_plural("namespaces"), {"metadata": {"name": NAMESPACE}})
    storage.create(pods, pod)
    print(json.dumps({"server": server.url, "token": TOKEN}), flush=True)
    loop = asyncio.get_running_loop()
    while word := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        began = time.monotonic()
        storage.apply_status(pods, NAMESPACE, NAME, {**status, "reason": word})
        print(began, flush=True)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
