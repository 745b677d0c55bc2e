"""The frame follows `views.yaml`: a change is applied while the console runs, what is wrong with it is said.

Once a second one `stat`, between keys. A file that cannot be read at all changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kurator_tui.config.actions import COST
from kurator_tui.config.paths import views_file
from kurator_tui.config.reading import FileProblem
from kurator_tui.screens.frame import FrameBase
from kurator_tui.screens.registry import SCREENS
from kurator_tui.screens.table_screen import TableScreen

if TYPE_CHECKING:  # with the registry of all kinds: the first frame does not wait for them
    from kurator_tui.config.views import Views, ViewsFile

TITLE = "views.yaml"
MOST = 5
"""Problems that are said one by one."""


class UserViews(FrameBase):
    """The part of the frame that shows kinds as the user wants to see them."""

    views_file: ViewsFile | None = None
    """What was read before the console started."""

    def _make(self, place: str) -> TableScreen:
        screen = super()._make(place)
        if place in SCREENS and self.views_file is not None:
            from kurator_tui.kinds.registry import KINDS

            screen.kind = KINDS[screen.kind.id]
        return screen

    def _tick(self) -> None:
        super()._tick()
        if self.views_file is None and views_file().exists():
            from kurator_tui.config.views import ViewsFile

            self.views_file = ViewsFile()
        if self.views_file is not None and self.views_file.changed():
            self._read_views(self.views_file)

    def _read_views(self, file: ViewsFile) -> None:
        try:
            views = file.read()
        except FileProblem as error:
            self.say(TITLE, f"{error}; the columns stay as they are", level="error")
            return
        self.show_views(views)
        problems = views.problems
        for problem in problems[:MOST]:
            self.say(TITLE, problem, level="error")
        if len(problems) > MOST:
            self.say(TITLE, f"{len(problems) - MOST} more entries are wrong: kurator-tui check", level="error")

    def show_views(self, views: Views) -> None:
        """Show kinds as `views` says; screens that are open keep their place."""
        from kurator_tui.kinds.registry import KINDS
        from kurator_tui.link.arranged import arrange

        changed = arrange(self.source, views.arrangements)
        for place, screen in self.screens.items():
            if screen.kind.id in changed and place != COST:
                screen.rearrange(KINDS[screen.kind.id])
        self.refresh_footer()
