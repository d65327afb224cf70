"""The measurement: engines, one after the other, and MediaPipe on the clips and pictures of a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import DisplayError, ModelError, RecordingError, SourceError
from ..frame import CameraFrame, FloatArray
from ..inference import Engine
from ..mocap import MocapSettings, MotionCapture
from ..motion import MocapControls
from ..progress import Progress
from ..sinks.files import advice
from ..sources import VideoSource
from ..sources.pictures import read_picture
from ..viewport import OverlayRenderer, windowless_context
from . import fingers, pck
from .capture import Shot, shots
from .figures import EngineFigures, Sign, clip_figures
from .mediapipe_pose import MediaPipePose, WorldTrack
from .report import Notes, write_report
from .samples import Samples
from .sheets import Sheets

REPORT_FILE = "results.md"
_PICTURES_OF_A_CLIP = 6
_UNKNOWN_LENGTH = 90


def evaluate(
    folder: Path, output: Path, settings: Sequence[MocapSettings], controls: MocapControls | None = None
) -> Notes:
    """Measure engines on a folder of samples and write the results page and the contact sheets.

    settings: how to open each engine; the page names them as they name themselves. controls: for all of them, but for the floor, which comes
    after the smoothing. Shows its progress. Raises SourceError, ModelError or
    RecordingError; where no mesh can be drawn the page comes without contact sheets, and its notes say so.
    """
    controls = controls or MocapControls()
    samples = Samples.read(folder)
    engines = {Engine.load(one.engine).name: one for one in settings}
    if len(engines) < len(settings):
        raise ModelError(
            f"two engines have the same name, found only {', '.join(engines)}; change `name` in one's engine.toml"
        )
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RecordingError(f"{output}: the folder cannot be made, {advice(error)}") from error
    notes = Notes(samples)
    steps = _Steps(samples, len(engines))
    try:
        reference = _Reference(samples, steps)
        figures = [
            _measure(name, one, controls, samples, reference, output, steps, notes) for name, one in engines.items()
        ]
    finally:
        steps.end()
    write_report(output / REPORT_FILE, figures, notes, controls.smoothing)
    return notes


class _Steps:
    """Counts pictures on a progress line."""

    def __init__(self, samples: Samples, engines: int) -> None:
        lengths = [_length(samples.folder / clip) for clip in samples.clips]
        once = sum(length or 0 for length in lengths)
        total = once * (engines + 1) + len(samples.pictures) * engines + len(samples.persons)
        self._progress = Progress(None if None in lengths else total, "pictures")
        self._count = 0

    def through(self, pictures: Iterator[CameraFrame]) -> Iterator[CameraFrame]:
        for picture in pictures:
            yield picture
            self._count += 1
            self._progress.show(self._count)

    def end(self) -> None:
        self._progress.end()


class _Reference:
    """MediaPipe's answers, which are the same for all engines. poses_px: by photograph; tracks: by clip."""

    def __init__(self, samples: Samples, steps: _Steps) -> None:
        self.poses_px: dict[str, list[FloatArray]] = {}
        self.tracks: dict[str, WorldTrack] = {}
        with closing(MediaPipePose()) as mediapipe:
            for file in samples.persons:
                for picture in steps.through(_pictures(samples, [file])):
                    self.poses_px[file] = mediapipe.poses_px(picture.image)
            for file in samples.clips:
                with VideoSource(samples.folder / file) as clip:
                    self.tracks[file] = mediapipe.track(steps.through(iter(clip)))


def _measure(
    name: str,
    settings: MocapSettings,
    controls: MocapControls,
    samples: Samples,
    reference: _Reference,
    output: Path,
    steps: _Steps,
    notes: Notes,
) -> EngineFigures:
    figures = EngineFigures(name)
    with ExitStack() as stack:
        mocap = stack.enter_context(MotionCapture.open(settings, replace(controls, smoothing=0.0, floor=False)))
        draw = None
        try:
            draw = stack.enter_context(closing(OverlayRenderer(mocap.body, windowless_context(stack))))
        except DisplayError as error:
            notes.lacks_sheets = f"there are no contact sheets: {error}"
        sheets = Sheets(draw)
        for picture, shot in shots(mocap, steps.through(_pictures(samples, samples.pictures)), controls.smoothing):
            sheets.add_picture(picture.name, picture, shot)
            figures.palm_errors.append(shot.palm_errors)
            if picture.name in samples.persons:
                _compare_photograph(figures, shot, picture.name, samples, reference)
            if picture.name in samples.signs:
                side = fingers.signing_side(shot.pose, shot.joints)
                figures.signs.append(_read_sign(mocap, shot, side, picture.name, samples))
                sheets.add_sign(figures.signs[-1], picture, shot, side)
        for file in samples.clips:
            taken: list[Shot] = []
            with VideoSource(samples.folder / file) as clip:
                wanted = np.linspace(0, (clip.frame_count or _UNKNOWN_LENGTH) - 1, _PICTURES_OF_A_CLIP).astype(int)
                for picture, shot in shots(mocap, steps.through(iter(clip)), controls.smoothing):
                    if len(taken) in wanted:
                        sheets.add_clip_picture(file, picture, shot)
                    taken.append(shot)
                if clip.warning:
                    notes.warnings.add(clip.warning)
            true = samples.positions.get(file)
            if true is not None and len(true) != len(taken):
                raise SourceError(
                    f"gt/body3d.json: expected joints for each of the {len(taken)} pictures of {file}, found {len(true)} rows; "
                    "docs/evaluation.md says how it is made"
                )
            figures.clips[file] = clip_figures(taken, reference.tracks[file], true)
        notes.sheets[name] = sheets.write(output, name)
    return figures


def _compare_photograph(figures: EngineFigures, shot: Shot, file: str, samples: Samples, reference: _Reference) -> None:
    points = pck.smplx_points(shot.joints, shot.pose.camera) if shot.pose.tracked else None
    person = pck.nearest_person(points, samples.persons[file])
    theirs = pck.nearest_pose(map(pck.blazepose_points, reference.poses_px[file]), person)
    figures.photographs_tracked += shot.pose.tracked
    figures.errors.append(pck.joint_errors(points, person))
    figures.mediapipe_errors.append(pck.joint_errors(theirs, person))


def _read_sign(mocap: MotionCapture, shot: Shot, side: int | None, file: str, samples: Samples) -> Sign:
    found = None
    if side is not None:
        rest = fingers.RestSkeleton(mocap.body.rest_joints(shot.pose.betas))
        hand_pose = (shot.pose.left_hand_pose, shot.pose.right_hand_pose)[side]
        found = fingers.extended(fingers.flexions_deg(rest, side, hand_pose))
    return Sign(file, samples.signs[file], found)


def _pictures(samples: Samples, files: Sequence[str]) -> Iterator[CameraFrame]:
    """Pictures named by their path in the folder."""
    for index, file in enumerate(files):
        image = read_picture(samples.folder / file)
        if image is None:
            raise SourceError(
                f"{samples.folder / file}: the picture cannot be read; it is damaged or no picture, export it again"
            )
        yield CameraFrame(image, float(index), index, file)


def _length(clip: Path) -> int | None:
    with VideoSource(clip) as opened:
        return opened.frame_count
