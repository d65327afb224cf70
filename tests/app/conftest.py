from __future__ import annotations

import os

# Before PyQt6 makes its application: the tests need no display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
