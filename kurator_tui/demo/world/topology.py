"""Which clusters the estate has: names, versions, node pools, and how Kurator knows each.  Data only."""

from dataclasses import dataclass, replace
from enum import StrEnum

from kurator_tui.demo.world.nodes import NodePool

HOST = "host"
#: The edge members' fleet and namespace, and the namespace of the main fleet.
EDGE_FLEET, MAIN_FLEET = "edge", "production"
MAIN_NAMESPACE, EDGE_NAMESPACE = "default", "edge"


class Registration(StrEnum):
    """How a member is registered on the host, which decides where its kubeconfig is."""

    CLUSTER = "Cluster"
    ATTACHED = "AttachedCluster"
    CUSTOM = "CustomCluster"
    """A CustomCluster whose kubeconfig an AttachedCluster of the member's name wraps."""


@dataclass(frozen=True, slots=True)
class ClusterPlan:
    """One cluster before it exists.  `size` scales its applications; `flavours` choose them."""

    name: str
    version: str
    pools: tuple[NodePool, ...]
    flavours: tuple[str, ...]
    size: float = 1.0
    registration: Registration = Registration.ATTACHED
    secret_key: str = "value"
    fleet: str = MAIN_FLEET
    subnet: str = "10.0.0"

    @property
    def namespace(self) -> str:
        """Where the host keeps the member's objects."""
        return EDGE_NAMESPACE if self.fleet == EDGE_FLEET else MAIN_NAMESPACE


def _control(prefix: str, count: int, zones: tuple[str, ...]) -> NodePool:
    return NodePool(f"{prefix}-cp", count, "control-plane", 4, 16, "m5.xlarge", zones)


def _workers(prefix: str, count: int, cpu: int, memory: int, instance: str, zones: tuple[str, ...]) -> NodePool:
    return NodePool(prefix, count, "worker", cpu, memory, instance, zones)


def _edge(prefix: str, count: int, sites: tuple[str, ...], region: str = "") -> NodePool:
    return NodePool(prefix, count, "edge", 4, 8, "raspberrypi-cm4", sites, arch="arm64", region=region)


_EU = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
_DC = ("dc1-hall-a", "dc1-hall-b")

HOST_PLAN = ClusterPlan(
    HOST,
    "v1.29.8",
    (_control("host", 1, ("eu-central-1a",)), _workers("host-worker", 2, 8, 32, "m5.2xlarge", ("eu-central-1a",))),
    ("host",),
    subnet="10.9.0",
)

_KNOWN = (
    ClusterPlan(
        "prod-cloud",
        "v1.30.4",
        (_control("prod", 3, _EU), _workers("prod-worker", 11, 16, 64, "m5.4xlarge", _EU)),
        ("platform", "web", "payments", "mesh"),
        size=1.7,
        registration=Registration.CLUSTER,
        subnet="10.10.1",
    ),
    ClusterPlan(
        "ai-cloud",
        "v1.31.1",
        (
            _control("ai", 1, _EU),
            _workers("ai-worker", 5, 16, 64, "m5.4xlarge", _EU),
            NodePool("ai-gpu", 4, "gpu", 96, 1152, "p4d.24xlarge", _EU[:2], gpus=8),
        ),
        ("platform", "batch"),
        size=1.2,
        subnet="10.20.1",
    ),
    ClusterPlan(
        "on-prem",
        "v1.28.11",
        (
            _control("dc1", 3, _DC),
            replace(
                _workers("dc1-node", 9, 32, 128, "poweredge-r650", _DC), npu_nodes=("dc1-node-08", "dc1-node-09")
            ),
        ),
        ("platform", "web", "erp", "mesh"),
        size=1.3,
        registration=Registration.CUSTOM,
        secret_key="admin.conf",
        subnet="192.168.40",
    ),
    ClusterPlan(
        "pre-cloud",
        "v1.31.1",
        (_control("pre", 1, _EU), _workers("pre-worker", 5, 8, 32, "m5.2xlarge", _EU)),
        ("platform", "web", "mesh"),
        size=0.8,
        secret_key="kubeconfig",
        subnet="10.30.1",
    ),
    ClusterPlan(
        "edge-east",
        "v1.27.16",
        (
            _control("east", 1, ("east-hub",)),
            _workers("east-hub", 2, 8, 16, "nuc-13-pro", ("east-hub",)),
            _edge("east-site", 6, ("harbour", "depot-7", "pier-12"), "baltic"),
        ),
        ("small", "edge"),
        registration=Registration.ATTACHED,
        secret_key="edge-east.config",
        fleet=EDGE_FLEET,
        subnet="10.60.1",
    ),
    ClusterPlan(
        "edge-cold-chain",
        "v1.25.16",
        (
            _control("cold", 1, ("cold-hub",)),
            _workers("cold-hub", 1, 8, 16, "nuc-13-pro", ("cold-hub",)),
            _edge("truck", 5, ("warehouse-3", "route-a4"), "alps"),
        ),
        ("small", "edge"),
        size=0.8,
        fleet=EDGE_FLEET,
        subnet="10.61.1",
    ),
)

_NAMES = (
    *("prod-apac", "retail-west", "factory-north", "dr-cloud", "edge-harbour", "prod-us", "analytics", "lab"),
    *("retail-south", "edge-mine", "factory-east", "gov-cloud"),
)
_VERSIONS = ("v1.30.4", "v1.29.8", "v1.31.1", "v1.28.11", "v1.27.16", "v1.26.15")


def members(count: int) -> tuple[ClusterPlan, ...]:
    """The first `count` members; beyond the known ones they are made up.  Raises ValueError below 0."""
    if count < 0:
        raise ValueError("members must not be negative")
    return (*_KNOWN[:count], *(_further(number) for number in range(count - len(_KNOWN))))


def _further(number: int) -> ClusterPlan:
    name = _NAMES[number] if number < len(_NAMES) else f"branch-{number - len(_NAMES) + 1:02d}"
    version = _VERSIONS[number % len(_VERSIONS)]
    subnet = f"10.{100 + number % 100}.{1 + number // 100}"
    if name.startswith("edge-"):
        site = name.removeprefix("edge-")
        pools = (_control(site, 1, (f"{site}-hub",)), _edge(f"{site}-site", 3, (site,)))
        return ClusterPlan(name, version, pools, ("small", "edge"), 0.6, fleet=EDGE_FLEET, subnet=subnet)
    zones = tuple(f"{name}-{letter}" for letter in "ab")
    pools = (_control(name, 1, zones), _workers(f"{name}-worker", 3, 8, 32, "m5.2xlarge", zones))
    return ClusterPlan(name, version, pools, ("platform", "web"), 0.5, subnet=subnet)
