"""Which body is worn, and its shape: fitted to the person, or by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, pyqtSignal

from ..body.files import BETA_COUNT, read_body
from .background import in_background

if TYPE_CHECKING:
    from ..motion import Moment
    from .view_model import ViewModel


class BodyShapeModel(QObject):
    """names: what the shape's coefficients do, empty where the body file does not say. betas: the shape that is worn, as far as it is known while
    `is_watched`. is_checking: a file is being read. problem: why the last file was not taken, or "".

    changed: any of it.
    """

    changed = pyqtSignal()

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app)
        self.is_checking = False
        self.problem = ""
        self._app = app
        self._seen: tuple[float, ...] = (0.0,) * BETA_COUNT
        self._is_watched = False
        app.settings.changed.connect(self._on_setting)
        app.loader.changed.connect(self.changed)
        app.figures_read.connect(self._read)

    @property
    def path(self) -> Path | None:
        """None: the open body."""
        path = self._app.settings.value.body.path
        return Path(path) if path else None

    @property
    def names(self) -> tuple[str, ...]:
        return getattr(self._app.pipeline.body, "beta_names", ()) if self._app.pipeline.has_body else ()

    @property
    def is_by_hand(self) -> bool:
        return len(self._app.settings.value.body.betas) == BETA_COUNT

    @property
    def betas(self) -> tuple[float, ...]:
        return self._app.settings.value.body.betas if self.is_by_hand else self._seen

    @property
    def is_watched(self) -> bool:
        return self._is_watched

    @is_watched.setter
    def is_watched(self, is_watched: bool) -> None:
        if is_watched != self._is_watched:
            self._is_watched = is_watched
            (self._app.controls.watch if is_watched else self._app.controls.unwatch)(self._see)

    def set_beta(self, index: int, value: float) -> None:
        """From now on the whole shape is by hand; the others stay as they are."""
        betas = list(self.betas)
        betas[index] = value
        self._app.settings.change("body", betas=tuple(betas))

    def fit(self) -> None:
        """Fitted, or calibrated, again."""
        self._app.settings.change("body", betas=())

    def use_open_body(self) -> None:
        self.problem = ""
        self._choose("")

    def use_file(self, path: Path) -> None:
        """Read it first: a wrong file changes nothing, and `problem` says what it is."""
        if self._app.is_recording:
            self._choose(str(path))  # says why not
            return
        self.is_checking, self.problem = True, ""
        self.changed.emit()
        in_background(lambda: read_body(path).tag, lambda _: self._on_read(path), self._on_wrong)

    def _on_read(self, path: Path) -> None:
        self.is_checking = False
        self._choose(str(path))

    def _on_wrong(self, problem: str) -> None:
        self.is_checking, self.problem = False, problem
        self._app.messages.warn(problem)
        self.changed.emit()

    def _choose(self, path: str) -> None:
        # A shape means other things on another body.
        is_other = path != self._app.settings.value.body.path
        if is_other:
            self._app.loader.choose("body", path=path, betas=())
        self.changed.emit()

    def _see(self, moment: Moment) -> None:
        """In the thread of the estimation."""
        self._seen = tuple(moment.pose.betas.tolist())

    def _read(self) -> None:
        if self._is_watched and not self.is_by_hand:
            self.changed.emit()

    def _on_setting(self, section: str) -> None:
        if section == "body":
            self.changed.emit()
