"""Steering a video that plays."""

from __future__ import annotations

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

from ..sources import VideoPlayer

_INTERVAL_MS = 100


class PlaybackModel(QObject):
    """player: the video that plays, None for a camera. Everything may be called without one, and returns at once.

    changed: place or state may be others. ended: whether it has come to its end, when that changes.
    """

    changed = pyqtSignal()
    ended = pyqtSignal(bool)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.player: VideoPlayer | None = None
        self._had_ended = False
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._look)

    @property
    def is_paused(self) -> bool:
        return self.player is not None and not self.player.is_playing

    def attach(self, player: VideoPlayer | None) -> None:
        self.player, self._had_ended = player, False
        if player is None:
            self._timer.stop()
        else:
            self._timer.start()
        self.changed.emit()

    def toggle(self) -> None:
        if self.player is not None:
            if self.player.is_playing:
                self.player.pause()
            else:
                self.player.play()
            self._look()

    def step(self, count: int) -> None:
        """Pause, so many pictures further on, or back if negative."""
        if self.player is not None:
            self.player.step(count)
            self._look()

    def seek(self, time_s: float) -> None:
        if self.player is not None:
            self.player.seek(time_s)

    def show_again(self) -> None:
        """Let a paused picture go its way once more, for what has changed on that way."""
        if self.player is not None and self.is_paused:
            self.player.seek(self.player.position_s)

    def set_looped(self, is_looped: bool) -> None:
        if self.player is not None:
            self.player.is_looped = is_looped
            self.changed.emit()

    def _look(self) -> None:
        if self.player is not None and self.player.has_ended != self._had_ended:
            self._had_ended = self.player.has_ended
            self.ended.emit(self._had_ended)
        self.changed.emit()
