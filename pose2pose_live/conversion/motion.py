"""A take at a constant rate, as files for other programs want it, and what can be done to it before it is written."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from ..errors import RecordingError
from ..frame import FloatArray, Ground
from ..motion.level import camera_to_level
from ..recording import Recording, steady_times
from ..rotations import (
    normalise,
    quat_to_rotvec,
    rotmat_to_rotvec,
    rotvec_to_quat,
    rotvec_to_rotmat,
    slerp,
)
from ..skeleton import SMPLX

RATES = (30, 60, 120)
"""Blender's SMPL-X add-ons refuse a rate below 30, and play what is no multiple of it at a wrong speed."""
_ORDER = 2  # of the filter, which runs forwards and backwards: twice as steep

Y_TO_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""A quarter turn about X."""


@dataclass(frozen=True)
class Motion:
    """N poses at a constant rate.

    poses (N,55,3) axis-angle; trans (N,3) m; rest_pelvis (3,) m: the pelvis stands at rest_pelvis + trans; betas (10,); expressions (N,10);
    arkit (N,52); confidence (N,5); tracked (N,); times_s (N,) on the source's clock; fps; body_model: the body that betas and expressions belong to; source_times_s (M,): when the pictures of the
    take were taken, as it was recorded.
    """

    poses: FloatArray
    trans: FloatArray
    rest_pelvis: FloatArray
    betas: FloatArray
    expressions: FloatArray
    arkit: FloatArray
    confidence: FloatArray
    tracked: NDArray[np.bool_]
    times_s: FloatArray
    fps: float
    body_model: str
    source_times_s: FloatArray

    def __len__(self) -> int:
        return len(self.poses)


def motion_of(
    recording: Recording, *, fps: float | None = None, start_s: float = 0.0, end_s: float | None = None
) -> Motion:
    """The take resampled to fps, or to the first of `RATES` that is not below its own, from start_s to end_s after its beginning.

    Rotations are interpolated on the shorter arc. Raises RecordingError where nothing is left.
    """
    times_s = steady_times(recording.timestamps, recording.rate)
    length_s = times_s[-1] - times_s[0] if len(times_s) else 0.0
    end_s = length_s if end_s is None else min(end_s, length_s)
    if not len(recording) or start_s > end_s:
        raise RecordingError(
            f"nothing is left from {start_s:g} s on of a take of {length_s:.2f} s; choose another part"
        )
    fps = float(fps or next((rate for rate in RATES if rate >= round(recording.rate)), RATES[-1]))
    count = int((end_s - start_s) * fps + 1e-6) + 1
    wanted_s = times_s[0] + start_s + np.arange(count) / fps
    after = np.clip(np.searchsorted(times_s, wanted_s, side="right"), 1, max(len(times_s) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(times_s) - 1)
    step_s = np.where(after > before, times_s[after] - times_s[before], 1.0)
    share = np.clip((wanted_s - times_s[before]) / step_s, 0.0, 1.0)

    def linear(rows: FloatArray) -> FloatArray:
        return rows[before] + share[:, None] * (rows[after].astype(np.float64) - rows[before])

    quats = rotvec_to_quat(recording.poses.astype(np.float64))
    return Motion(
        poses=quat_to_rotvec(slerp(quats[before], quats[after], share[:, None])),
        trans=linear(recording.trans),
        rest_pelvis=(recording.joints[:, SMPLX["pelvis"]].astype(np.float64) - recording.trans).mean(axis=0),
        betas=recording.betas.astype(np.float64),
        expressions=linear(recording.expressions),
        arkit=linear(recording.arkit),
        confidence=linear(recording.confidence),
        tracked=recording.tracked[np.where(share < 0.5, before, after)],
        times_s=wanted_s,
        fps=fps,
        body_model=recording.body_model,
        source_times_s=recording.timestamps,
    )


def smoothed(motion: Motion, cutoff_hz: float) -> Motion:
    """Without what is faster than cutoff_hz, and without delay: a Butterworth low-pass run forwards and backwards (Winter 2009).

    Raises RecordingError where the rate is too low for it.
    """
    if not 0 < cutoff_hz < motion.fps / 2:
        raise RecordingError(
            f"smoothing: expected a frequency between 0 and {motion.fps / 2:g} Hz, half the frame rate, found {cutoff_hz:g}"
        )
    sections = butter(_ORDER, cutoff_hz, fs=motion.fps, output="sos")
    pad = min(3 * (2 * len(sections) + 1), len(motion) - 1)

    def low_pass(rows: FloatArray) -> FloatArray:
        return np.asarray(sosfiltfilt(sections, rows, axis=0, padlen=pad))

    quats = normalise(low_pass(continuous(rotvec_to_quat(motion.poses))))
    return replace(
        motion,
        poses=quat_to_rotvec(quats),
        trans=low_pass(motion.trans),
        expressions=low_pass(motion.expressions),
        arkit=np.clip(low_pass(motion.arkit), 0.0, 1.0),
    )


def continuous(quats: FloatArray) -> FloatArray:
    """(N,...,4) with signs such that each is the nearer one of q and -q to the one before."""
    flips = np.vecdot(quats[1:], quats[:-1]) < 0
    signs = np.cumprod(np.where(flips, -1.0, 1.0), axis=0)
    return np.concatenate([quats[:1], quats[1:] * signs[..., None]])


def turned(motion: Motion, world: FloatArray) -> Motion:
    """In a world turned by the rotation (3,3). SMPL-X turns about the pelvis, not about the origin of `trans`."""
    roots = motion.poses.copy()
    roots[:, 0] = rotmat_to_rotvec(world @ rotvec_to_rotmat(motion.poses[:, 0]))
    pelvis = motion.rest_pelvis
    return replace(motion, poses=roots, trans=(motion.trans + pelvis) @ world.T - pelvis)


def levelled(motion: Motion, ground: Ground | None) -> Motion:
    """With Y upright, and at 0 on the floor where that is known; the origin stays below or above the camera."""
    if ground is None:
        return motion
    upright = turned(motion, camera_to_level(ground))
    return replace(upright, trans=upright.trans - [0.0, ground.height_m or 0.0, 0.0])
