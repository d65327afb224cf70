"""What `python -m export onnx` and `python -m export tensorrt` write."""

from __future__ import annotations

import shutil
from pathlib import Path

import onnx
import pytest

from export import onnx_graphs, tensorrt_plans
from export.__main__ import main
from pose2pose_live.inference import Engine
from pose2pose_live.inference.cuda import driver_problem
from pose2pose_live.inference.tensorrt_plans import Plan
from pose2pose_live.resources import engine_path


@pytest.fixture
def engine(tmp_path: Path, pooling_graph: Path) -> Path:
    """The smallest graph of the published networks, and the pooling body network, in an engine of their own."""
    folder = tmp_path / "small"
    folder.mkdir()
    text = '[engine]\nname = "small"\nfamily = "landmarks"\n'
    for path in (Engine.load(Path("landmarks")).graph("hand_recrop").path, pooling_graph):
        shutil.copy(path, folder)
        text += f'[graphs.{path.stem}]\nfile = "{path.name}"\nsha256 = ""\ninput_size = [256, 256]\n'
    (folder / "engine.toml").write_text(text)
    return folder


@pytest.mark.parametrize(("options", "functions"), [((), 1), (("--inline",), 0), (("--precision", "fp16"), 1)])
def test_onnx_files_are_checked_and_told(
    engine: Path, options: tuple[str, ...], functions: int, tmp_path: Path, capsys
):
    assert main(["onnx", str(engine), "-o", str(tmp_path / "files"), *options]) == 0
    assert capsys.readouterr().out.count(" off on ONNX Runtime") == 2
    model = onnx.load(tmp_path / "files" / "body.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert len(model.functions) == functions
    half = {
        node.op_type
        for node in model.graph.node
        if node.op_type == "Cast" and node.attribute[0].i == onnx.TensorProto.FLOAT16
    }
    assert bool(half) == ("fp16" in options)


def test_the_engines_own_folder_is_left_alone(engine: Path, capsys):
    before = (engine / "body.onnx").read_bytes()
    assert main(["onnx", str(engine), "-o", str(engine)]) == 1
    assert "own folder" in capsys.readouterr().err
    assert (engine / "body.onnx").read_bytes() == before


def test_a_file_that_is_off_is_not_left_there(engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(onnx_graphs, "HALF_PRECISION_BAR", 1e-9)
    assert main(["onnx", str(engine), "-o", str(tmp_path / "files"), "--precision", "fp16"]) == 1
    assert "off the engine's graph" in capsys.readouterr().err
    assert not list((tmp_path / "files").iterdir())


def test_plans_for_other_gpus_are_built_here(engine: Path, tmp_path: Path, capsys):
    pytest.importorskip("tensorrt_rtx")
    arguments = [
        "tensorrt",
        str(engine),
        "--runtime",
        "tensorrt-rtx",
        "--for",
        "SM86,SM120",
        "-o",
        str(tmp_path / "plans"),
    ]
    assert main(arguments) == 0
    told = capsys.readouterr().out
    assert "guided pooling by standard operators" in told
    assert "Building engine: 1 of " in told
    assert (tmp_path / "plans" / "body.plan").stat().st_size > 10_000_000


def test_without_a_driver_it_says_so_before_it_touches_tensorrt(engine: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    if driver_problem() is None:
        pytest.skip("there is a driver")
    monkeypatch.setattr(tensorrt_plans, "build_plan", lambda *_, **__: pytest.fail("it was touched"))
    assert main(["tensorrt", str(engine)]) == 1
    told = capsys.readouterr().err
    assert told.startswith("export: no NVIDIA driver")
    assert told.count("\n") == 1


@pytest.mark.parametrize("options", [["--for", "SM86"], ["-o", "plans"], ["--for", "SM86", "-o", "plans"]])
def test_options_that_do_not_belong_together_are_refused(options: list[str], capsys):
    with pytest.raises(SystemExit):
        main(["tensorrt", *options])
    assert "belong together" in capsys.readouterr().err


def test_a_fallback_from_the_plugin_is_told(engine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    class Driver:
        gpu = "a GPU"

    plans = iter([Plan(b"1", {"CONVOLUTION": 1}, False, False), Plan(b"2", {"GRID_SAMPLE": 3}, False, True)])
    monkeypatch.setattr(tensorrt_plans, "driver", Driver)
    monkeypatch.setattr(tensorrt_plans, "build_plan", lambda *_, **__: next(plans))
    monkeypatch.setattr(
        tensorrt_plans, "plan_path", lambda runtime, graph, precision, gpu: tmp_path / f"{graph.stem}.plan"
    )
    assert main(["tensorrt", str(engine)]) == 0
    assert capsys.readouterr().out.count("standard operators instead of our plugin") == 1
    assert (tmp_path / "body.plan").read_bytes() == b"2"


def test_the_kernel_is_carried():
    assert {path.suffix for path in engine_path("guided_pooling").iterdir()} == {".cu", ".ptx"}
