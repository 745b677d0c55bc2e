"""One kind's objects of one cluster as rows, in pages. Knows nothing of watching."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping

import msgspec

from kurator_tui.api.connection import Connection
from kurator_tui.api.failures import not_kubernetes
from kurator_tui.api.transport import Query
from kurator_tui.kinds.base import P, R
from kurator_tui.kinds.decode import Page, RowDecoder

PAGE = 500
"""Objects a page: 500 pods are decoded in 4–9 ms, 10,000 in one call that nothing interrupts for 180–350 ms."""
MOST_PAGES = 2_000
"""Pages after which a list is taken for one without an end."""


async def list_pages(
    connection: Connection,
    path: str,
    decoder: RowDecoder[P, R],
    *,
    query: Query = (),
    headers: Mapping[str, str] | None = None,
    limit: int = PAGE,
) -> AsyncGenerator[Page]:
    """The pages of a list; `path` is the collection's. `limit` 0 asks for everything in one answer.

    Raises the error tree: `Expired` when the continue token outlived the server's memory, `Broken` for an
    answer that is no list, or for a list without an end (a continue token that comes again, `MOST_PAGES`).
    """
    token = ""
    seen: set[str] = set()
    while len(seen) < MOST_PAGES:
        asked = [*query, *([("limit", str(limit))] if limit else []), *([("continue", token)] if token else [])]
        response = await connection.request("GET", path, query=asked, headers=headers, listing=True)
        page = _page(connection, decoder, response.body)
        yield page
        token = page.continue_token
        if not token:
            return
        if token in seen:
            break
        seen.add(token)
    raise not_kubernetes(connection.server, "a list without an end")


def _page(connection: Connection, decoder: RowDecoder[P, R], body: bytes) -> Page:
    try:
        page = decoder.page(body)
    except msgspec.DecodeError:
        page = None
    if page is None or not (page.resource_version or b'"items"' in body):
        raise not_kubernetes(connection.server, "a list that is none")
    return page
