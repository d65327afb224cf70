"""The program in the menu of a Linux desktop: an entry and its icons, in the user's own data folder.

A wheel in a virtual environment is not where desktops look, so a command puts them there.
Source: Desktop Entry Specification 1.5, Icon Theme Specification 0.13 (freedesktop.org).
"""

from __future__ import annotations

import re
import shutil
import sys
import sysconfig
from pathlib import Path

from .errors import DisplayError
from .resources import asset_path, data_home

NAME = "pose2pose-live"
_ENTRY = """\
[Desktop Entry]
Type=Application
Version=1.5
Name=Pose2Pose Live
GenericName=Motion Capture
Comment=One webcam becomes SMPL-X motion capture: body, hands and face
Exec={command}
Icon={name}
Terminal=false
Categories=AudioVideo;Video;Recorder;
Keywords=motion;capture;mocap;SMPL-X;webcam;VMC;VRChat;avatar;
StartupNotify=true
StartupWMClass=pose2pose-live
"""


def install() -> list[Path]:
    """Write the entry and its icons; what was written, the entry first. Raises DisplayError elsewhere than on Linux, and OSError."""
    _check_platform()
    entry = _entry_path()
    entry.parent.mkdir(parents=True, exist_ok=True)
    command = " ".join(map(quoted, [*_command(), "--output", str(_takes())]))
    # Backslashes are escaped once more in every value of such a file.
    entry.write_text(_ENTRY.format(command=command.replace("\\", "\\\\"), name=NAME), encoding="utf-8")
    written = [entry]
    for source, target in _icons():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        written.append(target)
    return written


def remove() -> list[Path]:
    """Delete what `install` wrote, if it is there; what was deleted. Raises as `install` does."""
    _check_platform()
    present = [path for path in (_entry_path(), *(target for _, target in _icons())) if path.exists()]
    for path in present:
        path.unlink()
    return present


def quoted(argument: str) -> str:
    """An argument of a command as the key Exec wants it."""
    escaped = re.sub(r'(["`$\\])', r"\\\1", argument).replace("%", "%%")
    return escaped if re.fullmatch(r"[\w./:%+,@-]+", argument) else f'"{escaped}"'


def _check_platform() -> None:
    if sys.platform in ("win32", "darwin"):
        raise DisplayError(
            "menus of Linux desktops are meant; README says how to start without a terminal on Windows and macOS"
        )


def _command() -> list[str]:
    """This program, for a desktop that knows nothing of its environment."""
    script = Path(sysconfig.get_path("scripts")) / NAME
    return [str(script)] if script.exists() else [sys.executable, "-m", "pose2pose_live"]


def _takes() -> Path:
    """A desktop starts programs in a folder of its own choice, so takes get one with a name."""
    videos = Path.home() / "Videos"
    return (videos if videos.is_dir() else Path.home()) / NAME


def _entry_path() -> Path:
    return data_home() / "applications" / f"{NAME}.desktop"


def _icons() -> list[tuple[Path, Path]]:
    """Each bundled icon, and where a theme's icon of that size belongs."""
    theme = data_home() / "icons" / "hicolor"
    found = [(asset_path(f"icons/{NAME}.svg"), theme / "scalable" / "apps" / f"{NAME}.svg")]
    for path in sorted(asset_path("icons").glob(f"{NAME}-*.png")):
        size = path.stem.rsplit("-", 1)[1]
        found.append((path, theme / f"{size}x{size}" / "apps" / f"{NAME}.png"))
    return found
