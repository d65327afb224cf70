"""Asking a Linux camera for its picture formats, and who uses it (Video4Linux2, linux/videodev2.h), without any library."""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform == "linux":
    import fcntl

_TYPE_CAPTURE = 1  # V4L2_BUF_TYPE_VIDEO_CAPTURE
_DISCRETE = 1  # the same number in v4l2_frmsizetypes and v4l2_frmivaltypes

# struct v4l2_fmtdesc: index, type, flags, description[32], pixelformat, mbus_code, reserved[3]
_FMTDESC = struct.Struct("=III32sII3I")
# struct v4l2_frmsizeenum: index, pixel_format, type, union {discrete: width, height; stepwise: 6 numbers}, reserved[2]
_FRMSIZEENUM = struct.Struct("=III6I2I")
# struct v4l2_frmivalenum: index, pixel_format, width, height, type, union {fraction; 3 fractions}, reserved[2]
_FRMIVALENUM = struct.Struct("=IIIII6I2I")
# struct v4l2_requestbuffers: count, type, memory, capabilities, flags and reserved[3]
_REQUESTBUFFERS = struct.Struct("=5I")
_MEMORY_MMAP = 1  # V4L2_MEMORY_MMAP


def _request(number: int, layout: struct.Struct) -> int:
    """_IOWR('V', number, layout): both directions, size, type and number packed as the kernel expects it."""
    return (3 << 30) | (layout.size << 16) | (ord("V") << 8) | number


VIDIOC_ENUM_FMT = _request(2, _FMTDESC)
VIDIOC_REQBUFS = _request(8, _REQUESTBUFFERS)
VIDIOC_ENUM_FRAMESIZES = _request(74, _FRMSIZEENUM)
VIDIOC_ENUM_FRAMEINTERVALS = _request(75, _FRMIVALENUM)

PictureMode = tuple[str, int, int, tuple[float, ...]]
"""Pixel format (fourcc), width px, height px, frames per second (highest first)."""

# Sizes and rates within a stepwise range that a person would choose.
_USUAL_SIZES = ((640, 480), (1280, 720), (1920, 1080))


def _enumerate(device: int, request: int, layout: struct.Struct, *head: int) -> Iterator[tuple[int, ...]]:
    """Every record of one V4L2 list, until the driver says that there are no more."""
    for index in range(1000):  # a driver that never ends its list must not hang the command
        record = bytearray(layout.size)
        struct.pack_into(f"={1 + len(head)}I", record, 0, index, *head)
        try:
            fcntl.ioctl(device, request, record)
        except OSError:  # EINVAL ends a list, ENOTTY is a driver without one
            return
        yield layout.unpack(record)


def _on_grid(value: int, low: int, high: int, step: int) -> bool:
    return low <= value <= high and (value - low) % max(step, 1) == 0


def _sizes(device: int, pixel_format: int) -> Iterator[tuple[int, int]]:
    for record in _enumerate(device, VIDIOC_ENUM_FRAMESIZES, _FRMSIZEENUM, pixel_format):
        kind, union = record[2], record[3:9]
        if kind == _DISCRETE:
            yield union[0], union[1]
        else:
            min_width, max_width, step_width, min_height, max_height, step_height = union
            for width, height in dict.fromkeys((*_USUAL_SIZES, (max_width, max_height))):
                if _on_grid(width, min_width, max_width, step_width) and _on_grid(
                    height, min_height, max_height, step_height
                ):
                    yield width, height
            return  # a range is the only record of its list


def _rates(device: int, pixel_format: int, width: int, height: int) -> Iterator[float]:
    for record in _enumerate(device, VIDIOC_ENUM_FRAMEINTERVALS, _FRMIVALENUM, pixel_format, width, height):
        kind, union = record[4], record[5:11]
        # A range gives the shortest and the longest interval.
        intervals = [union[0:2]] if kind == _DISCRETE else [union[0:2], union[2:4]]
        yield from (round(below / above, 3) for above, below in intervals if above)
        if kind != _DISCRETE:
            return


def picture_modes(path: str) -> list[PictureMode]:
    """What the camera at `path` (/dev/videoN) offers, in the driver's order. Raises OSError when it cannot be opened."""
    device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        modes: list[PictureMode] = []
        for record in _enumerate(device, VIDIOC_ENUM_FMT, _FMTDESC, _TYPE_CAPTURE):
            pixel_format = int(record[4])
            fourcc = struct.pack("<I", pixel_format & 0x7FFFFFFF).decode("ascii", "replace").strip()
            for width, height in dict.fromkeys(_sizes(device, pixel_format)):
                rates = sorted(set(_rates(device, pixel_format, width, height)), reverse=True)
                modes.append((fourcc, width, height, tuple(rates)))
        return modes
    finally:
        os.close(device)


def why_unusable(path: str) -> OSError | None:
    """What the system answers to somebody who wants pictures of the camera at `path`, None if it would give them.

    errno: EBUSY another program takes pictures; EACCES no permission; ENOENT, ENXIO or ENODEV it is gone. Not to be asked while
    this program takes pictures of it: that, too, is busy.
    """
    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:
        return error
    try:
        # No buffers are asked for, and nothing is changed: only the one who takes pictures may ask at all.
        fcntl.ioctl(device, VIDIOC_REQBUFS, bytearray(_REQUESTBUFFERS.pack(0, _TYPE_CAPTURE, _MEMORY_MMAP, 0, 0)))
    except OSError as error:
        return error if error.errno in (errno.EBUSY, errno.ENODEV) else None
    finally:
        os.close(device)
    return None


def programs_using(path: str, proc: Path = Path("/proc")) -> list[str]:
    """Names of the other programs that have the device at `path` open, as far as this user may know."""
    names = set()
    for process in proc.glob("[0-9]*"):
        if process.name == str(os.getpid()):
            continue
        try:
            if any(os.readlink(opened) == path for opened in (process / "fd").iterdir()):
                names.add((process / "comm").read_text(errors="replace").strip())
        except OSError:  # it has ended, or is another user's
            continue
    return sorted(names)
