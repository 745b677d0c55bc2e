"""Screen 2, Clusters: a row a member and the host, by our own probe."""

from __future__ import annotations

from kurator_tui.kinds.overview import CLUSTERS
from kurator_tui.screens.cluster_rows import ClusterRows
from kurator_tui.screens.trends import TrendScreen


class ClustersScreen(TrendScreen, ClusterRows):
    """Members and the host."""

    kind = CLUSTERS
    title = "Clusters"
