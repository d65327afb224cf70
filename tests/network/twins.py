"""Naive twins of the network's operators: loops in numpy, written from the formulas alone."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def pooling(features: Array, positions: Array) -> Array:
    n, channels, height, width = features.shape
    out = np.zeros((n, positions.shape[1], channels))
    for i in range(n):
        for j, (x, y) in enumerate(positions[i]):
            if not (math.isfinite(x) and math.isfinite(y)):
                continue
            left, top = math.floor(x), math.floor(y)
            for column in (left, left + 1):
                for row in (top, top + 1):
                    if 0 <= column < width and 0 <= row < height:
                        out[i, j] += (1 - abs(x - column)) * (1 - abs(y - row)) * features[i, :, row, column]
    return out


def soft_argmax(heatmap: Array) -> Array:
    """(..., D, H, W) or (..., H, W) logits -> (..., 3 or 2), the last axis first. One leading batch and one joint axis."""
    axes = heatmap.ndim - 2
    out = np.zeros((*heatmap.shape[:2], axes))
    for i in range(heatmap.shape[0]):
        for j in range(heatmap.shape[1]):
            weights = np.exp(heatmap[i, j] - heatmap[i, j].max())
            for cell in np.ndindex(weights.shape):
                out[i, j] += weights[cell] / weights.sum() * np.array(cell[::-1])
    return out


def rot6d_to_rotmat(rot6d: Array) -> Array:
    columns = rot6d.reshape(3, 2)
    b1 = columns[:, 0] / max(float(np.linalg.norm(columns[:, 0])), 1e-12)
    b2 = columns[:, 1] - (b1 @ columns[:, 1]) * b1
    b2 = b2 / max(float(np.linalg.norm(b2)), 1e-12)
    return np.stack([b1, b2, np.cross(b1, b2)], axis=1)


def rotmat_to_rotvec(rotmat: Array) -> Array:
    """As torchgeometry 0.1.2: the quaternion (w, x, y, z) by four cases of the transposed matrix, then twice its angle; NaN is 0."""
    m = rotmat.T
    d0, d1, d2 = np.diag(m)
    if d2 < 1e-6:
        if d0 > d1:
            t = 1 + d0 - d1 - d2
            q = [m[1, 2] - m[2, 1], t, m[0, 1] + m[1, 0], m[2, 0] + m[0, 2]]
        else:
            t = 1 - d0 + d1 - d2
            q = [m[2, 0] - m[0, 2], m[0, 1] + m[1, 0], t, m[1, 2] + m[2, 1]]
    elif d0 < -d1:
        t = 1 - d0 - d1 + d2
        q = [m[0, 1] - m[1, 0], m[2, 0] + m[0, 2], m[1, 2] + m[2, 1], t]
    else:
        t = 1 + d0 + d1 + d2
        q = [t, m[1, 2] - m[2, 1], m[2, 0] - m[0, 2], m[0, 1] - m[1, 0]]
    w, *vector = 0.5 * np.array(q) / math.sqrt(t)
    sine = float(np.linalg.norm(vector))
    if sine == 0:
        return 2 * np.array(vector)
    angle = 2 * (math.atan2(-sine, -w) if w < 0 else math.atan2(sine, w))
    return angle / sine * np.array(vector)


def roi_align(image: Array, box: Array, height: int, width: int) -> Array:
    """One box of one picture (C,H,W), sample by sample."""
    channels, rows, columns = image.shape
    x0, y0 = box[0], box[1]
    side_x, side_y = max(box[2] - x0, 1.0), max(box[3] - y0, 1.0)
    per_x, per_y = math.ceil(side_x / width), math.ceil(side_y / height)
    out = np.zeros((channels, height, width))
    for i in range(height * per_y):
        y = y0 + (i + 0.5) * side_y / (height * per_y)
        for j in range(width * per_x):
            x = x0 + (j + 0.5) * side_x / (width * per_x)
            out[:, i // per_y, j // per_x] += _bilinear(image, x, y, columns, rows) / (per_x * per_y)
    return out


def _bilinear(image: Array, x: float, y: float, columns: int, rows: int) -> Array:
    if x < -1 or x > columns or y < -1 or y > rows:
        return np.zeros(image.shape[0])
    x, y = min(max(x, 0.0), columns - 1.0), min(max(y, 0.0), rows - 1.0)
    left, top = int(x), int(y)
    right, bottom = min(left + 1, columns - 1), min(top + 1, rows - 1)
    dx, dy = x - left, y - top
    upper = (1 - dx) * image[:, top, left] + dx * image[:, top, right]
    lower = (1 - dx) * image[:, bottom, left] + dx * image[:, bottom, right]
    return (1 - dy) * upper + dy * lower


def restore_box(center: Array, size: Array, extension: float, aspect: float = 1.0) -> Array:
    """Step by step as network.md 5.4 words it."""
    x0, x1 = ((center[0] + sign * size[0] / 2) / 6 * 192 for sign in (-1, 1))
    y0, y1 = ((center[1] + sign * size[1] / 2) / 8 * 256 for sign in (-1, 1))
    w, h = x1 - x0, y1 - y0
    cx, cy = x0 + w / 2, y0 + h / 2
    if w > aspect * h:
        h = w / aspect
    elif w < aspect * h:
        w = h * aspect
    w, h = w * extension, h * extension
    return np.array([cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2])


def roi_align_fast(image: Array, box: Array, height: int, width: int) -> Array:
    """`roi_align` with all samples of a row at once, for crops of real size."""
    _, rows, columns = image.shape
    x0, y0 = box[0], box[1]
    side_x, side_y = max(box[2] - x0, 1.0), max(box[3] - y0, 1.0)
    per_x, per_y = math.ceil(side_x / width), math.ceil(side_y / height)
    x = x0 + (np.arange(width * per_x) + 0.5) * side_x / (width * per_x)
    seen = (x >= -1) & (x <= columns)
    x = np.clip(x, 0, columns - 1)
    left = np.floor(x).astype(int)
    right, dx = np.minimum(left + 1, columns - 1), x - left
    out = np.zeros((image.shape[0], height, width))
    for i in range(height * per_y):
        y = y0 + (i + 0.5) * side_y / (height * per_y)
        if y < -1 or y > rows:
            continue
        y = min(max(y, 0.0), rows - 1.0)
        top = int(y)
        bottom, dy = min(top + 1, rows - 1), y - top
        line = (1 - dy) * image[:, top] + dy * image[:, bottom]
        samples = ((1 - dx) * line[:, left] + dx * line[:, right]) * seen
        out[:, i // per_y] += samples.reshape(-1, width, per_x).mean(2) / per_y
    return out
