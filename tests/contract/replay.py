"""Replays recorded exchanges, in order, against one fresh demo server and keeps what it answered.

What happened between two recordings (other clients' writes, the controllers' work) is done here as named steps.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from kurator_tui.demo.apiserver.auth import ADMIN, NOBODY, VIEWER
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.server import ClusterServer
from kurator_tui.demo.apiserver.storage import Storage

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "recordings" / "apiserver"
_TOKENS = {"admin": "token-admin", "viewer": "token-viewer", "nobody": "token-nobody", "bad token": "token-wrong"}
_CONFIGMAPS = "/api/v1/namespaces/probe/configmaps"

Json = dict[str, Any]


def recordings() -> dict[int, Json]:
    """The recordings by number; {} when the folder is absent."""
    return {int(path.name[:3]): json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}


@dataclass(slots=True)
class Answered:
    """What the demo server said to one recorded request."""

    status: int
    content_type: str
    body: Any = None
    watch_events: list[Json] = field(default_factory=list)


class Replay:
    """One run over all recordings."""

    def __init__(self, every: dict[int, Json]) -> None:
        self._every = every
        self._uids: list[str] = []
        catalogue = default_catalogue(host=True)
        self.storage = Storage(catalogue, time.time, new_uid=self._next_uid, first_version=400)
        tokens = {_TOKENS["admin"]: ADMIN, _TOKENS["viewer"]: VIEWER, _TOKENS["nobody"]: NOBODY}
        self._server = ClusterServer("contract", catalogue, self.storage, tokens)
        self._versions: dict[str, str] = {}
        self._steps: dict[int, Callable[[], Awaitable[None]]] = {
            14: self._other_configmaps,
            46: lambda: self._controllers_wrote(46),
            49: lambda: self._controllers_wrote(49),
            52: lambda: self._controllers_wrote(52),
            58: lambda: self._controllers_wrote(58),
            59: self._controllers_made_pods,
            123: self._server_restarted,
        }
        self._during: dict[int, Callable[[], Awaitable[None]]] = {
            103: self._four_changes,
            104: self._parity_flips,
        }

    def _next_uid(self) -> str:
        return self._uids.pop(0) if self._uids else f"00000000-0000-4000-8000-{self.storage.rv:012d}"

    async def run(self) -> dict[int, Answered]:
        """Replay everything; answers by number."""
        await self._server.start()
        answers: dict[int, Answered] = {}
        try:
            async with aiohttp.ClientSession(self._server.url) as self._http:
                for number, exchange in self._every.items():
                    if number in self._steps:
                        await self._steps[number]()
                    if number == 103:
                        self._versions["551"] = str(self.storage.rv)
                    answers[number] = await self._exchange(number, exchange)
        finally:
            await self._server.stop()
        return answers

    # -- one exchange

    async def _exchange(self, number: int, exchange: Json) -> Answered:
        request, response = exchange["request"], exchange["response"]
        if request["method"] == "POST" and response["status"] == 201:
            uid = (response["body"].get("metadata") or {}).get("uid")
            self._uids = [uid] if uid else []
        call = self._request(exchange["as"], request)
        if "watch_events" in response:
            return await self._watched(number, call, len(response["watch_events"]))
        async with call as answer:
            raw = await answer.read()
            self._uids = []
            body = raw.decode()
            if "json" in answer.content_type:
                body = json.loads(raw)
                self._remember(number, body)
            elif number == 11:
                body = json.loads(raw)
            return Answered(answer.status, answer.headers["Content-Type"], body)

    def _remember(self, number: int, body: Any) -> None:
        """Our own continue token takes the place of the recorded one."""
        if number == 14:
            recorded = self._every[14]["response"]["body"]["metadata"]["continue"]
            self._versions[recorded] = body["metadata"]["continue"]

    def _request(self, who: str, request: Json) -> Any:
        headers = {"User-Agent": "python-requests/2.32", **request["headers"]}
        token = _TOKENS.get(who.partition(" as ")[0]) or _TOKENS.get(who)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        path = request["path"]
        for recorded, ours in self._versions.items():
            path = path.replace(recorded, ours)
        body = request["body"]
        data = body if isinstance(body, str) or body is None else json.dumps(body)
        timeout = aiohttp.ClientTimeout(total=60)
        headers.setdefault("Content-Type", "application/json")
        return self._http.request(request["method"], path, headers=headers, data=data, timeout=timeout)

    async def _watched(self, number: int, call: Any, count: int) -> Answered:
        async with call as answer:
            found = Answered(answer.status, answer.headers["Content-Type"])
            if number in self._during:
                await self._during[number]()
            ends_itself = number in (106, 123, 124)
            while ends_itself or len(found.watch_events) < count:
                line = await answer.content.readline()
                if not line:
                    break
                found.watch_events.append(json.loads(line))
            return found

    # -- what happened between the recordings

    async def _write(
        self, method: str, path: str, body: Json | None = None, kind: str = "application/json"
    ) -> None:
        request = {"method": method, "path": path, "headers": {"Content-Type": kind}, "body": body}
        async with self._request("admin", request) as answer:
            assert answer.status < 300, await answer.text()

    async def _other_configmaps(self) -> None:
        """c1 to c6 beside the recorded c0."""
        for item in self._every[17]["response"]["body"]["items"][1:7]:
            meta = {"name": item["metadata"]["name"], "labels": item["metadata"]["labels"]}
            self._uids = [item["metadata"]["uid"]]
            await self._write("POST", _CONFIGMAPS, {"metadata": meta, "data": item["data"]})

    async def _controllers_wrote(self, number: int) -> None:
        """The deployment controller wrote the revision and status that a recording shows."""
        seen = self._every[number]["response"]["body"]
        rt = self.storage.catalogue.by_plural("deployments", "apps")
        manager = "kube-controller-manager"

        def write(obj: Json) -> None:
            obj["status"] = seen["status"]
            obj["metadata"]["annotations"] = seen["metadata"]["annotations"]
            kept = [entry for entry in obj["metadata"]["managedFields"] if entry["manager"] != manager]
            for index, entry in enumerate(seen["metadata"]["managedFields"]):
                if entry["manager"] == manager:
                    kept.insert(index, entry)
            obj["metadata"]["managedFields"] = kept

        self.storage.modify(rt, "probe", "web", write)

    async def _controllers_made_pods(self) -> None:
        """Replica sets and pods of the deployment exist."""
        await self._controllers_wrote(119)
        for number, group, plural in ((59, "apps", "replicasets"), (60, "", "pods")):
            rt = self.storage.catalogue.by_plural(plural, group)
            for item in self._every[number]["response"]["body"]["items"]:
                self.storage.create(rt, item)
        rt = self.storage.catalogue.by_plural("pods")
        pod = self._every[60]["response"]["body"]["items"][0]
        for row in self._every[61]["response"]["body"]["rows"][2:]:
            self.storage.create(rt, {**pod, "metadata": row["object"]["metadata"]})
        for suffix in ("x", "y"):
            meta = {**pod["metadata"], "name": f"web-zzzzz-{suffix}"}
            self.storage.create(rt, {**pod, "metadata": meta})

    async def _four_changes(self) -> None:
        """What another client did while the watch ran."""
        merge = "application/merge-patch+json"
        await self._write("PATCH", f"{_CONFIGMAPS}/c2", {"data": {"k": "two"}}, merge)
        await self._write("POST", _CONFIGMAPS, {"metadata": {"name": "new", "labels": {"parity": "odd"}}})
        await self._write("DELETE", f"{_CONFIGMAPS}/c3")
        await self._write("PATCH", f"{_CONFIGMAPS}/c4", {"metadata": {"labels": {"parity": "odd"}}}, merge)

    async def _parity_flips(self) -> None:
        """c6 stops matching the watch's selector."""
        patch = {"metadata": {"labels": {"parity": "odd"}}}
        await self._write("PATCH", f"{_CONFIGMAPS}/c6", patch, "application/merge-patch+json")

    async def _server_restarted(self) -> None:
        self.storage.forget_history()


def replay_all() -> tuple[dict[int, Json], dict[int, Answered]]:
    """The recordings and what the demo server answers to them."""
    every = recordings()
    return every, asyncio.run(Replay(every).run()) if every else {}
