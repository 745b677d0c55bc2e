"""Dialogs (signatures; the body follows)."""

from __future__ import annotations

from textual.screen import ModalScreen


class MessageDialog(ModalScreen[None]):
    """Title, message and hint as plain text; Enter, Esc or q closes."""

    def __init__(self, title: str, message: str, hint: str = "") -> None:
        super().__init__()


class ConfirmDialog(ModalScreen[bool]):
    """y / Enter is True, n / Esc is False."""

    def __init__(self, title: str, message: str = "") -> None:
        super().__init__()
