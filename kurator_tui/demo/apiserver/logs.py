"""Pod logs, made up: the same pod and container always tells the same lines at the same times.

A line is a function of the pod's uid, the container and the line's number, so a tail of any length costs only
itself.  Raises the errors a kubelet behind an API server gives.
"""

import asyncio
import hashlib
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.durations import seconds_of
from kurator_tui.demo.apiserver.resources import ResourceType

Obj = dict[str, Any]
_KEPT = 5000
_ROUTES = ("/", "/cart", "/api/items", "/api/orders", "/healthz", "/metrics", "/login", "/static/app.js")
_TASKS = ("reconcile", "sync cache", "flush batch", "renew lease", "rotate token", "compact segment")
_CRASH = (
    "fatal: cannot open configuration: missing key 'database.url'",
    "goroutine 1 [running]: main.mustLoadConfig()",
    "exit status 1",
)


@dataclass(frozen=True, slots=True)
class LogSource:
    """One container's log: what seeds its lines, when it started and ended (seconds), and how it went."""

    seed: str
    started: float
    ended: float
    crashed: bool

    @property
    def interval(self) -> float:
        """Seconds between two lines: 0.5 to 3."""
        return 0.5 + _digest(self.seed, "pace") % 2500 / 1000

    def count(self, now: float) -> int:
        """How many lines were written up to `now`."""
        return max(0, math.floor((min(now, self.ended) - self.started) / self.interval) + 1)

    def line(self, number: int) -> tuple[float, str]:
        """(time, text) of a line."""
        at = self.started + number * self.interval
        total = self.count(self.ended) if self.ended != math.inf else math.inf
        if self.crashed and number >= total - len(_CRASH):
            return at, _CRASH[int(number - total + len(_CRASH))]
        return at, _text(_digest(self.seed, str(number)), number)


def _digest(seed: str, salt: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}/{salt}".encode(), digest_size=8).digest(), "big")


def _text(value: int, number: int) -> str:
    kind, value = value % 20, value // 20
    if kind == 0:
        return f'level=warn msg="slow upstream" route={_ROUTES[value % len(_ROUTES)]} took={value % 4000 + 800}ms'
    if kind == 1:
        return f'level=error msg="upstream reset" attempt={value % 3 + 1} request={value % 10**8:08x}'
    if kind < 6:
        return f'level=info msg="{_TASKS[value % len(_TASKS)]}" n={number} took={value % 90 + 3}ms'
    status = (200, 200, 200, 200, 204, 304, 404, 500)[value // 7 % 8]
    return f"GET {_ROUTES[value % len(_ROUTES)]} {status} {value % 250 + 1}ms"


def source(pod: Obj, pods: ResourceType, query: Mapping[str, str], node_exists: bool) -> LogSource:
    """The log a request asks for; raises NotFound or BadRequest as recorded."""
    name = str(pod["metadata"]["name"])
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    container = _container(name, spec, query.get("container", ""))
    node = spec.get("nodeName")
    if not node:
        raise errors.bad_request(f"pod {name} does not have a host assigned")
    if not node_exists:
        raise errors.not_found(pods, str(node))
    state = _container_status(status, container)
    seed = f"{pod['metadata'].get('uid')}/{container}"
    if query.get("previous") == "true":
        return _previous(name, container, state, seed)
    return _current(name, container, state, seed)


def _container(name: str, spec: Obj, asked: str) -> str:
    names = [str(item["name"]) for item in spec.get("containers") or ()]
    init = [str(item["name"]) for item in spec.get("initContainers") or ()]
    if asked:
        if asked not in (*names, *init):
            raise errors.bad_request(f"container {asked} is not valid for pod {name}")
        return asked
    if len(names) > 1:
        message = f"a container name must be specified for pod {name}, choose one of: [{' '.join(names)}]"
        if init:
            message += f" or one of the init containers: [{' '.join(init)}]"
        raise errors.bad_request(message)
    return names[0] if names else ""


def _container_status(status: Obj, container: str) -> Obj:
    every = [*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ())]
    return next((dict(item) for item in every if item.get("name") == container), {})


