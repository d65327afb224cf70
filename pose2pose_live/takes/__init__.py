"""The takes of a folder: listed, replayed, renamed, trimmed, put into the trash; and how much room there is for more."""

from .disk import DiskSpace, disk_space
from .edit import rename_take, trash_take, trim_take
from .library import TakeInfo, list_takes, next_take
from .replay import TakeReplay

__all__ = [
    "DiskSpace",
    "TakeInfo",
    "TakeReplay",
    "disk_space",
    "list_takes",
    "next_take",
    "rename_take",
    "trash_take",
    "trim_take",
]
