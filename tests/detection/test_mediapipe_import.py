from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from pose2pose_live.detection.mediapipe_import import import_mediapipe
mp = import_mediapipe()
assert mp is import_mediapipe() is sys.modules["mediapipe"]
assert not any(name.startswith("matplotlib") for name in sys.modules)
drawing = mp.tasks.vision.drawing_utils
assert callable(drawing.plt.figure)  # MediaPipe's own plots still work
import matplotlib.pyplot
assert drawing.plt.figure is matplotlib.pyplot.figure
"""


def test_plotting_is_imported_when_somebody_plots_and_not_before():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
