"""The panel of the body: the open one or the user's own file, and its shape."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSlider,
    QVBoxLayout,
)

from ..body.files import BETA_COUNT
from .style import set_property
from .watching_panel import WatchingPanel

if TYPE_CHECKING:
    from .view_model import ViewModel

_STEPS, _BETA_MAX = 20, 3
_SMPLX_PAGE = "https://smpl-x.is.tue.mpg.de"


class BodyShapePanel(WatchingPanel):
    """sliders: one for each coefficient of the shape."""

    def __init__(self, app: ViewModel) -> None:
        super().__init__(app.body)
        self._model = app.body
        model, tr = self._model, self.tr
        self.open_body = QRadioButton(tr("&Open body"))
        self.open_body.setToolTip(tr("The body that comes with this program; it may be used for everything"))
        self.open_body.clicked.connect(self._use_open_body)
        self.own_file = QRadioButton(tr("Your SM&PL-X file"))
        self.own_file.setToolTip(tr("Choose the SMPLX_NEUTRAL.npz that you have downloaded"))
        self.own_file.clicked.connect(self._ask_for_file)
        which = QButtonGroup(self)
        for button in (self.open_body, self.own_file):
            which.addButton(button)
        self.choose_button = QPushButton(tr("&Choose file ..."))
        self.choose_button.setToolTip(tr("Choose the SMPLX_NEUTRAL.npz that you have downloaded"))
        self.choose_button.clicked.connect(self._ask_for_file)
        self.file = _message("")
        self.problem = QLabel()
        self.problem.setObjectName("state")
        self.problem.setWordWrap(True)
        set_property(self.problem, "problem", True)
        self.about = _message(
            tr("The file is not part of this program: register at {page}, accept its terms and download the model. It may be used for "
               "non-commercial research only, and so may what is made with it. Other programs read takes of the open body as well.")
            .format(page=f'<a href="{_SMPLX_PAGE}">{_SMPLX_PAGE.removeprefix("https://")}</a>')
        )  # fmt: skip
        self.about.setOpenExternalLinks(True)
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.shape_state = _message("")
        self.fit_button = QPushButton(tr("&Fitted to you"))
        self.fit_button.setToolTip(tr("Give up the shape by hand: it is fitted to the person, or as it was calibrated"))
        self.fit_button.clicked.connect(model.fit)
        self._form = QFormLayout()
        self.sliders: list[QSlider] = []
        self._labels: list[QLabel] = []
        for index in range(BETA_COUNT):
            slider = QSlider(Qt.Orientation.Horizontal)
            slider.setRange(-_STEPS * _BETA_MAX, _STEPS * _BETA_MAX)
            slider.setPageStep(_STEPS // 2)
            slider.valueChanged.connect(partial(self._on_slider, index))
            label = QLabel()
            label.setBuddy(slider)
            self._form.addRow(label, slider)
            self.sliders.append(slider)
            self._labels.append(label)

        files = QHBoxLayout()
        files.addWidget(self.choose_button)
        files.addWidget(self.file, 1)
        column = QVBoxLayout(self)
        column.addWidget(self.open_body)
        column.addWidget(self.own_file)
        column.addLayout(files)
        column.addWidget(self.problem)
        column.addWidget(self.about)
        column.addWidget(_heading(tr("Shape")))
        column.addWidget(self.shape_state)
        column.addLayout(self._form)
        column.addWidget(self.fit_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        model.changed.connect(self._show)
        self._show()

    def _use_open_body(self) -> None:
        self._model.use_open_body()
        self._show()

    def _ask_for_file(self) -> None:
        folder = str(self._model.path.parent) if self._model.path is not None else ""
        kinds = f"{self.tr('SMPL-X model')} (*.npz);;{self.tr('All files')} (*)"
        name, _ = QFileDialog.getOpenFileName(self, self.tr("Choose your SMPLX_NEUTRAL.npz"), folder, kinds)
        if name:
            self._model.use_file(Path(name))
        self._show()  # the choice is what is worn, not what was clicked

    def _on_slider(self, index: int, value: int) -> None:
        self._model.set_beta(index, value / _STEPS)

    def _show(self) -> None:
        model = self._model
        path = model.path
        self.open_body.setChecked(path is None)
        self.own_file.setChecked(path is not None)
        self.file.setText(self.tr("Reading the file ...") if model.is_checking else "" if path is None else path.name)
        self.file.setToolTip("" if path is None else str(path))
        self.problem.setText(model.problem)
        self.problem.setVisible(bool(model.problem))
        names = model.names or tuple(f"{index + 1}" for index in range(BETA_COUNT))
        for slider, label, name, beta in zip(self.sliders, self._labels, names, model.betas, strict=True):
            text = self._name(name)
            label.setText(text)
            slider.setAccessibleName(text)
            slider.setToolTip(self.tr("{name}: {value:+.2f}").format(name=text, value=beta))
            with QSignalBlocker(slider):
                if not slider.isSliderDown():
                    slider.setValue(round(_STEPS * beta))
        self.fit_button.setEnabled(model.is_by_hand)
        self.shape_state.setText(
            self.tr("By hand.")
            if model.is_by_hand
            else self.tr("Fitted to you. Move a slider to choose the shape by hand.")
        )

    def _name(self, name: str) -> str:
        """The open body's own names are documented in docs/open_body.md."""
        known = {
            "height": self.tr("Height"), "weight": self.tr("Weight"), "muscle": self.tr("Muscle"), "sex": self.tr("Female - male"),
            "age": self.tr("Age"), "leg_length": self.tr("Leg length"), "arm_length": self.tr("Arm length"),
            "shoulder_width": self.tr("Shoulder width"), "hip_width": self.tr("Hip width"), "head_size": self.tr("Head size"),
        }  # fmt: skip
        return known.get(name) or self.tr("Shape {number}").format(number=name)


def _message(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("message")
    label.setWordWrap(True)
    return label


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setObjectName("heading")
    label.setContentsMargins(0, 8, 0, 0)
    return label
