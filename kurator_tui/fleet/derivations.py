"""The one registry of derived kinds that are joined on demand. Adding one is adding its `Join`."""

from __future__ import annotations

from kurator_tui.fleet import (
    accelerators,
    batch_jobs,
    batch_queues,
    compliance,
    deliveries,
    delivery_steps,
    execution_lines,
    executions,
    exemptions,
    policies,
    preemptions,
    propagation_steps,
    propagations,
    rollouts,
    traffic,
    violations,
)
from kurator_tui.fleet.derived import Join

JOINS: tuple[Join, ...] = (
    rollouts.JOIN,
    *(traffic.TRAFFIC_HOSTS_JOIN, traffic.TRAFFIC_JOIN),
    *(deliveries.JOIN, delivery_steps.JOIN),
    *(policies.JOIN, violations.JOIN, compliance.JOIN, exemptions.JOIN),
    *(executions.JOIN, execution_lines.JOIN),
    *(batch_queues.JOIN, batch_jobs.JOIN, accelerators.JOIN, preemptions.JOIN),
    *(propagations.JOIN, propagation_steps.JOIN),
)
