"""`:apply FILE|DIR|-`: documents, and the clusters that are to have them, become a plan. It writes nothing."""

from __future__ import annotations

import asyncio
import shlex
from typing import TYPE_CHECKING

from kurator_tui.config import manifests
from kurator_tui.errors import ConsoleError, UsageError
from kurator_tui.kinds.base import HOST
from kurator_tui.kinds.plans import Target
from kurator_tui.kinds.verbs import VERBS
from kurator_tui.screens.scoping import UnknownCluster, pick
from kurator_tui.widgets.form import Field, FormDialog

if TYPE_CHECKING:
    from kurator_tui.screens.acting import Acting

APPLY = VERBS["apply"]
_SOURCE, _CLUSTERS, _NAMESPACE = "source", "clusters", "namespace"


class Manifests:
    """Asks for what was not said, reads it, and hands it to the changes of its frame."""

    def __init__(self, frame: Acting) -> None:
        self._frame = frame

    def begin(self, said: str) -> None:
        """`said` is what followed `:apply`: a file, a directory or `-`, then clusters with commas between."""
        try:
            source, *clusters = shlex.split(said) or [""]
        except ValueError as error:
            self._frame.say(f"apply: {error}", level="error")
            return
        if clusters:
            self._go({_SOURCE: source, _CLUSTERS: ",".join(clusters), _NAMESPACE: ""})
            return
        fields = [
            Field(_SOURCE, "From", source, "a file, a directory, or - to write it in your editor"),
            Field(
                _CLUSTERS,
                "To clusters",
                self._usual(),
                f"{HOST}, names with commas between, edge-*, or all",
                suggested=self._known(),
            ),
            Field(_NAMESPACE, "Namespace", "", "of objects that name none: default"),
        ]
        text = "The plan is shown next; nothing is written before it is confirmed."
        dialog = FormDialog("Apply documents", text, fields, self._wrong)
        self._frame.app.push_screen(dialog, lambda values: self._go(values) if values is not None else None)

    def _known(self) -> tuple[str, ...]:
        return (HOST, *(name for name in self._frame.cluster_names() if name != HOST))

    def _usual(self) -> str:
        """The clusters in scope, else the host: most of what Kurator is told is told there."""
        return ",".join(sorted(self._frame.scope.clusters)) or HOST

    def _clusters(self, text: str) -> list[str]:
        """Raises UnknownCluster."""
        known = self._known()
        return sorted(pick(text, list(known)) or known) if text else []

    def _wrong(self, values: dict[str, str]) -> str:
        if not values[_SOURCE]:
            return "From where? A file, a directory, or - to write it."
        try:
            return "" if self._clusters(values[_CLUSTERS]) else "To which clusters?"
        except UnknownCluster as error:
            return str(error)

    def _go(self, values: dict[str, str]) -> None:
        if wrong := self._wrong(values):
            self._frame.say(wrong, level="error")
        else:
            self._frame.run_worker(self._planned(values), group="changes", exclusive=True)

    async def _planned(self, values: dict[str, str]) -> None:
        changes = self._frame.changes
        targets = tuple(Target(cluster, "", "", "") for cluster in self._clusters(values[_CLUSTERS]))
        into = {_NAMESPACE: values[_NAMESPACE]} if values[_NAMESPACE] else {}
        if values[_SOURCE] == manifests.STDIN:
            changes.editing.begin(APPLY, (), lambda told: changes.review(APPLY, targets, {**told, **into}))
            return
        try:
            text = await asyncio.to_thread(manifests.read, values[_SOURCE])
            if not text.strip():
                raise UsageError(f"{values[_SOURCE]} is empty")
        except ConsoleError as error:
            self._frame.say(error.title, error.message, error.hint, level="error")
        else:
            changes.review(APPLY, targets, {"yaml": text, **into})
