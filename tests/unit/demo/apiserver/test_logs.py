"""Made-up pod logs: repeatable, selectable, and failing as a kubelet's do."""

from typing import Any

import pytest

from kurator_tui.demo.apiserver import logs
from kurator_tui.demo.apiserver.errors import StatusError
from kurator_tui.demo.apiserver.resources import default_catalogue
from kurator_tui.demo.apiserver.storage import rfc3339
from tests.unit.demo.apiserver.serving import NOW, serving

PODS = default_catalogue(host=False).by_plural("pods")
RUNNING = {"running": {"startedAt": rfc3339(NOW - 600)}}


def pod(state: dict[str, Any] | None = None, *names: str, **status: Any) -> dict[str, Any]:
    names = names or ("main",)
    container = {"name": names[0], "restartCount": 0, "state": RUNNING if state is None else state, **status}
    return {
        "metadata": {"name": "p", "namespace": "d", "uid": "u1"},
        "spec": {"nodeName": "n", "containers": [{"name": name} for name in names]},
        "status": {"phase": "Running", "containerStatuses": [container]},
    }


def text(obj: dict[str, Any], **query: str) -> list[str]:
    log = logs.source(obj, PODS, query, node_exists=True)
    lines = logs.render(log, logs.window(log, query, NOW), timestamps=query.get("timestamps") == "true")
    return [line.decode().rstrip("\n") for line in lines]


def test_the_same_pod_always_tells_the_same() -> None:
    assert text(pod()) == text(pod())
    other = pod()
    other["metadata"]["uid"] = "u2"
    assert text(pod()) != text(other)


def test_a_tail_is_the_end() -> None:
    whole = text(pod())
    assert text(pod(), tailLines="5") == whole[-5:]
    assert text(pod(), tailLines="0") == []
    assert len(text(pod(), tailLines="100000")) == len(whole)


def test_recent_lines_only() -> None:
    recent = text(pod(), sinceSeconds="60", timestamps="true")
    assert 0 < len(recent) < len(text(pod()))
    assert all(line.split(" ")[0] >= rfc3339(NOW - 60)[:-1] for line in recent)


@pytest.mark.parametrize(
    ("obj", "query", "words"),
    [
        (pod(None, "a", "b"), {}, "choose one of: [a b]"),
        (pod(), {"container": "x"}, "container x is not valid for pod p"),
        (pod(), {"previous": "true"}, 'previous terminated container "main" in pod "p" not found'),
        (pod({"waiting": {"reason": "ContainerCreating"}}), {}, "is waiting to start: ContainerCreating"),
        (pod({"waiting": {"reason": "ImagePullBackOff"}}), {}, "trying and failing to pull image"),
        (pod(), {"tailLines": "x"}, "invalid syntax"),
    ],
)
def test_failures(obj: dict[str, Any], query: dict[str, str], words: str) -> None:
    with pytest.raises(StatusError) as caught:
        text(obj, **query)
    assert caught.value.code == 400
    assert words in caught.value.message


def test_an_unscheduled_pod_and_a_lost_node() -> None:
    unscheduled = pod()
    del unscheduled["spec"]["nodeName"]
    with pytest.raises(StatusError, match="does not have a host assigned"):
        text(unscheduled)
    with pytest.raises(StatusError, match='pods "n" not found'):
        logs.source(pod(), PODS, {}, node_exists=False)


def test_a_crash_loop_shows_the_crash() -> None:
    ended = {"exitCode": 1, "startedAt": rfc3339(NOW - 90), "finishedAt": rfc3339(NOW - 60)}
    crashing = pod({"waiting": {"reason": "CrashLoopBackOff"}}, restartCount=3, lastState={"terminated": ended})
    assert text(crashing)[-1] == "exit status 1"
    assert text(crashing, previous="true") == text(crashing)


async def test_following_ends_with_the_pod() -> None:
    now = NOW
    lives = [True]

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += 10
        lives[0] = now < NOW + 25

    log = logs.source(pod(), PODS, {}, node_exists=True)
    query = {"follow": "true", "tailLines": "2"}
    chunks = [chunk async for chunk in logs.follow(log, query, lambda: now, lambda: lives[0], sleep)]
    first, later = chunks[0].splitlines(), b"".join(chunks[1:]).splitlines()
    assert len(first) == 2
    assert len(later) == log.count(NOW + 30) - log.count(NOW)


async def test_logs_over_http() -> None:
    async with serving() as api:
        api.add("nodes", {"metadata": {"name": "n"}})
        api.add("pods", pod())
        path = "/api/v1/namespaces/d/pods/p/log"
        status, body = await api.call("GET", f"{path}?tailLines=3")
        assert (status, len(body.splitlines())) == (200, 3)
        assert (await api.call("GET", path, token="n"))[0] == 403
        async with api.request("GET", f"{path}?tailLines=1&follow=true") as stream:
            assert await stream.content.readline()
            api.storage.remove(PODS, "d", "p")
            assert await stream.content.read() == b""
