"""What makes a terminal ring, or its desktop show a notification. Pure: a text becomes the bytes to send.

OSC 9 (iTerm2, Windows Terminal, kitty, WezTerm), OSC 777 (urxvt, foot, VTE) or BEL. The text is data of clusters:
no character of it may end the sequence. tmux passes what it does not know itself on to the terminal in a sequence
of its own, when its option `allow-passthrough` is on.
"""

from __future__ import annotations

from collections.abc import Mapping

from kurator_tui.kinds.cells import inert

BELL, OSC9, OSC777 = "bell", "osc9", "osc777"
LONGEST = 200
"""Characters of a notification."""
TITLE = "kurator-tui"


def ringing(way: str, text: str, *, tmux: bool = False) -> str:
    """What to write so that the terminal, or the one of `tmux`, rings in this `way` and says `text` if it can."""
    said = inert(text)[:LONGEST].replace(";", ",").replace("\\", "/")
    if way == OSC9:
        told = f"\x1b]9;{TITLE}: {said}\x07"
    elif way == OSC777:
        told = f"\x1b]777;notify;{TITLE};{said}\x07"
    else:
        return "\x07"  # tmux rings its own way
    return passed_on(told) if tmux else told


def in_tmux(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is tmux: here, or where a shell on this machine was opened from."""
    return bool(environ.get("TMUX")) or environ.get("TERM", "").startswith("tmux")


def passed_on(sequence: str) -> str:
    """A sequence for the terminal that tmux runs in."""
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"
