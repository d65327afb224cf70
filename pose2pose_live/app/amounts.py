"""Sizes and times as people read them."""

from __future__ import annotations

import math

from PyQt6.QtCore import QCoreApplication, QLocale

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_SURELY_ENOUGH_S = 100 * 86_400


def size_text(count: int) -> str:
    """Bytes in the unit that suits them, such as `12.3 MB`."""
    return QLocale().formattedDataSize(count, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def clock_text(seconds: float) -> str:
    """Such as `00:01.5`, and `1:02:03.4` from an hour on."""
    tenths = math.floor(10 * seconds + 1e-6)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    hour = f"{hours}:" if hours else ""
    return f"{hour}{minutes:02}:{tenths // 10:02}.{tenths % 10}"


def about_text(seconds: float) -> str:
    """A long time in its greatest unit and the next, such as `3 h 20 min`."""
    if seconds >= _SURELY_ENOUGH_S:
        return QCoreApplication.translate("amounts", "over 100 d")
    for i, (length, unit) in enumerate(_UNITS):
        if seconds >= length:
            count, rest = divmod(int(seconds), length)
            if i + 1 < len(_UNITS) and count < 10 and (fine := rest // _UNITS[i + 1][0]):
                return f"{count} {unit} {fine} {_UNITS[i + 1][1]}"
            return f"{count} {unit}"
    return "0 s"
