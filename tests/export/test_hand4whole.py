"""From a checkpoint to poses: export, parity, and the whole application on the exported graph. The weights are random: the poses mean nothing,
but everything has to run, and to agree with the network."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxscript")

from export import checked_graph, hand4whole  # noqa: E402
from export.__main__ import main  # noqa: E402
from export.torch_graph import to_onnx  # noqa: E402
from pose2pose_live import cli  # noqa: E402
from pose2pose_live.errors import ModelError  # noqa: E402
from pose2pose_live.inference import Engine, Session, use_runtime  # noqa: E402
from pose2pose_live.inference.spelt_roi_align import without_roi_align  # noqa: E402
from pose2pose_live.inference.tensorrt_plans import build_plan  # noqa: E402
from pose2pose_live.network import Hand4Whole, load_checkpoint, save_checkpoint  # noqa: E402
from pose2pose_live.network.roi_align import roi_align  # noqa: E402
from pose2pose_live.recording import load_recording  # noqa: E402
from pose2pose_live.resources import asset_path, find_engine, user_engines  # noqa: E402
from tests.network.restatement import lively  # noqa: E402
from tests.network.test_roi_align import BOXES  # noqa: E402

MEANS = {"hands_meanl": np.linspace(-0.5, 0.5, 45), "hands_meanr": np.linspace(0.5, -0.4, 45)}


def _save(path: Path, arrays: dict[str, Any]) -> None:
    np.savez(path, **arrays)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("checkpoint") / "snapshot_6.pth.tar"
    save_checkpoint(lively(Hand4Whole(backbones=("resnet18",) * 3)).float(), path)
    return path


@pytest.fixture(scope="module")
def folder(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The engine as the command makes it, in a user's data folder of its own."""
    data = tmp_path_factory.mktemp("data")
    _save(data / "SMPLX_NEUTRAL.npz", MEANS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checked_graph, "_PICTURES", 2)
        patch.setattr(hand4whole, "user_engines", lambda: data / "engines")
        assert main(["hand4whole", str(checkpoint), "--smplx", str(data / "SMPLX_NEUTRAL.npz")]) == 0
    return data / "engines" / "hand4whole"


def test_the_engine_says_what_it_is(folder: Path, checkpoint: Path):
    engine = Engine.load(folder)
    graph = engine.graph("whole")
    graph.verify()
    data = tomllib.loads((folder / "engine.toml").read_text())
    assert (engine.name, engine.family) == ("hand4whole", "hand4whole")
    assert data["engine"]["checkpoint"] == "snapshot_6.pth.tar"
    assert data["engine"]["checkpoint_sha256"] == hand4whole.sha256_of(checkpoint.read_bytes())
    assert data["engine"]["options"] == {"pooling": "guided", "backbones": ["resnet18"] * 3}
    assert "research only" in data["engine"]["licence"]
    assert graph.table["input_size"] == [512, 384]
    assert graph.table["joint_set"] == "SMPL-X"
    np.testing.assert_allclose(graph.table["left_hand_mean"], MEANS["hands_meanl"])
    np.testing.assert_allclose(graph.table["right_hand_mean"], MEANS["hands_meanr"])
    assert set(graph.table["outputs"]) == set(graph.table["parity"]) == set(hand4whole.OUTPUTS)
    assert 0 < max(graph.table["parity"].values()) < 0.5
    assert str(checkpoint.parent).encode() not in graph.path.read_bytes()


def test_the_graph_agrees_with_the_network(folder: Path, checkpoint: Path):
    network = load_checkpoint(checkpoint, "hand4whole").double()
    session = Session(Engine.load(folder).graph("whole").path)
    picture = np.random.default_rng(5).random((1, 3, 512, 384), np.float32)
    found = session.run(picture)
    with torch.no_grad():
        expected = network(torch.from_numpy(picture).double())
    assert list(found) == list(hand4whole.OUTPUTS)
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[name].numpy(), atol=2e-3, err_msg=name)


