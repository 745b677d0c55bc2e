"""What the stream `selected` tells: which pods a label selector means, by cluster and uid, and what changes.

Arguments of the stream: `clusters` (names as a JSON list, of one feeder), `namespace` ("" for all), `selector`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import msgspec

METHOD = "selected"


class Selected(msgspec.Struct, array_like=True):
    """News of one cluster."""

    cluster: str
    added: list[str] = []
    gone: list[str] = []
    begins: bool = False
    """A list begins: until it is `listed` all that is added is all there is."""
    listed: bool = False
    """What is known now is everything, or, with `error`, all that will be told for a while."""
    error: str = ""


_decoder = msgspec.msgpack.Decoder(Selected)
encode = msgspec.msgpack.Encoder().encode
decode = _decoder.decode


def arguments(clusters: Iterable[str], namespace: str, selector: str) -> dict[str, str]:
    """What the stream is opened with."""
    return {"clusters": json.dumps(sorted(clusters)), "namespace": namespace, "selector": selector}


class Selection:
    """The uids that a selector means in each cluster, built from what is told."""

    def __init__(self) -> None:
        self.uids: dict[str, set[str]] = {}
        self.errors: dict[str, str] = {}
        """Why a cluster does not tell now."""
        self.listed: set[str] = set()
        """Clusters that have told everything."""
        self._begun: dict[str, set[str]] = {}

    def take(self, news: Selected) -> None:
        """One message."""
        cluster = news.cluster
        if news.begins:
            self._begun[cluster] = set()
        meant = self._begun.get(cluster)
        if meant is None:
            meant = self.uids.setdefault(cluster, set())
        meant.difference_update(news.gone)
        meant.update(news.added)
        if not news.listed:
            return
        if news.error:
            self.errors[cluster] = news.error
        else:
            self.errors.pop(cluster, None)
            self.uids[cluster] = self._begun.pop(cluster, self.uids.get(cluster, set()))
        self.listed.add(cluster)

    def holds(self, cluster: str, uid: str) -> bool:
        """Whether the selector means it, as far as was told."""
        return uid in self.uids.get(cluster, ())
