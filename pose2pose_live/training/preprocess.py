"""A `Sample` becomes what a network is trained with: the cropped picture and its targets (network.md 3 and 10).

Grid units are cells of the part's heat map: px of the crop times grid size / crop size. Invalid entries are zero and masked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import TrainingError
from ..estimation.person_crop import clean_box, crop_matrix, processed_box
from ..rotations import rotvec_to_rotmat
from ..skeleton import (
    BODY_JOINTS,
    SMPLX,
    SMPLX_PARENTS,
    SUPERVISION_FACE_SLICE,
    SUPERVISION_JOINTS,
    SUPERVISION_LEFT_HAND_SLICE,
    SUPERVISION_RIGHT_HAND_SLICE,
)
from .augment import NO_AUGMENTATION, Augmentation, mirror_joints, mirror_mask, mirror_pixels, mirror_target
from .body_layer import BodyLayer
from .parts import FACE_ONLY, HAND_ONLY, Part
from .sample import BoolArray, FloatArray, Sample, SmplxTarget

Item = dict[str, NDArray[Any]]

LARGEST_BETA = 3.0
"""Fits beyond this are not believed: each coefficient is cut off here (the published code resets all ten when one of them is larger)."""
# The landmarks of the face are its outline, brows, eyes, nose and mouth; the joints before them lie inside the head.
_FACE_LANDMARKS = slice(SUPERVISION_FACE_SLICE.start + 4, SUPERVISION_FACE_SLICE.stop)
_BOX_PARTS = (SUPERVISION_LEFT_HAND_SLICE, SUPERVISION_RIGHT_HAND_SLICE, _FACE_LANDMARKS)
# A box around fewer points than this share of a part would be too small.
_BOX_SHARE = 0.5


@dataclass(frozen=True)
class Points:
    """joints_3d (137,3) m in camera axes and joints_2d (137,2) px of the picture, each with its mask (137,)."""

    joints_3d: FloatArray
    valid_3d: BoolArray
    joints_2d: FloatArray
    valid_2d: BoolArray

    def mirrored(self, width_px: int) -> Points:
        return Points(mirror_joints(self.joints_3d), mirror_mask(self.valid_3d),
                      mirror_pixels(self.joints_2d, width_px), mirror_mask(self.valid_2d))  # fmt: skip


class Preprocessor:
    """Crops pictures and makes targets for one part, with one body (`BodyLayer.for_joints()` will do) by whose joints fits are compared."""

    def __init__(self, part: Part, layer: BodyLayer) -> None:
        self.part = part
        self._layer = layer
        self._hand_means = layer.hand_means
        self._expression_mirror = layer.expression_mirror()
        self._available = layer.joint_available.numpy()

    def __call__(self, sample: Sample, augmentation: Augmentation = NO_AUGMENTATION, hand: str = "right") -> Item:
        """Network input and targets; every array is in the layout of one row of a batch.

        image (3,H,W) float32 RGB in [0,1]; joints_2d, fit_joints_2d (137,2) grid units; joints_3d, fit_joints_3d (137,3) m relative to
        their roots; the network's rotations by name, hands relative to the body file's mean; betas, expression (10,); box_centers,
        box_sizes (3,2) grid units; for each X its mask X_valid. hand: which hand the hand-only network sees; a left one is mirrored.
        """
        part = self.part
        if part is HAND_ONLY:
            augmentation = Augmentation(
                augmentation.scale, augmentation.rotation_deg, augmentation.colour, flip=hand == "left"
            )
        measured, fit, target = _measured(sample), self._fit(sample), sample.smplx
        picture = sample.picture
        height_px, width_px = picture.shape[:2]
        box = clean_box(sample.person_box_xywh, width_px, height_px)
        if box is None:
            raise TrainingError(
                f"{sample.name}: expected a person box with an area inside the picture of {width_px} x {height_px} px, found x, y, width, "
                f"height = {', '.join(f'{v:g}' for v in sample.person_box_xywh)}; correct it or leave the entry out"
            )
        if augmentation.flip:
            picture, measured, fit = picture[:, ::-1], measured.mirrored(width_px), fit.mirrored(width_px)
            target = None if target is None else mirror_target(target, self._expression_mirror)
            box = np.array([width_px - 1 - box[0] - box[2], *box[1:]])
        usable = True
        if part.box != "person":
            part_box = self._part_box(measured, fit, width_px, height_px)
            # A picture that does not show the part still has its row in the batch: nothing of it is valid.
            box, usable = (box, False) if part_box is None else (part_box, True)
        matrix = crop_matrix(
            processed_box(box, part.picture_size, part.box_extension),
            part.picture_size,
            augmentation.scale,
            augmentation.rotation_deg,
        )
        item: Item = {"image": _cropped(picture, matrix, part.picture_size, augmentation)}
        for prefix, points in (("", measured), ("fit_", fit)):
            item |= self._joint_targets(prefix, points, matrix, augmentation.rotation, usable)
        item |= self._parameter_targets(target, augmentation.rotation, usable)
        item |= _box_targets(item, part)
        return item

    def _fit(self, sample: Sample) -> Points:
        """Joints of the sample's SMPL-X parameters, and where its camera sees them."""
        target = sample.smplx
        if target is None:
            return _no_points()

        def matrices(rotvec: FloatArray) -> torch.Tensor:
            return torch.tensor(rotvec_to_rotmat(rotvec)[None], dtype=torch.float32)

        def row(values: FloatArray) -> torch.Tensor:
            return torch.tensor(values[None], dtype=torch.float32)

        with torch.no_grad():
            posed = self._layer(
                matrices(target.global_orient), matrices(target.body_pose), matrices(target.left_hand_pose),
                matrices(target.right_hand_pose), matrices(target.jaw_pose), row(trusted_betas(target.betas)),
                row(target.expression), row(target.transl),
            )  # fmt: skip
        joints = posed.joints[0].numpy().astype(np.float64)
        valid = self._available & _annotated(target)
        pixels, in_front = np.zeros((len(joints), 2)), joints[:, 2] > 1e-3
        if sample.focal_px is not None and sample.principal_px is not None:
            depth = np.where(in_front, joints[:, 2], 1.0)[:, None]
            pixels = joints[:, :2] / depth * sample.focal_px + sample.principal_px
        seen = valid & in_front if sample.focal_px is not None else np.zeros_like(valid)
        return Points(joints, valid, pixels, seen)

    def _part_box(self, measured: Points, fit: Points, width_px: int, height_px: int) -> FloatArray | None:
        """Around the measured points of the hand or the face, or the fit's where those are too few; None when the picture does not show its middle."""
        part = SUPERVISION_RIGHT_HAND_SLICE if self.part is HAND_ONLY else _FACE_LANDMARKS
        for points in (measured, fit):
            extent = _extent(points.joints_2d[part], points.valid_2d[part])
            if extent is not None:
                x, y = (extent[0] + extent[1]) / 2
                seen = 0 <= x < width_px and 0 <= y < height_px
                return (
                    clean_box(np.concatenate([extent[0], extent[1] - extent[0]]), width_px, height_px) if seen else None
                )
        return None

    def _joint_targets(
        self, prefix: str, points: Points, matrix: FloatArray, rotation: FloatArray, usable: bool
    ) -> Item:
        part = self.part
        roots = list(part.roots)
        valid_3d = points.valid_3d & points.valid_3d[roots] & usable
        relative = (points.joints_3d - points.joints_3d[roots]) @ rotation.T
        valid_2d = points.valid_2d & usable
        to_grid = np.array(part.camera.grid[::-1]) / np.array(part.picture_size[::-1])
        grid = (points.joints_2d @ matrix[:, :2].T + matrix[:, 2]) * to_grid
        return {
            f"{prefix}joints_3d": np.where(valid_3d[:, None], relative, 0).astype(np.float32),
            f"{prefix}joints_3d_valid": valid_3d,
            f"{prefix}joints_2d": np.where(valid_2d[:, None], grid, 0).astype(np.float32),
            f"{prefix}joints_2d_valid": valid_2d,
        }

    def _parameter_targets(self, target: SmplxTarget | None, rotation: FloatArray, usable: bool) -> Item:
        part = self.part
        annotated = target is not None and usable
        zeros = np.zeros
        if target is None:
            target = SmplxTarget(zeros(3), zeros((21, 3)), zeros((15, 3)), zeros((15, 3)), zeros(3), zeros(10), zeros(10), zeros(3),
                                 False, False, False)  # fmt: skip
        root = rotvec_to_rotmat(target.global_orient)
        if part is HAND_ONLY:
            root = _world_rotation(target, "right_wrist")
        elif part is FACE_ONLY:
            root = _world_rotation(target, "head")
        right = rotvec_to_rotmat(target.right_hand_pose - self._hand_means[1])
        rotations = {
            "root_rotation": (rotation @ root, annotated),
            "body_rotations": (rotvec_to_rotmat(target.body_pose), annotated),
            "left_hand_rotations": (
                rotvec_to_rotmat(target.left_hand_pose - self._hand_means[0]),
                annotated and target.left_hand_valid,
            ),
            "right_hand_rotations": (right, annotated and target.right_hand_valid),
            "hand_rotations": (right, annotated and target.right_hand_valid),
            "jaw_rotation": (rotvec_to_rotmat(target.jaw_pose), annotated and target.face_valid),
        }
        item: Item = {}
        for name in part.rotations:
            item[name] = rotations[name][0].astype(np.float32)
            item[f"{name}_valid"] = np.array(rotations[name][1])
        item |= {"betas": trusted_betas(target.betas).astype(np.float32), "betas_valid": np.array(annotated)}
        if part.has_expression:
            item |= {
                "expression": target.expression.astype(np.float32),
                "expression_valid": np.array(annotated and target.face_valid),
            }
        return item


