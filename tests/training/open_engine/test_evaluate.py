from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from pose2pose_live.body import BodyModel
from pose2pose_live.errors import TrainingError
from pose2pose_live.inference import Session
from pose2pose_live.network.open_body_net import OpenBodyNet
from pose2pose_live.resources import asset_path
from pose2pose_live.skeleton import OPEN_BODY_PARTS
from pose2pose_live.training.body_layer import BodyLayer
from pose2pose_live.training.open_engine.application import bundled_depths, measure_application
from pose2pose_live.training.open_engine.batches import read_batch
from pose2pose_live.training.open_engine.calibration import calibration, format_calibration
from pose2pose_live.training.open_engine.checkpoints import published_graph, starting_network
from pose2pose_live.training.open_engine.compare import POOLINGS, train_heads
from pose2pose_live.training.open_engine.evaluate import Evaluation, drift_px, format_table, measure_heads
from pose2pose_live.training.open_engine.geometric import measure_geometric
from pose2pose_live.training.open_engine.pictures import real_crops
from pose2pose_live.training.open_engine.shards import Crops, write_unlabelled
from tests.training.open_engine.test_losses import perfect_answer, perfect_perception


@pytest.fixture(scope="module")
def layer() -> BodyLayer:
    return BodyLayer()


def test_the_truth_is_measured_as_such_and_a_known_error_as_known(crops: Crops, layer: BodyLayer):
    batch = read_batch(crops, np.arange(6))
    answer = perfect_answer(batch)
    right, wrong = Evaluation(layer, with_vertices=True), Evaluation(layer, with_vertices=True)
    right.update(answer, batch)
    assert all(value == pytest.approx(0, abs=0.3) for value in right.result().values())
    quarter = torch.tensor([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
    wrong.update(answer | {"root_rotation": answer["root_rotation"] @ quarter}, batch)
    measures = wrong.result()
    assert measures["root deg"] == pytest.approx(90, abs=0.1)
    assert measures["joints deg"] == pytest.approx(0, abs=0.2)
    assert measures["PA-MPJPE mm"] == pytest.approx(0, abs=0.1)
    assert measures["MPJPE mm"] > 50
    assert measures["PVE mm"] > 50
    assert measures["own MPJPE mm"] == pytest.approx(0, abs=0.1)


def test_geometry_is_much_better_than_nothing(crops: Crops, layer: BodyLayer, body: BodyModel):
    found = measure_geometric(Session(published_graph()), body, crops, layer)
    nothing = Evaluation(layer)
    batch = read_batch(crops, np.arange(len(crops)))
    eye = torch.eye(3).expand(len(crops), 22, 3, 3)
    nothing.update(
        {"root_rotation": eye[:, 0], "body_rotations": eye[:, 1:], "betas": torch.zeros(len(crops), 10)}, batch
    )
    assert found["MPJPE mm"] < 0.8 * nothing.result()["MPJPE mm"]
    assert found["root deg"] < 60


def test_all_heads_learn_on_one_perception_and_resume(crops: Crops, layer: BodyLayer, tmp_path: Path):
    network = starting_network(None, "guided")
    train_heads(network, crops, 16, 0, tmp_path / "heads.pt")
    heads = train_heads(network, crops, 48, 0, tmp_path / "heads.pt")
    assert torch.load(tmp_path / "heads.pt", weights_only=True)["step"] == 3
    measures = measure_heads(network, heads, crops, layer)
    assert set(measures) == set(POOLINGS)
    assert len({result["MPJPE mm"] for result in measures.values()}) == len(POOLINGS)
    assert format_table(measures).splitlines()[0].split() == list(POOLINGS)


class Oracle(OpenBodyNet):
    """Sees nothing and knows the truth of the crops in order: landmarks and heads are perfect, and one part is unsure of itself."""

    def __init__(self, crops: Crops) -> None:
        super().__init__(pooling="none", backbone=None)
        self._crops, self._next = crops, 0

    def forward(self, image: torch.Tensor) -> dict[str, torch.Tensor]:
        batch = read_batch(self._crops, np.arange(self._next, self._next + len(image)))
        self._next = (self._next + len(image)) % len(self._crops)
        return {
            **perfect_perception(batch).seen,
            "heatmap": torch.full((len(image), 39, 64, 64), -9.0),
            **perfect_answer(batch),
        }


def test_what_the_application_shows_of_the_truth_is_nearly_it(crops: Crops, layer: BodyLayer, body: BodyModel):
    """Arms and legs that are out of the picture are put at ease, which is not what they do: the rest must be right."""
    found = measure_application(Oracle(crops), None, body, crops, layer)
    assert found["root deg"] < 3, "but for hips out of the picture"
    assert found["MPJPE mm, in the picture"] < 60, "landmarks in the picture are the published network's"
    assert found["spine deg"] < 1
    with_depths = measure_application(Oracle(crops), bundled_depths(), body, crops, layer)
    assert with_depths["root deg"] < 6, "the depth network does not know that all is right already"
    assert with_depths["MPJPE mm, in the picture"] < 80
    assert with_depths["spine deg"] < 1


def test_calibration_orders_the_crops_by_what_the_network_expects(crops: Crops, layer: BodyLayer):
    found = calibration(Oracle(crops), crops, BodyLayer().for_joints())
    assert set(found) == set(OPEN_BODY_PARTS)
    for rows in found.values():
        assert rows.shape == (4, 2)
        assert (np.diff(rows[:, 0]) >= 0).all()
        assert rows[:, 1].max() < 3, "an oracle makes no error, whatever it expects"
    assert "trunk" in format_calibration(found)


def test_real_pictures_become_unlabelled_crops(tmp_path: Path):
    video = cv2.VideoCapture(str(asset_path("demo.mp4")))
    (tmp_path / "pictures").mkdir()
    cv2.imwrite(str(tmp_path / "pictures" / "one.png"), video.read()[1])
    write_unlabelled(lambda: real_crops([tmp_path / "pictures"], 3, 1, 0), {"seed": 0}, tmp_path / "crops")
    crops = Crops(tmp_path / "crops")
    assert len(crops) == 3
    assert (crops.labels["teacher_presence"] > 0.5).all()
    assert (crops.labels["points"] == 0).all()
    assert len({tuple(region) for region in crops.labels["region"].tolist()}) == 3
    assert drift_px(starting_network(None, "none"), crops) < 0.5  # JPEG stands between the teacher's picture and ours
    with pytest.raises(TrainingError, match="found none"):
        list(real_crops([tmp_path / "crops"], 1, 1, 0))
