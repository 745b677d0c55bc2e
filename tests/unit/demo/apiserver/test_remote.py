"""Exec, attach, debug containers and port-forward on the demo's server."""

from __future__ import annotations

import aiohttp
import pytest

from kurator_tui.demo.apiserver import logs
from tests.unit.demo.apiserver.remote_talk import PODS, V4, Talk, add_pod, connected, running
from tests.unit.demo.apiserver.serving import NOW, Api, serving


async def ran(api: Api, *command: str, stdin: str | None = None, pod: str = "p") -> tuple[int, str, str]:
    """(code, stdout, stderr) of a command without a terminal."""
    query = "&".join(f"command={word}" for word in command) + ("&stdin=true" if stdin is not None else "")
    async with connected(api, "exec", query, pod=pod) as socket:
        talk = Talk(socket)
        if stdin is not None:
            await talk.type(stdin)
            await socket.send_bytes(b"\xff\x00")
        out = await talk.until()
        return talk.code, out, talk.text[2].decode()


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("echo", "a", "b"), (0, "a b\n", "")),
        (("sh", "-c", "exit 3"), (3, "", "")),
        (("sh", "-c", "false || echo $LEVEL"), (0, "high\n", "")),
        (("sh", "-c", "false %26%26 echo no; echo $?"), (0, "1\n", "")),
        (("sh", "-c", "true %26%26 cd /app %26%26 ls"), (0, "VERSION\nconfig.yaml\n", "")),
        (("sh", "-c", "'nope' 2>/dev/null; echo $?"), (0, "127\n", "")),
        (("sh", "-c", "echo unseen > /dev/null"), (0, "", "")),
        (("sh", "-c", "cat /nope"), (1, "", "cat: /nope: No such file or directory\n")),
        (("sh", "-c", "echo 'unended"), (2, "", "sh: syntax error: unterminated quoted string\n")),
        (("cat", "/app/VERSION"), (0, "v1\n", "")),
        (("hostname",), (0, "p\n", "")),
        (("stty", "size"), (1, "", "stty: standard input: Not a tty\n")),
        (("seq", "3"), (0, "1\n2\n3\n", "")),
        (("/bin/echo", "x"), (0, "x\n", "")),
    ],
)
async def test_programs(command: tuple[str, ...], expected: tuple[int, str, str]) -> None:
    async with serving() as api:
        add_pod(api)
        assert await ran(api, *command) == expected


async def test_a_script_on_standard_input() -> None:
    async with serving() as api:
        add_pod(api)
        code, out, _ = await ran(api, "sh", stdin="echo one\ncd /etc\npwd\nexit 7\necho never\n")
        assert (code, out) == (7, "one\n/etc\n")
        assert await ran(api, "cat", stdin="größe\nno end") == (0, "größe\nno end", "")


@pytest.mark.parametrize("image", ["gcr.io/distroless/static", "registry.k8s.io/coredns/coredns:v1.11"])
async def test_an_image_without_a_shell(image: str) -> None:
    async with serving() as api:
        add_pod(api, image=image)
        async with connected(api, "exec", "command=sh&stdin=true&tty=true") as socket:
            talk = Talk(socket)
            await talk.until()
        assert talk.end["code"] == 500
        assert 'exec: "sh": executable file not found in $PATH' in talk.end["message"]


async def test_a_terminal() -> None:
    async with serving() as api:
        add_pod(api)
        script = "command -v bash >/dev/null %26%26 exec bash || exec sh"
        query = f"command=sh&command=-c&command={script}&stdin=true&tty=true&stdout=true"
        async with connected(api, "exec", query) as socket:
            talk = Talk(socket)
            await talk.until("root@p:/# ")
            await socket.send_bytes(b'\x04{"Width":132,"Height":43}')
            await talk.type("stty size\r")
            assert "43 132\r\n" in await talk.until("root@p:/# ")
            await talk.type("echo grüß\x7f\x7fün\x1b[A\r")
            assert "grün\r\n" in await talk.until("root@p:/# ")
            await talk.type("sleep 1000\r")
            await talk.until("sleep 1000\r\n")
            await talk.type("\x03")
            assert await talk.until("root@p:/# ") == "^C\r\nroot@p:/# "
            await talk.type("thrown away\x03")
            await talk.until("^C\r\nroot@p:/# ")
            await talk.type("cat\r")
            await talk.until("cat\r\n")
            await talk.type("again\r\x04")
            assert (await talk.until("root@p:/# ")).startswith("again\r\nagain\r\n")
            await talk.type("exit 9\r")
            await talk.until()
        assert talk.code == 9


async def test_the_end_of_input_ends_a_shell_with_the_last_code() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "exec", "command=sh&stdin=true&tty=true") as socket:
            talk = Talk(socket)
            await talk.until("/ # ")
            await talk.type("nope\r")
            assert "sh: nope: not found" in await talk.until("/ # ")
            await talk.type("\x04")
            assert await talk.until() == "exit\r\n"
        assert talk.code == 127


