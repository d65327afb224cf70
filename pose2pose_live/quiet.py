"""Silence for native libraries that write to stderr past Python."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing that the process writes to stderr inside the block arrives.

    MediaPipe's native library writes notes for its developers there, and has no switch against it. Keep the block short: other
    threads are silenced too.
    """
    if sys.stderr is not None:  # None in a Windows program without a console
        sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:  # closed: silent already
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
