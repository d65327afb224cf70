"""The button that builds for the GPU, on a machine that is said to have one."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

pytest.importorskip("onnx")

from pose2pose_live.app import gpu_build
from pose2pose_live.app.gpu_build import BuildButton, buildable_runtime
from pose2pose_live.errors import ModelError
from pose2pose_live.inference import Engine, tensorrt_plans
from pose2pose_live.inference.cuda import Gpu
from pose2pose_live.inference.tensorrt_plans import Plan

ENGINE = Path("landmarks")


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the plans."""
    monkeypatch.setattr(gpu_build, "driver_problem", lambda: None)
    monkeypatch.setattr(gpu_build, "driver", lambda: SimpleNamespace(gpu=Gpu("Fake GPU", (8, 6), 13000)))
    monkeypatch.setattr(gpu_build.importlib.util, "find_spec", lambda name: name == "tensorrt" or None)
    monkeypatch.setattr(tensorrt_plans, "_version", lambda runtime: "11.0")
    monkeypatch.setattr(tensorrt_plans, "user_plans", lambda: tmp_path / "plans")
    return tmp_path / "plans"


def _said(button: BuildButton) -> list[str]:
    said: list[str] = []
    button.told.connect(said.append)
    return said


def test_it_is_hidden_without_a_gpu(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gpu_build, "driver_problem", lambda: "no NVIDIA driver")
    assert buildable_runtime() is None
    button = BuildButton(lambda: None)
    qtbot.addWidget(button)
    assert button.isHidden()


def test_it_builds_every_graph_and_tells_how_far_it_is(qtbot: QtBot, gpu: Path, monkeypatch: pytest.MonkeyPatch):
    def build(runtime: str, graph: Path, *, on_step: Any) -> Plan:
        assert runtime == "tensorrt"
        on_step("Building engine: 2 of 6")
        return Plan(b"a plan", {"CONVOLUTION": 1}, False, False)

    monkeypatch.setattr(tensorrt_plans, "build_plan", build)
    button = BuildButton(lambda: ENGINE)
    qtbot.addWidget(button)
    said = _said(button)
    button.click()
    assert not button.isEnabled()
    qtbot.waitUntil(button.isEnabled)
    assert "Building for Fake GPU, network 1 of 5 (pose): Building engine: 2 of 6" in said
    assert said[-1].startswith("Built for Fake GPU. Start again")
    assert len(list(gpu.glob("*.plan"))) == len(Engine.load(ENGINE).graphs)


def test_a_failure_is_told_in_one_line(qtbot: QtBot, gpu: Path, monkeypatch: pytest.MonkeyPatch):
    def fails(*_: Any, **__: Any) -> Plan:
        raise ModelError("out of\nmemory")

    monkeypatch.setattr(tensorrt_plans, "build_plan", fails)
    button = BuildButton(lambda: ENGINE)
    qtbot.addWidget(button)
    said = _said(button)
    button.click()
    qtbot.waitUntil(button.isEnabled)
    assert said[-1] == "Nothing was built for this GPU: out of memory"
