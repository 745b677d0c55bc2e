"""The verb of KubeEdge's devices. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

DEVICES = ("devices.devices.kubeedge.io",)

VERBS = (
    Verb(
        "kubeedge.set",
        "Set value",
        "Set what properties of a device should be at, within what its model allows",
        "KubeEdge",
        Risk.DISRUPTIVE,
        DEVICES,
        parameters=(
            Parameter(
                "values",
                "Values",
                "pairs",
                required=True,
                help="property=value, property- wants nothing any more; blanks between",
            ),
        ),
        patch="JSON Patch of spec.properties[].desired.value, of status.twins[].desired.value in v1alpha2, "
        "with tests of the properties' names",
        owner="refused where Flux, Helm or Argo CD writes the device again",
        undo="the values as they were",
    ),
)
