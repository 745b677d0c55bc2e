"""Nodes, services, claims, secrets and config maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kurator_tui.describe.parts import (
    Grid,
    Item,
    Part,
    ago,
    each,
    grid,
    item,
    joined,
    pairs,
    part,
    present,
    reference,
    said_of,
)
from kurator_tui.kinds.base import Format, Level
from kurator_tui.kinds.cells import cell_text, size
from kurator_tui.kinds.meta import whole
from kurator_tui.kinds.pods import PodRow
from kurator_tui.kinds.shapes import Object, mapping, mappings, text

VALUE_LINES = 60
"""Lines of one value of a ConfigMap that a description shows."""
ENTRIES = 100


def node(found: Object, now: float) -> list[Part]:
    """Addresses, taints, capacity and allocatable, what runs it, its images' number."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    info = mapping(status.get("nodeInfo"))
    taints = [
        f"{said_of(taint.get('key'))}{'=' + said_of(taint.get('value')) if taint.get('value') else ''}"
        f":{said_of(taint.get('effect'))}"
        + (f" since {ago(taint.get('timeAdded'), now)}" if taint.get("timeAdded") else "")
        for taint in mappings(spec.get("taints"))
    ]
    capacity, allocatable = mapping(status.get("capacity")), mapping(status.get("allocatable"))
    rows = [
        (str(name), said_of(capacity.get(name)), said_of(allocatable.get(name)))
        for name in dict.fromkeys((*capacity, *allocatable))
    ]
    beats = [
        (said_of(one.get("type")), ago(one.get("lastHeartbeatTime"), now))
        for one in mappings(status.get("conditions"))
        if one.get("lastHeartbeatTime")
    ]
    return present(
        [
            part(
                "Node",
                item("Unschedulable", spec.get("unschedulable") or None, Level.DEGRADED),
                *(Item("Taints" if at == 0 else "", taint) for at, taint in enumerate(taints)),
                *(item(said_of(one.get("type")), one.get("address")) for one in mappings(status.get("addresses"))),
                item("Pod CIDRs", joined(spec.get("podCIDRs")) or spec.get("podCIDR")),
                item("Provider ID", spec.get("providerID")),
                item("Last heartbeat", f"{beats[0][1]} ago" if beats else ""),
                item("Images", len(list(mappings(status.get("images")))) or None),
                item("Attached volumes", len(list(mappings(status.get("volumesAttached")))) or None),
            ),
            part("Resources", grid(("RESOURCE", "CAPACITY", "ALLOCATABLE"), rows)),
            part("System", *(item(_words(str(key)), value) for key, value in info.items())),
        ]
    )


def allocated(found: Object, pods: Sequence[PodRow], note: str = "") -> Part | None:
    """What the `pods` of a node ask for, of what it can give; `note` says of when they are, or what is wrong."""
    running = [row for row in pods if row.phase not in ("Succeeded", "Failed")]
    allocatable = mapping(mapping(found.get("status")).get("allocatable"))
    if not running:
        return part("Allocated", item("Pods", note)) if note else None
    cpu, memory = sum(row.cpu_requested for row in running), sum(row.memory_requested for row in running)
    sums = [
        ("cpu", cell_text(cpu, Format.MILLICORES), _share(cpu, whole(allocatable.get("cpu"), 1000))),
        ("memory", cell_text(memory, Format.BYTES), _share(memory, whole(allocatable.get("memory")))),
        ("pods", str(len(running)), _share(len(running), whole(allocatable.get("pods")))),
    ]
    rows = [
        (
            row.namespace,
            row.name,
            cell_text(row.cpu_requested, Format.MILLICORES),
            cell_text(row.memory_requested, Format.BYTES),
            row.status,
        )
        for row in sorted(running, key=lambda row: (row.namespace, row.name))
    ]
    return part(
        "Allocated",
        item("Pods", note or None),
        grid(("RESOURCE", "REQUESTED", "OF ALLOCATABLE"), sums),
        grid(("NAMESPACE", "POD", "CPU", "MEMORY", "STATUS"), rows),
    )


def _share(amount: int, of: int) -> str:
    return f"{amount / of:.0%}" if of else ""


def _words(camel: str) -> str:
    """`kernelVersion` as `Kernel version`."""
    spaced = "".join(f" {char.casefold()}" if char.isupper() else char for char in camel)
    spaced = spaced.replace(" u u i d", " UUID").replace(" i d", " ID").strip()
    return (spaced[:1].upper() + spaced[1:]).replace("Os ", "OS ")


