"""What the application makes of the network's answer to a single picture, without hands and face: the heads' rotations laid on the landmarks of an
average body, for shape takes it more pictures to tell."""

from __future__ import annotations

import numpy as np
import torch

from ...body import BodyModel
from ...detection.region import Region, view_to_world
from ...estimation.body_net import BodyLandmarks, read_body
from ...estimation.depths import DepthNet
from ...estimation.limits import limit_body
from ...estimation.placement import joint_centres
from ...estimation.points import Palms
from ...estimation.pose2pose import evidence_of
from ...estimation.rest import RestSkeleton
from ...estimation.solve_body import local_rotations
from ...estimation.solve_posed import solve_posed
from ...frame import Camera
from ...inference import Engine
from ...network.open_body_net import OpenBodyNet
from ...rotations import rotvec_to_rotmat
from ..body_layer import BodyLayer
from .batches import Batch
from .evaluate import Evaluation, Measures, batches_of
from .regions import CROP_PX
from .shards import Crops

_AVERAGE = np.zeros(10)
_NO_PALMS = Palms(np.tile(np.eye(3), (2, 1, 1)), np.zeros(2))


def bundled_depths() -> DepthNet | None:
    """The depth network of the bundled engine, if it has one."""
    graph = Engine.load().graphs.get("depths")
    return None if graph is None else DepthNet(graph)


@torch.no_grad()
def measure_application(
    network: OpenBodyNet, depths: DepthNet | None, body: BodyModel, crops: Crops, layer: BodyLayer
) -> Measures:
    """layer: `BodyLayer`, with vertices."""
    network.eval()
    evaluation = Evaluation(layer, with_vertices=True)
    for batch in batches_of(crops):
        outputs = {name: value.numpy() for name, value in network(batch["image"]).items()}
        answers = [_shown(outputs, batch, row, body, depths) for row in range(len(batch["image"]))]
        evaluation.update(
            {name: torch.from_numpy(np.stack([a[name] for a in answers]).astype(np.float32)) for name in answers[0]},
            batch,
        )
    return evaluation.result()


def seen_in_row(
    outputs: dict[str, np.ndarray], batch: Batch, row: int
) -> tuple[BodyLandmarks, Camera, tuple[int, int]]:
    """What the network says of one crop as the application has it, with joint centres at the hips; the camera; width and height of the picture in px."""
    region = Region(*batch["region"][row].double().tolist())
    camera = Camera(*batch["camera"][row].double().tolist())
    width, height = batch["picture_size"][row].int().tolist()
    seen = read_body({name: value[row : row + 1] for name, value in outputs.items()}, region, CROP_PX)
    return joint_centres(seen), camera, (width, height)


def _shown(
    outputs: dict[str, np.ndarray], batch: Batch, row: int, body: BodyModel, depths: DepthNet | None
) -> dict[str, np.ndarray]:
    pose, camera, size_px = seen_in_row(outputs, batch, row)
    evidence = evidence_of(pose, camera, *size_px, depths)
    posed = solve_posed(RestSkeleton(body.rest_joints(_AVERAGE)), pose.in_world(camera), evidence, _NO_PALMS, None)
    shown = rotvec_to_rotmat(limit_body(local_rotations(posed.world)))
    return {
        "root_rotation": view_to_world(camera, pose.looked_at).T @ shown[0],
        "body_rotations": shown[1:],
        "betas": _AVERAGE,
    }
