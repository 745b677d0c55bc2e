"""Pod logs, made up: the same pod and container always tells the same lines at the same times.

A line is a function of the pod's uid, the container and the line's number, so a tail of any length costs only
itself.  Raises the errors a kubelet behind an API server gives.
"""

import asyncio
import hashlib
import math
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.durations import seconds_of
from kurator_tui.demo.apiserver.log_text import LOGFMT, Style, style_of
from kurator_tui.demo.apiserver.resources import ResourceType

Obj = dict[str, Any]
_KEPT = 5000
RATE = "demo.kurator.dev/lines-per-second"
"""Annotation of a pod that writes more, or less, than others."""
_TICK = 0.25
"""Seconds between two looks for new lines."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """One container's log: what seeds its lines, when it started and ended (seconds), and how it went."""

    seed: str
    started: float
    ended: float
    reason: str = ""
    """Why it ended, where that was an error."""
    style: Style = LOGFMT
    rate: float = 0.0
    """Lines a second; 0: what is usual."""

    @property
    def interval(self) -> float:
        """Seconds between two lines: 0.5 to 3, more or less."""
        return 1 / self.rate if self.rate else 0.5 + _digest(self.seed, "pace") % 2500 / 1000

    @property
    def last_words(self) -> tuple[str, ...]:
        """What was written as it ended."""
        return self.style.last_words(self.reason) if self.reason else ()

    def count(self, now: float) -> int:
        """How many lines were written up to `now`."""
        return self._regular(now) + (len(self.last_words) if now >= self.ended else 0)

    def _regular(self, now: float) -> int:
        """The same without the last words."""
        until = min(now, self.ended)
        begun = math.floor((until - self.started) / self.interval)
        return begun + (self.time(begun) <= until) if begun >= 0 else 0

    def time(self, number: int) -> float:
        """When a line was written: not quite regularly."""
        late = _digest(self.seed, f"late {number}") % 800 / 1000 if number else 0.0
        return self.started + (number + late) * self.interval

    def first_after(self, moment: float) -> int:
        """The number of the first line not older than `moment`, or than the last words."""
        number = max(0, math.ceil((moment - self.started) / self.interval) - 1)
        number = number if self.time(number) >= moment else number + 1
        return min(number, self._regular(self.ended)) if self.ended != math.inf else number

    def line(self, number: int) -> tuple[float, str]:
        """(time, text) of a line."""
        words = self.last_words
        if words and (at := number - self._regular(self.ended)) >= 0:
            return self.ended - (len(words) - at) / 1000, words[at]
        moment = self.time(number)
        return moment, self.style.text(_digest(self.seed, str(number)), number, moment)


def _digest(seed: str, salt: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{seed}/{salt}".encode(), digest_size=8).digest(), "big")


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
    _check(query)
    state = _container_status(status, container)
    seed = f"{pod['metadata'].get('uid')}/{container}"
    previous = query.get("previous") == "true"
    log = _previous(name, container, state, seed) if previous else _current(name, container, state, seed)
    image = _image(spec, container)
    return replace(log, style=style_of(image, _digest(image, "style")), rate=_rate(pod))


def _image(spec: Obj, container: str) -> str:
    every = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    return next((str(item.get("image") or container) for item in every if item.get("name") == container), "")


def _rate(pod: Obj) -> float:
    asked = str((pod["metadata"].get("annotations") or {}).get(RATE, ""))
    return min(float(asked), 20_000.0) if asked.replace(".", "", 1).isdigit() and float(asked) else 0.0


def _check(query: Mapping[str, str]) -> None:
    """Refuse options that contradict each other, as the API server's validation does."""
    if query.get("sinceTime") and query.get("sinceSeconds"):
        raise errors.bad_request("at most one of `sinceTime` or `sinceSeconds` may be specified")
    if _number(query, "limitBytes") == 0:
        raise errors.bad_request("limitBytes: Invalid value: 0: must be greater than 0")
    _number(query, "tailLines")


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
    return LogSource(seed, start, finish, _reason(ended))


def _reason(ended: Obj) -> str:
    """Why a container ended; "" where all was well."""
    return str(ended.get("reason") or "Error") if ended.get("exitCode") else ""


def _current(name: str, container: str, state: Obj, seed: str) -> LogSource:
    current = state.get("state") or {}
    running, ended, waiting = (current.get(key) for key in ("running", "terminated", "waiting"))
    if running is None and ended is None and (state.get("lastState") or {}).get("terminated"):
        return _previous(name, container, state, seed)
    seed = f"{seed}/{int(state.get('restartCount') or 0)}"
    if running is not None:
        return LogSource(seed, _seconds(running.get("startedAt"), 0.0), math.inf)
    if ended is not None:
        finish = _seconds(ended.get("finishedAt"), 0.0)
        start = _seconds(ended.get("startedAt"), finish)
        return LogSource(seed, start, finish, _reason(ended))
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
        first = max(first, log.first_after(after))
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


def _limited(data: bytes, left: int | None) -> bytes:
    return data if left is None else data[:left]


async def follow(
    log: LogSource,
    query: Mapping[str, str],
    clock: Callable[[], float],
    alive: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[bytes, None]:
    """Chunks of lines: what there is, and with `follow=true` what comes until `alive()` says that it has ended.

    `alive` is the second at which the container ended, `inf` while it runs.
    """
    timestamps, left = query.get("timestamps") == "true", _number(query, "limitBytes")
    numbers = window(log, query, clock())
    following = numbers.stop
    while True:
        data = _limited(b"".join(render(log, numbers, timestamps=timestamps)), left)
        left = None if left is None else left - len(data)
        if data:
            yield data
        if query.get("follow") != "true" or log.ended != math.inf or left == 0:
            return
        await sleep(_TICK)
        ended = alive()
        numbers = range(following, max(following, log.count(min(clock(), ended))))
        following = numbers.stop
        if ended != math.inf:
            yield _limited(b"".join(render(log, numbers, timestamps=timestamps)), left)
            return


def ended_at(pod: Obj | None, log: LogSource, container: str, now: float) -> float:
    """The second at which the instance that writes `log` ended, `inf` while it runs; `pod` is None when gone."""
    if pod is None:
        return now
    state = _container_status(pod.get("status") or {}, container or _container("", pod.get("spec") or {}, ""))
    running = (state.get("state") or {}).get("running")
    if running is not None and _seconds(running.get("startedAt"), 0.0) == log.started:
        return math.inf
    ended = (state.get("state") or {}).get("terminated") or (state.get("lastState") or {}).get("terminated") or {}
    return _seconds(ended.get("finishedAt"), now)
