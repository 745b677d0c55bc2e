"""Pods of work that other systems start: Volcano's tasks, Tekton's steps.  Already placed, running or finished."""

from typing import Any

from kurator_tui.demo.world import podstates
from kurator_tui.demo.world.objects import container, pod_from_template, pod_requests, pod_template
from kurator_tui.demo.world.site import Site, owned_by

Obj = dict[str, Any]


def work_pod(
    site: Site,
    owner: Obj,
    name: str,
    containers: list[Obj],
    *,
    labels: dict[str, str],
    state: str,
    age: float,
    took: float = 0.0,
    message: str = "",
) -> Obj:
    """A pod of `owner`, started `age` seconds ago.

    `state` is Pending (no node takes it, `message` says why), Running, Succeeded or Failed (after `took` seconds).
    """
    namespace = owner["metadata"]["namespace"]
    template = pod_template(labels, containers, restartPolicy="Never")
    pod = pod_from_template(template, namespace=namespace, name=name, token_suffix=site.suffix())
    made = site.make("v1", "Pod", name, namespace, age=age, owner=owner, meta={"labels": labels}, spec=pod["spec"])
    made["metadata"]["generation"] = 1
    made["metadata"]["ownerReferences"] = [owned_by(owner)]
    made["status"] = pod["status"]
    if state == "Pending":
        made["status"] = podstates.unschedulable(made, site.stamp(age), message)
        return made
    node = _roomiest(site, bool(pod_requests(made)["nvidia.com/gpu"]))
    made["spec"]["nodeName"] = node["metadata"]["name"]
    began = site.stamp(max(0.0, age - 3))
    made["status"] = podstates.creating(made, began, str(node["status"]["addresses"][0]["address"]))
    ip = f"10.244.{site.rng.randint(200, 250)}.{site.rng.randint(2, 250)}"
    made["status"] = podstates.running(made, began, ip, ready=True)
    ended = site.stamp(max(0.0, age - took))
    if state == "Succeeded":
        made["status"] = podstates.completed(made, ended)
    elif state == "Failed":
        made["status"] = {**podstates.crashed(made, ended, waiting=False), "phase": "Failed"}
    return made


def step(name: str, image: str, *, gpus: int = 0, cpu: str = "250m", memory: str = "256Mi") -> Obj:
    """A container of such a pod."""
    return container(name, image, cpu=cpu, memory=memory, gpus=gpus)


def _roomiest(site: Site, gpu: bool) -> Obj:
    """The worker node (with GPUs, when they are needed) whose pods ask for the least."""
    asked: dict[str, float] = {}
    for pod in site.all_of("pods"):
        if pod["status"].get("phase") in ("Succeeded", "Failed"):
            continue
        node = str(pod["spec"].get("nodeName") or "")
        need = pod_requests(pod)
        asked[node] = asked.get(node, 0.0) + (need["nvidia.com/gpu"] if gpu else need["cpu"])
    nodes = site.all_of("nodes")
    fitting = [each for each in nodes if not gpu or "nvidia.com/gpu" in each["status"]["capacity"]]
    workers = [
        each for each in fitting if "node-role.kubernetes.io/control-plane" not in each["metadata"]["labels"]
    ]
    return min(workers or nodes, key=lambda each: asked.get(each["metadata"]["name"], 0.0))
