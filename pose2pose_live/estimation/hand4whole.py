"""Family `hand4whole`: the published whole-body network (Moon, Choi & Lee 2022), exported by `python -m export hand4whole`.

The published body network follows the person from picture to picture and tells the person's box; everything else is the published network's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..body import BodyModel
from ..detection.region import VIEW_TO_UPRIGHT, Region
from ..errors import ModelError
from ..frame import Camera, CameraFrame, FloatArray, PartConfidence, SmplxFrame
from ..inference import Engine, GraphSpec, Session
from ..processor import core_count
from ..resources import engine_path
from ..rotations import rotmat_to_rotvec
from ..skeleton import BODY_JOINTS, HAND_JOINTS, POSE, POSITION_BODY_JOINTS, SMPLX
from .estimator import ALL_PARTS, Wanted
from .person_crop import clean_box, crop_person, processed_box
from .placement import fit_translation, lift_landmarks
from .pose_net import PoseLandmarks, PoseNet
from .rest import SIDES, RestSkeleton
from .shape import FITTED, KnownShape, Stature
from .solve_hand import relaxed_fingers
from .virtual_camera import VirtualView

_PRESENCE_MIN = 0.5
_SIZE = (512, 384)
_CELL_PX = 64.0
_OUTPUTS = (
    "joint_positions", "root_rotation", "body_rotations", "left_hand_rotations", "right_hand_rotations", "jaw_rotation", "betas",
    "expression", "camera_translation",
)  # fmt: skip
_TRUNK_AND_LIMBS = list(range(SMPLX[BODY_JOINTS[-1]] + 1))
_SHARED = [name for name in POSITION_BODY_JOINTS if name in SMPLX]
_POSITION_ROWS = [POSITION_BODY_JOINTS.index(name) for name in _SHARED]
_JOINT_ROWS = [SMPLX[name] for name in _SHARED]
_TRUNK = [POSE[f"{side}_{name}"] for side in ("left", "right") for name in ("shoulder", "elbow", "hip")]
_LEGS = [POSE[f"{side}_{name}"] for side in ("left", "right") for name in ("hip", "knee", "ankle")]
# How far the body reaches beyond its landmarks, in lengths of the trunk: around them, and from the eyes to the top of the head.
_FLESH, _SKULL = 0.1, 0.28


@dataclass(frozen=True)
class Hand4WholeObservation:
    """What the network said of one picture. outputs: its arrays by name, without the batch axis. box_xywh: the processed box it looked at.
    wanted: the parts of which it counts."""

    picture_time_s: float
    picture_index: int
    size_px: tuple[int, int]
    camera: Camera
    pose: PoseLandmarks
    box_xywh: FloatArray
    outputs: dict[str, FloatArray]
    wanted: Wanted = ALL_PARTS

    @property
    def region(self) -> Region:
        return self.pose.region


class Hand4WholeEstimator:
    """See `estimation.estimator.Estimator`.

    body: with a user's SMPL-X file the network's shape, expression and camera are used; the open body has shapes and expressions of
    its own, so it stays neutral and is placed by the joints' positions in the picture.
    """

    def __init__(self, engine: Engine, body: BodyModel) -> None:
        graph = engine.graph("whole")
        self._body, self._stature = body, Stature(body)
        self._is_smplx = body.expression_from_arkit is None
        self._hand_means = _hand_means(graph)
        self._session = Session(graph.path, core_count(), _OUTPUTS)
        self._pose_net = PoseNet(Engine.load(engine_path("landmarks")).graph("pose"))
        self.forget_person()

    def close(self) -> None:
        """Nothing runs in the background."""

    def forget_track(self) -> None:
        """Nothing is remembered of the picture before."""

    def forget_person(self) -> None:
        self._betas_sum, self._betas_count = np.zeros(10), 0

    def locate(self, picture: CameraFrame, region: Region) -> Region | None:
        pose = self._pose_net(picture.image, region)
        return pose.region if pose.presence >= _PRESENCE_MIN else None

    def observe(
        self, picture: CameraFrame, region: Region, camera: Camera, wanted: Wanted = ALL_PARTS
    ) -> Hand4WholeObservation | None:
        pose = self._pose_net(picture.image, region)
        height, width = picture.image.shape[:2]
        box = clean_box(person_box(pose), width, height)
        if pose.presence < _PRESENCE_MIN or box is None:
            return None
        box = processed_box(box, _SIZE)
        out = self._session.run(crop_person(picture.image, box, _SIZE))
        outputs = {name: array[0].astype(np.float64) for name, array in out.items()}
        return Hand4WholeObservation(picture.time_s, picture.index, (width, height), camera, pose, box, outputs, wanted)

    def solve(self, observation: Hand4WholeObservation, known: KnownShape = FITTED) -> SmplxFrame:
        camera, out = observation.camera, observation.outputs
        view = VirtualView(observation.box_xywh)
        axes = view.axes(camera)
        # From OpenCV's axes to upright ones is a half-turn about x, so that a person facing the camera is not turned at all.
        root = axes @ (VIEW_TO_UPRIGHT[:, None] * out["root_rotation"])
        betas, expression = np.zeros(10), np.zeros(10)
        if self._is_smplx:
            betas, expression = self._mean_betas(out["betas"]), out["expression"]
        betas = known.applied_to(betas, self._stature)
        frame = SmplxFrame(
            time_s=observation.picture_time_s,
            index=observation.picture_index,
            camera=camera,
            global_orient=rotmat_to_rotvec(root),
            body_pose=rotmat_to_rotvec(out["body_rotations"]),
            left_hand_pose=rotmat_to_rotvec(out["left_hand_rotations"]) + self._hand_means[0],
            right_hand_pose=rotmat_to_rotvec(out["right_hand_rotations"]) + self._hand_means[1],
            jaw_pose=rotmat_to_rotvec(out["jaw_rotation"]),
            betas=betas,
            expression=expression,
            confidence=_confidence(observation),
            tracked=True,
        )
        frame = self._without_unwanted(frame, observation.wanted)
        joints = self._body.joints(frame)
        rows, image_px = _JOINT_ROWS, self._positions_px(observation)
        if self._is_smplx and known == FITTED:  # its camera is right for its own shape only
            rows = _TRUNK_AND_LIMBS
            image_px = view.project((joints - joints[0])[rows] @ axes, joints[0], out["camera_translation"])
        return replace(frame, transl=fit_translation(joints[rows], image_px, np.ones(len(rows)), camera))

    def _without_unwanted(self, frame: SmplxFrame, wanted: Wanted) -> SmplxFrame:
        """One network sees everything: what is not wanted saves no time here."""
        if not wanted.hands:
            rest = RestSkeleton(self._body.rest_joints(frame.betas))
            left, right = (relaxed_fingers(rest, side) for side in range(len(SIDES)))
            unseen = replace(frame.confidence, left_hand=0.0, right_hand=0.0)
            frame = replace(frame, left_hand_pose=left, right_hand_pose=right, confidence=unseen)
        if not wanted.face:
            unseen = replace(frame.confidence, face=0.0)
            frame = replace(frame, jaw_pose=np.zeros(3), expression=np.zeros(10), confidence=unseen)
        return frame

    @staticmethod
    def _positions_px(observation: Hand4WholeObservation) -> FloatArray:
        """Positional pose of the joints that SMPL-X has, too: px of the source picture."""
        box = observation.box_xywh
        in_crop = observation.outputs["joint_positions"][_POSITION_ROWS, :2] * _CELL_PX
        return box[:2] + in_crop * box[2:] / np.array(_SIZE[::-1])

    def _mean_betas(self, betas: FloatArray) -> FloatArray:
        """Mean over all pictures of the person, whose shape does not change."""
        self._betas_sum, self._betas_count = self._betas_sum + betas, self._betas_count + 1
        return self._betas_sum / self._betas_count


def person_box(pose: PoseLandmarks) -> FloatArray:
    """Box x, y, width, height px around the whole body, also where it is outside the picture: landmarks, fingertips, head and flesh."""
    points = pose.image_px
    shoulders, hips, eyes = (
        points[[POSE[f"left_{n}"], POSE[f"right_{n}"]]].mean(axis=0) for n in ("shoulder", "hip", "eye")
    )
    trunk = shoulders - hips
    tips = [2 * points[POSE[f"{side}_index"]] - points[POSE[f"{side}_wrist"]] for side in ("left", "right")]
    everything = np.concatenate([points, tips, [eyes + _SKULL * trunk]])
    margin = _FLESH * float(np.hypot(*trunk))
    low, high = everything.min(axis=0) - margin, everything.max(axis=0) + margin
    return np.concatenate([low, high - low])


def _hand_means(graph: GraphSpec) -> tuple[FloatArray, FloatArray]:
    """SMPL-X's mean hands (15,3), left and right, which the fingers are relative to; zeros when the engine was made without them."""
    means = []
    for name in ("left_hand_mean", "right_hand_mean"):
        mean = np.array(graph.table.get(name, np.zeros(3 * len(HAND_JOINTS))), np.float64)
        if mean.size != 3 * len(HAND_JOINTS) or not np.isfinite(mean).all():
            raise ModelError(
                f"{graph.path.parent / 'engine.toml'}: {name}: expected {3 * len(HAND_JOINTS)} numbers, found {mean.size}; "
                "export the engine again with `python -m export hand4whole`"
            )
        means.append(mean.reshape(-1, 3))
    return means[0], means[1]


def _confidence(observation: Hand4WholeObservation) -> PartConfidence:
    """The network does not say what it sees; the landmarks that follow the person do."""
    pose = observation.pose
    seen = lift_landmarks(pose, observation.camera, *observation.size_px).seen
    return PartConfidence(
        body=pose.presence * float(0.5 + 0.5 * seen[_TRUNK].mean()),
        legs=pose.presence * float(seen[_LEGS].mean()),
        left_hand=float(seen[POSE["left_wrist"]]),
        right_hand=float(seen[POSE["right_wrist"]]),
        face=float(seen[POSE["nose"]]),
    )
