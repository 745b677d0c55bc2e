"""The one registry of derived kinds that are joined on demand. Adding one is adding its `Join`."""

from __future__ import annotations

from kurator_tui.fleet import (
    accelerators,
    backup_schedules,
    backups,
    batch_jobs,
    batch_queues,
    certificates,
    compliance,
    deliveries,
    delivery_steps,
    edge_devices,
    edge_jobs,
    edge_map,
    edge_nodes,
    edge_pods,
    edge_sites,
    execution_lines,
    executions,
    exemptions,
    exported,
    interconnect,
    lifecycle,
    link_matrix,
    plugin_releases,
    plumbing,
    policies,
    preemptions,
    propagation_steps,
    propagations,
    rollouts,
    traffic,
    uncovered,
    versions,
    violations,
)
from kurator_tui.fleet.join import Join

JOINS: tuple[Join, ...] = (
    rollouts.JOIN,
    *(lifecycle.JOIN, versions.JOIN, certificates.JOIN),
    *(traffic.TRAFFIC_HOSTS_JOIN, traffic.TRAFFIC_JOIN, interconnect.JOIN, link_matrix.JOIN, exported.JOIN),
    *(plumbing.JOIN, plugin_releases.JOIN),
    *(deliveries.JOIN, delivery_steps.JOIN),
    *(policies.JOIN, violations.JOIN, compliance.JOIN, exemptions.JOIN),
    *(edge_sites.JOIN, edge_map.JOIN, edge_nodes.JOIN, edge_pods.JOIN, edge_devices.JOIN, edge_jobs.JOIN),
    *(backups.JOIN, backup_schedules.JOIN, uncovered.JOIN),
    *(executions.JOIN, execution_lines.JOIN),
    *(batch_queues.JOIN, batch_jobs.JOIN, accelerators.JOIN, preemptions.JOIN),
    *(propagations.JOIN, propagation_steps.JOIN),
)
