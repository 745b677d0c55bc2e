"""PromQL over simulated series: what a member's Prometheus and Thanos evaluate in the demo.

`instant` and `over_range` answer queries; `series` says what a storage is.  The syntax is promql-parser's;
results, extrapolation, matching and errors are Prometheus's (`Edition` says of which major version).
"""

from kurator_tui.demo.promql.aggregation import number
from kurator_tui.demo.promql.evaluator import Result, instant, over_range
from kurator_tui.demo.promql.parsing import parse
from kurator_tui.demo.promql.series import Points, Scraped, Series, Storage
from kurator_tui.demo.promql.values import PROMETHEUS_2, PROMETHEUS_3, Edition, Grid, Labels, QueryError

__all__ = [
    "PROMETHEUS_2",
    "PROMETHEUS_3",
    "Edition",
    "Grid",
    "Labels",
    "Points",
    "QueryError",
    "Result",
    "Scraped",
    "Series",
    "Storage",
    "instant",
    "number",
    "over_range",
    "parse",
]
