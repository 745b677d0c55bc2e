"""Verbs that write whole objects: apply documents to clusters, copy an object to others. They send nothing.

Applied is what the documents say, unchanged but for what only servers write; made in an order that works. A copy
is what the author said of an object: what its cluster and its controllers wrote is left behind.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from kurator_tui.actions.gathering import objects
from kurator_tui.actions.plan import Apply, Arguments, Create, Draft, Obj, Planner, Reader, Step
from kurator_tui.actions.wording import counted
from kurator_tui.errors import ConsoleError, NotFound, UsageError
from kurator_tui.kinds.cells import inert
from kurator_tui.kinds.documents import Document, documents
from kurator_tui.kinds.folding import ALLOCATED, NOTES, WRITTEN
from kurator_tui.kinds.masking import MASK
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.shapes import at, mapping, mappings, meta, text

_FIRST = ("Namespace", "CustomResourceDefinition", "PriorityClass", "StorageClass", "ServiceAccount", "Secret")
_THEN = ("ConfigMap", "PersistentVolume", "PersistentVolumeClaim", "ClusterRole", "ClusterRoleBinding", "Role")
_NEXT = ("RoleBinding", "Service")
_LAST = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService")
_ORDER = {kind: number for number, kind in enumerate((*_FIRST, *_THEN, *_NEXT, "", *_LAST))}
"""What others need comes first; "" stands for everything else, webhooks come when what answers them is there."""
_SERVERS = frozenset({"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"})
_OWNERS = (
    *("kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/", "meta.helm.sh/", "argocd.argoproj.io/"),
    *("work.karmada.io/", "karmada.io/", "policy.karmada.io/", "resourcetemplate.karmada.io/"),
    *("apps.kurator.dev/", "fleet.kurator.dev/", "kurator.dev/"),
)
"""Beginnings of labels and annotations by which controllers know what is theirs."""
_TOKEN = "kube-api-access-"


async def plan_apply(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Apply documents; each of `targets` names a cluster. Raises UsageError for documents that cannot be read."""
    found = sorted(documents(arguments["yaml"]), key=_rank)
    if not found:
        raise UsageError("there is no object in it")
    clusters = list(dict.fromkeys(target.cluster for target in targets))
    where = f"to {len(clusters)} clusters" if len(clusters) > 1 else f"to {clusters[0]}" if clusters else ""
    draft = Draft(f"Apply {len(found)} object{'' if len(found) == 1 else 's'} {where}".strip())
    made = {text(meta(each.obj).get("name")) for each in found if each.obj.get("kind") == "Namespace"}
    defined = {_defines(each.obj) for each in found if each.obj.get("kind") == "CustomResourceDefinition"}
    for cluster in clusters:
        for document in found:
            await _apply(reader, draft, cluster, document, arguments["namespace"] or "default", made, defined)
    return draft


def _rank(document: Document) -> int:
    return _ORDER.get(text(document.obj.get("kind")), _ORDER[""])


def _defines(obj: Obj) -> tuple[str, str]:
    return text(at(obj, "spec", "group")), text(at(obj, "spec", "names", "kind"))


async def _apply(
    reader: Reader,
    draft: Draft,
    cluster: str,
    document: Document,
    namespace: str,
    made: set[str],
    defined: set[tuple[str, str]],
) -> None:
    obj, line = document.obj, document.line
    version, kind = text(obj.get("apiVersion")), text(obj.get("kind"))
    head = {key: value for key, value in meta(obj).items() if key not in _SERVERS}
    name = text(head.get("name")) or _generated(text(head.pop("generateName", "")))
    if not (version and kind and name):
        raise UsageError(f"line {line}: an object needs apiVersion, kind and metadata.name")
    if _masked(obj):
        raise UsageError(f"line {line}: {inert(name)} holds what stands for a secret value: give the whole value")
    try:
        served = reader.served(cluster, version, kind)
    except ConsoleError as error:
        own = (version.rpartition("/")[0], kind) in defined
        why = "it is defined by this plan: apply it again when that is done" if own else error.message
        draft.refuse(Target(cluster, kind, text(head.get("namespace")), name), why)
        return
    space = (text(head.get("namespace")) or namespace) if served.namespaced else ""
    head |= {"name": name, **({"namespace": space} if space else {})}
    body = {**{key: value for key, value in obj.items() if key != "status"}, "metadata": head}
    target = Target(cluster, served.id, space, name)
    try:
        await reader.get(target)
    except NotFound:
        note = "is made"
    except ConsoleError as error:
        draft.refuse(target, error.message)
        return
    else:
        note = ""
    draft.steps.append(Step(target, Apply(body), note, needs=space if space in made else ""))


