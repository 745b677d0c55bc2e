"""Fault tests read pods as they read every kind that is not numerous: by a WatchList where the server has it.

Pages, by which pods are really listed, are tested with servers that have none (`Server.watch_list`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kurator_tui.kinds.pods import POD


@pytest.fixture(autouse=True)
def few_pods() -> Iterator[None]:
    object.__setattr__(POD, "numerous", False)
    yield
    object.__setattr__(POD, "numerous", True)