def _seconds(value: object, otherwise: float) -> float:
    try:
        return seconds_of(value) if isinstance(value, str) else otherwise
    except ValueError:
        return otherwise


def _previous(name: str, container: str, state: Obj, seed: str) -> LogSource:
    ended = (state.get("lastState") or {}).get("terminated")
    if not ended:
        message = f'previous terminated container "{container}" in pod "{name}" not found'
        raise errors.bad_request(message)
    finish = _seconds(ended.get("finishedAt"), 0.0)
    start = _seconds(ended.get("startedAt"), finish)
    seed = f"{seed}/{int(state.get('restartCount') or 1) - 1}"
    return LogSource(seed, start, finish, crashed=bool(ended.get("exitCode")))


def _current(name: str, container: str, state: Obj, seed: str) -> LogSource:
    current = state.get("state") or {}
    running, ended, waiting = (current.get(key) for key in ("running", "terminated", "waiting"))
    if running is None and ended is None and (state.get("lastState") or {}).get("terminated"):
        return _previous(name, container, state, seed)
    seed = f"{seed}/{int(state.get('restartCount') or 0)}"
    if running is not None:
        return LogSource(seed, _seconds(running.get("startedAt"), 0.0), math.inf, crashed=False)
    if ended is not None:
        finish = _seconds(ended.get("finishedAt"), 0.0)
        start = _seconds(ended.get("startedAt"), finish)
        return LogSource(seed, start, finish, crashed=bool(ended.get("exitCode")))
    reason = str((waiting or {}).get("reason") or "ContainerCreating")
    why = f"waiting to start: {reason}"
    if reason in ("ErrImagePull", "ImagePullBackOff"):
        why = "waiting to start: trying and failing to pull image"
    raise errors.bad_request(f'container "{container}" in pod "{name}" is {why}')


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None or text == "":
        return None
    if not text.isdigit():
        raise errors.bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax')
    return int(text)


def window(log: LogSource, query: Mapping[str, str], now: float) -> range:
    """The numbers of the lines to send now: `tailLines`, `sinceSeconds` and `sinceTime`, newest 5000 at most."""
    count = log.count(now)
    first = max(0, count - _KEPT)
    since = _number(query, "sinceSeconds")
    after = now - since if since is not None else _seconds(query.get("sinceTime"), -math.inf)
    if after > log.started:
        first = max(first, math.ceil((after - log.started) / log.interval))
    tail = _number(query, "tailLines")
    if tail is not None:
        first = max(first, count - tail)
    return range(first, max(first, count))


def render(log: LogSource, numbers: range, *, timestamps: bool) -> Iterator[bytes]:
    """The lines of these numbers."""
    for number in numbers:
        at, text = log.line(number)
        prefix = f"{_nanoseconds(at)} " if timestamps else ""
        yield f"{prefix}{text}\n".encode()


def _nanoseconds(seconds: float) -> str:
    """RFC 3339 with nine decimals, as a container runtime stamps lines."""
    whole = datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{int(seconds % 1 * 1e9):09d}Z"


async def follow(
    log: LogSource,
    query: Mapping[str, str],
    clock: Callable[[], float],
    alive: Callable[[], bool],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[bytes, None]:
    """Chunks of lines: what there is, and with `follow=true` what comes while `alive()`."""
    timestamps = query.get("timestamps") == "true"
    numbers = window(log, query, clock())
    yield b"".join(render(log, numbers, timestamps=timestamps))
    if query.get("follow") != "true":
        return
    following = numbers.stop
    while log.ended == math.inf and alive():
        await sleep(0.25)
        due = log.count(clock())
        if due > following:
            yield b"".join(render(log, range(following, due), timestamps=timestamps))
            following = due
