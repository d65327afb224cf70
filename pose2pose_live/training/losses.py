"""The terms that training minimises (network.md 10), for every part: their plain sum is the loss.

Each term is the mean of |output - target| * mask over **all** elements, so what is not annotated makes it smaller.

| term | compares | mask |
| --- | --- | --- |
| rotations | the angle, rad, between rotations: root, body, hands, jaw | fits; hands and face where the fit says they are good |
| betas, expression | coefficients | fits; face |
| joints_3d | joints of the posed body relative to their roots, m | joints measured in 3D |
| fit_joints_3d | the same with the joints of the fit | fits |
| projection | the posed body's joints projected by the predicted camera | joints measured in 2D, otherwise the fit's |
| positions, fit_positions | the network's positions: x, y, and z where there is 3D | the same, inside the map |
| left_hand_box, right_hand_box, face_box | centre and size, grid units (whole body only) | parts whose box is known |

Where this differs from the published code, on the advice of its author or by its own comments (network.md 12): rotations are compared as
rotations, because axis-angle vectors have two for one half turn and jump by 2 pi, by the angle between them rather than entry by entry
(|R - R'| has a minimum at half a turn about each axis of the frame, in which joints stay caught); the projected face is compared in its own box, as
the hands are, instead of in the coarse grid of the body; single betas are cut off at 3 instead of all ten set to zero.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ..network.layout import HAND_GRID
from ..skeleton import SUPERVISION_FACE_SLICE, SUPERVISION_LEFT_HAND_SLICE, SUPERVISION_RIGHT_HAND_SLICE
from .body_layer import BodyLayer
from .parts import WHOLE_BODY, Part, joints_and_projection
from .torch_rotations import geodesic_angle

Batch = Mapping[str, Tensor]

BOXES = {
    "left_hand_box": SUPERVISION_LEFT_HAND_SLICE,
    "right_hand_box": SUPERVISION_RIGHT_HAND_SLICE,
    "face_box": SUPERVISION_FACE_SLICE,
}
"""The whole-body network's boxes in the order of its `box_centers`, and which of the 137 joints lie in them."""
# Depth bins are 0..8 for every part.
_DEPTH_BINS = float(HAND_GRID[0])


def masked_l1(output: Tensor, target: Tensor, valid: Tensor) -> Tensor:
    """Mean of |output - target| * valid over all elements; valid has the leading dimensions of the others."""
    return ((output - target).abs() * valid.reshape(valid.shape + (1,) * (target.ndim - valid.ndim))).mean()


def training_losses(
    part: Part, outputs: Mapping[str, Tensor], layer: BodyLayer, batch: Batch, *, projection_moves_pose: bool = True
) -> dict[str, Tensor]:
    """All terms by name, each a scalar, for a network's outputs and a batch of `Preprocessor` items. layer: `BodyLayer.for_joints()`.

    projection_moves_pose: False lets the projection term teach the camera alone, as the published code has it for AGORA. The virtual camera
    stands far away; a person close to a real one looks different through it, and the term then pulls the pose off the truth.
    """
    outputs = {name: value.float() for name, value in outputs.items()}
    joints, projected = joints_and_projection(part, outputs, layer, projection_moves_pose=projection_moves_pose)
    rows = list(part.joints)
    known = layer.joint_available[rows]
    losses = {"rotations": _rotation_loss(part, outputs, batch)}
    for name in ("betas", *(("expression",) if part.has_expression else ())):
        losses[name] = masked_l1(outputs[name], batch[name], batch[f"{name}_valid"])
    for name in ("joints_3d", "fit_joints_3d"):
        losses[name] = masked_l1(joints[:, rows], batch[name][:, rows], batch[f"{name}_valid"][:, rows] & known)
    losses["projection"] = _projection_loss(part, projected, outputs, layer, batch)
    if part.positions:
        losses["positions"] = _position_loss(part, outputs, batch, "")
        losses["fit_positions"] = _position_loss(part, outputs, batch, "fit_")
    if part is WHOLE_BODY:
        for row, name in enumerate(BOXES):
            valid = batch["box_valid"][:, row]
            losses[name] = masked_l1(outputs["box_centers"][:, row], batch["box_centers"][:, row], valid) + masked_l1(
                outputs["box_sizes"][:, row], batch["box_sizes"][:, row], valid
            )
    return losses


