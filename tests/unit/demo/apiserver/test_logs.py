"""Made-up pod logs: repeatable, selectable, and failing as a kubelet's do."""

import json
import math
from typing import Any

import pytest

from kurator_tui.demo.apiserver import logs
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.errors import StatusError
from kurator_tui.demo.apiserver.log_text import AT, CYCLE, JSON, LOGFMT, PYTHON, SPRING, ZAP, Style
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
        (pod(), {"limitBytes": "0"}, "must be greater than 0"),
        (pod(), {"sinceSeconds": "5", "sinceTime": rfc3339(NOW)}, "at most one of"),
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
    assert "panic: cannot open configuration: missing key 'database.url'" in text(crashing)[-7:]
    assert text(crashing, previous="true") == text(crashing)
    assert len(text(crashing)) > 10
    assert len(text(crashing, tailLines="2")) == 2


def test_who_follows_a_container_that_crashes_reads_its_last_words_when_he_asks_again() -> None:
    running = logs.source(pod(), PODS, {}, node_exists=True)
    start, end = rfc3339(NOW - 600), rfc3339(NOW)
    ended = {"exitCode": 1, "reason": "Error", "startedAt": start, "finishedAt": end}
    crashed = logs.source(pod({"terminated": ended}), PODS, {}, node_exists=True)
    seen = running.count(NOW)
    assert [crashed.line(number) for number in range(seen)] == [running.line(number) for number in range(seen)]
    last = logs.window(crashed, {"sinceTime": rfc3339(NOW - 1)}, NOW + 5)
    assert [crashed.line(number)[1] for number in last][-len(crashed.last_words) :] == list(crashed.last_words)


def test_each_image_writes_in_its_own_style_and_all_of_its_pods_alike() -> None:
    styles = {}
    for image in ("nginx:1.27", "registry.k8s.io/kube-proxy:v1.31", "shop/orders:2.3", "shop/fraud-scoring:1"):
        obj = pod()
        obj["spec"]["containers"][0]["image"] = image
        styles[image] = logs.source(obj, PODS, {}, node_exists=True).style.name
    assert list(styles.values()) == ["access", "klog", "spring", "python"]


@pytest.mark.parametrize("style", [SPRING, PYTHON, LOGFMT])
def test_now_and_then_a_stack_trace_is_written_whole(style: Style) -> None:
    lines = [style.text(7, number, NOW) for number in range(CYCLE * 2)]
    assert lines[AT : AT + len(style.trace)] == list(style.trace)


@pytest.mark.parametrize("style", [JSON, ZAP])
def test_json_lines_are_json(style: Style) -> None:
    for value in range(1000):
        assert json.loads(style.text(value * 7919, value, NOW))["level"] in ("info", "warn", "error")


def test_an_annotation_says_how_much_a_pod_writes() -> None:
    busy = pod()
    busy["metadata"]["annotations"] = {logs.RATE: "100"}
    assert logs.source(busy, PODS, {}, node_exists=True).count(NOW) == pytest.approx(60_000, rel=0.01)


async def test_no_more_bytes_than_asked_for() -> None:
    query = {"limitBytes": "100"}
    log = logs.source(pod(), PODS, query, node_exists=True)
    chunks = [chunk async for chunk in logs.follow(log, query, lambda: NOW, lambda: math.inf)]
    assert len(b"".join(chunks)) == 100


async def test_following_ends_with_the_pod() -> None:
    now = NOW
    ended = math.inf

    async def sleep(seconds: float) -> None:
        nonlocal now, ended
        now += 10
        ended = math.inf if now < NOW + 25 else now

    log = logs.source(pod(), PODS, {}, node_exists=True)
    query = {"follow": "true", "tailLines": "2"}
    chunks = [chunk async for chunk in logs.follow(log, query, lambda: now, lambda: ended, sleep)]
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
