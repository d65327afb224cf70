"""Recorded motion as a source of trunk and leg poses: a bank of clips, split so that no clip is in both train and test."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import TrainingError
from ...frame import FloatArray
from ...rotations import rotvec_to_rotmat

Split = Literal["train", "test"]
_TEST_OF = 5  # one recording session in five
_SALT = 20  # puts a quarter of the poses of the sources in docs/synthetic.md into the test split, from both of them


@dataclass(frozen=True)
class MotionBank:
    """poses (N,22,3) float32 axis-angle, pelvis first, Y up, any heading; clip (N,) number of the clip of each; names of the clips."""

    poses: NDArray[np.float32]
    clip: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def load(cls, path: Path, split: Split) -> MotionBank:
        """The clips of one split of a bank file. Raises TrainingError."""
        try:
            with np.load(path, allow_pickle=False) as archive:
                bank = cls(archive["poses"], archive["clip"], tuple(str(name) for name in archive["names"]))
        except (OSError, ValueError, KeyError) as error:
            raise TrainingError(
                f"motion bank {path}: expected a file made by `python -m pose2pose_live.training.synthetic motion FOLDER BANK.npz`, "
                f"found: {error}"
            ) from error
        chosen = np.array([split_of(name) == split for name in bank.names])
        keep = chosen[bank.clip]
        if not keep.any():
            raise TrainingError(f"motion bank {path}: no clip belongs to the split {split!r}; read more motion into it")
        return cls(bank.poses[keep], bank.clip[keep], bank.names)

    @cached_property
    def _odds(self) -> FloatArray:
        """Cumulative odds of the poses: long sessions count by the square root of their length."""
        _, session = np.unique([session_of(name) for name in self.names], return_inverse=True)
        session = session[self.clip]
        return np.asarray(np.cumsum(np.bincount(session)[session] ** -0.5))

    def save(self, path: Path) -> None:
        np.savez_compressed(path, poses=self.poses, clip=self.clip, names=np.array(self.names))

    def sample(self, rng: np.random.Generator) -> tuple[str, FloatArray]:
        """A pose: the name of its clip, and local rotations (22,3,3)."""
        index = int(np.searchsorted(self._odds, rng.random() * self._odds[-1], side="right"))
        return self.names[self.clip[index]], rotvec_to_rotmat(self.poses[index].astype(np.float64))


def session_of(clip: str) -> str:
    """Clips of one person on one day, or one recording cut in pieces: the name up to the last slash."""
    return clip.rpartition("/")[0] or clip


def split_of(clip: str) -> Split:
    """The split of a clip by its session, so that one person's takes stay together."""
    return "test" if zlib.crc32(f"{_SALT} {session_of(clip)}".encode()) % _TEST_OF == 0 else "train"
