"""The scale subresource: `autoscaling/v1` Scale of a workload, read and written."""

from kurator_tui.demo.apiserver import calls, errors, fields, patches
from kurator_tui.demo.apiserver.calls import Answer, Call
from kurator_tui.demo.apiserver.changes import Obj
from kurator_tui.demo.apiserver.selectors import to_text
from kurator_tui.demo.apiserver.storage import Storage

_PATCH_TYPES = ("application/json-patch+json", "application/merge-patch+json")
_STRATEGIC = "application/strategic-merge-patch+json"


class Scaling:
    """Scales of one cluster."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def get(self, call: Call) -> Answer:
        """GET: the Scale of a workload."""
        return Answer(200, scale_of(self._storage.get(call.rt, call.target.ns, call.target.name)))

    def update(self, call: Call) -> Answer:
        """PUT of a Scale."""
        body = calls.patch_document(call.body, call.content_type)
        if not isinstance(body, dict) or body.get("kind", "Scale") != "Scale":
            raise errors.bad_request("the object provided is unrecognized (must be of type Scale)")
        live = self._storage.get(call.rt, call.target.ns, call.target.name)
        return self._write(call, live, body)

    def patch(self, call: Call) -> Answer:
        """PATCH of a Scale by JSON, merge or strategic merge patch."""
        live = self._storage.get(call.rt, call.target.ns, call.target.name)
        document = calls.patch_document(call.body, call.content_type)
        scale = scale_of(live)
        if call.content_type == _PATCH_TYPES[0] and isinstance(document, list):
            changed = patches.json_patch(scale, document, rt=call.rt, name=call.target.name)
        elif call.content_type in (*_PATCH_TYPES, _STRATEGIC) and isinstance(document, dict):
            changed = patches.merge_patch(scale, document)
        else:
            raise errors.unsupported_media_type()
        return self._write(call, live, changed)

    def _write(self, call: Call, live: Obj, scale: Obj) -> Answer:
        name = live["metadata"]["name"]
        version = (scale.get("metadata") or {}).get("resourceVersion")
        if version and version != live["metadata"]["resourceVersion"]:
            raise errors.conflict(call.rt, name)
        replicas = (scale.get("spec") or {}).get("replicas") or 0
        if not isinstance(replicas, int) or isinstance(replicas, bool):
            raise errors.bad_request("Scale in version v1 cannot be handled: spec.replicas is not a number")
        if replicas < 0:
            cause = errors.invalid_value("spec.replicas", str(replicas), "must be greater than or equal to 0")
            raise errors.invalid_kind("autoscaling", "Scale", name, [cause])
        changed = {**live, "spec": {**(live.get("spec") or {}), "replicas": replicas}}
        if changed != live:
            changed = fields.track_update(
                live,
                changed,
                manager=call.manager,
                operation="Update",
                api_version=call.rt.api_version,
                now=self._storage.now(),
                subresource="scale",
            )
        return Answer(200, scale_of(self._storage.update(call.rt, changed, dry_run=call.dry_run)))


def scale_of(obj: Obj) -> Obj:
    """The Scale of a workload."""
    meta, spec, status = obj["metadata"], obj.get("spec") or {}, obj.get("status") or {}
    keys = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    shown: Obj = {"replicas": status.get("replicas") or 0}
    selector = to_text(spec.get("selector"))
    if selector != "<none>":
        shown["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: meta[key] for key in keys if key in meta},
        "spec": {"replicas": spec.get("replicas") or 0},
        "status": shown,
    }
