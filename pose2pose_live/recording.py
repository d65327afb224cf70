"""The recording file: an AMASS-style SMPL-X npz ("stageii") and what we add to it.

Rows are the pictures of the source, one to one. `mocap_frame_rate` is the source's nominal rate as a whole number, because the
Blender add-ons take its integer part (29.97 would become 29, which they refuse); the true times are in `timestamps`. The add-ons
also refuse rates below 30: a source that is slower must be resampled for them.

World: Y up, camera-aligned, metres, origin at the camera; hands are absolute (flat hand = 0). Load it with the Y-up choice of
each reader. `betas` is one shape for the whole take, that of the last tracked row, as every reader wants it; `trans` belongs to
it, so that the pelvis (`joints[:, 0]`) is where it was captured. The shape that was estimated in each picture is in
`frame_betas`, and `joints` and `joints_image` are those of it.

Where the camera was calibrated, `up` is the unit vector that points upwards in this world, and the floor is where up . point = `floor_m`: as the take's
last calibration found them.

No key holds pickled objects: `np.load(path)` reads all.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from .errors import RecordingError
from .frame import Camera, FloatArray, Ground, PartConfidence, SmplxFrame
from .skeleton import (
    ARKIT,
    BODY_SLICE,
    EYES_SLICE,
    GLOBAL_SLICE,
    JAW_SLICE,
    LEFT_HAND_SLICE,
    RIGHT_HAND_SLICE,
    SMPLX,
)

Arrays = Mapping[str, NDArray[Any]]

_HANDS = slice(LEFT_HAND_SLICE.start, RIGHT_HAND_SLICE.stop)
_SLICES = {
    "root_orient": GLOBAL_SLICE,
    "pose_body": BODY_SLICE,
    "pose_jaw": JAW_SLICE,
    "pose_eye": EYES_SLICE,
    "pose_hand": _HANDS,
}
"""AMASS's redundant parts of `poses`."""


def take_arrays(records: NDArray[Any], *, fps: float, body_model: str, app_version: str) -> dict[str, NDArray[Any]]:
    """The arrays of a recording from journal records (N,), N at least 1; the large ones are views of them, not copies."""
    betas, trans = _one_shape(records)
    rate = float(max(round(fps), 1))
    camera = records["camera"]
    times_s = records["time_s"]
    length_s = max(times_s[-1] - times_s[0], 0.0) + 1 / rate  # a clock can jump back
    arrays = {
        **amass_layout(records["full_pose"], trans, betas, records["expression"], rate, length_s),
        "timestamps": times_s,
        "frame_index": records["index"],
        "tracked": records["tracked"],
        "frame_betas": records["betas"],
        "joints": records["joints"],
        "joints_image": records["joints_image"],
        "camera": camera[0] if (camera == camera[0]).all() else camera,
        "confidence": records["confidence"],
        "confidence_names": np.array(PartConfidence.names()),
        "arkit": records["blendshapes"],
        "arkit_names": np.array(ARKIT),
        "body_model": np.array(body_model),
        "app_version": np.array(app_version),
    }
    arrays |= _ground_arrays(records)
    if records["file"].any():
        arrays["files"] = np.array([name.decode(errors="replace") for name in records["file"].tolist()])
    return arrays


def amass_layout(
    poses: NDArray[Any],
    trans: NDArray[Any],
    betas: NDArray[Any],
    expressions: NDArray[Any],
    rate: float,
    length_s: float,
) -> dict[str, NDArray[Any]]:
    """The keys that readers of AMASS's SMPL-X files look for, some of them twice. poses (N,55,3), the others as in `Recording`."""
    columns = {"poses": slice(None), **_SLICES}
    return {
        **{name: _f4(poses[:, rows]).reshape(len(poses), -1) for name, rows in columns.items()},
        "trans": _f4(trans),
        "betas": _f4(betas),
        "expressions": _f4(expressions),
        "gender": np.array("neutral"),
        "mocap_frame_rate": np.array(rate),
        "mocap_framerate": np.array(rate),
        "mocap_time_length": np.array(length_s),
        "surface_model_type": np.array("smplx"),
    }


