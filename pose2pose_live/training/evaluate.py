"""How good a network is on a data set, in the measures of the field; `pose2pose-train CONFIG --evaluate CHECKPOINT` prints the table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from .. import metrics
from ..metrics import FloatArray
from ..skeleton import (
    POSITION_BODY_JOINTS,
    SUPERVISION,
    SUPERVISION_FACE_SLICE,
    SUPERVISION_JOINTS,
    SUPERVISION_LEFT_HAND_SLICE,
    SUPERVISION_RIGHT_HAND_SLICE,
)
from .body_layer import BodyLayer
from .parts import BODY_ONLY, FACE_ONLY, HAND_ONLY, WHOLE_BODY, Part, smplx_arguments

_PCK_THRESHOLD_M = 0.15
_ALL = list(range(len(SUPERVISION_JOINTS)))
_PELVIS = SUPERVISION["pelvis"]
# Pelvis, hips, knees, ankles, neck, shoulders, elbows, wrists: the 14 that the body benchmarks compare.
_BODY_14 = list(range(POSITION_BODY_JOINTS.index("right_wrist") + 1))


class Evaluation:
    """Collects batches of outputs and targets (`Preprocessor` items, not augmented) and averages over persons.

    The true body is posed by the same layer with the target parameters; what a part network does not tell is neutral in both bodies, so
    only what it tells is measured. fps: the data set is one sequence of pictures at this rate; the acceleration error is measured too.
    """

    def __init__(self, part: Part, layer: BodyLayer, fps: float | None = None) -> None:
        self._part, self._layer, self._fps = part, layer, fps
        self._vertices = metrics.part_vertices(layer.weights)
        self._values: dict[str, list[FloatArray]] = defaultdict(list)
        self._track: list[tuple[FloatArray, FloatArray]] = []

    def update(self, outputs: Mapping[str, Tensor], batch: Mapping[str, Tensor]) -> None:
        chosen = batch["betas_valid"]
        if not bool(chosen.any()):
            return
        outputs, targets = ({name: values[chosen].float() if values.is_floating_point() else values[chosen]
                             for name, values in given.items()} for given in (outputs, batch))  # fmt: skip
        with torch.no_grad():
            predicted, true = (
                self._layer(**smplx_arguments(self._part, given, self._layer)) for given in (outputs, targets)
            )
        vertices, joints = ((_numpy(a), _numpy(b)) for a, b in zip(predicted, true, strict=True))
        if self._part in (WHOLE_BODY, BODY_ONLY):
            self._measure("all", vertices, joints, _PELVIS, joint_rows=_BODY_14)
            if self._fps is not None:
                self._track.append((joints[0][:, _BODY_14], joints[1][:, _BODY_14]))
        hands = {"left_hand": SUPERVISION_LEFT_HAND_SLICE, "right_hand": SUPERVISION_RIGHT_HAND_SLICE}
        for hand, rows in hands.items():
            name = "hand_rotations" if self._part is HAND_ONLY and hand == "right_hand" else f"{hand}_rotations"
            if name in self._part.rotations:
                root = SUPERVISION[hand.replace("_hand", "_wrist")]
                self._measure("hands", vertices, joints, root, _ALL[rows], hand, targets[f"{name}_valid"])
        if self._part in (WHOLE_BODY, FACE_ONLY):
            known = _numpy(self._layer.joint_available).astype(bool)
            rows_face = [i for i in _ALL[SUPERVISION_FACE_SLICE] if known[i]]
            root = self._part.roots[SUPERVISION_FACE_SLICE.start]
            self._measure("face", vertices, joints, root, rows_face, "face", targets["expression_valid"])
        for name in self._part.rotations:
            error = metrics.rotation_error_deg(_numpy(outputs[name]), _numpy(targets[name]))
            valid = _numpy(targets[f"{name}_valid"]).astype(bool)
            label = "hands" if "hand" in name else name.split("_")[0]
            self._values[f"rotation {label} deg"].append(error.reshape(len(error), -1).mean(1)[valid])

    def _measure(
        self,
        label: str,
        vertices: tuple[FloatArray, FloatArray],
        joints: tuple[FloatArray, FloatArray],
        root: int,
        joint_rows: list[int],
        vertex_part: str | None = None,
        valid: Tensor | None = None,
    ) -> None:
        chosen = slice(None) if valid is None else _numpy(valid).astype(bool)
        roots = tuple(given[chosen, root] for given in joints)
        columns = slice(None) if vertex_part is None else self._vertices[vertex_part]
        points = {
            "MPJPE": tuple(given[chosen][:, joint_rows] for given in joints),
            "PVE": tuple(given[chosen][:, columns] for given in vertices),
        }
        for measure, (predicted, true) in points.items():
            moved, goal = metrics.align_to_root(predicted, true, *roots)
            self._values[f"{measure} {label} mm"].append(1000 * metrics.mean_distance_m(moved, goal))
            self._values[f"PA-{measure} {label} mm"].append(1000 * metrics.procrustes_distance_m(predicted, true))
            if measure == "MPJPE" and label == "all":
                share = metrics.correct_share(moved, goal, _PCK_THRESHOLD_M)
                self._values[f"PCK@{1000 * _PCK_THRESHOLD_M:.0f}mm {label} %"].append(100 * share)

    def result(self) -> dict[str, float]:
        """Measure, part and unit -> mean over persons; what was never seen is left out."""
        means = {name: np.concatenate(values) for name, values in self._values.items()}
        table = {name: float(values.mean()) for name, values in means.items() if len(values)}
        if self._fps is not None and self._track:
            predicted, true = (np.concatenate(parts) for parts in zip(*self._track, strict=True))
            predicted, true = (points - points[:, _PELVIS, None] for points in (predicted, true))
            table["acceleration error all m/s2"] = metrics.acceleration_error_m_s2(predicted, true, self._fps)
        return table


def format_table(table: Mapping[str, float]) -> str:
    width = max(map(len, table), default=0)
    return "\n".join(f"{name:<{width}}  {value:10.2f}" for name, value in table.items())


def _numpy(tensor: Tensor) -> FloatArray:
    return tensor.detach().cpu().numpy().astype(np.float64)
