"""The OpenAPI v3 documents that `kubectl explain` and kubectl's field validation read. Pure functions."""

from typing import Any

from kurator_tui.demo.apiserver.resources import Catalogue


def index(catalogue: Catalogue) -> dict[str, Any]:
    """`/openapi/v3`: path of each group and version to its document's URL."""
    raise NotImplementedError


def group_document(catalogue: Catalogue, group: str, version: str) -> dict[str, Any]:
    """The OpenAPI v3 document of one group and version. KeyError when it is not served."""
    raise NotImplementedError
