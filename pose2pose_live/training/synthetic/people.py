"""`SyntheticPeople`: labelled pictures of people that do not exist, drawn when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np

from ...frame import FloatArray
from ...rotations import rotmat_to_rotvec, rotvec_to_rotmat
from ...skeleton import BODY, SMPLX
from .backgrounds import Backgrounds
from .body import DrawnBody, PosedPerson
from .effects import develop, obstructed
from .labels import SyntheticSample, labelled
from .looks import Wardrobe
from .meshes import Mesh, join
from .motion import MotionBank, Split
from .poses import Person, PoseSampler
from .props import sample_props
from .studio import KIND_BYSTANDER, Shot, Studio, dressed
from .views import View, sample_view

Rng = np.random.Generator
# How often somebody else is in the picture, something is in front, the person moves too fast for the camera.
_BYSTANDER, _OBSTRUCTED, _MOVING = 0.13, 0.13, 0.06
_MOMENTS = 5


@dataclass(frozen=True)
class Staged:
    """A sample, and the shot before the camera's effects: with its mask and depth."""

    sample: SyntheticSample
    shot: Shot


class SyntheticPeople(Sequence[SyntheticSample]):
    """`count` pictures of people, each drawn anew from (seed, split, index) whenever it is asked for, the same in any order and process.

    size_px: longer side of the pictures. motion: a motion bank (see `motion.py`) from which a share of the poses come, or None for
    procedural poses only. split: "train" or "test"; the two share no picture, no draw and no motion clip. body: an SMPL-X file to
    draw instead of the open body. backgrounds: a folder of the user's own pictures.

    It may be pickled, and read by worker processes that start afresh ("spawn"); each opens an OpenGL context of its own. A process
    that was forked after its parent had drawn raises DisplayError: the context does not survive a fork.

    Raises TrainingError or ModelError for unusable files, and DisplayError on the first picture where there is no OpenGL.
    """

    def __init__(
        self,
        count: int,
        seed: int = 0,
        *,
        size_px: int = 384,
        motion: Path | None = None,
        split: Split = "train",
        body: Path | None = None,
        backgrounds: Path | None = None,
    ) -> None:
        self.options: dict[str, Any] = {
            "count": count, "seed": seed, "size_px": size_px, "motion": motion, "split": split, "body": body,
            "backgrounds": backgrounds,
        }  # fmt: skip
        self._count, self._size_px = count, size_px
        self._seed = (seed, 0 if split == "train" else 1)
        self._label = f"synthetic {split} {seed}"
        self.body = DrawnBody(body)
        bank = None if motion is None else MotionBank.load(motion, split)
        self._poses = PoseSampler(self.body.model, self.body.expression_from_arkit, bank)
        self._wardrobe = Wardrobe(self.body)
        self._backgrounds = Backgrounds(backgrounds)
        self._studio: Studio | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.options,)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> SyntheticSample: ...
    @overload
    def __getitem__(self, index: slice) -> list[SyntheticSample]: ...
    def __getitem__(self, index: int | slice) -> SyntheticSample | list[SyntheticSample]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        if not -self._count <= index < self._count:
            raise IndexError(f"{self._label}: sample {index} of {self._count}")
        return self.stage(index % self._count).sample

    def close(self) -> None:
        """Free the OpenGL context; the next picture opens another."""
        if self._studio is not None:
            self._studio.close()
            self._studio = None

    def stage(self, index: int) -> Staged:
        """A sample together with the shot that it was made from."""
        # A stream for each concern, so that a change in one does not reshuffle the others.
        pose_rng, view_rng, look_rng, light_rng, back_rng, lens_rng, prop_rng, crowd_rng = (
            np.random.default_rng((*self._seed, index, stream)) for stream in range(8)
        )
        if self._studio is None:
            self._studio = Studio(self._size_px)
        person, view, posed = self._staged(pose_rng, view_rng)
        look = self._wardrobe.sample(look_rng)
        up = view.rotation[:, 1]
        things = sample_props(prop_rng, self.body, person.frame, posed, up, look, person.is_seated)
        if crowd_rng.random() < _BYSTANDER:
            things.append(self._bystander(crowd_rng, view, posed))
        exposures = [
            join([dressed(moment, look, self.body.faces), *things]) for moment in self._moments(lens_rng, person, posed)
        ]
        background = self._backgrounds.sample(back_rng, view.size)
        shot = self._studio.shoot(light_rng, exposures, background, view)
        if lens_rng.random() < _OBSTRUCTED:
            shot = obstructed(lens_rng, shot)
        picture = develop(lens_rng, shot.picture)
        sample = labelled(f"{self._label}, {index}", person, view, posed, shot, picture, self.body)
        return Staged(sample, shot)

    def _staged(self, pose_rng: Rng, view_rng: Rng) -> tuple[Person, View, PosedPerson]:
        """A person, how the camera sees it, and the posed body in the camera's world."""
        person = self._poses.sample(pose_rng)
        upright = person.frame
        joints = self.body.model.joints(upright)
        orient = rotvec_to_rotmat(upright.global_orient)
        rest = self.body.model.rest_joints(upright.betas)
        to_crown = np.array([0.0, self.body.crown_m, 0.0])
        head_top = joints[SMPLX["head"]] + self.body.world_rotation(upright, "head") @ to_crown
        view = sample_view(view_rng, joints, head_top, _heading(orient, view_rng), person.is_seated, self._size_px)
        frame = replace(
            upright,
            camera=view.camera,
            global_orient=rotmat_to_rotvec(view.rotation @ orient),
            transl=view.to_camera(joints[0]) - rest[0],
        )
        return replace(person, frame=frame), view, self.body.pose(frame)

    def _bystander(self, rng: Rng, view: View, posed: PosedPerson) -> Mesh:
        """Somebody else beside or behind the person, mostly at the edge of the picture."""
        other = self._poses.sample(rng)
        aside = rng.choice([-1.0, 1.0]) * rng.uniform(0.45, 1.3)
        behind = rng.uniform(-0.1, 0.3) if abs(aside) > 0.7 else rng.uniform(0.5, 1.8)
        turn = rotvec_to_rotmat(np.array([0.0, rng.normal(0, 1.0), 0.0]))
        rotation = view.rotation @ turn
        # The whole body turns about its pelvis, which is where the other one's is, moved aside.
        orient = rotvec_to_rotmat(other.frame.global_orient)
        place = posed.smplx_joints[0] + view.rotation @ (aside, rng.normal(0, 0.08), 0) + np.array([0, 0, -behind])
        frame = replace(
            other.frame,
            global_orient=rotmat_to_rotvec(rotation @ orient),
            transl=place - self.body.model.rest_joints(other.frame.betas)[0],
        )
        mesh = dressed(self.body.pose(frame), self._wardrobe.sample(rng), self.body.faces)
        mesh.vertices["kind"][:, 0] = KIND_BYSTANDER
        return mesh

    def _moments(self, rng: Rng, person: Person, posed: PosedPerson) -> list[PosedPerson]:
        """The body at one moment or, for someone who moves too fast for the camera, at several around it."""
        if rng.random() >= _MOVING:
            return [posed]
        speed = np.zeros((21, 3))
        rows = [BODY[f"{side}_{joint}"] for side in ("left", "right") for joint in ("shoulder", "elbow", "wrist")]
        speed[rows] = rng.normal(0, rng.uniform(0.02, 0.14), (len(rows), 3))
        speed[BODY["neck"]] = rng.normal(0, 0.03, 3)
        frame = person.frame
        return [
            posed if t == 0 else self.body.pose(replace(frame, body_pose=frame.body_pose + t * speed))
            for t in np.linspace(-1, 1, _MOMENTS)
        ]


def _heading(orient: FloatArray, rng: Rng) -> float:
    """Which way (rad about Y) a pelvis faces; any, for somebody who lies."""
    forward = orient[:, 2]
    return float(np.arctan2(forward[0], forward[2])) if abs(orient[1, 1]) > 0.35 else float(rng.uniform(-np.pi, np.pi))


def _rebuild(options: dict[str, Any]) -> SyntheticPeople:
    return SyntheticPeople(**options)
