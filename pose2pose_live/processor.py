"""The processor: how many of its cores are ours, and who may use them first."""

from __future__ import annotations

import os
import sys

_NICER_BY = 10


def core_count() -> int:
    """Cores that this process may use: in a container, or under `taskset`, fewer than there are."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def give_way() -> None:
    """This thread takes the processor when others leave it, for good. For work that rarely holds the interpreter: everybody waits for its holder.

    On Linux alone, where such a thread still gets a tenth of a core that is fought over. Windows would not let it run at all, and
    whoever then waits for the interpreter would wait with it.
    """
    if sys.platform == "linux":
        os.nice(_NICER_BY)  # of the thread that calls, not of the process
