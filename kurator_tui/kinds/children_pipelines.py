"""Where Enter leads from executions of pipelines and from the lines of their trees. Pure."""

from __future__ import annotations

from kurator_tui.kinds.executions import ExecutionRow, TaskLineRow
from kurator_tui.kinds.links import NoLink, Target, one


def of_execution(row: ExecutionRow) -> list[Target]:
    """Its tree. Raises NoLink for a pipeline that never ran."""
    if not row.run:
        raise NoLink("it never ran")
    return [_tree(row)]


def of_line(row: TaskLineRow) -> list[Target]:
    """Executions of a pipeline, the tree of an execution alone, the pod of a task."""
    if row.depth == 0:
        where = (("pipeline", row.pipeline),)
        return [Target("pipelineexecutions", row.cluster, row.namespace, where=where, title=row.name)]
    if row.depth == 1:
        return [_tree(row)]
    return [one("pods", row.cluster, row.namespace, row.pod)] if row.pod else []


def _tree(row: ExecutionRow | TaskLineRow) -> Target:
    return Target("pipelinetasks", row.cluster, row.namespace, where=(("run", row.run),), title=row.run)
