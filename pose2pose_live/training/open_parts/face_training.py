"""The face head, trained on drawn faces and beside them on real ones, next to what looks at landmarks or blendshapes alone; and their figures.

What drawn faces are seen to do is only loosely what they do: their brows, above all, the published networks hardly see move. A head that learns from them alone
shrinks everything. Real faces have no labels, but two pictures of one person differ by nothing but the expression: the points of the posed face have to differ
alike.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ...body import BodyModel
from ...body.files import read_body
from ...body.model import OPEN_BODY
from ...errors import TrainingError
from ...estimation.face_measures import FROM_MEDIAPIPE, evidence, face_size, measures
from ...estimation.solve_face import ARKIT_FROM_NETWORK, arkit_from_network, in_head_axes, jaw_pose
from ...estimation.solve_face import expression as solved_expression
from ...network.layout import BETAS
from ...network.open_face_net import BY_BLENDSHAPES, EVIDENCE, MEASURES, Evidence, OpenFaceHead
from ...resources import asset_path
from ...rotations import rotvec_to_rotmat
from ...skeleton import SMPLX
from ..body_layer import BodyLayer
from ..open_engine.checkpoints import save
from ..open_engine.schedule import falling
from .hand_evaluate import angle_deg
from .shard_rows import read_rows

_LEARNING_RATE, _WEIGHT_DECAY = 2e-3, 5e-2
_BATCH, _PAIRS = 64, 48
_NOISE = 0.05  # of a standard deviation: landmarks of one face are that unsure
_DRAWN_SHARE = 0.03  # beside real faces: enough to tell a jaw from lips
_MOVES_M = 1e-4
_LIPS = [8, 9]  # lower and upper lip
_CLOSED = 0.012  # of the face's size: what the landmarks of closed lips are apart


class FaceRows:
    """Crops of a folder in memory: face (N,63), jaw (N,3,3), expression (N,10), points (N,478,3). Raises TrainingError."""

    def __init__(self, folder: Path) -> None:
        arrays = read_rows(folder)
        self.points = arrays["points"]
        self.blendshapes = arrays["blendshapes"].astype(np.float64)
        self.face = _seen(arrays)
        self.jaw = torch.from_numpy(rotvec_to_rotmat(arrays["jaw"].astype(np.float64)).astype(np.float32))
        self.expression = torch.from_numpy(arrays["expression"])

    def __len__(self) -> int:
        return len(self.face)


class RealFaceRows:
    """Pictures of real faces of a folder: face (N,63), points (N,51,3) in the head's axes, jaw (N,3,3) and expression (N,10) by geometry; clips: the rows
    of each. Raises TrainingError when no clip has two pictures."""

    def __init__(self, folder: Path) -> None:
        arrays = read_rows(folder)
        if "clip" not in arrays:
            raise TrainingError(
                f"{folder}: expected real faces, found others; make them with the command `pictures face`"
            )
        self.face = _seen(arrays)
        placed = [in_head_axes(points.astype(float))[list(FROM_MEDIAPIPE)] for points in arrays["points"]]
        self.points = torch.from_numpy(np.stack(placed).astype(np.float32))
        known = geometric_face(arrays["blendshapes"].astype(np.float64))
        self.jaw, self.expression = known["jaw"], known["expression"]
        rows = [np.flatnonzero(arrays["clip"].ravel() == clip) for clip in np.unique(arrays["clip"])]
        self.clips = [of_clip for of_clip in rows if len(of_clip) > 1]
        if not self.clips:
            raise TrainingError(f"{folder}: expected clips of faces, found only single pictures")

    def pairs(self, count: int, rng: np.random.Generator) -> Tensor:
        """Rows (2 * count,): row i and row count + i are of one clip."""
        lengths = np.array([len(rows) for rows in self.clips])
        chosen = rng.choice(len(self.clips), count, p=lengths / lengths.sum())
        return torch.from_numpy(
            np.stack([rng.choice(self.clips[clip], 2, replace=False) for clip in chosen], axis=1).ravel()
        )


def _seen(arrays: dict[str, NDArray[np.generic]]) -> Tensor:
    face = evidence(arrays["points"].astype(np.float64), arrays["blendshapes"].astype(np.float64))
    return torch.from_numpy(face.astype(np.float32))


class FacePoints:
    """The 51 points of the open body's average face, head upright, for jaw (N,3,3) and expression (N,10): (N,51,3) m. Pose correctives are left out."""

    def __init__(self) -> None:
        body = read_body(asset_path(OPEN_BODY))
        assert body.face_points is not None
        corners, shares = body.face_points
        joint = body.j_regressor[SMPLX["jaw"]] @ body.v_template
        weights = (body.weights[corners][..., SMPLX["jaw"]] * shares).sum(1)
        self._rest, self._moves, self._joint, self._weights = (
            torch.from_numpy(np.asarray(array, np.float32))
            for array in (
                (body.v_template[corners] * shares[..., None]).sum(1),
                (body.expression_dirs[corners] * shares[..., None, None]).sum(1),
                joint,
                weights[:, None],
            )
        )

    def __call__(self, jaw: Tensor, expression: Tensor) -> Tensor:
        points = self._rest + torch.einsum("pce,ne->npc", self._moves, expression) - self._joint
        return points + self._weights * (points @ jaw.mT - points) + self._joint


