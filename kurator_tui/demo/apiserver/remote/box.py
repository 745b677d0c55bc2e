"""One container as a process in it sees it: files, environment, processes, programs. Made up from the pod object.

Raises the errors a kubelet behind an API server gives for a container that is not there or does not run.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.resources import ResourceType

Obj = dict[str, Any]

#: Parts of the names of images that hold one static program and nothing else.
_BARE = (
    *("distroless", "coredns", "pause", "kube-proxy", "-controller", "kube-state-metrics", "metrics-server"),
    *("cluster-operator", "fleet-manager", "external-dns", "prometheus-operator"),
)
#: Images whose shell is BusyBox's: `sh` only.
_SMALL = ("alpine", "busybox", "redis", "flagger", "loadtester")
_LISTS = (
    ("containers", "containerStatuses"),
    ("initContainers", "initContainerStatuses"),
    ("ephemeralContainers", "ephemeralContainerStatuses"),
)


@dataclass(slots=True)
class Box:
    """A container that runs. `files` are absolute paths and their texts; folders are what their names imply."""

    pod: str
    namespace: str
    uid: str
    name: str
    image: str
    started: str
    ports: frozenset[int] = frozenset()
    ephemeral: bool = False
    shells: tuple[str, ...] = ()
    """Programs that start a shell; an image without one holds no other program either."""
    command: str = ""
    """What runs as process 1."""
    environment: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def children(self, folder: str) -> list[str] | None:
        """The names in a folder, in order; None when there is no such folder."""
        prefix = folder.rstrip("/") + "/"
        names = {path[len(prefix) :].partition("/")[0] for path in self.files if path.startswith(prefix)}
        return sorted(names - {""}) if names or folder == "/" else None


def find(pod: Obj, pods: ResourceType, container: str, node_exists: bool) -> Box:
    """The container a request asks for ("" = the pod's only or first one); raises StatusError."""
    meta, spec, status = pod["metadata"], pod.get("spec") or {}, pod.get("status") or {}
    name = str(meta["name"])
    node = spec.get("nodeName")
    if not node:
        raise errors.bad_request(f"pod {name} does not have a host assigned")
    if not node_exists:
        raise errors.not_found(pods, str(node))
    if status.get("phase") in ("Succeeded", "Failed"):
        raise errors.bad_request(
            f"cannot exec into a container in a completed pod; current phase is {status['phase']}"
        )
    found, seen, ephemeral = _container(name, spec, status, container)
    running = (seen.get("state") or {}).get("running")
    if running is None:
        raise errors.internal(f'unable to upgrade connection: container not found ("{found["name"]}")')
    return _box(meta, spec, status, found, str(running.get("startedAt", "")), ephemeral)


def _container(pod: str, spec: Obj, status: Obj, asked: str) -> tuple[Obj, Obj, bool]:
    """(container, its status or {}, whether it is ephemeral)."""
    for listed, told in _LISTS:
        for each in spec.get(listed) or ():
            if not asked or each.get("name") == asked:
                seen: Obj = next((s for s in status.get(told) or () if s.get("name") == each.get("name")), {})
                return each, seen, listed == "ephemeralContainers"
    raise errors.bad_request(f"container {asked} is not valid for pod {pod}")


def _box(meta: Obj, spec: Obj, status: Obj, container: Obj, started: str, ephemeral: bool) -> Box:
    image = str(container.get("image", ""))
    name, address = str(meta["name"]), str(status.get("podIP") or "10.244.0.2")
    ports = {
        int(port["containerPort"]) for each in spec.get("containers") or () for port in each.get("ports") or ()
    }
    box = Box(
        pod=name,
        namespace=str(meta.get("namespace", "")),
        uid=str(meta.get("uid", "")),
        name=str(container["name"]),
        image=image,
        started=started,
        ports=frozenset(ports),
        ephemeral=ephemeral,
        shells=_shells(image),
        command=_command(container, image),
        environment=_environment(name, meta, container),
    )
    box.files = _files(box, address, container)
    return box


def _shells(image: str) -> tuple[str, ...]:
    if any(part in image for part in _BARE):
        return ()
    return ("sh", "ash") if any(part in image for part in _SMALL) else ("sh", "bash")


def _command(container: Obj, image: str) -> str:
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    program = image.partition("@")[0].rsplit("/", 1)[-1].partition(":")[0]
    return " ".join(str(word) for word in words) or f"/usr/local/bin/{program}"


def _environment(name: str, meta: Obj, container: Obj) -> dict[str, str]:
    found = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOSTNAME": name,
        "HOME": "/root",
        "KUBERNETES_SERVICE_HOST": "10.96.0.1",
        "KUBERNETES_SERVICE_PORT": "443",
    }
    fields = {"metadata.name": name, "metadata.namespace": str(meta.get("namespace", ""))}
    for each in container.get("env") or ():
        source = ((each.get("valueFrom") or {}).get("fieldRef") or {}).get("fieldPath", "")
        found[str(each.get("name"))] = str(each.get("value") or fields.get(source, ""))
    return found


def _files(box: Box, address: str, container: Obj) -> dict[str, str]:
    digest = hashlib.sha256(box.image.encode()).hexdigest()
    account = "/var/run/secrets/kubernetes.io/serviceaccount"
    files = {
        "/etc/hostname": f"{box.pod}\n",
        "/etc/hosts": f"# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n{address}\t{box.pod}\n",
        "/etc/os-release": 'PRETTY_NAME="Demo Linux 12"\nID=demo\nVERSION_ID="12"\n',
        "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n",
        "/etc/resolv.conf": (
            f"search {box.namespace}.svc.cluster.local svc.cluster.local cluster.local\n"
            "nameserver 10.96.0.10\noptions ndots:5\n"
        ),
        "/app/config.yaml": f"server:\n  port: {min(box.ports, default=8080)}\n# größer, schöner: ✓\nlog: info\n",
        "/app/VERSION": f"{box.image.rpartition(':')[2]}\n",
        "/proc/version": "Linux version 6.6.41-demo (build@demo) #1 SMP PREEMPT_DYNAMIC\n",
        f"{account}/namespace": box.namespace,
        f"{account}/ca.crt": f"# a CA certificate ({digest[:16]})\n",
        "/root/.profile": "export PS1='# '\n",
        "/srv/.keep": "",
    }
    for mount in container.get("volumeMounts") or ():
        files.setdefault(f"{str(mount.get('mountPath', '/mnt')).rstrip('/')}/.data", "")
    for program in ("cat", "date", "env", "ls", "ps", "stty", *box.shells):
        files[f"/bin/{program}"] = "\x7fELF"
    return files
