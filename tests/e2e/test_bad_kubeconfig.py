"""A kubeconfig that cannot be used: exit code 4, what is wrong with it, what to do, and none of its text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.e2e.bad_input import Access, Done, complains, kubeconfig, run, together, token, write

TITLE = "Kubeconfig cannot be used"
SERVER = "http://127.0.0.1:9"
DANGLING = {**kubeconfig({"prod": Access(SERVER, token())}), "users": []}
WITHOUT_CURRENT = {
    **kubeconfig({"prod": Access(SERVER, token()), "test": Access(SERVER, token())}),
    "current-context": "",
}
BROKEN = "apiVersion: v1\nusers:\n- name: u\n  user: {token: hunter-2-secret"


async def get(path: str, *more: str) -> Done:
    return await run("get", "clusters", "-o", "json", "--kubeconfig", path, *more, secrets=("hunter-2-secret",))


async def test_what_is_no_kubeconfig_is_named_with_the_reason_and_a_hint(tmp_path: Path) -> None:
    cases = {
        str(tmp_path / "absent"): ("does not exist", "kurator-tui demo"),
        str(tmp_path): ("is a directory", "KUBECONFIG"),
        write(tmp_path, "", "empty"): ("is empty", "KUBECONFIG"),
        write(tmp_path, BROKEN, "broken"): ("is not YAML (line ", "hint: "),
        write(tmp_path, "- a\n- b\n", "list"): ("is not a kubeconfig", "hint: "),
        write(tmp_path, "\x00\x01", "binary"): ("is not YAML", "hint: "),
        write(tmp_path, WITHOUT_CURRENT, "no-current"): ("no current context", "--context: prod, test"),
        write(tmp_path, DANGLING, "dangling"): ("refers to user 'prod', which is not there", "hint: "),
    }
    for path, done in zip(cases, await together(*map(get, cases)), strict=True):
        complains(done, 4, TITLE, path, *cases[path])


async def test_check_and_no_command_complain_as_get_does(tmp_path: Path) -> None:
    path = write(tmp_path, WITHOUT_CURRENT)
    for done in await together(run("check", "--kubeconfig", path), run("--kubeconfig", path)):
        complains(done, 4, TITLE, "no current context", "--context: prod, test")


async def test_without_any_kubeconfig_the_demo_is_offered(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "KUBECONFIG": "", "KUBERNETES_SERVICE_HOST": ""}
    complains(await run("get", "fleets", env=env), 4, TITLE, "~/.kube/config does not exist", "kurator-tui demo")
    env["KUBECONFIG"] = "/nonexistent/a:/nonexistent/b"
    complains(await run("get", "fleets", env=env), 4, TITLE, "/nonexistent/a, /nonexistent/b does not exist")


async def test_an_unknown_context_is_answered_with_those_there_are(tmp_path: Path) -> None:
    done = await get(write(tmp_path, WITHOUT_CURRENT), "--context", "[bold]nope\x1b[31m")
    complains(done, 4, TITLE, "has no context '[bold]nope␛[31m'", "It has: prod, test")


async def test_credentials_that_do_not_load_name_what_does_not(tmp_path: Path) -> None:
    cases = {
        "no-key": ({"client-certificate-data": "aGVsbG8="}, "no client-key"),
        "not-base64": ({"client-certificate-data": "ü", "client-key-data": "ü"}, "not base64"),
        "no-file": ({"tokenFile": "/nonexistent/token"}, "/nonexistent/token cannot be read"),
        "no-pem": ({"client-certificate-data": "aGVsbG8=", "client-key-data": "aGVsbG8="}, "do not load"),
    }
    paths = [
        write(tmp_path, kubeconfig({"prod": Access("https://127.0.0.1:9", user)}), name)
        for name, (user, _) in cases.items()
    ]
    for done, (_, part) in zip(await together(*map(get, paths)), cases.values(), strict=True):
        complains(done, 4, TITLE, part)


async def test_an_exec_plugin_that_fails_is_quoted_but_for_what_it_issued(tmp_path: Path) -> None:
    def plugin(script: str) -> dict[str, Any]:
        spec = {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script]}
        return {"exec": {**spec, "interactiveMode": "Never"}}

    cases = {
        "fails": (
            plugin("echo tok=hunter-2-secret; echo '\x1b[31mexpired session' >&2; exit 3"),
            "expired session",
        ),
        "babbles": (plugin("echo hunter-2-secret"), "printed no ExecCredential"),
        "absent": ({"exec": {**plugin("")["exec"], "command": "/nonexistent/aws"}}, "cannot be run"),
    }
    paths = [
        write(tmp_path, kubeconfig({"prod": Access(SERVER, user)}), name) for name, (user, _) in cases.items()
    ]
    for done, (_, part) in zip(await together(*map(get, paths)), cases.values(), strict=True):
        complains(done, 4, "Credential plugin failed", part)
        assert "\x1b" not in done.err
