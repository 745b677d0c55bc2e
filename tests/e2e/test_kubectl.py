"""The real kubectl works unchanged against the demo's API server."""

import json
import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.e2e.served_demo import Kubectl, kubectl_binary, served_demo

pytestmark = pytest.mark.skipif(kubectl_binary() is None, reason="no kubectl beside this Python or on the path")

FLEET = {
    "apiVersion": "fleet.kurator.dev/v1alpha1",
    "kind": "Fleet",
    "metadata": {"name": "quick"},
    "spec": {"clusters": []},
}


@pytest.fixture(scope="module")
def kubectl(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """kubectl on the host, as admin."""
    with served_demo(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture
def ns(kubectl: Kubectl, request: pytest.FixtureRequest) -> str:
    """A namespace of the test's own on the host."""
    return new_namespace(kubectl, request.node.name)


def new_namespace(kubectl: Kubectl, test: str) -> str:
    """A namespace named after the test."""
    name = test.removeprefix("test_").split("[")[0].replace("_", "-")[:40].strip("-")
    kubectl.run("create", "namespace", name)
    return name


def worker(kubectl: Kubectl, index: int) -> str:
    """The name of a worker node."""
    names = kubectl.run("get", "nodes", "-o", "name").split()
    return [name.removeprefix("node/") for name in names if "worker" in name][index]


def deployment(name: str = "web", image: str = "nginx:1.25", replicas: int = 2, **spec: Any) -> str:
    """A manifest."""
    containers = [{"name": "web", "image": image, "ports": [{"containerPort": 80}]}]
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers, **spec}}
    body = {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template}
    meta = {"name": name, "labels": {"app": name}}
    return json.dumps({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": body})


def rolled_out(kubectl: Kubectl, ns: str, manifest: str | None = None) -> None:
    """Apply a deployment and wait until it is available."""
    kubectl.run("-n", ns, "apply", "-f", "-", stdin=manifest or deployment())
    kubectl.run("-n", ns, "rollout", "status", "deployment/web", "--timeout=60s")


def eventually(check: Callable[[], bool]) -> None:
    """Wait for the world to move; kubectl itself is the clock."""
    end = time.monotonic() + 60
    while not check():
        assert time.monotonic() < end, "did not happen"


def test_get_everything_wide(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    pods = kubectl.run("get", "pods", "-A", "-o", "wide").splitlines()
    assert pods[0].split()[:6] == ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert any(line.startswith(ns) and " 1/1 " in line and "host-worker-" in line for line in pods)
    everything = kubectl.run("get", "all", "-A", "-o", "wide")
    assert "deployment.apps/web" in everything
    nodes = kubectl.run("get", "nodes", "-o", "wide")
    assert nodes.count(" Ready ") == 3  # one control plane, two workers
    for kind in (
        "events",
        "cm",
        "ns",
        "svc",
        "rs",
        "fleets",
        "clusters.cluster.kurator.dev",
        "hr",
        "leases",
        "crd",
    ):
        kubectl.run("get", kind, "-A", "-o", "wide")


def test_get_watch(kubectl: Kubectl, ns: str) -> None:
    kubectl.run("-n", ns, "create", "configmap", "first")
    with kubectl.start("-n", ns, "get", "configmaps", "--watch") as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("NAME")
            seen = {process.stdout.readline().split()[0] for _ in range(2)}
            assert seen == {"first", "kube-root-ca.crt"}
            kubectl.run("-n", ns, "create", "configmap", "second")
            assert process.stdout.readline().split()[0] == "second"
        finally:
            process.kill()


def test_describe(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    pod = kubectl.run("-n", ns, "get", "pods", "-o", "name").splitlines()[0]
    described = kubectl.run("-n", ns, "describe", pod)
    assert "Controlled By:  ReplicaSet/web-" in described
    assert "Started container web" in described
    assert "Replicas:" in kubectl.run("-n", ns, "describe", "deployment", "web")
    assert "Non-terminated Pods:" in kubectl.run("describe", "node", worker(kubectl, 0))
    kubectl.run("-n", ns, "apply", "-f", "-", stdin=json.dumps(FLEET))
    assert "API Version:  fleet.kurator.dev/v1alpha1" in kubectl.run("-n", ns, "describe", "fleet", "quick")


def test_apply_server_side_and_its_conflict(kubectl: Kubectl, ns: str) -> None:
    apply = ("-n", ns, "apply", "--server-side", "-f", "-")
    kubectl.run(*apply, "--field-manager=gitops", stdin=deployment())
    code, _, words = kubectl.result(*apply, "--field-manager=me", stdin=deployment(replicas=5))
    assert code != 0
    assert 'conflict with "gitops": .spec.replicas' in words
    kubectl.run(*apply, "--field-manager=me", "--force-conflicts", stdin=deployment(replicas=5))
    assert kubectl.json("-n", ns, "get", "deployment", "web")["spec"]["replicas"] == 5


def test_apply_client_side(kubectl: Kubectl, ns: str) -> None:
    apply = ("-n", ns, "apply", "-f", "-")
    assert "created" in kubectl.run(*apply, stdin=deployment())
    assert "unchanged" in kubectl.run(*apply, stdin=deployment())
    assert "configured" in kubectl.run(*apply, stdin=deployment(image="nginx:1.26"))
    code, out, _ = kubectl.result("-n", ns, "diff", "-f", "-", stdin=deployment(image="nginx:1.27"))
    assert code == 1
    assert "+      - image: nginx:1.27" in out


@pytest.mark.parametrize(
    ("kind", "patch", "check"),
    [
        ("strategic", '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"x:2"}]}}}}', "x:2"),
        ("merge", '{"metadata":{"labels":{"tier":"gold"}}}', "gold"),
        ("json", '[{"op":"add","path":"/metadata/annotations/owner","value":"ops"}]', "ops"),
    ],
)
def test_patch(kubectl: Kubectl, kind: str, patch: str, check: str) -> None:
    space = f"patch-{kind}"
    kubectl.run("create", "namespace", space)
    kubectl.run("-n", space, "apply", "-f", "-", stdin=deployment())
    kubectl.run("-n", space, "patch", "deployment", "web", f"--type={kind}", "-p", patch)
    found = kubectl.json("-n", space, "get", "deployment", "web")
    assert check in json.dumps(found)
    assert found["spec"]["template"]["spec"]["containers"][0]["ports"][0]["containerPort"] == 80


def test_edit(kubectl: Kubectl, ns: str, tmp_path: Path) -> None:
    kubectl.run("-n", ns, "apply", "-f", "-", stdin=deployment())
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nsed -i "s/nginx:1.25/nginx:9/" "$1"\n')
    editor.chmod(0o755)
    kubectl.run("-n", ns, "edit", "deployment", "web", EDITOR=str(editor))
    assert "nginx:9" in kubectl.run("-n", ns, "get", "deployment", "web", "-o", "wide")


def test_scale(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    kubectl.run("-n", ns, "scale", "deployment", "web", "--replicas=4", "--current-replicas=2")
    kubectl.run("-n", ns, "rollout", "status", "deployment/web", "--timeout=60s")
    assert len(kubectl.json("-n", ns, "get", "pods")["items"]) == 4


def test_rollout_restart_and_status(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    before = {pod["metadata"]["uid"] for pod in kubectl.json("-n", ns, "get", "pods")["items"]}
    kubectl.run("-n", ns, "rollout", "restart", "deployment/web")
    status = kubectl.run("-n", ns, "rollout", "status", "deployment/web", "--timeout=60s")
    assert 'deployment "web" successfully rolled out' in status
    assert "restart" in kubectl.run("-n", ns, "get", "deployment", "web", "-o", "yaml")
    found = [pod["metadata"] for pod in kubectl.json("-n", ns, "get", "pods")["items"]]
    after = {meta["uid"] for meta in found if "deletionTimestamp" not in meta}
    assert after
    assert not before & after
    assert "REVISION" in kubectl.run("-n", ns, "rollout", "history", "deployment/web")
    kubectl.run("-n", ns, "rollout", "undo", "deployment/web")
    kubectl.run("-n", ns, "rollout", "status", "deployment/web", "--timeout=60s")


def test_cordon_and_drain(kubectl: Kubectl, request: pytest.FixtureRequest) -> None:
    member = kubectl.on("demo-prod-cloud")
    ns, node = new_namespace(member, request.node.name), worker(member, 1)
    rolled_out(member, ns, deployment(replicas=3, nodeSelector={"kubernetes.io/hostname": node}))
    member.run("cordon", node)
    assert "SchedulingDisabled" in member.run("get", "node", node)
    drained = member.run(
        "drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout=80s"
    )
    assert f"node/{node} drained" in drained
    left = member.json("get", "pods", "-A", f"--field-selector=spec.nodeName={node}")["items"]
    assert {pod["metadata"]["ownerReferences"][0]["kind"] for pod in left} <= {"DaemonSet"}
    member.run("uncordon", node)
    member.run("-n", ns, "rollout", "status", "deployment/web", "--timeout=60s")


def test_a_budget_holds_a_drain_back(kubectl: Kubectl, request: pytest.FixtureRequest) -> None:
    member = kubectl.on("demo-prod-cloud")
    ns, node = new_namespace(member, request.node.name), worker(member, 2)
    rolled_out(member, ns, deployment(nodeSelector={"kubernetes.io/hostname": node}))
    member.run("-n", ns, "create", "poddisruptionbudget", "all", "--selector=app=web", "--min-available=2")
    budget = ("-n", ns, "get", "poddisruptionbudget", "all")
    eventually(lambda: member.json(*budget).get("status", {}).get("currentHealthy") == 2)
    select = ("--pod-selector=app=web", "--ignore-daemonsets", "--timeout=6s")
    code, _, words = member.result("drain", node, *select)
    member.run("uncordon", node)
    assert code != 0
    assert "would violate the pod's disruption budget" in words
    assert len(member.json("-n", ns, "get", "pods")["items"]) == 2


def test_logs_follow(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    whole = kubectl.run("-n", ns, "logs", "deployment/web", "--timestamps")
    assert whole.splitlines()
    assert len(kubectl.run("-n", ns, "logs", "-l", "app=web", "--tail=1").splitlines()) == 2
    with kubectl.start("-n", ns, "logs", "-f", "deployment/web", "--tail=1") as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline()
            assert process.stdout.readline()
        finally:
            process.kill()


def test_exec(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    run = ("-n", ns, "exec", "deployment/web")
    assert kubectl.run(*run, "--", "cat", "/etc/hostname").startswith("web-")
    code, out, words = kubectl.result(*run, "--", "sh", "-c", "echo grüße; exit 3")
    assert (code, out) == (3, "grüße\n")
    assert "exit code 3" in words
    assert kubectl.run(*run, "-i", "--", "sh", stdin="cd /app\nls\n").split() == ["VERSION", "config.yaml"]
    assert len(kubectl.run(*run, "--", "seq", "200000").splitlines()) == 200_000
    code, _, words = kubectl.result("-n", ns, "exec", "nope", "--", "ls")
    assert code == 1
    assert 'pods "nope" not found' in words


def test_exec_where_there_is_no_shell(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns, deployment(image="gcr.io/distroless/static:nonroot"))
    code, _, words = kubectl.result("-n", ns, "exec", "deployment/web", "--", "sh")
    assert code != 0
    assert 'exec: "sh": executable file not found in $PATH' in words


def terminal(kubectl: Kubectl, *words: str) -> "pexpect.spawn[str]":
    """kubectl on a terminal of 100x30."""
    known = {**os.environ, "KUBECONFIG": kubectl.kubeconfig, "HOME": str(kubectl.home)}
    arguments = [f"--context={kubectl.context}", *words]
    return pexpect.spawn(kubectl.binary, arguments, env=known, dimensions=(30, 100), timeout=60, encoding="utf-8")


def test_exec_on_a_terminal(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    shell = terminal(kubectl, "-n", ns, "exec", "-it", "deployment/web", "--", "bash")
    try:
        shell.expect("# ")
        shell.sendline("stty size")
        shell.expect("30 100\r\n")
        shell.sendline("sleep 1000")
        shell.expect("sleep 1000\r\n")
        shell.send("\x03")
        shell.expect("# ")
        shell.sendline("exit 5")
        shell.expect(pexpect.EOF)
        shell.close()
        assert shell.exitstatus == 5
    finally:
        shell.close(force=True)


def test_debug(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns, deployment(image="gcr.io/distroless/static:nonroot"))
    pod = kubectl.run("-n", ns, "get", "pods", "-o", "name").splitlines()[0]
    shell = terminal(kubectl, "-n", ns, "debug", "-it", pod, "--image=busybox:1.36", "--target=web")
    try:
        shell.expect("/ # ")
        shell.sendline("hostname")
        shell.expect("web-")
        shell.send("\x04")
        shell.expect(pexpect.EOF)
    finally:
        shell.close(force=True)
    added = kubectl.json("-n", ns, "get", pod)["spec"]["ephemeralContainers"]
    assert [(each["image"], each["targetContainerName"]) for each in added] == [("busybox:1.36", "web")]


def test_port_forward(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    with kubectl.start("-n", ns, "port-forward", "deployment/web", ":80", "--address=127.0.0.1") as process:
        try:
            assert process.stdout is not None
            url = f"http://{process.stdout.readline().split()[2]}"
            with urllib.request.urlopen(f"{url}/", timeout=60) as answer:
                assert answer.read().startswith(b"Hello from web-")
            with urllib.request.urlopen(f"{url}/bytes/1000000", timeout=60) as answer:
                assert len(answer.read()) == 1_000_000
        finally:
            process.kill()


def test_auth(kubectl: Kubectl, ns: str) -> None:
    admin = kubectl.run("auth", "can-i", "--list")
    assert any(line.split() == ["*.*", "[]", "[]", "[*]"] for line in admin.splitlines())
    viewer, nobody = kubectl.on("demo-viewer"), kubectl.on("demo-nobody")
    rights = viewer.run("auth", "can-i", "--list", "-n", ns)
    assert any(line.startswith("pods ") and line.endswith("[get list watch]") for line in rights.splitlines())
    assert viewer.result("auth", "can-i", "delete", "pods")[:2] == (1, "no\n")
    assert kubectl.run("auth", "can-i", "list", "pods", "--as=viewer") == "yes\n"
    assert "viewer" in viewer.run("auth", "whoami")
    code, _, words = nobody.result("get", "pods")
    assert code == 1
    assert 'pods is forbidden: User "nobody" cannot list resource "pods"' in words


def test_api_resources_and_versions(kubectl: Kubectl) -> None:
    listed = kubectl.run("api-resources", "--no-headers").splitlines()
    assert any(line.split() == ["fleets", "fleet.kurator.dev/v1alpha1", "true", "Fleet"] for line in listed)
    kurator = kubectl.run("api-resources", "--categories=kurator-dev", "-o", "name").split()
    assert "attachedclusters.cluster.kurator.dev" in kurator
    assert "apps/v1" in kubectl.run("api-versions").split()
    assert "Server Version: v1." in kubectl.run("version")
    kubectl.run("cluster-info")


def test_get_raw(kubectl: Kubectl) -> None:
    assert json.loads(kubectl.run("get", "--raw", "/version"))["major"] == "1"
    assert kubectl.run("get", "--raw", "/readyz?verbose").endswith("readyz check passed\n")
    page = json.loads(kubectl.run("get", "--raw", "/api/v1/nodes?limit=1"))
    assert (len(page["items"]), page["metadata"]["remainingItemCount"]) == (1, 2)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("deployment.spec.replicas", "FIELD: replicas <integer>"),
        ("pod.spec.containers", "FIELD: containers <[]Container>"),
        ("fleet", "VERSION:    v1alpha1"),
        ("fleet.spec.clusters", "FIELD: clusters"),
        ("node.status", "FIELD: status"),
    ],
)
def test_explain(kubectl: Kubectl, what: str, words: str) -> None:
    assert words in kubectl.run("explain", what)


def test_explain_everything(kubectl: Kubectl) -> None:
    for line in kubectl.run("api-resources", "--verbs=list", "--no-headers").splitlines():
        plural, *_short, version, _namespaced, _kind = line.split()
        wanted = ("--api-version", version) if "/" in version else ()
        assert "DESCRIPTION" in kubectl.run("explain", plural, *wanted), line


def test_unknown_fields_and_bad_values_are_told(kubectl: Kubectl, ns: str) -> None:
    wrong = {**FLEET, "spec": {"colour": "red"}}
    code, _, words = kubectl.result("-n", ns, "apply", "-f", "-", stdin=json.dumps(wrong))
    assert code != 0
    assert 'unknown field "spec.colour"' in words
    code, _, words = kubectl.result("-n", ns, "scale", "deployment", "none", "--replicas=1")
    assert code != 0
    assert 'deployments.apps "none" not found' in words


def test_delete_and_wait(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    kubectl.run("-n", ns, "wait", "deployment/web", "--for=condition=Available", "--timeout=60s")
    pod = kubectl.run("-n", ns, "get", "pods", "-o", "name").splitlines()[0]
    kubectl.run("-n", ns, "delete", pod, "--wait=false")
    kubectl.run("-n", ns, "wait", pod, "--for=delete", "--timeout=60s")
    kubectl.run("-n", ns, "delete", "deployment", "web", "--cascade=foreground", "--timeout=60s")
    eventually(lambda: kubectl.json("-n", ns, "get", "pods")["items"] == [])
    kubectl.run("delete", "namespace", ns, "--timeout=60s")
    assert kubectl.result("get", "namespace", ns)[0] == 1


def test_label_annotate_and_set_image(kubectl: Kubectl, ns: str) -> None:
    rolled_out(kubectl, ns)
    kubectl.run("-n", ns, "label", "deployment", "web", "tier=gold")
    kubectl.run("-n", ns, "annotate", "deployment", "web", "owner=ops")
    kubectl.run("-n", ns, "set", "image", "deployment/web", "web=nginx:2")
    kubectl.run("-n", ns, "rollout", "status", "deployment/web", "--timeout=60s")
    assert "nginx:2" in kubectl.run("-n", ns, "get", "deployment", "-l", "tier=gold", "-o", "wide")