def train_faces(
    faces: FaceRows, real: RealFaceRows | None, steps: int, seed: int, path: Path
) -> dict[str, OpenFaceHead]:
    """A head for each kind of evidence. real: without it from drawn faces alone."""
    heads: dict[str, OpenFaceHead] = {}
    for kind in EVIDENCE:
        torch.manual_seed(seed)
        head = _new_head(kind, faces.face if real is None else torch.cat([faces.face, real.face]))
        optimizer = torch.optim.AdamW(head.parameters(), _LEARNING_RATE, weight_decay=_WEIGHT_DECAY)
        rng, points = np.random.default_rng(seed), FacePoints()
        for step in range(steps):
            optimizer.param_groups[0]["lr"] = _LEARNING_RATE * falling(step / steps)
            rows = torch.from_numpy(rng.integers(0, len(faces), _BATCH))
            answer = head(_noisy(faces.face[rows], head))
            loss = _drawn_loss(answer, faces.jaw[rows], faces.expression[rows], points)
            if real is not None:
                pairs = real.pairs(_PAIRS, rng)
                loss = _DRAWN_SHARE * loss + _real_loss(head(_noisy(real.face[pairs], head)), real, pairs, points)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        heads[kind] = head.eval()
    save({"heads": {name: head.state_dict() for name, head in heads.items()}}, path)
    return heads


def _new_head(kind: Evidence, face: Tensor) -> OpenFaceHead:
    head = OpenFaceHead(kind)
    head.mean.copy_(face.mean(0))
    head.spread[:MEASURES] = face[:, :MEASURES].std(0).clamp(min=0.03)
    # Blendshapes are shares already: what these few people never do is not to be blown up when somebody does it.
    to_expression = BodyModel.load().expression_from_arkit
    assert to_expression is not None
    head.from_blendshapes.copy_(torch.from_numpy((to_expression @ ARKIT_FROM_NETWORK)[list(BY_BLENDSHAPES)]))
    return head


def _noisy(face: Tensor, head: OpenFaceHead) -> Tensor:
    return face + _NOISE * head.spread * torch.randn(face.shape)


def _drawn_loss(answer: dict[str, Tensor], jaw: Tensor, expression: Tensor, points: FacePoints) -> Tensor:
    error = points(answer["jaw"], answer["expression"]) - points(jaw, expression)
    return (
        5 * (answer["jaw"] - jaw).abs().mean()
        + 0.3 * (answer["expression"] - expression).abs().mean()
        + 200 * error.abs().mean()
    )