def trusted_betas(betas: FloatArray) -> FloatArray:
    return np.clip(betas, -LARGEST_BETA, LARGEST_BETA)


def _measured(sample: Sample) -> Points:
    points = _no_points()
    joints_3d, valid_3d = (points.joints_3d, points.valid_3d)
    if sample.joints_3d is not None and sample.joints_3d_valid is not None:
        joints_3d, valid_3d = sample.joints_3d, sample.joints_3d_valid
    if sample.joints_2d is None or sample.joints_2d_valid is None:
        return Points(joints_3d, valid_3d, points.joints_2d, points.valid_2d)
    return Points(joints_3d, valid_3d, sample.joints_2d, sample.joints_2d_valid)


def _no_points() -> Points:
    count = len(SUPERVISION_JOINTS)
    return Points(np.zeros((count, 3)), np.zeros(count, bool), np.zeros((count, 2)), np.zeros(count, bool))


def _annotated(target: SmplxTarget) -> BoolArray:
    """(137,): joints of hands and face only count where the fit says so."""
    valid = np.ones(len(SUPERVISION_JOINTS), bool)
    valid[SUPERVISION_LEFT_HAND_SLICE] = target.left_hand_valid
    valid[SUPERVISION_RIGHT_HAND_SLICE] = target.right_hand_valid
    valid[SUPERVISION_FACE_SLICE] = target.face_valid
    return valid


