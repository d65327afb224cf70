"""The panel of engine, runtime, smoothing, legs, floor, hands and face."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PyQt6.QtCore import QSignalBlocker, Qt
from PyQt6.QtGui import QStandardItemModel
from PyQt6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLabel, QSlider, QVBoxLayout

from ..inference import AUTO
from .quality_choices import Choice
from .watching_panel import WatchingPanel

if TYPE_CHECKING:
    from .view_model import ViewModel

_STEPS = 20  # of the slider, for a strength of 1
_STRENGTH_MAX = 3


class QualityPanel(WatchingPanel):
    def __init__(self, app: ViewModel) -> None:
        super().__init__(app.quality)
        self._model = app.quality
        model, tr = self._model, self.tr
        self.engine = QComboBox()
        self.engine.setToolTip(
            tr(
                "The networks. Those of your own folder are made with `python -m export`; the choice takes effect in a second"
            )
        )
        self.engine.activated.connect(lambda index: model.choose_engine(self.engine.itemData(index)))
        self.about_engine = _message()
        self.runtime = QComboBox()
        self.runtime.setToolTip(tr("What the networks run on; what cannot be used here says why"))
        self.runtime.activated.connect(lambda index: model.choose_runtime(self.runtime.itemData(index)))
        self.about_runtime = _message()
        self.speed = _message()
        self.speed.setAccessibleName(tr("Speed"))
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, _STEPS * _STRENGTH_MAX)
        self.smoothing.setPageStep(_STEPS // 4)
        self.smoothing.setTickInterval(_STEPS)
        self.smoothing.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.smoothing.setToolTip(
            tr("Calm against prompt: left is off, the first mark the usual strength; it takes effect at once")
        )
        self.smoothing.valueChanged.connect(lambda value: model.change(smoothing=value / _STEPS))
        self.figures = _message()
        self.figures.setAccessibleName(tr("Effect of the smoothing"))
        self.seated = QComboBox()
        for name, text in (("auto", tr("While they are not seen")), ("on", tr("Always")), ("off", tr("Never"))):
            self.seated.addItem(text, name)
        self.seated.setToolTip(
            tr(
                "Legs under a desk or below the picture rest and the hips are steady: who was seen to sit sits, everybody else stands"
            )
        )
        self.seated.activated.connect(lambda index: model.change(seated=self.seated.itemData(index)))
        self.floor = QCheckBox(tr("&Feet stay on the floor"))
        self.floor.setToolTip(tr("Standing feet do not slide; for a camera that shows them"))
        self.floor.clicked.connect(lambda on: model.change(has_floor=on))
        self.hands = QCheckBox(tr("&Hands"))
        self.hands.setToolTip(tr("Look for hands and fingers; without them the estimation is faster"))
        self.hands.clicked.connect(lambda on: model.change(has_hands=on))
        self.face = QCheckBox(tr("F&ace"))
        self.face.setToolTip(tr("Look for face, mouth and eyes; without them the estimation is faster"))
        self.face.clicked.connect(lambda on: model.change(has_face=on))

        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for text, field in (
            (tr("&Engine"), self.engine), ("", self.about_engine), (tr("R&untime"), self.runtime), ("", self.about_runtime),
            ("", self.speed), (tr("&Smoothing"), self.smoothing), ("", self.figures), (tr("&Legs rest"), self.seated),
            ("", self.floor), (tr("Look for"), self.hands), ("", self.face),
        ):  # fmt: skip
            form.addRow(text, field)
            if isinstance(field, QComboBox | QSlider):
                field.setAccessibleName(text.replace("&", ""))
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addStretch(1)
        model.changed.connect(self._show)
        model.figures_changed.connect(self._show_figures)
        self._show()
        self._show_figures()

    def _show(self) -> None:
        value = self._model.value
        engines = self._model.engines or (Choice(value.engine, value.engine or "open"),)
        runtimes = self._model.runtimes or (Choice(value.runtime, value.runtime),)
        self._fill(self.engine, engines, value.engine, lambda name: self._model.measured(name, value.runtime))
        self._fill(self.runtime, runtimes, value.runtime, lambda name: self._model.measured(value.engine, name))
        engine = next((one for one in engines if one.name == value.engine), None)
        self.about_engine.setText("" if engine is None else engine.problem or engine.description)
        lacking = [
            self.tr("{title}: {problem}").format(title=r.title, problem=r.problem) for r in runtimes if r.problem
        ]
        usable = sum(not r.problem for r in runtimes)
        text = self.tr("{count} of {all} can be used here").format(count=usable, all=len(runtimes)) if lacking else ""
        self.about_runtime.setText(text)
        self.about_runtime.setToolTip("\n".join(lacking))
        with QSignalBlocker(self.smoothing):
            self.smoothing.setValue(round(_STEPS * value.smoothing))
        self.seated.setCurrentIndex(self.seated.findData(value.seated))
        self.floor.setChecked(value.has_floor)
        self.hands.setChecked(value.has_hands)
        self.face.setChecked(value.has_face)
        self._show_figures()

    def _fill(self, box: QComboBox, choices: tuple[Choice, ...], chosen: str, speed) -> None:  # type: ignore[no-untyped-def]
        entries = [(self._text(choice, speed(choice.name)), choice.name) for choice in choices]
        if [
            (box.itemText(i), box.itemData(i)) for i in range(box.count())
        ] != entries:  # one that is open stays as it is
            box.clear()
            items = box.model()
            for row, ((text, name), choice) in enumerate(zip(entries, choices, strict=True)):
                box.addItem(text, name)
                box.setItemData(row, choice.problem or choice.description or text, Qt.ItemDataRole.ToolTipRole)
                if isinstance(items, QStandardItemModel) and (item := items.item(row)) is not None:
                    item.setEnabled(not choice.problem)
        box.setCurrentIndex(box.findData(chosen))

    def _text(self, choice: Choice, pictures_per_s: float) -> str:
        text = self.tr("Automatic") if choice.name == AUTO else choice.title
        if choice.is_yours:
            text = self.tr("{title} (yours)").format(title=text)
        if choice.problem:
            return self.tr("{title} - not here").format(title=text)
        if math.isnan(pictures_per_s):
            return text
        return self.tr("{title} - {speed:.0f} pictures/s here").format(title=text, speed=pictures_per_s)

    def _show_figures(self) -> None:
        model, figures = self._model, self._model.smoothing_figures
        if model.is_loading:
            text = self.tr("Loading ...")
        elif math.isnan(model.pictures_per_s):
            text = self.tr("Measuring the speed needs somebody in the picture")
        else:
            text = self.tr("{ms:.0f} ms a picture: {speed:.0f} pictures/s").format(
                ms=1000 / model.pictures_per_s, speed=model.pictures_per_s
            )
        self.speed.setText(text)
        if math.isnan(figures.jitter_after_mm):
            trembling = self.tr("Trembling: nobody in the picture")
        else:
            trembling = self.tr("Trembling: {after:.1f} mm, without smoothing {before:.1f} mm").format(
                after=figures.jitter_after_mm, before=figures.jitter_before_mm
            )
        delay = self.tr("Delay: move your arms to measure it")
        if not math.isnan(figures.lag_ms):
            delay = self.tr("Delay: {lag:.0f} ms").format(lag=figures.lag_ms)
        strength = self.tr("Strength {value:.2f}").format(value=model.value.smoothing)
        self.figures.setText("\n".join((strength if model.value.smoothing else self.tr("Off"), trembling, delay)))


def _message() -> QLabel:
    label = QLabel()
    label.setObjectName("message")
    label.setWordWrap(True)
    return label
