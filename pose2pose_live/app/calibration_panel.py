"""The panel of height and T-pose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

if TYPE_CHECKING:
    from .view_model import ViewModel

_LOWEST_CM, _HIGHEST_CM = 79, 240  # the lowest stands for an unknown height


class CalibrationPanel(QWidget):
    def __init__(self, app: ViewModel) -> None:
        super().__init__()
        self._model = app.calibration
        model, tr = self._model, self.tr
        self.height_field = QDoubleSpinBox()
        self.height_field.setRange(_LOWEST_CM, _HIGHEST_CM)
        self.height_field.setDecimals(0)
        self.height_field.setSuffix(tr(" cm"))
        self.height_field.setSpecialValueText(tr("unknown"))
        self.height_field.setKeyboardTracking(False)
        self.height_field.setToolTip(
            tr(
                "How tall you are, without shoes. A picture does not tell it; the body is as tall, and as far away as that makes it"
            )
        )
        self.height_field.valueChanged.connect(lambda cm: model.set_height(cm / 100 if cm > _LOWEST_CM else 0.0))
        self.explanation = _message(
            tr("Stand two to four metres before the camera with your arms straight out to the sides, until the bar is full. The lengths of your limbs, "
               "the camera's tilt and the floor are measured.")
        )  # fmt: skip
        self.start_button = QPushButton()
        self.start_button.setShortcut(QKeySequence("T"))
        self.start_button.clicked.connect(lambda: model.cancel() if model.is_running else model.start())
        self.undo_button = QPushButton(tr("&Undo"))
        self.undo_button.setToolTip(tr("Use the calibration before this one again"))
        self.undo_button.clicked.connect(model.undo)
        self.forget_button = QPushButton(tr("&Forget"))
        self.forget_button.setToolTip(tr("Fit the shape to whoever is in the picture, and take the camera for level"))
        self.forget_button.clicked.connect(model.forget)
        self.cue = QLabel()
        self.cue.setObjectName("heading")
        self.cue.setWordWrap(True)
        self.progress = QProgressBar()
        self.progress.setRange(0, 100)
        self.progress.setAccessibleName(tr("How long the pose was held"))
        self.progress.setToolTip(tr("How long the pose was held"))
        self.state = _message("")

        form = QFormLayout()
        form.addRow(tr("&Height"), self.height_field)
        self.height_field.setAccessibleName(tr("Height"))
        buttons = QHBoxLayout()
        for button in (self.start_button, self.undo_button, self.forget_button):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.explanation)
        column.addLayout(buttons)
        column.addWidget(self.cue)
        column.addWidget(self.progress)
        column.addWidget(self.state)
        column.addStretch(1)
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        model = self._model
        with QSignalBlocker(self.height_field):
            self.height_field.setValue(round(100 * model.height_m) if model.height_m else _LOWEST_CM)
        running = model.is_running
        key = self.start_button.shortcut()
        self.start_button.setText(self.tr("Stop") if running else self.tr("T-pose"))
        self.start_button.setShortcut(key)  # a new text takes it away
        self.start_button.setToolTip(
            self.tr("End the calibration (T)") if running else self.tr("Calibrate by a T-pose, after a countdown (T)")
        )
        self.undo_button.setEnabled(model.can_undo and not running)
        self.forget_button.setEnabled(model.calibration is not None and not running)
        text = (
            self.tr("{seconds} - {cue}").format(seconds=model.countdown, cue=model.cue)
            if model.countdown
            else model.cue
        )
        self.cue.setText(text)
        self.cue.setVisible(running)
        self.progress.setVisible(running)
        self.progress.setValue(round(100 * model.share))
        self.state.setText(self._state())

    def _state(self) -> str:
        calibration = self._model.calibration
        if calibration is None:
            return self.tr("Not calibrated: the shape is fitted while you are seen, and the camera counts as level.")
        lines = [self.tr("Calibrated by a T-pose.")]
        if not math.isnan(self._model.tilt_deg):
            lines.append(
                self.tr("Upright is {tilt:.0f}° from the camera's own upright.").format(tilt=self._model.tilt_deg)
            )
        if calibration.ground is not None and calibration.ground.height_m is not None:
            below_m = -calibration.ground.height_m
            lines.append(self.tr("The floor is {height:.2f} m below the camera.").format(height=below_m))
        return "\n".join(lines)


def _message(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("message")
    label.setWordWrap(True)
    return label