async def test_an_old_client_gets_the_old_protocol() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "exec", "command=hostname", protocol=V4) as socket:
            assert await Talk(socket).until() == "p\n"


async def test_a_pod_that_is_removed_ends_its_shells() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "exec", "command=sh&stdin=true&tty=true") as socket:
            talk = Talk(socket)
            await talk.until("/ # ")
            api.storage.remove(PODS, "d", "p")
            await talk.until()
        assert talk.code == 137


async def test_a_client_that_does_not_read_makes_the_program_wait() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "exec", "command=yes") as socket:
            await socket.receive()
        assert await ran(api, "echo", "still") == (0, "still\n", "")


@pytest.mark.parametrize(
    ("pod", "query", "token", "code"),
    [
        ("nope", "command=ls", "a", 404),
        ("p", "command=ls&container=x", "a", 400),
        ("p", "", "a", 400),
        ("p", "command=ls", "v", 403),
    ],
)
async def test_what_cannot_be_entered(pod: str, query: str, token: str, code: int) -> None:
    async with serving() as api:
        add_pod(api)
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with connected(api, "exec", query, pod=pod, token=token):
                pytest.fail("it was entered")
        assert caught.value.status == code


async def test_without_an_upgrade() -> None:
    async with serving() as api:
        add_pod(api)
        status, body = await api.call("GET", "/api/v1/namespaces/d/pods/p/exec?command=ls")
        assert (status, body["message"]) == (400, "Upgrade request required")
        status, body = await api.call("GET", "/api/v1/namespaces/d/pods/p/exec?command=ls", token="v")
        assert status == 403


# -- attach and debug containers ------------------------------------------------------------------------------


async def test_attach_shows_what_the_container_writes() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "attach", "stdout=true") as socket:
            first = await socket.receive()
            assert first.data == b"\x01"
            api.storage.remove(PODS, "d", "p")
            talk = Talk(socket)
            await talk.until()
        assert talk.end


async def test_an_attached_process_goes_on_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_TICK", 0.01)
    now = [NOW]
    async with serving() as api:
        api.storage.clock = lambda: now[0]
        add_pod(api)
        async with connected(api, "attach", "stdout=true") as socket:
            talk, told = Talk(socket), list[str]()
            for _ in range(3):
                now[0] += 600
                told.append(await talk.until("\n"))
            assert len(set(told)) == 3
            assert talk.end == {}


async def test_a_debug_container_is_added_and_has_a_shell() -> None:
    path = "/api/v1/namespaces/d/pods/p/ephemeralcontainers"
    strategic = {"Content_Type": "application/strategic-merge-patch+json"}
    debug = {"name": "debug-x", "image": "busybox", "stdin": True, "tty": True, "targetContainerName": "main"}
    async with serving() as api:
        add_pod(api, image="gcr.io/distroless/static")
        body = {"spec": {"ephemeralContainers": [debug], "nodeName": "elsewhere"}}
        status, pod = await api.call("PATCH", path, body, **strategic)
        assert status == 200
        assert [each["name"] for each in pod["spec"]["ephemeralContainers"]] == ["debug-x"]
        assert pod["spec"]["nodeName"] == "n"
        assert (await api.call("PATCH", path, body, token="v", **strategic))[0] == 403
        live = api.storage.get(PODS, "d", "p")
        told = {**live["status"], "ephemeralContainerStatuses": [running("debug-x")]}
        api.storage.update(PODS, {**live, "status": told})
        async with connected(api, "attach", "container=debug-x&stdin=true&tty=true") as socket:
            talk = Talk(socket)
            await talk.until("/ # ")
            await talk.type("exit 4\r")
            await talk.until()
        assert talk.code == 4


# -- port-forward ---------------------------------------------------------------------------------------------


async def test_http_behind_a_container_port() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "ports=8080", protocol=V4) as socket:
            port = (8080).to_bytes(2, "little")
            assert (await socket.receive()).data == b"\x00" + port
            assert (await socket.receive()).data == b"\x01" + port
            await socket.send_bytes(b"\x00GET / HTTP/1.1\r\nHost: x\r\n")
            await socket.send_bytes(b"\x00\r\nPOST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nok")
            first, second = (await socket.receive()).data, (await socket.receive()).type
            assert first.count(b"Hello from p port 8080\n") == 2
            assert second is aiohttp.WSMsgType.CLOSE


async def test_nothing_listens_on_another_port() -> None:
    async with serving() as api:
        add_pod(api)
        async with connected(api, "portforward", "ports=81", protocol=V4) as socket:
            messages = [message.data async for message in socket]
        assert messages[2][:1] == b"\x01"
        assert b"connection refused" in messages[2]


@pytest.mark.parametrize("query", ["", "ports=0", "ports=http", "ports=70000"])
async def test_ports_that_are_none(query: str) -> None:
    async with serving() as api:
        add_pod(api)
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with connected(api, "portforward", query, protocol=V4):
                pytest.fail("it was forwarded")
        assert caught.value.status == 400
