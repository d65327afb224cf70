"""The results page, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from .. import __version__
from ..errors import RecordingError
from ..frame import FloatArray
from ..sinks.files import advice
from .faces import MEASURES
from .figures import ClipFigures, EngineFigures
from .fingers import FINGERS
from .pck import JOINTS, THRESHOLDS, Errors, share
from .samples import Samples

Row = Sequence[str]
_BACKWARD_DEG = 90.0


@dataclass
class Notes:
    """What a reader has to know beside the figures. sheets: files by engine; lacks_sheets: why there are none, or empty."""

    samples: Samples
    warnings: set[str] = field(default_factory=set)
    sheets: dict[str, list[str]] = field(default_factory=dict)
    lacks_sheets: str = ""


def write_report(path: Path, engines: Sequence[EngineFigures], notes: Notes, smoothing: float) -> None:
    """Raises RecordingError."""
    samples = notes.samples
    lines = [
        "# Engines on real clips and pictures",
        "",
        f"pose2pose-live {__version__}, smoothing {smoothing:g}; folder `{samples.folder.resolve().name}`: {len(samples.clips)} clips, "
        f"{len(samples.pictures)} pictures, of which {len(samples.persons)} annotated photographs and {len(samples.signs)} signs. "
        "How each figure is computed: docs/evaluation.md.",
        "",
        *([f"Note: {text}" for text in sorted(notes.warnings | {notes.lacks_sheets} - {""})]),
        "",
        "## Overview",
        "",
        *_table(("", *(engine.name for engine in engines)), _overview(engines)),
    ]
    for engine in engines:
        lines += [
            "",
            f"## {engine.name}",
            *_pck(engine),
            *_clips(engine),
            *_positions(engine),
            *_faces(engine),
            *_signs(engine),
        ]
        lines += [f"\n![{name}]({name})" for name in notes.sheets.get(engine.name, [])]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"{path}: the results cannot be written, {advice(error)}") from error


def _overview(engines: Sequence[EngineFigures]) -> list[Row]:
    rows: list[tuple[str, Callable[[EngineFigures], str]]] = [
        ("photographs with a person tracked", lambda e: f"{e.photographs_tracked} of {len(e.errors)}"),
    ]
    for t in THRESHOLDS:
        rows += [
            (f"PCK@{t:g} of projected joints", partial(_pck_of, "errors", t)),
            ("... MediaPipe's landmarks, same persons", partial(_pck_of, "mediapipe_errors", t)),
        ]
    rows += [
        ("acceleration of the arms, smoothed, median clip, m/s²", lambda e: _number(e.typical("smooth"), 1)),
        ("... without the smoothing", lambda e: _number(e.typical("plain"), 1)),
        ("... MediaPipe, each picture by itself", lambda e: _number(e.typical("mediapipe_raw"), 1)),
        ("... MediaPipe's video mode, filtered", lambda e: _number(e.typical("mediapipe_video"), 1)),
        ("lag that the smoothing adds, median clip, ms", lambda e: _number(e.typical("lag_ms"), 0)),
        ("PA-MPJPE / MPJPE of the clips with a reference in 3D, unsmoothed, mm", partial(_position, 0)),
        ("... smoothed", partial(_position, 1)),
        ("... MediaPipe, each picture by itself", partial(_position, 2)),
        ("... MediaPipe's video mode, filtered", partial(_position, 3)),
        ("fingers shown as they are", lambda e: _percent(e.mean_finger_right)),
        ("hands with all five fingers so", lambda e: _percent(e.fingers_right())),
        ("palms: hands measured", lambda e: str(len(e.all_palm_errors))),
        (
            "... angle to the landmarks' palm, median / 90 % below, degrees",
            lambda e: _spread(e.all_palm_errors[:, 0], 0),
        ),
        ("... turned by more than 90 degrees", lambda e: _percent_over(e.all_palm_errors[:, 0], _BACKWARD_DEG)),
        ("... off the landmarks' place, median / 90 % below, palms", lambda e: _spread(e.all_palm_errors[:, 1], 2)),
    ]
    for row, measure in enumerate(MEASURES):
        rows += [
            (f"{measure}, posed and seen, median clip: correlation", partial(_face, "face_correlations", row, 2)),
            ("... difference, shares of the face's size", partial(_face, "face_differences", row, 3)),
        ]
    return [(title, *(figure(engine) for engine in engines)) for title, figure in rows]


def _pck(engine: EngineFigures) -> list[str]:
    if not engine.errors:
        return []
    names = list(dict.fromkeys(name.split("_")[-1] for name in JOINTS))
    rows = []
    for joint in (*names, ""):
        ours, theirs = (_values(errors, joint) for errors in (engine.errors, engine.mediapipe_errors))
        cells = [_number(share(values, threshold), 2) for threshold in THRESHOLDS for values in (ours, theirs)]
        rows.append((joint or "**all**", str(len(ours)), *cells))
    heads = [head for t in THRESHOLDS for head in (f"PCK@{t:g}", f"MediaPipe @{t:g}")]
    return ["", "### Joints in the photographs", "", *_table(("joint", "annotated", *heads), rows)]


def _clips(engine: EngineFigures) -> list[str]:
    if not engine.clips:
        return []
    heads = (
        "clip", "pictures", "tracked", "left hand", "right hand", "face", "smoothed m/s²", "unsmoothed", "MediaPipe raw", "MediaPipe video",
        "lag ms", "palm °", "palm off",
    )  # fmt: skip
    return ["", "### Clips", "", *_table(heads, (_clip(file, clip) for file, clip in engine.clips.items()))]


def _clip(file: str, clip: ClipFigures) -> Row:
    shares = (clip.tracked, clip.left_hand, clip.right_hand, clip.face)
    accelerations = (clip.smooth, clip.plain, clip.mediapipe_raw, clip.mediapipe_video)
    return (
        Path(file).stem,
        str(clip.pictures),
        *map(_percent, shares),
        *(_number(value, 1) for value in accelerations),
        _number(clip.lag_ms, 0),
        _spread(clip.palm_errors[:, 0], 0),
        _spread(clip.palm_errors[:, 1], 2),
    )


def _positions(engine: EngineFigures) -> list[str]:
    clips = {file: clip for file, clip in engine.clips.items() if np.isfinite(clip.position_errors_m).any()}
    if not clips:
        return []
    rows = [(Path(file).stem, *map(_millimetres, clip.position_errors_m)) for file, clip in clips.items()]
    heads = ("clip", "unsmoothed", "smoothed", "MediaPipe raw", "MediaPipe video")
    return ["", "### Joints in 3D: PA-MPJPE / MPJPE, mm", "", *_table(heads, rows)]


def _faces(engine: EngineFigures) -> list[str]:
    clips = {file: clip for file, clip in engine.clips.items() if np.isfinite(clip.face_differences).any()}
    if not clips:
        return []
    rows = [
        (Path(file).stem, *(f"{_number(r, 2)} / {_number(off, 3)}" for r, off in zip(clip.face_correlations, clip.face_differences, strict=True)))
        for file, clip in clips.items()
    ]  # fmt: skip
    return ["", "### Faces: correlation / difference", "", *_table(("clip", *MEASURES), rows)]


def _signs(engine: EngineFigures) -> list[str]:
    if not engine.signs:
        return []
    found = sum(sign.found is not None for sign in engine.signs)
    shares = [_percent(engine.fingers_right(finger)) for finger in FINGERS]
    summary = _table(
        ("hand found", *FINGERS, "all five"),
        [(f"{found} of {len(engine.signs)}", *shares, _percent(engine.fingers_right()))],
    )
    rows = [
        (Path(sign.file).stem, _names(sign.expected), "no hand" if sign.found is None else _names(sign.found))
        for sign in engine.signs
    ]
    return ["", "### Signs", "", *summary, "", *_table(("picture", "extended", "as posed"), rows)]


def _pck_of(errors: str, threshold: float, engine: EngineFigures) -> str:
    return _number(share(_values(getattr(engine, errors), ""), threshold), 3)


def _position(row: int, engine: EngineFigures) -> str:
    return _millimetres(engine.mean_position_errors_m(row))


def _millimetres(errors_m: FloatArray) -> str:
    """MPJPE and PA-MPJPE, m."""
    return f"{_number(1000 * errors_m[1], 1)} / {_number(1000 * errors_m[0], 1)}"


def _face(figure: str, measure: int, digits: int, engine: EngineFigures) -> str:
    return _number(engine.typical_face(figure, measure), digits)


def _values(errors: Sequence[Errors], joint: str) -> list[float]:
    """Of the left and the right joint of all persons; "" of all joints."""
    return [error for person in errors for name, error in person.items() if name.endswith(joint)]


def _names(fingers: dict[str, bool]) -> str:
    return " ".join(finger for finger, is_extended in fingers.items() if is_extended) or "none"


def _table(heads: Row, rows: Iterable[Row]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)]


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if np.isfinite(value) else "–"


def _percent(share_of_one: float) -> str:
    return f"{100 * share_of_one:.0f} %" if np.isfinite(share_of_one) else "–"


def _percent_over(values: FloatArray, limit: float) -> str:
    return _percent(float(np.mean(values > limit))) if len(values) else "–"


def _spread(values: FloatArray, digits: int) -> str:
    """Median and 90th percentile."""
    return f"{np.median(values):.{digits}f} / {np.quantile(values, 0.9):.{digits}f}" if len(values) else "–"
