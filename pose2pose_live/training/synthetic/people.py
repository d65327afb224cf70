"""`SyntheticPeople`: labelled pictures of people that do not exist, drawn when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np

from ...rotations import rotmat_to_rotvec, rotvec_to_rotmat
from ...skeleton import SMPLX
from .backgrounds import Backgrounds
from .body import DrawnBody, PosedPerson
from .effects import develop
from .labels import SyntheticSample, labelled
from .looks import Wardrobe
from .motion import MotionBank, Split
from .poses import Person, PoseSampler
from .studio import Actor, Shot, Studio
from .views import View, sample_view

Rng = np.random.Generator


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

    Raises MotionError, ModelError or BackgroundError for unusable files, and DisplayError on the first picture where there is no OpenGL.
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
        self._options: dict[str, Any] = {
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
        return _rebuild, (self._options,)

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
        pose_rng, view_rng, look_rng, light_rng, back_rng, lens_rng = (
            np.random.default_rng((*self._seed, index, stream)) for stream in range(6)
        )
        person, view, posed = self._staged(pose_rng, view_rng)
        if self._studio is None:
            self._studio = Studio(self._size_px)
        look = self._wardrobe.sample(look_rng)
        actors = [Actor(posed, look, self.body.faces)]
        background = self._backgrounds.sample(back_rng, view.size)
        shot = self._studio.shoot(light_rng, actors, background, view)
        picture = develop(lens_rng, shot.picture)
        sample = labelled(f"{self._label}, {index}", person, view, posed, shot, picture, self.body)
        return Staged(sample, shot)

    def _staged(self, pose_rng: Rng, view_rng: Rng) -> tuple[Person, View, PosedPerson]:
        """A person, how the camera sees it, and the posed body in the camera's world."""
        person = self._poses.sample(pose_rng)
        upright = person.frame
        joints = self.body.model.joints(upright)
        orient = rotvec_to_rotmat(upright.global_orient)
        head = self.body.head_rotation(upright)
        head_top = joints[SMPLX["head"]] + head @ self.body.head_top_offset
        forward = orient[:, 2]
        heading = (
            float(np.arctan2(forward[0], forward[2]))
            if abs(orient[1, 1]) > 0.35
            else float(view_rng.uniform(-np.pi, np.pi))
        )
        view = sample_view(view_rng, joints, head_top, heading, person.is_seated, self._size_px)
        rest_pelvis = self.body.model.rest_joints(upright.betas)[0]
        frame = replace(
            upright,
            camera=view.camera,
            global_orient=rotmat_to_rotvec(view.rotation @ orient),
            transl=view.to_camera(joints[0]) - rest_pelvis,
        )
        return replace(person, frame=frame), view, self.body.pose(frame)


def _rebuild(options: dict[str, Any]) -> SyntheticPeople:
    return SyntheticPeople(**options)
