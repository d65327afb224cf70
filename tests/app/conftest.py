from __future__ import annotations

import os

# Before PyQt6 makes its application: the tests need no display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from pose2pose_live.errors import DisplayError
from pose2pose_live.viewport import EglContext


@pytest.fixture(scope="module")
def needs_opengl() -> None:
    try:
        EglContext().close()
    except DisplayError as error:
        pytest.skip(f"no OpenGL on this machine: {error}")
