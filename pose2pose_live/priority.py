"""Threads whose work no picture waits for."""

from __future__ import annotations

import os
import sys

_NICER_BY = 10


def give_way() -> None:
    """This thread takes the processor when others leave it, for good. For work that rarely holds the interpreter: everybody waits for its holder.

    On Linux alone, where such a thread still gets a tenth of a core that is fought over. Windows would not let it run at all, and
    whoever then waits for the interpreter would wait with it.
    """
    if sys.platform == "linux":
        os.nice(_NICER_BY)  # of the thread that calls, not of the process