def _ground_arrays(records: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """Of the last row that knows it: a calibration in the middle of a take holds for what was captured before, too."""
    known = np.flatnonzero(records["up"].any(axis=1))
    if not len(known):
        return {}
    last = records[known[-1]]
    floor = {} if np.isnan(last["floor_m"]) else {"floor_m": np.array(last["floor_m"])}
    return {"up": np.array(last["up"]), **floor}


def _f4(array: NDArray[Any]) -> NDArray[np.float32]:
    """As it is where it is float32 already: the columns of a journal may be larger than the memory."""
    return array.astype(np.float32, copy=False)


def _one_shape(records: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """betas (10,) of the last tracked row, and trans (N,3) with which it puts every pelvis where it was captured.

    SMPL-X turns a body about its pelvis, which stands at J0(betas) + trans: J0 of each row follows from its recorded pelvis.
    """
    tracked = np.flatnonzero(records["tracked"])
    chosen = tracked[-1] if len(tracked) else len(records) - 1
    betas = records["betas"][chosen]
    trans = records["transl"].astype(np.float64)
    rest_pelvis = records["joints"][:, SMPLX["pelvis"]] - trans
    other_shape = (records["betas"] != betas).any(axis=1)
    trans[other_shape] += (rest_pelvis - rest_pelvis[chosen])[other_shape]
    return betas, trans.astype(np.float32)


def save_arrays(path: Path, arrays: Arrays) -> None:
    """Write the npz under a temporary name, then give it its own: `path` is never half a file. Raises OSError."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@dataclass(frozen=True)
class Recording:
    """A take of N poses. `recording[i]` is its i-th pose with the shape of the take.

    poses (N,55,3) axis-angle; trans (N,3) m; betas (10,); frame_betas, expressions (N,10); arkit (N,52); timestamps (N,) s;
    frame_index (N,); tracked (N,); confidence (N,5) in the order of `PartConfidence.names()`; joints (N,55,3) m;
    joints_image (N,55,2) px; camera (N,4) fx fy cx cy px; rate: nominal pictures per second; files: their names, if the source
    was a folder of pictures, else empty; ground: None unless the camera was calibrated.
    """

    poses: FloatArray
    trans: FloatArray
    betas: FloatArray
    frame_betas: FloatArray
    expressions: FloatArray
    arkit: FloatArray
    timestamps: FloatArray
    frame_index: NDArray[np.int64]
    tracked: NDArray[np.bool_]
    confidence: FloatArray
    joints: FloatArray
    joints_image: FloatArray
    camera: FloatArray
    rate: float
    body_model: str
    app_version: str
    files: tuple[str, ...] = ()
    ground: Ground | None = None

    def __len__(self) -> int:
        return len(self.poses)

    def __getitem__(self, i: int) -> SmplxFrame:
        frame = SmplxFrame(
            time_s=float(self.timestamps[i]),
            camera=Camera(*map(float, self.camera[i])),
            betas=self.betas,
            expression=self.expressions[i],
            blendshapes=self.arkit[i],
            transl=self.trans[i],
            confidence=PartConfidence(*map(float, self.confidence[i])),
            tracked=bool(self.tracked[i]),
            index=int(self.frame_index[i]),
            ground=self.ground,
        )
        return frame.with_full_pose(self.poses[i])


_ROWS = {
    "poses": (165,), "trans": (3,), "frame_betas": (10,), "expressions": (10,), "arkit": (52,), "timestamps": (),
    "frame_index": (), "tracked": (), "confidence": (5,), "joints": (55, 3), "joints_image": (55, 2),
}  # fmt: skip
_ONCE: dict[str, tuple[int, ...]] = {"betas": (10,), "mocap_frame_rate": (), "body_model": (), "app_version": ()}
_MAY_LACK: dict[str, tuple[int, ...]] = {"up": (3,), "floor_m": ()}
_TEXTS = ("body_model", "app_version")
WHOLE_TAKE_KEYS = {
    *_ONCE, *_MAY_LACK, "camera", "gender", "mocap_framerate", "mocap_time_length", "surface_model_type", "confidence_names", "arkit_names",
}  # fmt: skip
"""What a recording has once; all else has a row for each picture, `camera` where the picture size changes."""


MAX_GAP_S = 60.0
"""A longer gap between two rows is a clock that jumped, and so is one backwards."""


class ForeignFile(RecordingError):
    """A sound npz file that is no recording of this program."""


def load_recording(path: Path | str) -> Recording:
    """Read a take that this program recorded. Raises RecordingError for a missing, damaged or foreign file."""
    path = Path(path)
    with explained(path):
        check_complete(path)
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    return recording_of(arrays, row_count(path, arrays))


def recording_of(arrays: Arrays, count: int) -> Recording:
    """The recording that the arrays of its file make, of which those with rows have count of them."""
    return Recording(
        poses=arrays["poses"].reshape(count, -1, 3),
        betas=arrays["betas"],
        camera=np.broadcast_to(arrays["camera"], (count, 4)),
        rate=float(arrays["mocap_frame_rate"]),
        body_model=str(arrays["body_model"]),
        app_version=str(arrays["app_version"]),
        files=tuple(map(str, arrays.get("files", ()))),
        ground=_ground_of(arrays),
        **{key: arrays[key] for key in _ROWS if key != "poses"},
    )


def _ground_of(arrays: Arrays) -> Ground | None:
    if "up" not in arrays:
        return None
    x, y, z = map(float, arrays["up"])
    return Ground((x, y, z), float(arrays["floor_m"]) if "floor_m" in arrays else None)


def steady_times(times_s: FloatArray, rate: float) -> FloatArray:
    """The times (N,) s without jumps of the clock: ascending, a step backwards or over `MAX_GAP_S` replaced by one of the rate."""
    steps_s = np.diff(times_s)
    steps_s = np.where((steps_s > 0) & (steps_s <= MAX_GAP_S), steps_s, 1.0 / rate)
    return times_s[:1].sum() + np.concatenate([np.zeros(min(len(times_s), 1)), np.cumsum(steps_s)])


class _Shaped(Protocol):
    """An array, or what is known of it."""

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...


def row_count(path: Path, arrays: Mapping[str, _Shaped]) -> int:
    """How many rows the file's arrays have. Raises ForeignFile, or RecordingError where they are not what they must be."""
    if missing := [key for key in (*_ROWS, *_ONCE, "camera") if key not in arrays]:
        raise ForeignFile(f"{path}: not a recording of this program, it lacks {', '.join(missing)}; choose one that is")
    count = arrays["poses"].shape[0] if arrays["poses"].shape else 0
    shapes = {
        **_ONCE,
        **{key: shape for key, shape in _MAY_LACK.items() if key in arrays},
        **{key: (count, *shape) for key, shape in _ROWS.items()},
    }
    shapes["camera"] = (4,) if len(arrays["camera"].shape) == 1 else (count, 4)
    for key, shape in shapes.items():
        if arrays[key].shape != shape:
            raise RecordingError(f"{path}: damaged, {key} has shape {arrays[key].shape}, expected {shape}")
        if arrays[key].dtype.kind not in ("U" if key in _TEXTS else "fiub"):
            raise RecordingError(f"{path}: damaged, {key} holds {arrays[key].dtype}; copy it again")
    return count


def check_complete(path: Path) -> None:
    """Raises RecordingError where the file is no whole npz archive, OSError where it cannot be read."""
    if not zipfile.is_zipfile(path):
        with path.open("rb") as file:
            began_as_one = file.read(2) == b"PK"
        found = "it was cut short; copy it again" if began_as_one else "it is no npz file; choose a recording"
        raise RecordingError(f"{path}: not a complete recording, {found}")


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Whatever goes wrong while the file is read becomes a RecordingError that says what is the matter with it."""
    try:
        yield
    except OSError as error:
        raise RecordingError(
            f"{path}: the recording cannot be read ({error.strerror or error}); check the path"
        ) from error
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError) as error:
        reason = (
            "it holds pickled objects, which are not loaded" if "pickle" in str(error) else f"it is damaged ({error})"
        )
        raise RecordingError(f"{path}: {reason}; choose a recording of this program, or copy it again") from error