def _world_rotation(target: SmplxTarget, joint: str) -> FloatArray:
    """Rotation (3,3) of a joint of the body against the camera."""
    rotation = np.eye(3)
    index = SMPLX[joint]
    while index > 0:
        rotation = rotvec_to_rotmat(target.body_pose[index - SMPLX[BODY_JOINTS[0]]]) @ rotation
        index = SMPLX_PARENTS[index]
    return rotvec_to_rotmat(target.global_orient) @ rotation


def _cropped(
    picture: NDArray[np.uint8], matrix: FloatArray, size: tuple[int, int], augmentation: Augmentation
) -> NDArray[np.float32]:
    crop = cv2.warpAffine(
        np.ascontiguousarray(picture), matrix, size[::-1], flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0)
    )
    rgb = (
        crop[..., ::-1].transpose(2, 0, 1).astype(np.float32) * np.array(augmentation.colour, np.float32)[:, None, None]
    )
    return np.clip(rgb, 0, 255) / np.float32(255)


def _extent(points: FloatArray, valid: BoolArray) -> tuple[FloatArray, FloatArray] | None:
    """Least and largest coordinates (2,) of the valid points; None when they are too few."""
    if valid.mean() < _BOX_SHARE:
        return None
    return points[valid].min(0), points[valid].max(0)


def _box_targets(item: Item, part: Part) -> Item:
    """Centres and sizes (3,2) in grid units of the boxes around left hand, right hand and face, for the whole-body network."""
    if "left_hand_rotations" not in part.rotations:
        return {}
    centers, sizes, valid = np.zeros((3, 2), np.float32), np.zeros((3, 2), np.float32), np.zeros(3, bool)
    for row, rows in enumerate(_BOX_PARTS):
        for prefix in ("", "fit_"):
            extent = _extent(item[f"{prefix}joints_2d"][rows], item[f"{prefix}joints_2d_valid"][rows])
            if extent is None:
                continue
            centre = (extent[0] + extent[1]) / 2
            # A part whose middle the crop does not show cannot be found.
            if (centre >= 0).all() and (centre < part.camera.grid[::-1]).all():
                centers[row], sizes[row], valid[row] = centre, extent[1] - extent[0], True
            break
    return {"box_centers": centers, "box_sizes": sizes, "box_valid": valid}
