"""Comparing runtimes: what agrees, what does not, what ends its process, and the report."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pose2pose_live import cli, verify
from pose2pose_live.errors import RecordingError
from pose2pose_live.inference import RUNTIMES, Engine, runtimes
from pose2pose_live.inference.runtimes import Runtime
from pose2pose_live.verify import Check, check_graph, example_inputs

ENGINE = Engine.load(Path("landmarks"))
SMALL = ENGINE.graph("hand_recrop").path


@pytest.fixture(autouse=True)
def _few_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_TIMED", 3)


def _off_by(monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
    """A runtime `openvino` whose answers are off."""

    class Off:
        def __init__(self, path: Path, threads: int, outputs: Any) -> None:
            self._true = RUNTIMES["cpu"].open(path, threads, outputs)
            self.outputs = self._true.outputs

        def run(self, data: np.ndarray) -> Any:
            return [factor * value for value in self._true.run(data)]

    monkeypatch.setitem(runtimes.RUNTIMES, "openvino", Runtime("off", lambda: None, Off))


@pytest.mark.parametrize(("factor", "passes"), [(1.0001, True), (1.01, False), (np.nan, False)])
def test_the_bar_decides(factor: float, passes: bool, monkeypatch: pytest.MonkeyPatch):
    _off_by(monkeypatch, factor)
    (check,) = check_graph("openvino", "hand_recrop", SMALL)
    assert check.passed is passes
    assert check.worst == "points"
    assert check.max_error == pytest.approx(abs(factor - 1), rel=0.02, nan_ok=True)
    assert 0 < check.mean_error <= check.max_error or np.isnan(factor)
    assert 0 < check.p50_ms <= check.p95_ms
    assert str(check).startswith("[ok  ]" if passes else "[FAIL]")


def test_inputs_are_pictures_of_a_person_and_the_same_every_time():
    pictures = list(example_inputs(SMALL))
    assert len(pictures) == 4
    assert all(picture.shape == (1, 3, 256, 256) and picture.std() > 0.1 for picture in pictures)
    assert np.abs(pictures[0] - pictures[1]).max() > 0.1
    points = ENGINE.graph("blendshapes").path
    for first, second in zip(example_inputs(points), example_inputs(points), strict=True):
        assert first.shape == (1, 146, 2)
        np.testing.assert_array_equal(first, second)


def test_one_that_ends_its_process_is_a_finding(monkeypatch: pytest.MonkeyPatch):
    half = json.dumps({"runtime": "openvino", "graph": "pose", "worst": "world", "max_error": 0.0, "mean_error": 0.0})
    crashed = subprocess.CompletedProcess([], -signal.SIGSEGV, f"a library's chatter\n{half}\n", "")
    monkeypatch.setattr(subprocess, "run", lambda *arguments, **options: crashed)
    found = verify.verify(ENGINE, ["openvino"])
    assert [check.passed for check in found] == [True, False]
    assert "ended with code -11" in found[1].trouble


def test_one_that_does_not_open_is_a_finding(monkeypatch: pytest.MonkeyPatch):
    def fails(path: Path, threads: int, outputs: Any) -> Any:
        raise RuntimeError("no\nmemory")

    monkeypatch.setitem(runtimes.RUNTIMES, "openvino", Runtime("broken", lambda: None, fails))
    (check,) = check_graph("openvino", "hand_recrop", SMALL)
    assert check.trouble == "RuntimeError: no memory"
    assert not check.passed


def test_the_command_checks_all_graphs_and_writes_the_report(tmp_path: Path, capsys):
    report = tmp_path / "verify.json"
    arguments = ["verify", "--engine", "landmarks", "--runtime", "cpu", "-o", str(report)]
    assert cli.main(arguments) == 0
    told = capsys.readouterr().out
    assert "cpu: agrees\n" in told
    data = json.loads(report.read_text())
    assert [check["graph"] for check in data["checks"]] == list(ENGINE.graphs)
    assert all(check["passed"] and check["max_error"] < 1e-6 for check in data["checks"])
    assert data["packages"]["onnxruntime"]
    assert data["engine"]["graphs"]["hand_recrop"] == ENGINE.graph("hand_recrop").sha256
    assert "Traceback" not in told


def test_a_disagreement_is_told_and_is_the_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    checks = [
        Check("openvino", "pose", "world", 0.5, 0.1, 1e-3, 2.0, 3.0),
        Check("cpu", "pose", "world", 0, 0, 1, 2, 3),
    ]
    monkeypatch.setattr(verify, "usable_runtimes", lambda: (["openvino", "cpu"], {"cuda": "not here"}))
    monkeypatch.setattr(verify, "verify", lambda engine, names, on_check: checks)
    assert cli.main(["verify", "-o", str(tmp_path / "report.json")]) == 1
    told = capsys.readouterr().out
    assert "[none] cuda" in told
    assert "openvino: does not agree\ncpu: agrees\n" in told
    assert json.loads((tmp_path / "report.json").read_text())["not usable"] == {"cuda": "not here"}


def test_a_runtime_that_cannot_be_used_is_told(tmp_path: Path, capsys):
    if RUNTIMES["tensorrt"].problem() is None:
        pytest.skip("it can be used here")
    assert cli.main(["verify", "--runtime", "tensorrt", "-o", str(tmp_path / "report.json")]) == 1
    assert capsys.readouterr().err.startswith("pose2pose-live: --runtime tensorrt: ")
    with pytest.raises(SystemExit):
        cli.main(["verify", "--runtime", "nonsense"])


def test_a_report_that_cannot_be_written_is_told(tmp_path: Path):
    with pytest.raises(RecordingError, match="cannot be written"):
        verify.write_report(tmp_path / "nowhere" / "report.json", ENGINE, [], {})


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX")
def test_the_process_of_its_own_really_runs():
    pytest.importorskip("openvino")
    small = Engine("small", "landmarks", {"hand_recrop": ENGINE.graph("hand_recrop")})
    (check,) = verify.verify(small, ["openvino"])
    assert check.passed, check