def service(found: Object, now: float) -> list[Part]:
    """Type, addresses, ports, whom it selects."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    ports = [
        (
            said_of(port.get("name")),
            f"{said_of(port.get('port'))}/{text(port.get('protocol')) or 'TCP'}",
            said_of(port.get("targetPort")),
            said_of(port.get("nodePort")),
            said_of(port.get("appProtocol")),
        )
        for port in mappings(spec.get("ports"))
    ]
    ingress = [
        said_of(one.get("hostname")) or said_of(one.get("ip"))
        for one in mappings(mapping(status.get("loadBalancer")).get("ingress"))
    ]
    waiting = spec.get("type") == "LoadBalancer" and not ingress
    return present(
        [
            part(
                "Service",
                item("Type", spec.get("type")),
                item("Selector", pairs(spec.get("selector")) or "none: its endpoints are written by hand"),
                item("IPs", joined(spec.get("clusterIPs")) or spec.get("clusterIP")),
                item("IP families", joined(spec.get("ipFamilies"))),
                item("External name", spec.get("externalName")),
                item("External IPs", joined(spec.get("externalIPs"))),
                item("Load balancer", joined(ingress)),
                Item("Load balancer", "no address yet", Level.PROGRESSING) if waiting else None,
                item("Allowed sources", joined(spec.get("loadBalancerSourceRanges"))),
                item(
                    "Session affinity",
                    None if spec.get("sessionAffinity") == "None" else spec.get("sessionAffinity"),
                ),
                item("External traffic", spec.get("externalTrafficPolicy")),
                item("Internal traffic", spec.get("internalTrafficPolicy")),
                item("Not-ready addresses", spec.get("publishNotReadyAddresses") or None),
            ),
            part("Ports", grid(("NAME", "PORT", "TARGET", "NODE PORT", "PROTOCOL"), ports)),
        ]
    )


def claim(found: Object, now: float) -> list[Part]:
    """A PersistentVolumeClaim: phase, sizes, volume, class."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    asked = mapping(mapping(spec.get("resources")).get("requests")).get("storage")
    phase = text(status.get("phase"))
    levels = {"Pending": Level.PROGRESSING, "Lost": Level.FAILED}
    return present(
        [
            part(
                "Claim",
                item("Status", phase, levels.get(phase)),
                item("Volume", spec.get("volumeName")),
                item("Requested", asked),
                item("Capacity", mapping(status.get("capacity")).get("storage")),
                item("Access modes", joined(status.get("accessModes")) or joined(spec.get("accessModes"))),
                item("Storage class", spec.get("storageClassName")),
                item("Volume mode", spec.get("volumeMode")),
                item("Data source", reference(spec.get("dataSource"))),
                item("Selector", pairs(mapping(spec.get("selector")).get("matchLabels"))),
            )
        ]
    )


def volume(found: Object, now: float) -> list[Part]:
    """A PersistentVolume: phase, claim, what it is."""
    spec, status = mapping(found.get("spec")), mapping(found.get("status"))
    known = {
        "capacity",
        "accessModes",
        "claimRef",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeMode",
        "nodeAffinity",
        "mountOptions",
    }
    source = next((str(key) for key in spec if key not in known), "")
    return present(
        [
            part(
                "Volume",
                item("Status", status.get("phase")),
                item("Reason", status.get("reason") or status.get("message"), Level.DEGRADED),
                item("Claim", reference(spec.get("claimRef"))),
                item("Capacity", mapping(spec.get("capacity")).get("storage")),
                item("Reclaim policy", spec.get("persistentVolumeReclaimPolicy")),
                item("Access modes", joined(spec.get("accessModes"))),
                item("Storage class", spec.get("storageClassName")),
                item("Mount options", joined(spec.get("mountOptions"))),
                item("Source", f"{source}: {pairs(spec.get(source))}" if source else ""),
            )
        ]
    )


def secret(found: Object, now: float) -> list[Part]:
    """Keys and how long their values are; the values are not here."""
    data = mapping(found.get("data"))
    lines = [item("Type", found.get("type")), item("Immutable", found.get("immutable"))]
    keys: list[Item | Grid | None] = [
        Item(str(key), said_of(value)) for key, value in list(data.items())[:ENTRIES]
    ]
    return present(
        [
            part("Secret", *lines),
            part(
                f"Data ({len(data)})",
                *(keys or [Item("", "no keys")]),
                Item("", "x on a key shows it for ten seconds") if keys else None,
            ),
        ]
    )


def config_map(found: Object, now: float) -> list[Part]:
    """Keys with their values, long ones cut."""
    data, binary = mapping(found.get("data")), mapping(found.get("binaryData"))
    parts = [part("Config", item("Immutable", found.get("immutable")), item("Keys", len(data) + len(binary)))]
    for key, value in list(data.items())[:ENTRIES]:
        lines = said_of(value).splitlines()
        shown = [Item("", line) for line in lines[:VALUE_LINES]]
        if len(lines) > VALUE_LINES:
            shown.append(Item("", f"… {len(lines) - VALUE_LINES} more lines: the YAML tab has them"))
        parts.append(Part(f"{key} ({size(len(said_of(value).encode('utf-8', 'replace')))})", tuple(shown)))
    parts.append(part("Binary data", *(Item(str(key), _base64_size(value)) for key, value in binary.items())))
    return present(parts)


def _base64_size(value: Any) -> str:
    return size(len(text(value).rstrip("=")) * 3 // 4)


def namespace(found: Object, now: float) -> list[Part]:
    """Its phase."""
    phase = text(mapping(found.get("status")).get("phase"))
    return present([part("Namespace", item("Phase", phase, None if phase == "Active" else Level.PROGRESSING))])


def service_account(found: Object, now: float) -> list[Part]:
    """What it brings to the pods that use it."""
    return present(
        [
            part(
                "Service account",
                item("Mounts its token", found.get("automountServiceAccountToken")),
                item(
                    "Image pull secrets",
                    joined([one.get("name") for one in mappings(found.get("imagePullSecrets"))]),
                ),
                *each("Secrets", {said_of(one.get("name")): "" for one in mappings(found.get("secrets"))}),
            )
        ]
    )


DESCRIBERS = {
    "nodes": node,
    "services": service,
    "persistentvolumeclaims": claim,
    "persistentvolumes": volume,
    "secrets": secret,
    "configmaps": config_map,
    "namespaces": namespace,
    "serviceaccounts": service_account,
}
