"""A pod, and the pod template of whatever makes pods: containers, volumes, where they may run."""

from __future__ import annotations

from collections.abc import Iterator

from kurator_tui.describe.parts import (
    Item,
    Part,
    ago,
    first,
    grid,
    item,
    joined,
    moment,
    pairs,
    part,
    present,
    said_of,
    selector_text,
)
from kurator_tui.kinds.base import Level
from kurator_tui.kinds.shapes import Object, mapping, mappings, text

_LISTS = (
    ("Init containers", "initContainers", "initContainerStatuses"),
    ("Containers", "containers", "containerStatuses"),
    ("Debug containers", "ephemeralContainers", "ephemeralContainerStatuses"),
)
_FINE = ("ContainerCreating", "PodInitializing")


def pod(found: Object, now: float) -> list[Part]:
    """Everything of a pod but what every object has."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    lines = (
        item("Phase", first(status.get("reason"), status.get("phase"))),
        item("Message", status.get("message"), Level.DEGRADED),
        item("Node", "  ".join(filter(None, (said_of(spec.get("nodeName")), said_of(status.get("hostIP")))))),
        item("Nominated node", status.get("nominatedNodeName")),
        item("IPs", joined([each.get("ip") for each in mappings(status.get("podIPs"))]) or status.get("podIP")),
        item("Started", moment(status.get("startTime"), now)),
        item("QoS class", status.get("qosClass")),
        item("Restart policy", spec.get("restartPolicy")),
        *_running(spec),
    )
    return present([part("Pod", *lines), *_containers(spec, status, now), *placement(spec)])


def template(found: object, title: str = "Pod template") -> list[Part]:
    """The pods that something makes."""
    made = mapping(found)
    spec, about = mapping(made.get("spec")), mapping(made.get("metadata"))
    lines = (
        item("Labels", pairs(about.get("labels"))),
        item("Annotations", pairs(about.get("annotations"))),
        *_running(spec),
    )
    return present([part(title, *lines), *_containers(spec, {}, 0.0), *placement(spec)])


def _running(spec: Object) -> tuple[Item | None, ...]:
    return (
        item("Service account", spec.get("serviceAccountName")),
        item(
            "Priority",
            " ".join(filter(None, (text(spec.get("priorityClassName")), said_of(spec.get("priority"))))),
        ),
        item("Runtime class", spec.get("runtimeClassName")),
        item("Scheduler", None if spec.get("schedulerName") == "default-scheduler" else spec.get("schedulerName")),
        item("Host network", spec.get("hostNetwork") or None),
        item("Grace period", _seconds(spec.get("terminationGracePeriodSeconds"))),
        item("Image pull secrets", joined([each.get("name") for each in mappings(spec.get("imagePullSecrets"))])),
        item("Security context", pairs(spec.get("securityContext"))),
    )


def _seconds(value: object) -> str:
    return f"{said_of(value)} s" if said_of(value) else ""


# -- containers -----------------------------------------------------------------------------------------------


def _containers(spec: Object, status: Object, now: float) -> Iterator[Part]:
    for title, listed, told in _LISTS:
        states = {text(each.get("name")): each for each in mappings(status.get(told))}
        for each in mappings(spec.get(listed)):
            name = text(each.get("name"))
            lines = [line for line in _container(each, states.get(name, {}), now) if line is not None]
            yield Part(f"{title[:-1]} {name}", tuple(lines))


def _container(spec: Object, status: Object, now: float) -> Iterator[Item | None]:
    yield item("Image", spec.get("image"))
    if spec.get("image") != status.get("image"):
        yield item("Running image", status.get("image"))
    yield item("Image ID", status.get("imageID"))
    yield from _states(status, now)
    yield item("Restarts", status.get("restartCount"), Level.DEGRADED if status.get("restartCount") else None)
    yield item("Container ID", status.get("containerID"))
    yield item("Command", joined(spec.get("command"), " "))
    yield item("Args", joined(spec.get("args"), " "))
    yield item("Working directory", spec.get("workingDir"))
    yield item("Ports", ", ".join(filter(None, map(_port, mappings(spec.get("ports"))))))
    resources = mapping(spec.get("resources"))
    yield item("Requests", pairs(resources.get("requests")))
    yield item("Limits", pairs(resources.get("limits")))
    for probe in ("liveness", "readiness", "startup"):
        yield item(probe.capitalize(), _probe(mapping(spec.get(f"{probe}Probe"))))
    yield from _several("Environment from", (_source(each) for each in mappings(spec.get("envFrom"))))
    yield from _several("Environment", (_variable(each) for each in mappings(spec.get("env"))))
    yield from _several("Mounts", (_mount(each) for each in mappings(spec.get("volumeMounts"))))
    yield item("Security context", pairs(spec.get("securityContext")))
    yield item("Restart policy", spec.get("restartPolicy"))


def _several(label: str, texts: Iterator[str]) -> Iterator[Item]:
    for at, said in enumerate(texts):
        yield Item(label if at == 0 else "", said)


def _states(status: Object, now: float) -> Iterator[Item | None]:
    if not status:
        return
    said, level = _state(mapping(status.get("state")), now)
    ready = "ready" if status.get("ready") is True else "not ready"
    if level is None and status.get("ready") is not True:
        level = Level.PROGRESSING
    yield Item("State", f"{said or 'unknown'}, {ready}", level)
    said, level = _state(mapping(status.get("lastState")), now)
    yield item("Last state", said, level)


def _state(state: Object, now: float) -> tuple[str, Level | None]:
    if "running" in state:
        return f"running since {moment(mapping(state['running']).get('startedAt'), now)}", None
    if "waiting" in state:
        found = mapping(state["waiting"])
        reason = text(found.get("reason"))
        said = ": ".join(filter(None, ("waiting", reason, said_of(found.get("message")))))
        return said, Level.PROGRESSING if reason in _FINE or not reason else Level.FAILED
    if "terminated" in state:
        found = mapping(state["terminated"])
        code = found.get("exitCode")
        signal = f", signal {found['signal']}" if found.get("signal") else ""
        head = f"terminated: {said_of(found.get('reason')) or 'ended'} (exit code {said_of(code)}{signal})"
        when = ago(found.get("finishedAt"), now)
        took = f" {when} ago, started {moment(found.get('startedAt'), now)}" if when else ""
        message = f": {said_of(found.get('message'))}" if found.get("message") else ""
        return head + took + message, Level.FAILED if code else None
    return "", None


def _port(port: Object) -> str:
    number = f"{said_of(port.get('containerPort'))}/{text(port.get('protocol')) or 'TCP'}"
    name = f" ({port['name']})" if port.get("name") else ""
    host = f" on host port {port['hostPort']}" if port.get("hostPort") else ""
    return number + name + host


def _probe(probe: Object) -> str:
    """As kubectl writes probes."""
    if not probe:
        return ""
    action = "unknown"
    if "exec" in probe:
        action = f"exec {joined(mapping(probe['exec']).get('command'), ' ')}"
    elif "httpGet" in probe:
        get = mapping(probe["httpGet"])
        scheme = (text(get.get("scheme")) or "HTTP").casefold()
        action = f"{scheme}-get {scheme}://{said_of(get.get('host'))}:{said_of(get.get('port'))}{said_of(get.get('path'))}"
    elif "tcpSocket" in probe:
        action = f"tcp-socket :{said_of(mapping(probe['tcpSocket']).get('port'))}"
    elif "grpc" in probe:
        action = (
            f"grpc :{said_of(mapping(probe['grpc']).get('port'))} {said_of(mapping(probe['grpc']).get('service'))}"
        )
    terms = (
        ("delay", "initialDelaySeconds", "0", "s"),
        ("timeout", "timeoutSeconds", "1", "s"),
        ("period", "periodSeconds", "10", "s"),
        ("success", "successThreshold", "1", ""),
        ("failure", "failureThreshold", "3", ""),
    )
    told = [f"{word} {said_of(probe.get(key)) or default}{unit}" for word, key, default, unit in terms]
    return f"{action.strip()}, {', '.join(told)}"


def _source(source: Object) -> str:
    for key, word in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        if key in source:
            found = mapping(source[key])
            prefix = f", each with prefix {source['prefix']}" if source.get("prefix") else ""
            optional = ", optional" if found.get("optional") else ""
            return f"{word} {said_of(found.get('name'))}{prefix}{optional}"
    return "unknown"


def _variable(variable: Object) -> str:
    name, given = said_of(variable.get("name")), mapping(variable.get("valueFrom"))
    if not given:
        return f"{name}={said_of(variable.get('value'))}"
    for key, word in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        if key in given:
            found = mapping(given[key])
            optional = ", optional" if found.get("optional") else ""
            return f"{name} ← key {said_of(found.get('key'))} of {word} {said_of(found.get('name'))}{optional}"
    if "fieldRef" in given:
        return f"{name} ← field {said_of(mapping(given['fieldRef']).get('fieldPath'))}"
    if "resourceFieldRef" in given:
        return f"{name} ← {said_of(mapping(given['resourceFieldRef']).get('resource'))}"
    return f"{name} ← {', '.join(given)}"


def _mount(mount: Object) -> str:
    flags = ["ro" if mount.get("readOnly") else "rw"]
    if mount.get("subPath"):
        flags.append(f"path {mount['subPath']}")
    return f"{said_of(mount.get('mountPath'))} from {said_of(mount.get('name'))} ({', '.join(flags)})"


# -- volumes and scheduling -----------------------------------------------------------------------------------


def placement(spec: Object) -> Iterator[Part | None]:
    """Volumes, and where the pod may run."""
    volumes = [(said_of(each.get("name")), *_volume(each)) for each in mappings(spec.get("volumes"))]
    yield part("Volumes", grid(("NAME", "TYPE", "OF"), volumes))
    tolerations = [_toleration(each) for each in mappings(spec.get("tolerations"))]
    spreads = [_spread(each) for each in mappings(spec.get("topologySpreadConstraints"))]
    affinity = mapping(spec.get("affinity"))
    yield part(
        "Scheduling",
        item("Node selector", pairs(spec.get("nodeSelector"))),
        *_several("Tolerations", iter(tolerations)),
        *_several("Spread", iter(spreads)),
        *(item(_AFFINITIES.get(key, key), _affinity(mapping(value))) for key, value in affinity.items()),
        item("Gates", joined([each.get("name") for each in mappings(spec.get("schedulingGates"))])),
    )


_AFFINITIES = {
    "nodeAffinity": "Node affinity",
    "podAffinity": "Pod affinity",
    "podAntiAffinity": "Pod anti-affinity",
}


def _affinity(affinity: Object) -> str:
    words = {"required": "required", "preferred": "preferred"}
    found = [word for key in affinity for word in words if key.startswith(word)]
    return " and ".join(dict.fromkeys(found)) + ": the YAML tab has the terms" if found else ""


def _volume(volume: Object) -> tuple[str, str]:
    kind = next((key for key in volume if key != "name"), "")
    found = mapping(volume.get(kind))
    if kind == "projected":
        return kind, ", ".join(_projected(each) for each in mappings(found.get("sources")))
    wanted = ("secretName", "claimName", "name", "path", "server", "driver", "medium", "sizeLimit", "optional")
    told = [f"{said_of(found[key])}" for key in wanted if key in found and said_of(found[key])]
    return kind, " ".join(told)


def _projected(source: Object) -> str:
    kind = next(iter(source), "")
    return " ".join(filter(None, (kind, said_of(mapping(source.get(kind)).get("name")))))


def _toleration(toleration: Object) -> str:
    key = said_of(toleration.get("key")) or "any taint"
    value = f"={toleration['value']}" if toleration.get("value") else ""
    effect = f":{toleration['effect']}" if toleration.get("effect") else ""
    operator = " exists" if toleration.get("operator") == "Exists" and toleration.get("key") else ""
    seconds = toleration.get("tolerationSeconds")
    return f"{key}{value}{effect}{operator}" + (f" for {seconds}s" if seconds is not None else "")


def _spread(spread: Object) -> str:
    return (
        f"over {said_of(spread.get('topologyKey'))}, skew {said_of(spread.get('maxSkew'))}, "
        f"{said_of(spread.get('whenUnsatisfiable'))}, {selector_text(spread.get('labelSelector'))}"
    ).rstrip(", ")