def test_exported_crops_agree_with_ours_for_every_kind_of_box():
    class Crop(torch.nn.Module):  # type: ignore[name-defined]
        def forward(self, boxes):
            return roi_align(image, boxes, index, (16, 12))

    image = torch.randn(1, 3, 40, 30, generator=torch.Generator().manual_seed(1))
    boxes = torch.tensor([*BOXES.values(), (-300.0, -300.0, 400.0, 500.0), (3.0, 3.0, 3.0, 3.0)])
    index = torch.zeros(len(boxes), dtype=torch.int64)
    session = ort.InferenceSession(to_onnx(Crop(), {"boxes": boxes}, ("crops",)), providers=["CPUExecutionProvider"])
    found = session.run(None, {"boxes": boxes.numpy()})[0]
    np.testing.assert_allclose(found, roi_align(image, boxes, index, (16, 12)), atol=2e-5)
    boxes[1] = torch.tensor([-1e9, -1e9, 1e9, 1e9])  # would take years
    assert np.isfinite(session.run(None, {"boxes": boxes.numpy()})[0]).all()


@pytest.mark.parametrize(
    "boxes_px", [[*BOXES.values()], [(-300.0, -300.0, 400.0, 500.0), (3.0, 3.0, 3.0, 3.0), (0.0, 0.0, 1500.0, 30.0)]]
)
def test_crops_in_matrix_products_agree_with_ours(boxes_px: list[tuple[float, ...]]):
    class Crop(torch.nn.Module):  # type: ignore[name-defined]
        def forward(self, image):
            return roi_align(image, boxes, index, (16, 12))

    image = torch.randn(1, 3, 40, 30, generator=torch.Generator().manual_seed(1))
    boxes = torch.tensor(boxes_px)
    index = torch.zeros(len(boxes), dtype=torch.int64)
    model = onnx.load_from_string(to_onnx(Crop(), {"image": image}, ("crops",)))
    assert any(node.op_type == "RoiAlign" for node in model.graph.node)
    spelt = without_roi_align(model)
    assert not any(node.op_type == "RoiAlign" for node in spelt.graph.node)
    session = ort.InferenceSession(spelt.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(None, {"image": image.numpy()})[0]
    np.testing.assert_allclose(found, roi_align(image, boxes, index, (16, 12)), atol=2e-5)


def test_it_runs_on_openvino(folder: Path):
    pytest.importorskip("openvino")
    graph = Engine.load(folder).graph("whole").path
    picture = np.random.default_rng(5).random((1, 3, 512, 384), np.float32)
    expected = Session(graph).run(picture)
    with use_runtime("openvino"):
        found = Session(graph).run(picture)
    for name, value in found.items():
        np.testing.assert_allclose(value, expected[name], atol=1e-3, err_msg=name)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_tensorrt_rtx_builds_it(folder: Path, precision: str):
    pytest.importorskip("tensorrt_rtx")
    plan = build_plan("tensorrt-rtx", folder / "whole.onnx", precision=precision, capabilities=["SM86", "SM120"])
    assert plan.pools
    nodes = onnx.load(folder / "whole.onnx").graph.node
    assert plan.layers["GATHER"] >= sum(node.op_type == "GuidedPooling" for node in nodes) == 5


@pytest.mark.parametrize("by_name", [True, False])
def test_the_application_captures_with_it(folder: Path, by_name: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    if by_name:
        monkeypatch.setattr("pose2pose_live.resources.user_engines", lambda: folder.parent)
    engine = "hand4whole" if by_name else str(folder)
    arguments = ["process", str(asset_path("demo.mp4")), "--seconds", "0.3", "--engine", engine, "-o", str(tmp_path)]
    assert cli.main(arguments) == 0
    recording = load_recording(next(tmp_path.rglob("*.npz")))
    assert len(recording) > 3
    assert recording.tracked.all()
    assert np.abs(recording.poses[:, 1:22]).max() > 0.1
    assert (recording.joints[:, 0, 2] < 0).all()
    assert np.isfinite(recording.joints_image).all()


def test_users_engines_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert user_engines() == tmp_path / "pose2pose-live" / "engines"
    made = user_engines() / "mine"
    made.mkdir(parents=True)
    (made / "engine.toml").write_text("")
    assert find_engine(Path("mine")) == made
    assert find_engine(Path("open")) == find_engine(None)
    assert find_engine(Path("nowhere")) == Path("nowhere")
    assert find_engine(made) == made


def test_without_an_smplx_file_it_says_what_is_missing(folder, checkpoint, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(checked_graph, "_PICTURES", 1)
    monkeypatch.setattr(checked_graph, "to_onnx", lambda *_: (folder / "whole.onnx").read_bytes())
    assert main(["hand4whole", str(checkpoint), "-o", str(tmp_path / "e")]) == 0
    assert "without --smplx the fingers are relative to a mean hand" in capsys.readouterr().out
    text = (tmp_path / "e" / "engine.toml").read_text()
    assert "No SMPL-X file was given" in text
    assert "left_hand_mean" not in text
    Engine.load(tmp_path / "e").graph("whole").verify()


def test_a_graph_that_disagrees_is_not_written(folder, checkpoint, tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(checked_graph, "_PICTURES", 1)
    other = lively(Hand4Whole(backbones=("resnet18",) * 3), seed=1).float()
    save_checkpoint(other, tmp_path / "other.pth.tar")
    monkeypatch.setattr(checked_graph, "to_onnx", lambda *_: (folder / "whole.onnx").read_bytes())
    assert main(["hand4whole", str(tmp_path / "other.pth.tar"), "-o", str(tmp_path / "e")]) == 1
    assert "off PyTorch's" in capsys.readouterr().err
    assert not (tmp_path / "e").exists()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"v_template": np.zeros(3)}, "expected an SMPL-X file"),
        ({**MEANS, "hands_meanl": np.zeros(12)}, "hands_meanl: expected 45 finite numbers, found 12"),
        ({**MEANS, "hands_meanr": np.full(45, np.nan)}, "hands_meanr: expected 45 finite numbers"),
    ],
)
def test_a_wrong_smplx_file_is_told(arrays: dict[str, np.ndarray], message: str, tmp_path: Path):
    _save(tmp_path / "body.npz", arrays)
    with pytest.raises(ModelError, match=message):
        hand4whole.read_hand_means(tmp_path / "body.npz")


