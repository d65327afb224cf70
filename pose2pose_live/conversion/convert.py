"""A take into files for other programs."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

import numpy as np

from ..body import BodyModel
from ..errors import RecordingError
from ..recording import Recording
from ..sinks.files import Tell, new_file
from .bvh import write_bvh, write_humanoid_bvh
from .gltf import write_glb
from .motion import Y_TO_Z_UP, Motion, levelled, motion_of, smoothed, turned
from .smplx_files import amass_arrays, smpl_arrays


@dataclass(frozen=True)
class Format:
    """ending: what is put after the take's name. needs_body: the body must be the one that the take was made with. takes_up: can be
    written Z up; the others define Y as up. row_bytes, mesh_bytes: about what a frame and the body need, to tell how far writing is."""

    ending: str
    needs_body: bool
    takes_up: bool
    write: Callable[[BinaryIO, Motion, BodyModel], None]
    row_bytes: int
    mesh_bytes: int = 0


def _text(file: BinaryIO, write: Callable[[TextIO], None]) -> None:
    text = io.TextIOWrapper(file, encoding="ascii", newline="\n")
    write(text)
    text.detach()  # which flushes, and leaves the file open


FORMATS: dict[str, Format] = {
    "npz": Format("_amass.npz", False, True, lambda file, m, _: np.savez(file, **amass_arrays(m)), 1620),  # type: ignore[arg-type]
    "smpl": Format(".smpl", False, False, lambda file, m, _: np.savez_compressed(file, **smpl_arrays(m)), 660),  # type: ignore[arg-type]
    "bvh": Format(
        ".bvh",
        True,
        True,
        lambda file, m, body: _text(file, lambda text: write_bvh(text, m, body.rest_joints(m.betas))),
        1500,
    ),
    "bvh-humanoid": Format(
        "_humanoid.bvh",
        True,
        True,
        lambda file, m, body: _text(file, lambda text: write_humanoid_bvh(text, m, body.rest_joints(m.betas))),
        1420,
    ),
    "glb": Format(".glb", True, False, write_glb, 940, 2_900_000),
}


@dataclass(frozen=True)
class ConversionSettings:
    """start_s, end_s: the part of the take, None to its end. fps: None takes 30, 60 or 120. z_up: where a format leaves the choice.
    smooth_hz: cut-off of the low-pass, None for none."""

    start_s: float = 0.0
    end_s: float | None = None
    fps: float | None = None
    z_up: bool = False
    smooth_hz: float | None = None


def convert(
    recording: Recording,
    path: Path,
    formats: tuple[str, ...],
    settings: ConversionSettings,
    body: BodyModel,
    tell: Tell = lambda share: None,
) -> Iterator[Path]:
    """Write the take in each of the formats (see `FORMATS`) and yield the file's path; an existing file is never overwritten. A take of a calibrated
    camera becomes upright, and stands on the floor.

    path: folder and name without an ending. body: that of the take, where a format needs it. tell: of all formats; a guess. Raises
    RecordingError.
    """
    motion = motion_of(recording, fps=settings.fps, start_s=settings.start_s, end_s=settings.end_s)
    motion = levelled(motion, recording.ground)
    if settings.smooth_hz is not None:
        motion = smoothed(motion, settings.smooth_hz)
    chosen = [FORMATS[name] for name in formats]
    if body.tag != recording.body_model and any(one.needs_body for one in chosen):
        raise RecordingError(
            f"{path.name}: the take was made with the body {recording.body_model}, and this is {body.tag}; "
            "choose that one's file (--body)"
        )
    for i, one in enumerate(chosen):

        def tell_all(share: float, i: int = i) -> None:
            tell((i + share) / len(chosen))

        tell_all(0.0)
        written = motion
        if settings.z_up and one.takes_up:
            written = turned(motion, Y_TO_Z_UP)
        expected_bytes = one.mesh_bytes + one.row_bytes * len(motion)
        with new_file(path.with_name(path.name + one.ending), expected_bytes, tell_all) as (file, target):
            one.write(file, written, body)
        yield target
