"""The baseline: rotations by geometry from the published network's landmarks, as the application does without hands and face."""

from __future__ import annotations

import numpy as np
import torch

from ...body import BodyModel
from ...detection.region import Region, view_to_world
from ...estimation.limits import limit_body
from ...estimation.placement import joint_centres, lift_landmarks
from ...estimation.points import Palms
from ...estimation.pose_net import read_landmarks
from ...estimation.rest import RestSkeleton
from ...estimation.shape import USUAL_M, ShapeFitter
from ...estimation.solve_body import local_rotations, solve_body
from ...frame import Camera
from ...inference import Session
from ...rotations import rotvec_to_rotmat
from ..body_layer import BodyLayer
from .batches import Batch
from .evaluate import Evaluation, Measures, batches_of
from .regions import CROP_PX
from .shards import Crops

_LANDMARKS = 33
_NO_PALMS = Palms(np.tile(np.eye(3), (2, 1, 1)), np.zeros(2))


class GeometricEstimator:
    """One person in one picture, whose shape is fitted to this picture alone. Elbow twist, wrists and head lack what the application's
    hand and face networks add to them."""

    def __init__(self, graph: Session, body: BodyModel) -> None:
        self._graph, self._body, self._shape = graph, body, ShapeFitter(body, USUAL_M)

    def __call__(self, batch: Batch) -> dict[str, torch.Tensor]:
        answers = [self._solve(batch, row) for row in range(len(batch["image"]))]
        return {name: torch.from_numpy(np.stack([a[name] for a in answers]).astype(np.float32)) for name in answers[0]}

    def _solve(self, batch: Batch, row: int) -> dict[str, np.ndarray]:
        region = Region(*batch["region"][row].double().tolist())
        camera = Camera(*batch["camera"][row].double().tolist())
        width, height = batch["picture_size"][row].int().tolist()
        out = self._graph.run(batch["image"][row : row + 1].contiguous().numpy())
        pose = joint_centres(read_landmarks(out, region, CROP_PX))
        points = lift_landmarks(pose, camera, width, height)
        self._shape.reset()
        betas = self._shape.update(pose.world_m, points.seen)
        world, _ = solve_body(RestSkeleton(self._body.rest_joints(betas)), points, _NO_PALMS, None)
        local = rotvec_to_rotmat(limit_body(local_rotations(world)))
        return {
            "root_rotation": view_to_world(camera, region).T @ local[0],
            "body_rotations": local[1:],
            "betas": betas,
        }


def measure_geometric(graph: Session, body: BodyModel, crops: Crops, layer: BodyLayer) -> Measures:
    """layer: `BodyLayer`, with vertices."""
    estimator, evaluation = GeometricEstimator(graph, body), Evaluation(layer, with_vertices=True)
    for batch in batches_of(crops):
        evaluation.update(estimator(batch), batch)
    return evaluation.result()
