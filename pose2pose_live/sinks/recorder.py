"""Records captured poses to `NAME.npz` (see recording.py for what is in it)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from .. import __version__
from ..errors import RecordingError
from ..frame import CameraFrame, FloatArray, SmplxFrame
from ..recording import save_arrays, take_arrays
from .base import Sink
from .files import advice, numbered_paths, sync_folder
from .journal import SUFFIX, JournalWriter, is_abandoned, make_record, read_journal


class JointModel(Protocol):
    """What the recorder needs of `pose2pose_live.body.BodyModel`."""

    tag: str

    def joints(self, frame: SmplxFrame) -> FloatArray:
        """(55,3) m in the frame's world."""
        ...


class Recorder(Sink):
    """Writes one take, row by row, so that nothing of it is lost when the program ends early.

    path: `DIR/NAME.npz`; the folder is made if need be. An existing take is never overwritten: NAME_2, NAME_3 ... is used
    then, and the attribute `path` is the one chosen. fps: the source's nominal rate.

    Each pose is at once appended to `NAME.journal`; `close` assembles the recording from it and removes it. If the program was
    killed in between, `finish_journal` does so later. `frames_written` counts the rows that are on disk. If there are none,
    `close` leaves no file behind.
    """

    def __init__(self, path: Path, body: JointModel, *, fps: float) -> None:
        self.frames_written = 0
        self._body = body
        self._error: RecordingError | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.path, self._journal = self._claim(path, fps)
        except OSError as error:
            raise RecordingError(f"{path.with_suffix('.npz')} cannot be recorded: {advice(error)}") from error

    def _claim(self, path: Path, fps: float) -> tuple[Path, JournalWriter]:
        """A name of which there is no take yet, made ours by its journal."""
        for chosen in numbered_paths(path.with_suffix(".npz")):
            if chosen.exists():
                continue
            journal = chosen.with_suffix(SUFFIX)
            try:
                return chosen, JournalWriter(journal, fps=fps, body_model=self._body.tag, app_version=__version__)
            except FileExistsError:
                continue
        raise AssertionError("numbered_paths has no end")

    def write(self, pose: SmplxFrame, picture: CameraFrame) -> None:
        """Append one pose. Raises RecordingError when it cannot be written, and again at every later call."""
        if self._error:
            raise self._error
        try:
            self._journal.append(make_record(pose, picture, self._body.joints(pose)))
        except OSError as error:
            self._error = RecordingError(
                f"recording stopped after {self.frames_written} frames, {self.path.name} cannot be written on: {advice(error)}"
            )
            raise self._error from error
        self.frames_written += 1

    def close(self) -> None:
        """Assemble the recording. Raises RecordingError; the journal then stays and can be finished later."""
        try:
            self._journal.close()
        except OSError as error:
            self._error = self._error or RecordingError(f"{self.path.name} cannot be written on: {advice(error)}")
        try:
            finish_journal(self.path.with_suffix(SUFFIX))
        finally:
            self._journal.release()


class LateRecorder(Sink):
    """Opens its recorder with the first pose, in the thread that writes: whoever attaches it never waits for a disk.

    recorder: None until then. error: why it writes no more. kept: once closed, the file that holds the take, its journal where that could not be
    made a recording, or None; on_closed is then called, in the thread that wrote. What opening raises, the first `write` raises.
    """

    def __init__(self, open_recorder: Callable[[], Recorder], on_closed: Callable[[LateRecorder], object]) -> None:
        self.recorder: Recorder | None = None
        self.error: Exception | None = None
        self.kept: Path | None = None
        self._open_recorder, self._on_closed = open_recorder, on_closed

    def write(self, pose: SmplxFrame, picture: CameraFrame) -> None:
        try:
            if self.recorder is None:
                self.recorder = self._open_recorder()
            self.recorder.write(pose, picture)
        except Exception as error:
            self.error = error
            raise

    def close(self) -> None:
        try:
            if self.recorder is not None:
                self.recorder.close()
        except Exception as error:
            self.error = self.error or error
            raise
        finally:
            if self.recorder is not None:
                files = (self.recorder.path, self.recorder.path.with_suffix(SUFFIX))
                self.kept = next((path for path in files if path.exists()), None)
            self._on_closed(self)


def finish_journal(path: Path) -> Path | None:
    """Assemble `NAME.npz` from `NAME.journal` and delete that; the recording's path, or None if it holds no pose.

    Raises RecordingError when the recording cannot be written (the journal then stays) or `path` is no journal.
    """
    target = path.with_suffix(".npz")
    try:
        holds_poses = _assemble(path, target)
        path.unlink()
    except OSError as error:
        raise RecordingError(
            f"{target.name} cannot be written: {advice(error)}. What was captured is safe in {path}, keep that file"
        ) from error
    return target if holds_poses else None


def _assemble(journal: Path, target: Path) -> bool:
    """Whether there was a pose to write. When this returns, nothing holds the journal open."""
    found = read_journal(journal)
    if found is None or not len(found[1]):
        return False
    header, records = found
    arrays = take_arrays(records, fps=header.fps, body_model=header.body_model, app_version=header.app_version)
    save_arrays(target, arrays)
    sync_folder(target.parent)  # the take has its name for good before the journal goes
    return True


def finish_abandoned(folder: Path) -> list[Path]:
    """Finish the journals that a killed program left in a folder, if there is one; the recordings that this made.

    Other programs' files and takes that are being recorded are left alone. Raises RecordingError.
    """
    abandoned = [path for path in sorted(folder.glob(f"*{SUFFIX}")) if is_abandoned(path)]
    return [finished for path in abandoned if (finished := finish_journal(path))]
