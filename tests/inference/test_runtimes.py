"""The choice between runtimes, and that those which are installed here agree."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose2pose_live import arguments
from pose2pose_live.errors import ModelError
from pose2pose_live.inference import RUNTIMES, Engine, Session, onnx_runtime, runtimes, use_runtime
from pose2pose_live.inference.runtimes import Runtime, choose
from pose2pose_live.verify import example_inputs

ENGINE = Engine.load(Path("landmarks"))
SMALL = ENGINE.graph("hand_recrop").path


class Broken:
    outputs = ("points",)

    def run(self, data: np.ndarray) -> Any:
        raise RuntimeError("the device is gone")


def _put(monkeypatch: pytest.MonkeyPatch, name: str, opened: Any) -> None:
    monkeypatch.setitem(runtimes.RUNTIMES, name, Runtime(name.upper(), lambda: None, opened))


def test_the_command_line_knows_the_same_names():
    assert set(arguments.RUNTIMES) == {"auto", *RUNTIMES}


def test_auto_is_the_processor_here_and_says_why_nothing_else():
    names, why = choose(SMALL)
    assert names[-1] == "cpu"
    if names == ["cpu"]:
        assert "tensorrt: " in why
        assert "cuda: " in why


def test_a_runtime_that_does_not_open_is_passed_over_by_auto(monkeypatch: pytest.MonkeyPatch, caplog):
    def fails(path: Path, threads: int, outputs: Any) -> None:
        raise RuntimeError("libcudnn is missing")

    _put(monkeypatch, "cuda", fails)
    session = Session(SMALL)
    assert session.runtime == "cpu"
    assert "CUDA does not work (libcudnn is missing); trying another" in caplog.text


def test_a_runtime_that_was_asked_for_must_open(monkeypatch: pytest.MonkeyPatch):
    def fails(path: Path, threads: int, outputs: Any) -> None:
        raise ModelError("it does not start")

    _put(monkeypatch, "cuda", fails)
    with use_runtime("cuda"), pytest.raises(ModelError, match="does not start"):
        Session(SMALL)


def test_a_runtime_that_fails_in_the_middle_is_replaced(monkeypatch: pytest.MonkeyPatch, caplog):
    _put(monkeypatch, "cuda", lambda *_: Broken())
    session = Session(SMALL)
    assert session.runtime == "cuda"
    found = session.run(np.zeros((1, 3, 256, 256), np.float32))
    assert found["points"].shape == (1, 2, 2)
    assert session.runtime == "cpu"
    assert "CUDA has failed (the device is gone); going on with ONNX Runtime on the processor" in caplog.text
    session.run(np.zeros((1, 3, 256, 256), np.float32))
    assert caplog.text.count("going on") == 1


def test_a_gpu_calculates_in_the_precision_of_the_processor(monkeypatch: pytest.MonkeyPatch):
    """ONNX Runtime's own choice on CUDA is TF32, which moved hands by 0.6 % of their size."""
    asked: list[Any] = []
    session = onnx_runtime.ort.InferenceSession

    def opened(path: str, options: Any, providers: Any) -> Any:
        asked.extend(providers)
        return session(path, options, providers=["CPUExecutionProvider"])

    monkeypatch.setattr(onnx_runtime.ort, "InferenceSession", opened)
    with pytest.raises(ModelError, match="CUDAExecutionProvider does not start"):
        RUNTIMES["cuda"].open(SMALL, 1, None)
    assert asked == [("CUDAExecutionProvider", {"use_tf32": "0"}), ("CPUExecutionProvider", {})]


def test_the_processors_own_failure_is_raised():
    with pytest.raises(Exception, match="Got invalid dimensions"):
        Session(SMALL).run(np.zeros((1, 3, 8, 8), np.float32))


@pytest.mark.parametrize(("name", "why"), [("nonsense", "expected one of auto, tensorrt"), ("directml", "has no Dml")])
def test_what_cannot_be_used_is_told(name: str, why: str):
    if name == "directml" and sys.platform == "win32":
        pytest.skip("it may be there")
    with pytest.raises(ModelError, match=why), use_runtime(name):
        pass
    assert runtimes._chosen.get() == "auto"


@pytest.mark.parametrize("name", list(ENGINE.graphs))
def test_openvino_agrees_with_onnx_runtime(name: str):
    pytest.importorskip("openvino")
    path = ENGINE.graph(name).path
    reference = Session(path)
    with use_runtime("openvino"):
        session = Session(path, 1, reference.outputs[::-1])
    assert session.runtime == "openvino"
    data = next(iter(example_inputs(path)))
    found = session.run(data)
    assert list(found) == list(reference.outputs[::-1])
    for output, expected in reference.run(data).items():
        np.testing.assert_allclose(found[output], expected, atol=2e-4 * max(1.0, np.abs(expected).max()))


def test_openvino_gives_arrays_of_their_own():
    pytest.importorskip("openvino")
    with use_runtime("openvino"):
        session = Session(SMALL)
    first = session.run(np.zeros((1, 3, 256, 256), np.float32))["points"]
    kept = first.copy()
    session.run(np.ones((1, 3, 256, 256), np.float32))
    np.testing.assert_array_equal(first, kept)


def test_openvino_is_given_the_pooling_spelt_out(pooling_graph: Path):
    pytest.importorskip("openvino")
    data = next(iter(example_inputs(pooling_graph)))
    expected = Session(pooling_graph).run(data)
    with use_runtime("openvino"):
        found = Session(pooling_graph).run(data)
    np.testing.assert_allclose(found["body_rotations"], expected["body_rotations"], atol=1e-4)
    np.testing.assert_allclose(found["positions"], expected["positions"], atol=1e-2)


def test_nothing_of_another_runtime_is_imported_on_a_machine_without_one():
    code = (
        "import sys; from pose2pose_live.inference import Engine, Session\n"
        "Session(Engine.load().graph('hand').path)\n"
        "print([m for m in ('onnx', 'openvino', 'tensorrt', 'tensorrt_rtx', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