def test_what_is_no_smplx_file_at_all_is_told(tmp_path: Path):
    (tmp_path / "SMPLX_NEUTRAL.pkl").write_bytes(b"\x80\x02}q\x00.")
    with pytest.raises(ModelError, match=r"give your SMPLX_NEUTRAL\.npz"):
        hand4whole.read_hand_means(tmp_path / "SMPLX_NEUTRAL.pkl")
    with pytest.raises(ModelError, match="No such file"):
        hand4whole.read_hand_means(tmp_path / "nowhere.npz")


def test_an_engine_of_another_kind_is_not_written_over(tmp_path: Path, capsys):
    (tmp_path / "engine.toml").write_text('[engine]\nname = "open"\nfamily = "landmarks"\n[graphs]\n')
    assert main(["hand4whole", "nowhere.pth.tar", "-o", str(tmp_path)]) == 1
    assert "holds another engine" in capsys.readouterr().err


def test_a_missing_checkpoint_is_one_line(tmp_path: Path, capsys):
    assert main(["hand4whole", str(tmp_path / "nowhere.pth.tar"), "-o", str(tmp_path / "e")]) == 1
    told = capsys.readouterr().err
    assert "No such file" in told
    assert told.count("\n") == 1
    assert not (tmp_path / "e").exists()