def _generated(prefix: str) -> str:
    """A name as servers generate them: ours, so that it can be read back."""
    return f"{prefix}{secrets.token_hex(3)[:5]}" if prefix else ""


def _masked(obj: Obj) -> bool:
    if obj.get("kind") != "Secret":
        return False
    parts = (mapping(obj.get(part)) for part in ("data", "stringData"))
    return any(isinstance(value, str) and value.startswith(MASK) for part in parts for value in part.values())


async def plan_copy(reader: Reader, targets: Sequence[Target], arguments: Arguments) -> Draft:
    """Make the same objects elsewhere."""
    clusters = list(dict.fromkeys(each.strip() for each in arguments["to"].split(",") if each.strip()))
    draft = Draft(f"Copy {counted(targets)} to {', '.join(map(inert, clusters))}")
    for target, obj in await objects(reader, targets, draft):
        space = arguments["into"] or target.namespace if target.namespace else ""
        left = sorted(
            {key for part in ("labels", "annotations") for key in mapping(meta(obj).get(part)) if _owners(key)}
        )
        for cluster in clusters:
            aim = Target(cluster, target.kind, space, target.name)
            try:
                await reader.get(aim)
            except NotFound:
                draft.write(aim, Create(cleaned(obj, space)), f"as {target.label}")
                if left:
                    draft.tell(f"without what says whose it is: {', '.join(map(inert, left))}", aim)
                if owners := list(mappings(meta(obj).get("ownerReferences"))):
                    draft.tell(
                        f"without its owner, {text(owners[0].get('kind'))} {text(owners[0].get('name'))}", aim
                    )
            except ConsoleError as error:
                draft.refuse(aim, error.message)
            else:
                draft.refuse(aim, "one of this name is there already")
    return draft


def cleaned(obj: Obj, namespace: str) -> Obj:
    """What the author of `obj` said of it, for another cluster."""
    head = {key: value for key, value in meta(obj).items() if key not in WRITTEN}
    for part in ("labels", "annotations"):
        if isinstance(said := head.get(part), Mapping):
            head[part] = {key: value for key, value in said.items() if key not in NOTES and not _owners(key)}
    if namespace:
        head["namespace"] = namespace
    body = {key: value for key, value in obj.items() if key not in ("status", "metadata")}
    body = {**body, "metadata": head}
    if isinstance(body.get("spec"), Mapping):
        body["spec"] = _elsewhere(body["spec"], text(obj.get("kind")))
    return body


def _owners(key: str) -> bool:
    return key.startswith(_OWNERS)


def _elsewhere(spec: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """A spec without what its cluster filled in."""
    kept = {key: value for key, value in spec.items() if key not in ALLOCATED}
    if isinstance(ports := kept.get("ports"), list):
        kept["ports"] = [
            {key: value for key, value in each.items() if key != "nodePort"} if isinstance(each, Mapping) else each
            for each in ports
        ]
    if kind == "Job":
        _unselect(kept)
    if kind == "Pod":
        _untoken(kept)
    return kept


def _unselect(spec: dict[str, Any]) -> None:
    """A Job's selector and labels are made of its uid, unless it says otherwise."""
    if spec.get("manualSelector") is True:
        return
    spec.pop("selector", None)
    template, head = mapping(spec.get("template")), mapping(at(spec, "template", "metadata"))
    gone = ("controller-uid", "batch.kubernetes.io/controller-uid", "job-name", "batch.kubernetes.io/job-name")
    labels = {key: value for key, value in mapping(head.get("labels")).items() if key not in gone}
    spec["template"] = {**template, "metadata": {**head, "labels": labels}}


def _untoken(spec: dict[str, Any]) -> None:
    """A pod's token is mounted by each cluster for itself."""
    spec["volumes"] = [each for each in mappings(spec.get("volumes")) if not _token(each)]
    for part in ("containers", "initContainers"):
        if part in spec:
            spec[part] = [
                {**each, "volumeMounts": [one for one in mappings(each.get("volumeMounts")) if not _token(one)]}
                for each in mappings(spec[part])
            ]


def _token(volume: Mapping[str, Any]) -> bool:
    return text(volume.get("name")).startswith(_TOKEN)


PLANNERS: dict[str, Planner] = {"apply": plan_apply, "copy": plan_copy}
