from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from pose2pose_live.detection.mediapipe_import import import_mediapipe
mp = import_mediapipe()
assert mp is import_mediapipe() is sys.modules["mediapipe"]
assert not any(name.startswith(("matplotlib", "sounddevice", "_sounddevice")) for name in sys.modules)
drawing = mp.tasks.vision.drawing_utils
assert callable(drawing.plt.figure)  # MediaPipe's own plots still work
import matplotlib.pyplot
assert drawing.plt.figure is matplotlib.pyplot.figure
from mediapipe.tasks.python.audio.core import audio_record
try:
    import sounddevice
except (ImportError, OSError) as error:  # without PortAudio it cannot be imported
    try:
        audio_record.sd.InputStream
        raise AssertionError
    except type(error):
        pass
else:
    assert audio_record.sd.InputStream is sounddevice.InputStream
"""


def test_plotting_and_microphones_are_imported_when_somebody_uses_them_and_not_before():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
