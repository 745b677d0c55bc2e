"""The one registry of derived kinds that are joined on demand. Adding one is adding its `Join`."""

from __future__ import annotations

from kurator_tui.fleet import rollouts
from kurator_tui.fleet.derived import Join

JOINS: tuple[Join, ...] = (rollouts.JOIN,)
