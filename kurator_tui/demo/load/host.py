"""The host of an estate made for load: the ordinary demo's API server with one Fleet of all members."""

import random
import ssl
import time
import uuid
from collections.abc import Mapping

from kurator_tui.demo.apiserver import auth
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.server import ClusterServer
from kurator_tui.demo.apiserver.storage import Storage
from kurator_tui.demo.world import kurator
from kurator_tui.demo.world.kurator import Access

FLEET = "load"
NAMESPACE = "default"


def host_server(token: str, context: ssl.SSLContext, seed: int) -> ClusterServer:
    """A host without objects; who shows `token` may do everything."""
    bits = random.Random(f"{seed}/host")
    storage = Storage(
        default_catalogue(host=True),
        time.time,
        new_uid=lambda: str(uuid.UUID(int=bits.getrandbits(128), version=4)),
    )
    return ClusterServer("host", storage.catalogue, storage, {token: auth.ADMIN}, ssl_context=context)


def register(storage: Storage, members: Mapping[str, Access]) -> None:
    """Write the Fleet, and for each member its AttachedCluster and the Secret with its kubeconfig."""
    create = {kind: storage.catalogue.by_plural(kind) for kind in ("namespaces", "secrets")}
    meta = {"name": NAMESPACE, "labels": {"kubernetes.io/metadata.name": NAMESPACE}}
    namespace = {"metadata": meta, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}
    storage.create(create["namespaces"], namespace)
    attached = storage.catalogue.by_plural("attachedclusters", "cluster.kurator.dev")
    for name, access in members.items():
        storage.create(
            create["secrets"], kurator.secret(name, NAMESPACE, {"value": kurator.kubeconfig(name, access)})
        )
        storage.create(attached, _attached(name))
    references = [{"name": name, "kind": "AttachedCluster"} for name in members]
    fleet = kurator.fleet(FLEET, NAMESPACE, references, ())
    storage.create(storage.catalogue.by_plural("fleets", "fleet.kurator.dev"), fleet)


def _attached(name: str) -> kurator.Obj:
    return {
        "metadata": {"name": name, "namespace": NAMESPACE, "labels": {kurator.FLEET_LABEL: FLEET}},
        "spec": {"kubeconfig": {"name": name, "key": "value"}},
        "status": {"ready": True},
    }
