"""Verbs of services between clusters: export, unexport. They send nothing.

A ServiceExport has the name and namespace of its Service. Services of one name and namespace, of any clusters that
export them, are one service to all: so it is told who exports it already.
"""

from __future__ import annotations

from collections.abc import Sequence

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Arguments, Create, Delete, Draft, Obj, Planner, Reader
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError, NotFound
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mappings, name_of, text

EXPORT, IMPORT = "serviceexports.multicluster.x-k8s.io", "serviceimports.multicluster.x-k8s.io"
GATEWAY = "gateways.submariner.io"
_API = "multicluster.x-k8s.io/v1alpha1"


async def plan_export(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """A ServiceExport beside each service."""
    draft = Draft(f"Export {counted(targets)}")
    for target, service in await objects(reader, targets, draft):
        if at(service, "spec", "type") == "ExternalName":
            draft.refuse(target, "it is a name outside of the cluster: there are no endpoints to export")
        elif why := _unserved(reader, target.cluster):
            draft.refuse(target, why)
        elif name_of(await _export_of(reader, target) or {}):
            draft.refuse(target, "it is exported already")
        else:
            head = {"name": target.name, "namespace": target.namespace}
            draft.write(_place(target), Create({"metadata": head}))
            await _tell_export(reader, draft, target, service)
    return draft


def _place(service: Target) -> Target:
    return Target(service.cluster, EXPORT, service.namespace, service.name)


def _unserved(reader: Reader, cluster: str) -> str:
    try:
        reader.served(cluster, _API, "ServiceExport")
    except NotFound:
        return "its cluster has no ServiceExports: Submariner is not installed there"
    except ConsoleError as error:
        return error.message
    return ""


async def _export_of(reader: Reader, service: Target) -> Obj | None:
    for each in await reader.list(service.cluster, EXPORT, service.namespace):
        if name_of(each) == service.name:
            return each
    return None


async def _tell_export(reader: Reader, draft: Draft, target: Target, service: Obj) -> None:
    draft.tell(f"other clusters reach it as {target.name}.{target.namespace}.svc.clusterset.local", target)
    for cluster in await _exporters(reader, target):
        draft.warn(f"{cluster} exports one of this name, too: its pods answer under the same name", target)
    if not at(service, "spec", "selector"):
        draft.warn("it has no selector: only endpoints that somebody made by hand are reached", target)
    gateways = await reader.list(target.cluster, GATEWAY)
    active = [each for each in gateways if at(each, "status", "haStatus") == "active"]
    connected = [
        each
        for gateway in active
        for each in mappings(at(gateway, "status", "connections"))
        if each.get("status") == "connected"
    ]
    if not active:
        draft.warn("no gateway of its cluster is active: nobody reaches it yet", target)
    elif not connected:
        draft.warn("its cluster's gateway is connected to no other: nobody reaches it yet", target)


async def _exporters(reader: Reader, service: Target) -> list[str]:
    """Clusters that the import of this name has already."""
    for each in await reader.list(service.cluster, IMPORT, service.namespace):
        if name_of(each) == service.name:
            return [text(one.get("cluster")) for one in mappings(at(each, "status", "clusters"))]
    return []


async def plan_unexport(reader: Reader, targets: Sequence[Target], _arguments: Arguments) -> Draft:
    """Delete the ServiceExports of services, or those that were named themselves."""
    draft = Draft(f"Unexport {counted(targets)}")
    for target in targets:
        if target.kind == EXPORT:
            continue
        try:
            there = await _export_of(reader, target)
        except ConsoleError as error:
            draft.refuse(target, error.message)
            continue
        if there is None:
            draft.refuse(target, "it is not exported")
    refused = [refusal.target for refusal in draft.refusals]
    named = [each if each.kind == EXPORT else _place(each) for each in targets if each not in refused]
    for export, _obj in await objects(reader, list(dict.fromkeys(named)), draft):
        draft.write(export, Delete())
        others = await _exporters(reader, export)
        rest = [each for each in others if each != export.cluster]
        if rest:
            draft.warn(f"its pods answer other clusters no more; those of {', '.join(rest)} do", export)
        elif others:
            draft.warn("no cluster is left that exports it: its name is known to none any more", export)
        else:
            draft.warn("its pods answer other clusters no more; whether others export it is not known", export)
    return draft


PLANNERS: dict[str, Planner] = {"submariner.export": plan_export, "submariner.unexport": plan_unexport}
