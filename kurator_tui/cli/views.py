"""`views.yaml` before a command or the console starts: kinds are shown as it says, what is wrong is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kurator_tui.config.views import ViewsFile


def use_views() -> tuple[ViewsFile | None, tuple[str, ...]]:
    """Show kinds as the file says, if there is one: the file as it was read, and what is wrong with it."""
    from kurator_tui.config.paths import views_file

    if not views_file().exists():  # a start without it pays for no more than this look
        return None, ()
    from kurator_tui.config.reading import FileProblem
    from kurator_tui.config.views import ViewsFile
    from kurator_tui.kinds.registry import arrange

    file = ViewsFile()
    try:
        views = file.read()
    except FileProblem as problem:
        return file, (str(problem),)
    arrange(views.arrangements)
    return file, views.problems


def use_views_aloud() -> None:
    """As `use_views`, with what is wrong on stderr."""
    from kurator_tui.cli.main import complain

    _file, problems = use_views()
    for problem in problems:
        complain("Left out", problem)