def _rotation_loss(part: Part, outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
    angles = []
    for name in part.rotations:
        angle = geodesic_angle(outputs[name], batch[name]).reshape(len(batch[name]), -1)
        angles.append(angle * batch[f"{name}_valid"][:, None])
    return torch.cat(angles, dim=1).mean()


def into_box(points: Tensor, box: Tensor, part: Part) -> Tensor:
    """Points (N,J,2) in grid units -> cells of the 8 x 8 map of the crop that box (N,4) x0, y0, x1, y1 px of the picture cuts out.

    A box without area, or turned inside out, gives points far outside the map.
    """
    to_px = points.new_tensor(
        [size / cells for size, cells in zip(part.picture_size[::-1], part.camera.grid[::-1], strict=True)]
    )
    low, high = box[:, None, :2], box[:, None, 2:]
    cells = points.new_tensor([HAND_GRID[2], HAND_GRID[1]])
    return (points * to_px - low) / (high - low).clamp(min=1.0) * cells


def _targets_in_maps(part: Part, outputs: Mapping[str, Tensor], xy: Tensor) -> tuple[Tensor, Tensor]:
    """Target joints (N,137,2) of the picture's grid, those of hands and face moved into their predicted boxes, and which lie in their map."""
    limit = xy.new_tensor(part.camera.grid[::-1])
    inside = ((xy >= 0) & (xy < limit)).all(-1)
    if part is not WHOLE_BODY:
        return xy, inside
    xy, inside = xy.clone(), inside.clone()
    for name, rows in BOXES.items():
        xy[:, rows] = into_box(xy[:, rows], outputs[name].detach(), part)
        inside[:, rows] &= ((xy[:, rows] >= 0) & (xy[:, rows] < HAND_GRID[2])).all(-1)
    return xy, inside


def _position_loss(part: Part, outputs: Mapping[str, Tensor], batch: Batch, prefix: str) -> Tensor:
    rows = list(part.positions)
    xy, inside = _targets_in_maps(part, outputs, batch[f"{prefix}joints_2d"])
    depth_m = xy.new_tensor(part.depth_m)
    z = (batch[f"{prefix}joints_3d"][..., 2] / (depth_m / 2) + 1) / 2 * _DEPTH_BINS
    valid_xy = batch[f"{prefix}joints_2d_valid"] & inside
    valid_z = batch[f"{prefix}joints_3d_valid"] & valid_xy & (z >= 0) & (z < _DEPTH_BINS)
    target = torch.cat([xy, z[..., None]], dim=-1)[:, rows]
    valid = torch.stack([valid_xy, valid_xy, valid_z], dim=-1)[:, rows]
    return masked_l1(_positions(part, outputs), target, valid)


def _positions(part: Part, outputs: Mapping[str, Tensor]) -> Tensor:
    """Positions in the maps they were found in; `joint_positions` of the whole body has the hands moved into the body's grid."""
    if part is not WHOLE_BODY:
        return outputs["joint_positions"]
    return torch.cat([outputs[f"{name}_positions"] for name in ("body", "left_hand", "right_hand")], dim=1)


def _projection_loss(
    part: Part, projected: Tensor, outputs: Mapping[str, Tensor], layer: BodyLayer, batch: Batch
) -> Tensor:
    measured = batch["joints_2d_valid"]
    target = torch.where(measured[..., None], batch["joints_2d"], batch["fit_joints_2d"])
    target, inside = _targets_in_maps(part, outputs, target)
    valid = (measured | batch["fit_joints_2d_valid"]) & inside & layer.joint_available
    if part is WHOLE_BODY:
        projected = projected.clone()
        for name, rows in BOXES.items():
            moved = into_box(projected[:, rows], outputs[name].detach(), part)
            # In its own box a part is compared by its shape and turn alone: where it is, is the arm's business.
            weight = valid[:, rows, None].to(moved.dtype)
            shift = ((target[:, rows] - moved) * weight).sum(1, keepdim=True) / weight.sum(1, keepdim=True).clamp(min=1)
            projected[:, rows] = moved + shift
    compared = list(part.joints)
    return masked_l1(projected[:, compared], target[:, compared], valid[:, compared])
