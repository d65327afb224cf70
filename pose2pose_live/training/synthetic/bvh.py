"""Reading BVH motion capture files: the skeleton, and where its joints are and how they are turned in every frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from ...frame import FloatArray


@dataclass(frozen=True)
class BvhClip:
    """names of the joints, parents (-1 for the root), offsets (J,3) from the parent in the file's unit, channels of each joint, and
    frames (T,C) of channel values; frame_s: seconds between two frames."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: FloatArray
    channels: tuple[tuple[str, ...], ...]
    frames: FloatArray
    frame_s: float

    def world(self, wanted: Iterable[str], stride: int) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
        """World rotations (T,3,3) and positions (T,3) of the wanted joints and all above them, every `stride`-th frame."""
        needed = set()
        for name in wanted:
            joint = self.names.index(name)
            while joint >= 0 and joint not in needed:
                needed.add(joint)
                joint = self.parents[joint]
        frames = self.frames[::stride]
        first = np.cumsum([0, *(len(channels) for channels in self.channels)])
        rotations: dict[str, FloatArray] = {}
        positions: dict[str, FloatArray] = {}
        for joint in sorted(needed):  # parents come before their children
            channels = self.channels[joint]
            values = frames[:, first[joint] : first[joint + 1]]
            turns = [i for i, channel in enumerate(channels) if channel.endswith("rotation")]
            order = "".join(channels[i][0] for i in turns)
            local = Rotation.from_euler(order, values[:, turns], degrees=True).as_matrix()
            shift = np.tile(self.offsets[joint], (len(frames), 1))
            for i, channel in enumerate(channels):
                if channel.endswith("position"):
                    shift[:, "XYZ".index(channel[0])] = values[:, i]
            name, parent = self.names[joint], self.parents[joint]
            if parent < 0:
                rotations[name], positions[name] = local, shift
            else:
                above = self.names[parent]
                rotations[name] = rotations[above] @ local
                positions[name] = positions[above] + np.einsum("tij,tj->ti", rotations[above], shift)
        return rotations, positions


def parse_bvh(text: str) -> BvhClip:
    """Raises ValueError when the text is not a BVH file."""
    lines = iter(text.splitlines())
    names: list[str] = []
    parents: list[int] = []
    offsets: list[list[float]] = []
    channels: list[tuple[str, ...]] = []
    open_joints: list[int] = []  # -1 stands for an end site
    pending = -1
    for line in lines:
        words = line.split()
        if not words:
            continue
        match words[0]:
            case "ROOT" | "JOINT":
                names.append(words[1])
                parents.append(open_joints[-1] if open_joints else -1)
                pending = len(names) - 1
            case "End":
                pending = -1
            case "{":
                open_joints.append(pending)
            case "}":
                open_joints.pop()
            case "OFFSET" if open_joints[-1] >= 0:
                offsets.append([float(word) for word in words[1:4]])
            case "CHANNELS":
                channels.append(tuple(words[2:]))
            case "MOTION":
                break
    else:
        raise ValueError("there is no MOTION section; expected a BVH file")
    count = int(next(lines).split()[1])
    frame_s = float(next(lines).split()[2])
    width = sum(len(c) for c in channels)
    values = np.fromstring(" ".join(lines), sep=" ")  # many times faster than splitting
    if values.size != count * width:
        raise ValueError(f"expected {count} frames of {width} numbers, found {values.size} numbers")
    return BvhClip(
        tuple(names), tuple(parents), np.array(offsets), tuple(channels), values.reshape(count, width), frame_s
    )
