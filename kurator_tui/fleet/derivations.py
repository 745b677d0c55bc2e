"""The one registry of derived kinds that are joined on demand. Adding one is adding its `Join`."""

from __future__ import annotations

from kurator_tui.fleet import compliance, execution_lines, executions, exemptions, policies, rollouts, violations
from kurator_tui.fleet.derived import Join

JOINS: tuple[Join, ...] = (
    rollouts.JOIN,
    *(policies.JOIN, violations.JOIN, compliance.JOIN, exemptions.JOIN),
    *(executions.JOIN, execution_lines.JOIN),
)
