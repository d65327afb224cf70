"""One take: a source recorded into a folder, and told about on the terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from .errors import DisplayError, RecordingError
from .mocap import MocapSettings, MotionCapture
from .motion import MocapControls
from .pipeline import Event, Failed, Streamer
from .process import process
from .progress import Progress
from .sinks import OverlayWriter, Recorder, Sink, finish_abandoned
from .sinks.files import safe_name
from .sources import FrameSource, PictureSource
from .stopping import StopSignals
from .streaming import Stream, Target
from .viewport import OverlayRenderer, windowless_context


@dataclass(frozen=True)
class TakeReport:
    """How a take ended. stopped_by: number of the signal that ended it early; is_cut_short: the source broke off;
    lacks_overlay: an overlay was wanted, but this machine cannot draw it."""

    stopped_by: int | None
    is_cut_short: bool
    lacks_overlay: bool


def take_name(spec: str | None, source: FrameSource) -> str:
    """Name for the files of a take: that of the file without its ending, else of folder or camera; valid on every system."""
    is_file = spec is not None and Path(spec).expanduser().is_file()
    return safe_name(Path(source.name).stem if is_file else source.name)


def finish_interrupted(output_dir: Path) -> list[Path]:
    """Finish the takes that a killed program left in the folder, and tell which; a failure is told too, but hinders no new take."""
    try:
        finished = finish_abandoned(output_dir)
    except RecordingError as error:
        _tell(f"a take of an earlier run is not finished: {error}")
        return []
    for path in finished:
        print(f"finished a recording that was cut short: {path}")
    return finished


def record_take(
    source: FrameSource,
    name: str,
    output_dir: Path,
    settings: MocapSettings,
    controls: MocapControls | None = None,
    *,
    seconds: float | None = None,
    overlay: bool = False,
    clean: bool = False,
    targets: Sequence[Target] = (),
) -> TakeReport:
    """Record a source as `NAME.npz`, with overlay also as `NAME_overlay.mp4`, with clean the pictures as `NAME_clean.mp4`, and print where they lie, whatever happens.

    Ends early, with all files complete, on Ctrl-C or SIGTERM. Where no overlay can be drawn, that is told and the recording made.
    Raises SourceError, ModelError or RecordingError.
    """
    with ExitStack() as stack:
        stop = stack.enter_context(StopSignals())
        mocap = stack.enter_context(MotionCapture.open(settings, controls))
        recorder = Recorder(output_dir / f"{name}.npz", mocap.body, fps=source.fps)
        streams = [Stream(target, mocap.body) for target in targets]
        sinks: list[Sink] = [recorder]
        sinks += [Streamer(stream, _tell_event, times_are_clock=source.live) for stream in streams]
        drawn: OverlayWriter | None = None
        if overlay:
            try:
                renderer = stack.enter_context(closing(OverlayRenderer(mocap.body, windowless_context(stack))))
            except DisplayError as error:
                _tell(f"no overlay is written: {error}")
            else:
                path = recorder.path.with_name(f"{recorder.path.stem}_overlay.mp4")
                drawn = OverlayWriter(path, renderer, fps=source.fps)
                sinks.append(drawn)
        plain: OverlayWriter | None = None
        if clean:
            path = recorder.path.with_name(f"{recorder.path.stem}_clean.mp4")
            plain = OverlayWriter(path, lambda picture, _: picture.image, fps=source.fps)
            sinks.append(plain)
        progress = Progress(_expected_pictures(source, seconds), "pictures")
        try:
            report = process(source, mocap, sinks, seconds=seconds, on_picture=progress.show, should_stop=stop)
        finally:
            progress.end()
            _tell_where(recorder, {"overlay:  ": drawn, "pictures: ": plain})
            for stream in streams:
                _tell_sent(stream)
    print(f"{report.pictures} pictures, a person tracked in {report.tracked}")
    if report.warning:
        _tell(report.warning)
    return TakeReport(
        stop.number, bool(report.warning) and not isinstance(source, PictureSource), overlay and drawn is None
    )


def _expected_pictures(source: FrameSource, seconds: float | None) -> int | None:
    counts = [source.frame_count, None if seconds is None else max(round(seconds * source.fps), 1)]
    return min((count for count in counts if count), default=None)


def _tell_where(recorder: Recorder, videos: dict[str, OverlayWriter | None]) -> None:
    if recorder.path.exists():
        print(f"recording: {recorder.path}")
    elif recorder.frames_written:
        print(f"recording: not complete yet; the next start in {recorder.path.parent} completes it")
    for what, video in videos.items():
        if video is not None and video.path.exists():
            print(f"{what} {video.path}")


def _tell_sent(stream: Stream) -> None:
    figures = stream.figures()
    latency = "" if math.isnan(figures.latency_p50_ms) else f", {figures.latency_p50_ms:.0f} ms after capture"
    print(f"sent:      {figures.poses} poses in {figures.packets} packets to {stream.target}{latency}")
    if figures.problem:
        _tell(f"{stream.target}: {figures.problem}")


def _tell_event(event: Event) -> None:
    if isinstance(event, Failed):
        _tell(str(event.error))


def _tell(text: str) -> None:
    print(f"pose2pose-live: {text}", file=sys.stderr)
