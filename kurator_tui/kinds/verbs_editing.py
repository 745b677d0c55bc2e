"""The verb `edit`. Entries only."""

from __future__ import annotations

from kurator_tui.kinds.verb import Parameter, Risk, Verb

VERBS = (
    Verb(
        "edit",
        "Edit",
        "Write what was changed in the YAML of an object",
        "Objects",
        Risk.DISRUPTIVE,
        keys=("e",),
        parameters=(
            Parameter("yaml", "YAML", "yaml", help="the object as it should be"),
            Parameter("from", "Began from", "yaml", help="the YAML before it was edited; empty: as the object is"),
            Parameter("take", "Take", "fields", help="JSON list of clashing fields to take from others"),
            Parameter("leave", "Leave", "fields", help="JSON list of clashing fields to leave to others"),
        ),
        many=False,
        patch="server-side apply of the changed fields, with resourceVersion; a JSON Patch where a field goes",
        owner="refused where a controller writes those fields again; clashes are taken or left field by field",
        undo="the changed fields as they were, where nobody changed them since",
    ),
)