def _real_loss(answer: dict[str, Tensor], real: RealFaceRows, rows: Tensor, points: FacePoints) -> Tensor:
    """rows: pairs of pictures of one person. In shares of the face's size."""
    posed, seen = points(answer["jaw"], answer["expression"]), real.points[rows]
    rest = points(torch.eye(3)[None], torch.zeros(1, 10))
    ours, theirs, resting = measures(posed), measures(seen), measures(rest)
    # Depths of landmarks are guesses.
    moved = _change(posed / face_size(rest)) - _change(seen / face_size(seen)[:, None, None])
    loss = 18 * (moved * torch.tensor([1.0, 1.0, 0.3])).abs().mean()
    lengths = [_change(ours[name]) - _change(theirs[name]) for name in ours if not name.startswith("gap")]
    loss = loss + 8 * torch.stack(lengths).abs().mean()
    # Lips are closed or open on every face alike.
    gaps = [name for name in ours if name.startswith("gap")]
    off = [ours[name] - resting[name] - (theirs[name] - _CLOSED).clamp(min=0) for name in gaps]
    loss = loss + 40 * torch.stack(off).abs().mean()
    # Lips can be parted in many ways, most of which show teeth behind closed ones: there the blendshapes know best.
    lips = (answer["expression"] - real.expression[rows])[:, _LIPS]
    jaw = answer["jaw"] - real.jaw[rows]
    return loss + 0.5 * lips.abs().mean() + jaw.abs().mean()


def _change(values: Tensor) -> Tensor:
    """From the first picture of each pair to the second."""
    first, second = values.chunk(2)
    return second - first


@torch.no_grad()
def measure_faces(heads: dict[str, OpenFaceHead], faces: FaceRows) -> dict[str, dict[str, float]]:
    """Column -> measure -> value. Vertices are those of the average face that jaw or expression move."""
    layer = BodyLayer()
    moved = torch.from_numpy(_moving(layer))
    columns: dict[str, OpenFaceHead | None] = {"geometric": None, **heads}
    result = {}
    for name, head in columns.items():
        errors: dict[str, list[Tensor]] = {}
        for rows in np.array_split(np.arange(len(faces)), max(1, len(faces) // 50)):
            answer = geometric_face(faces.blendshapes[rows]) if head is None else head(faces.face[rows])
            jaw, expression = faces.jaw[rows], faces.expression[rows]
            ours = _vertices(layer, answer["jaw"], answer["expression"])[:, moved]
            true = _vertices(layer, jaw, expression)[:, moved]
            for key, value in {
                "jaw, degrees": angle_deg(answer["jaw"], jaw),
                "expression, coefficients": (answer["expression"] - expression).abs().mean(1),
                "vertices, mm": 1000 * (ours - true).norm(dim=-1).mean(1),
            }.items():
                errors.setdefault(key, []).append(value)
        result[name] = {key: float(torch.cat(values).mean()) for key, values in errors.items()}
    return result


def geometric_face(blendshapes: NDArray[np.float64]) -> dict[str, Tensor]:
    """What the application makes of blendshapes (N,52) without a head."""
    to_expression = BodyModel.load().expression_from_arkit
    assert to_expression is not None
    arkit = np.stack([arkit_from_network(row) for row in blendshapes])
    jaw = rotvec_to_rotmat(np.stack([jaw_pose(row) for row in arkit]))
    return {
        "jaw": torch.from_numpy(jaw.astype(np.float32)),
        "expression": torch.from_numpy(solved_expression(arkit, to_expression).astype(np.float32)),
    }


def _vertices(layer: BodyLayer, jaw: Tensor, expression: Tensor) -> Tensor:
    """Vertices (N,V,3) of the average body at rest, but for the face."""
    count, one = len(jaw), torch.eye(3)
    fingers = one.expand(count, 15, 3, 3)
    return layer(
        one.expand(count, 3, 3), one.expand(count, 21, 3, 3), fingers, fingers, jaw, torch.zeros(count, BETAS), expression, torch.zeros(count, 3)
    ).vertices  # fmt: skip


def _moving(layer: BodyLayer) -> NDArray[np.int64]:
    """Vertices that an open jaw or any expression moves."""
    one = torch.eye(3)
    open_jaw = torch.from_numpy(rotvec_to_rotmat(np.array([[0.3, 0.0, 0.0]])).astype(np.float32))
    rest = _vertices(layer, one[None], torch.zeros(1, 10))
    moved = [
        _vertices(layer, open_jaw, torch.zeros(1, 10)),
        *(_vertices(layer, one[None], row[None]) for row in torch.eye(10)),
    ]
    return np.flatnonzero(((torch.cat(moved) - rest).norm(dim=-1) > _MOVES_M).any(0).numpy())
