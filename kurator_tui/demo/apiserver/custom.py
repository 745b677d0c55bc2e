"""The custom resource kinds of the demo, in sets that are installed together."""

from functools import lru_cache

from kurator_tui.demo.apiserver import custom_host, custom_member, custom_mesh, custom_other
from kurator_tui.demo.apiserver.notation import parse
from kurator_tui.demo.apiserver.resources import ResourceType


@lru_cache(maxsize=1)
def sets() -> dict[str, tuple[ResourceType, ...]]:
    """Every set of kinds by name."""
    texts = (custom_host.TEXT, custom_member.TEXT, custom_mesh.TEXT, custom_other.TEXT)
    return parse("\n".join(texts))


def kinds(*names: str) -> tuple[ResourceType, ...]:
    """The kinds of these sets in order; KeyError for a set that is not known."""
    return tuple(rt for name in names for rt in sets()[name])
