"""Rules about pods and the workloads that make them, beyond their schemas. Pure functions that yield causes."""

import re
from collections.abc import Iterator
from typing import Any

from kurator_tui.demo.apiserver import errors
from kurator_tui.demo.apiserver.errors import Cause
from kurator_tui.demo.apiserver.structure import written

Object = dict[str, Any]

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    f"with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_POD_RULE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_POD_CHANGES = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds")


def _objects(value: Any) -> list[Object]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def pod_spec_causes(spec: Any, path: str) -> Iterator[Cause]:
    """Images, unique names, and mounts of volumes that exist; missing fields are the schema's business."""
    if not isinstance(spec, dict):
        return
    volumes = {volume.get("name") for volume in _objects(spec.get("volumes"))}
    seen: set[str] = set()
    for group in ("initContainers", "containers"):
        for index, container in enumerate(_objects(spec.get(group))):
            at = f"{path}.{group}[{index}]"
            yield from _container_causes(container, at, seen, volumes)


def _container_causes(container: Object, at: str, seen: set[str], volumes: set[Any]) -> Iterator[Cause]:
    name = container.get("name")
    if isinstance(name, str):
        if name in seen:
            duplicate = f"Duplicate value: {written(name)}"
            yield {"reason": "FieldValueDuplicate", "message": duplicate, "field": f"{at}.name"}
        elif not re.fullmatch(_LABEL, name):
            yield errors.invalid_value(f"{at}.name", written(name), _LABEL_RULE)
        seen.add(name)
    if not container.get("image"):
        yield errors.required(f"{at}.image")
    for index, mount in enumerate(_objects(container.get("volumeMounts"))):
        if mount.get("name") not in volumes:
            missing = f"Not found: {written(mount.get('name'))}"
            field = f"{at}.volumeMounts[{index}].name"
            yield {"reason": "FieldValueNotFound", "message": missing, "field": field}


def selector_causes(obj: Object) -> Iterator[Cause]:
    """The selector of a workload must match the labels of its template."""
    spec = obj.get("spec") or {}
    selector = spec.get("selector") or {}
    if not selector:
        return
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    wanted = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        why = "`selector` does not match template `labels`"
        yield errors.invalid_value("spec.template.metadata.labels", written(labels), why)


def pod_update_causes(old: Object, new: Object) -> list[Cause]:
    """A pod's spec is fixed but for images and a few fields; binding to a node is allowed once."""
    before, after = _fixed(old), _fixed(new)
    if not before.get("nodeName"):
        before.pop("nodeName", None)
        after.pop("nodeName", None)
    if before == after:
        return []
    return [{"reason": "FieldValueForbidden", "message": f"Forbidden: {_POD_RULE}", "field": "spec"}]


def _fixed(pod: Object) -> Object:
    """The part of a pod's spec that an update may not change."""
    spec = {key: value for key, value in (pod.get("spec") or {}).items() if key not in _POD_CHANGES}
    for group in ("initContainers", "containers"):
        if group in spec:
            spec[group] = [{**container, "image": ""} for container in _objects(spec[group])]
    spec.pop("ephemeralContainers", None)
    return spec
