"""A recorded take shown in the 3D view in place of the live pose, while the capture goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PyQt6.QtCore import QObject, Qt, QThreadPool, QTimer, pyqtSignal

from ..frame import SmplxFrame
from ..pipeline import Ready
from ..sources import clock_s
from ..takes import TakeReplay
from .background import in_background

if TYPE_CHECKING:
    from ..body import BodyModel
    from .view_model import ViewModel

_TICK_MS = 16


class ReplayModel(QObject):
    """path: the take that is open, or None; duration_s, position_s: from its beginning; start_s, end_s: the marked part, which is what is played.

    note: what to know of what is seen, or empty. The file is read in background threads only; where the disk is slow, frames are left out.
    `changed` follows all but the position, which `moved` carries.
    """

    changed = pyqtSignal()
    moved = pyqtSignal(float)

    def __init__(self, app: ViewModel, order: QThreadPool) -> None:
        """order: a pool of one thread, in which all that touches the files of takes is done."""
        super().__init__(app)
        self.path: Path | None = None
        self.duration_s = self.position_s = self.start_s = self.end_s = 0.0
        self.is_playing = self.is_looped = False
        self.note = ""
        self._app, self._order = app, order
        self._replay: TakeReplay | None = None
        self._wanted: Path | None = None
        self._is_reading = False
        self._shown = self._next = -1
        self._moved_s = self._painted_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        app.painted.connect(self._on_painting)
        app.happened.connect(self._on_event)
        app.recording.changed.connect(self._on_recording)

    def open(self, path: Path) -> None:
        """Show a take from its beginning on, and play it."""
        self.close()
        self._wanted = path
        in_background(lambda: TakeReplay(path), self._opened, self._not_opened, pool=self._order)

    def close(self) -> None:
        """Back to the live pose. The file is closed before what is put into `order` later is done."""
        self._wanted = None
        self._timer.stop()
        replay, self._replay = self._replay, None
        if replay is None:
            return
        in_background(replay.close, pool=self._order)
        self.path, self.is_playing, self.note = None, False, ""
        self._app.view.replayed = None
        self._app.pipeline.redraw()
        self.changed.emit()

    def play(self, *, on: bool) -> None:
        """Go on from the position, from the beginning of the marked part where it is at its end; or pause."""
        if self._replay is None or on == self.is_playing:
            return
        if on and not self.start_s <= self.position_s < self.end_s:
            self.seek(self.start_s)
        self.is_playing = on
        self._moved_s = clock_s()
        if on:
            self._timer.start()
        else:
            self._timer.stop()
        self.changed.emit()

    def seek(self, position_s: float) -> None:
        if self._replay is not None:
            self.position_s = min(max(position_s, 0.0), self.duration_s)
            self._moved_s = clock_s()
            self._show_position()

    def step(self, rows: int) -> None:
        """So many pictures forwards, or backwards; pauses."""
        if self._replay is not None:
            self.play(on=False)
            index = self._replay.index_at(self.position_s) + rows
            self.seek(float(self._replay.times_s[min(max(index, 0), len(self._replay) - 1)]))

    def loop(self, *, on: bool) -> None:
        self.is_looped = on
        self.changed.emit()

    def mark_start(self) -> None:
        """The marked part begins at the position."""
        self._mark(self.position_s, self.end_s if self.end_s > self.position_s else self.duration_s)

    def mark_end(self) -> None:
        """The marked part ends at the position."""
        self._mark(self.start_s if self.start_s < self.position_s else 0.0, self.position_s)

    def unmark(self) -> None:
        self._mark(0.0, self.duration_s)

    @property
    def is_marked(self) -> bool:
        """Whether a part is marked, and not the whole."""
        return self.path is not None and (self.start_s > 0 or self.end_s < self.duration_s)

    def _mark(self, start_s: float, end_s: float) -> None:
        if self._replay is not None:
            self.start_s, self.end_s = start_s, end_s
            self.changed.emit()

    def _opened(self, replay: TakeReplay) -> None:
        if replay.path != self._wanted:  # another was asked for meanwhile, or none
            in_background(replay.close, pool=self._order)
            return
        self._replay, self.path = replay, replay.path
        self.duration_s = self.end_s = replay.duration_s
        self.position_s = self.start_s = 0.0
        self._shown = self._next = -1
        self._is_reading = False
        self._look_at_body()
        self._show_position()
        self.changed.emit()
        self.play(on=True)

    def _not_opened(self, problem: str) -> None:
        self._app.messages.warn(problem)
        self.changed.emit()

    def _tick(self) -> None:
        now_s = clock_s()
        self.position_s += now_s - self._moved_s
        self._moved_s = now_s
        if self.position_s >= self.end_s:
            self.position_s = self.start_s if self.is_looped else self.end_s
        self._show_position()
        if self.position_s >= self.end_s and not self.is_looped:
            self.play(on=False)

    def _show_position(self) -> None:
        assert self._replay is not None
        self._next = self._replay.index_at(self.position_s)
        self.moved.emit(self.position_s)
        self._read()

    def _read(self) -> None:
        """The newest row that is wanted; those that were wanted while another was read are left out."""
        if self._is_reading or self._replay is None or self._next == self._shown:
            return
        self._is_reading, self._shown = True, self._next
        replay, index = self._replay, self._next
        in_background(lambda: (replay, replay.frame(index)), self._show, self._not_read, pool=self._order)

    def _show(self, read: tuple[TakeReplay, SmplxFrame]) -> None:
        replay, frame = read
        if replay is not self._replay:
            return
        self._is_reading = False
        self._app.view.replayed = self._fitted(frame)
        # Pictures of the capture, which come anyway, draw it too.
        if not self.is_playing or clock_s() - self._painted_s > 1 / replay.fps:
            self._app.pipeline.redraw()
        self._read()

    def _not_read(self, problem: str) -> None:
        self._app.messages.warn(problem)
        self.close()

    def _on_painting(self) -> None:
        self._painted_s = clock_s()

    @property
    def _live_body(self) -> BodyModel | None:
        pipeline = self._app.pipeline
        return pipeline.body if pipeline.has_body else None

    def _look_at_body(self) -> None:
        body, replay = self._live_body, self._replay
        self.note = ""
        if body is None:
            self.note = self.tr("The body is still being loaded")
        elif replay is not None and replay.body_model != body.tag:
            text = self.tr(
                "Made with the body {theirs}, shown with {ours}: figure and face are not those that were recorded"
            )
            self.note = text.format(theirs=replay.body_model, ours=body.tag)

    def _fitted(self, frame: SmplxFrame) -> SmplxFrame:
        """Shapes and expressions of another body mean something else on this one; ARKit's blendshapes mean the same."""
        body, replay = self._live_body, self._replay
        if body is None or replay is None or replay.body_model == body.tag:
            return frame
        from_arkit = getattr(body, "expression_from_arkit", None)
        expression = np.zeros_like(frame.expression) if from_arkit is None else from_arkit @ frame.blendshapes
        return replace(frame, betas=np.zeros_like(frame.betas), expression=expression)

    def _on_event(self, event: object) -> None:
        match event:
            case Ready("estimation") if self._replay is not None:
                self._look_at_body()
                self._shown = -1
                self._show_position()
                self.changed.emit()

    def _on_recording(self) -> None:
        if self.path is not None and (self._app.is_recording or self._app.recording.countdown):
            self.close()
