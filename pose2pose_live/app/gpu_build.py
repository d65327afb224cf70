"""The button that compiles the engine for this machine's GPU, shown where there is one and TensorRT is installed."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QPushButton

from ..inference import Engine
from ..inference.cuda import driver, driver_problem

_MODULES = {"tensorrt": "tensorrt", "tensorrt-rtx": "tensorrt_rtx"}


def buildable_runtime() -> str | None:
    """TensorRT, or else TensorRT-RTX, where it is installed and a GPU answers; None elsewhere. Imports neither: that takes a second."""
    if driver_problem() is not None:
        return None
    return next((name for name, module in _MODULES.items() if importlib.util.find_spec(module) is not None), None)


class BuildButton(QPushButton):
    """Builds in a thread of its own; `told` carries what goes on, as a line for people. The capture goes on meanwhile.

    engine: says which folder to build, when the button is clicked; None is the bundled one.
    """

    told = pyqtSignal(str)
    _ended = pyqtSignal()

    def __init__(self, engine: Callable[[], Path | None]) -> None:
        super().__init__()
        self.setText(self.tr("Build for this GPU"))
        self._engine = engine
        self._runtime = buildable_runtime()
        if self._runtime is None:
            self.hide()
        self.setToolTip(self.tr("Compile the networks for this GPU, once; the next start uses it"))
        self._ended.connect(lambda: self.setEnabled(True))
        self.clicked.connect(self.build)

    def build(self) -> None:
        self.setEnabled(False)
        threading.Thread(target=self._build, name="gpu-build", daemon=True).start()

    def _build(self) -> None:
        try:
            self.told.emit(_build_all(self._runtime or "tensorrt", self._engine(), self.told.emit))
        except Exception as error:  # TensorRT raises what it likes
            self.told.emit(f"Nothing was built for this GPU: {' '.join(str(error).split())}")
        finally:
            self._ended.emit()


def _build_all(runtime: str, engine: Path | None, tell: Callable[[str], None]) -> str:
    from ..inference.tensorrt_plans import build_plan, plan_path, store_plan

    gpu = driver().gpu
    graphs = Engine.load(engine).graphs
    for i, (name, spec) in enumerate(graphs.items()):
        head = f"Building for {gpu.name}, network {i + 1} of {len(graphs)} ({name})"
        tell(head)
        plan = build_plan(runtime, spec.path, on_step=lambda text, head=head: tell(f"{head}: {text}"))  # type: ignore[misc]
        store_plan(plan_path(runtime, spec.path, "fp16", gpu), plan)
    return f"Built for {gpu.name}. Start again to use it; `pose2pose-live verify` compares it with the processor."
