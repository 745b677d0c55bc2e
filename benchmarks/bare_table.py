"""The yardstick of the first frame: a bare Textual application with a header, a table of 60 rows and a footer."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header


class BareTable(App[None]):
    """Nothing but what any table application has."""

    BINDINGS = [("q", "quit", "Quit")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable()
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_columns(*(f"column{n}" for n in range(10)))
        table.add_rows([[f"cell {row}.{column}" for column in range(10)] for row in range(60)])


if __name__ == "__main__":
    BareTable().run()
