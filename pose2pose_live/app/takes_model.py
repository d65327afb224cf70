"""The takes of the folder, and what is done with them. Everything that touches a file is done in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QThreadPool, pyqtSignal

from ..errors import Pose2PoseError
from ..recording import load_recording
from ..sinks import finish_journal
from ..takes import TakeInfo, list_takes, rename_take, trash_take, trim_take
from .background import in_background
from .takes_replay import ReplayModel

if TYPE_CHECKING:
    from .view_model import ViewModel


class _Ended(Pose2PoseError):
    """A person does not want it any more."""


class TakesModel(QObject):
    """takes: the newest first. progress: how far the conversions are, 0 to 1, None while there are none. replay: see `ReplayModel`.

    `changed` follows the list, `progressed` the progress, and `made` carries the path of a take that came of renaming, trimming or saving.
    """

    changed = pyqtSignal()
    progressed = pyqtSignal()
    made = pyqtSignal(object)
    _share = pyqtSignal(float)

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.takes: list[TakeInfo] = []
        self.progress: float | None = None
        self._app = app
        self._order = _one_thread(self)
        self._converters = _one_thread(self)
        self._jobs = 0
        self._is_unwanted = threading.Event()
        self.replay = ReplayModel(app, self._order)
        self._share.connect(self._on_share)
        app.recording.ended.connect(self._on_ended)
        app.settings.changed.connect(self._on_setting)

    @property
    def folder(self) -> Path:
        return self._app.recording.folder

    def refresh(self) -> None:
        """Read the folder anew."""
        folder, known = self.folder, self.takes
        in_background(lambda: list_takes(folder, known), self._set_takes, self._app.messages.warn, pool=self._order)

    def rename(self, path: Path, name: str) -> None:
        self._change(path, lambda: rename_take(path, name), self.tr("Renamed to {name}"))

    def save(self, path: Path) -> None:
        """Make a recording of the journal that an interrupted take left."""
        self._change(path, lambda: finish_journal(path), self.tr("Saved {path}"))

    def trim(self, path: Path, start_s: float, end_s: float) -> None:
        """A new take of the rows from start_s to end_s; the original stays."""
        text = self.tr("Wrote {name}; the whole take is still there")
        in_background(
            lambda: trim_take(path, start_s, end_s),
            lambda new: self._on_made(new, text),
            self._failed,
            pool=self._order,
        )

    def trash(self, paths: Sequence[Path]) -> None:
        """Into the trash of the system."""
        for path in paths:
            self._release(path)

        def work() -> None:
            for path in paths:
                trash_take(path)

        text = self.tr("{names}: in the trash, from where you can have it back")
        if len(paths) > 1:
            text = self.tr("{names}: in the trash, from where you can have them back")
        names = ", ".join(path.stem for path in paths)

        def tell(_: None) -> None:
            self._app.messages.tell(text.format(names=names))
            self.refresh()

        in_background(work, tell, self._failed, pool=self._order)

    def convert(self, paths: Sequence[Path], formats: Sequence[str]) -> None:
        """Write takes in formats of other programs (`conversion.FORMATS`) beside them, after what is being converted already."""
        if not paths or not formats:
            return
        pipeline = self._app.pipeline
        live = pipeline.body if pipeline.has_body else None
        unwanted, share = self._is_unwanted, self._share.emit
        ended = self.tr("The conversion was ended; what was complete is kept")

        def work() -> list[Path]:
            # Here, because SciPy takes its time to be loaded.
            from ..body import BodyModel
            from ..conversion import ConversionSettings, convert

            written: list[Path] = []
            for i, path in enumerate(paths):

                def tell(part: float, i: int = i) -> None:
                    if unwanted.is_set():
                        raise _Ended(ended)
                    share((i + part) / len(paths))

                tell(0.0)
                recording = load_recording(path)
                body = live if live is not None and live.tag == recording.body_model else BodyModel.load()
                written += convert(recording, path.with_suffix(""), tuple(formats), ConversionSettings(), body, tell)
            return written

        self._jobs += 1
        self._on_share(self.progress or 0.0)
        in_background(work, self._on_converted, self._on_not_converted, pool=self._converters)

    def end_conversions(self) -> None:
        """Those that wait, too."""
        self._is_unwanted.set()

    def close(self) -> None:
        """Before the program ends."""
        self.replay.close()
        self.end_conversions()
        self._order.waitForDone(1000)

    def _change(self, path: Path, work: Callable[[], Path | None], text: str) -> None:
        self._release(path)
        in_background(work, lambda new: self._on_made(new, text), self._failed, pool=self._order)

    def _release(self, path: Path) -> None:
        """Windows neither renames nor deletes a file that is open."""
        if self.replay.path == path:
            self.replay.close()

    def _set_takes(self, takes: list[TakeInfo]) -> None:
        if takes != self.takes:
            self.takes = takes
            self.changed.emit()

    def _on_made(self, path: Path | None, text: str) -> None:
        self.refresh()
        if path is not None:
            self._app.messages.tell(text.format(name=path.stem, path=path))
            self.made.emit(path)

    def _failed(self, problem: str) -> None:
        self._app.messages.warn(problem)
        self.refresh()

    def _on_share(self, share: float) -> None:
        self.progress = share if self._jobs else None
        self.progressed.emit()

    def _on_converted(self, written: list[Path]) -> None:
        self._app.messages.tell(self.tr("Wrote {names}").format(names=", ".join(path.name for path in written)))
        self._end_job()

    def _on_not_converted(self, problem: str) -> None:
        self._app.messages.warn(problem)
        self._end_job()

    def _end_job(self) -> None:
        self._jobs -= 1
        if not self._jobs:
            self._is_unwanted = threading.Event()
        self._on_share(0.0)

    def _on_ended(self, path: Path) -> None:
        self.refresh()
        if path.suffix == ".npz":
            self.convert([path], self._app.settings.value.recording.convert_to)

    def _on_setting(self, section: str) -> None:
        if section == "recording":
            self.refresh()


def _one_thread(parent: QObject) -> QThreadPool:
    pool = QThreadPool(parent)
    pool.setMaxThreadCount(1)
    return pool
