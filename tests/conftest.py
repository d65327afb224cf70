"""What many tests share; loaded once."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pose2pose_live import take
from pose2pose_live.body import BodyModel
from pose2pose_live.errors import DisplayError
from pose2pose_live.inference import Engine
from pose2pose_live.mocap import MotionCapture

# Importing OpenVINO reports to a server through this module, unless there is none.
sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
# The settings of whoever runs the tests are theirs.
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="pose2pose-live-tests-")


@pytest.fixture(scope="session")
def body() -> BodyModel:
    return BodyModel.load()


@pytest.fixture(scope="session")
def pooling_graph() -> Path:
    """The bundled engine's body network, whose graph has guided pooling in it."""
    return Engine.load().graph("body").path


@pytest.fixture(scope="session")
def opened_mocap() -> Iterator[MotionCapture]:
    with MotionCapture.open() as opened:
        yield opened


@pytest.fixture
def mocap(opened_mocap: MotionCapture) -> MotionCapture:
    """The real chain, which remembers nobody."""
    opened_mocap.reset()
    return opened_mocap


@pytest.fixture
def shared_mocap(mocap: MotionCapture, monkeypatch: pytest.MonkeyPatch) -> MotionCapture:
    """Whoever opens the chain gets the one that is open already, and leaves it open."""
    monkeypatch.setattr(mocap, "close", lambda: None)
    monkeypatch.setattr(MotionCapture, "open", lambda settings=None, controls=None: mocap)
    return mocap


@pytest.fixture
def no_opengl(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no overlay can be drawn."""

    def fails(stack: object) -> None:
        raise DisplayError("no EGL device gives an OpenGL context")

    monkeypatch.setattr(take, "windowless_context", fails)
