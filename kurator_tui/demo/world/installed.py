"""Which systems a cluster has, as names of sets of custom kinds.  Data and one function of the plan."""

from kurator_tui.demo.apiserver import custom
from kurator_tui.demo.apiserver.builtin import default_catalogue
from kurator_tui.demo.apiserver.resources import Catalogue
from kurator_tui.demo.world.topology import HOST, ClusterPlan

_HOST = ("backup", "flux", "cluster-api", "tekton", "karmada", "platform-host")
_BY_FLAVOUR = {
    "platform": ("kyverno", "velero", "prometheus"),
    "small": ("kyverno", "prometheus"),
    "mesh": ("istio", "flagger"),
    "batch": ("volcano",),
    "edge": ("kubeedge",),
}
#: Clusters that run another release: (cluster, set) → the set they have instead.  So a fleet mixes versions.
_INSTEAD = {
    ("pre-cloud", "kyverno"): "kyverno-2",
    ("on-prem", "istio"): "istio-1",
    ("edge-cold-chain", "kubeedge"): "kubeedge-old",
}
_BY_NAME = {
    "prod-cloud": ("submariner", "platform-mesh"),
    "on-prem": ("submariner", "rook", "widgets", "volcano"),
    "pre-cloud": ("submariner", "flux-2", "argo"),
    "edge-east": ("platform-edge",),
}
#: Members that Submariner connects.
CONNECTED = ("prod-cloud", "on-prem", "pre-cloud")


def installed(plan: ClusterPlan) -> tuple[str, ...]:
    """The sets of custom kinds of a cluster, in the order discovery lists them."""
    if plan.name == HOST:
        return _HOST
    found = [
        _INSTEAD.get((plan.name, name), name) for flavour in plan.flavours for name in _BY_FLAVOUR.get(flavour, ())
    ]
    return (*found, *_BY_NAME.get(plan.name, ()))


def catalogue(plan: ClusterPlan) -> Catalogue:
    """Everything the API server of a cluster serves."""
    return default_catalogue(plan.name == HOST).extended(*custom.kinds(*installed(plan)))
