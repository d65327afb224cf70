"""What is behind people: rooms of boxes, gradients, blurred shapes, noise; or pictures of a folder that the user names."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import TrainingError

Rng = np.random.Generator
Picture = NDArray[np.uint8]
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


class Backgrounds:
    """Pictures to stand in front of. folder: a user's own pictures, used for half of them."""

    def __init__(self, folder: Path | None = None) -> None:
        self._files: list[Path] = []
        if folder is not None:
            self._files = sorted(path for path in folder.glob("**/*") if path.suffix.lower() in _ENDINGS)
            if not self._files:
                raise TrainingError(f"{folder}: expected a folder with pictures ({', '.join(_ENDINGS)}), found none")

    def sample(self, rng: Rng, size: tuple[int, int]) -> Picture:
        """(H,W,3) uint8 BGR."""
        width, height = size
        if self._files and rng.random() < 0.5:
            return self._photograph(rng, size)
        # Drawn small: what is behind a person is out of focus more often than not.
        small = (width // 2, height // 2) if rng.random() < 0.7 else size
        picture = _room(rng, small) if rng.random() < 0.65 else _abstract(rng, small)
        sigma = rng.uniform(0.3, 1.2) if rng.random() < 0.5 else rng.uniform(1.2, 6)
        picture = cv2.GaussianBlur(picture, (0, 0), sigma * small[0] / width)
        return picture if small == size else cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)

    def _photograph(self, rng: Rng, size: tuple[int, int]) -> Picture:
        path = self._files[rng.integers(len(self._files))]
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            raise TrainingError(
                f"{path}: expected a picture, found something that OpenCV cannot read; remove it from the folder"
            )
        scale = rng.uniform(1.0, 1.6) * max(size[0] / picture.shape[1], size[1] / picture.shape[0])
        crop_w, crop_h = min(int(size[0] / scale), picture.shape[1]), min(int(size[1] / scale), picture.shape[0])
        left, top = rng.integers(picture.shape[1] - crop_w + 1), rng.integers(picture.shape[0] - crop_h + 1)
        cut = picture[top : top + crop_h, left : left + crop_w]
        cut = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        return cut[:, ::-1] if rng.random() < 0.5 else cut


def _colour(rng: Rng) -> tuple[float, float, float]:
    grey = rng.uniform(15, 245)
    tint = rng.normal(0, 11 if rng.random() < 0.72 else 42, 3)
    b, g, r = np.clip(grey + tint, 0, 255)
    return float(b), float(g), float(r)


def _gradient(rng: Rng, size: tuple[int, int], strength: float) -> NDArray[np.float32]:
    corners = rng.normal(0, strength, (2, 2, 1)) + rng.normal(0, strength / 4, (2, 2, 3))
    return cv2.resize(corners.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)


def _abstract(rng: Rng, size: tuple[int, int]) -> Picture:
    """Plain or cloudy, with a few shapes."""
    width, height = size
    picture = np.array(_colour(rng), np.float32) + _gradient(rng, size, rng.uniform(3, 35))
    for cells in ((), (4,), (9,), (5, 20), (4, 16, 50))[rng.integers(5)]:
        noise = rng.normal(0, 1, (cells, cells, 1)) + rng.normal(0, 0.35, (cells, cells, 3))
        picture += rng.uniform(2, 22) * cv2.resize(noise.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    for _ in range(rng.integers(0, 7)):
        centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        extent = (int(rng.integers(3, width // 3)), int(rng.integers(3, height // 3)))
        kind = rng.random()
        if kind < 0.5:
            corner = (centre[0] + extent[0], centre[1] + extent[1])
            cv2.rectangle(picture, centre, corner, _colour(rng), -1)
        elif kind < 0.75:
            cv2.ellipse(picture, centre, extent, float(rng.uniform(0, 180)), 0, 360, _colour(rng), -1)
        else:
            end = (int(rng.integers(0, width)), int(rng.integers(0, height)))
            cv2.line(picture, centre, end, _colour(rng), int(rng.integers(1, 6)))
    return np.clip(picture, 0, 255).astype(np.uint8)


def _room(rng: Rng, size: tuple[int, int]) -> Picture:
    """Wall and floor, windows, pictures, shelves with books, doors, a lamp, furniture."""
    width, height = size
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = _colour(rng)
    horizon = int(height * rng.uniform(0.55, 1.15))
    corner = int(width * rng.uniform(-0.6, 1.6))
    if 0 < corner < width:
        picture[:, corner:] *= rng.uniform(0.7, 1.25)
    if horizon < height:
        slant = int(rng.normal(0, 0.08) * height)
        floor = np.array(
            [
                [0, horizon + slant],
                [corner, horizon - abs(slant) // 2],
                [width, horizon - slant],
                [width, height],
                [0, height],
            ]
        )
        cv2.fillPoly(picture, [floor], _colour(rng))
    for _ in range(rng.integers(1, 5)):
        x, y = int(rng.integers(-width // 5, width)), int(rng.integers(-height // 6, max(horizon - height // 8, 1)))
        w, h = int(width * rng.uniform(0.1, 0.45)), int(height * rng.uniform(0.12, 0.5))
        _FURNITURE[rng.integers(len(_FURNITURE))](rng, picture, x, y, w, h, horizon)
    picture += _gradient(rng, size, rng.uniform(4, 26))
    return np.clip(picture, 0, 255).astype(np.uint8)


Canvas = NDArray[np.float32]


def _frame(rng: Rng, canvas: Canvas, x: int, y: int, w: int, h: int, _: int) -> None:
    cv2.rectangle(canvas, (x, y), (x + w, y + h), _colour(rng), -1)
    border = int(rng.integers(1, 5))
    cv2.rectangle(canvas, (x + border, y + border), (x + w - border, y + h - border), _colour(rng), -1)


def _window(rng: Rng, canvas: Canvas, x: int, y: int, w: int, h: int, _: int) -> None:
    bright = float(rng.uniform(180, 290))
    cv2.rectangle(canvas, (x, y), (x + w, y + h), (bright, bright * 0.97, bright * 0.92), -1)
    frame = _colour(rng)
    thick = int(rng.integers(1, 5))
    cv2.rectangle(canvas, (x, y), (x + w, y + h), frame, thick)
    cv2.line(canvas, (x + w // 2, y), (x + w // 2, y + h), frame, thick)
    if rng.random() < 0.4:  # a blind
        for row in range(y, y + h, int(rng.integers(3, 8))):
            cv2.line(canvas, (x, row), (x + w, row), frame, 1)


def _shelf(rng: Rng, canvas: Canvas, x: int, y: int, w: int, h: int, _: int) -> None:
    cv2.rectangle(canvas, (x, y), (x + w, y + h), _colour(rng), -1)
    board = _colour(rng)
    step = max(h // int(rng.integers(2, 5)), 8)
    for bottom in range(y + step, y + h + 1, step):
        left = x + 2
        while left < x + w - 4:
            book = int(rng.integers(2, max(w // 9, 4)))
            tall = int(step * rng.uniform(0.45, 0.92))
            if rng.random() < 0.85:
                cv2.rectangle(canvas, (left, bottom - tall), (min(left + book, x + w), bottom), _colour(rng), -1)
            left += book + 1
        cv2.line(canvas, (x, bottom), (x + w, bottom), board, 2)


def _cupboard(rng: Rng, canvas: Canvas, x: int, y: int, w: int, h: int, horizon: int) -> None:
    bottom = max(horizon + int(rng.integers(0, 12)), y + h)
    colour = _colour(rng)
    cv2.rectangle(canvas, (x, y + h // 3), (x + w, bottom), colour, -1)
    cv2.rectangle(canvas, (x, y + h // 3), (x + w, bottom), tuple(c * 0.6 for c in colour), 1)
    cv2.line(canvas, (x + w // 2, y + h // 3), (x + w // 2, bottom), tuple(c * 0.6 for c in colour), 1)


def _sofa(rng: Rng, canvas: Canvas, x: int, _: int, w: int, h: int, horizon: int) -> None:
    colour = _colour(rng)
    top = horizon - h // 2
    cv2.ellipse(canvas, (x + w // 2, top + h // 6), (w, h // 4), 0, 0, 360, colour, -1)
    cv2.rectangle(canvas, (x - w // 2, top + h // 6), (x + w + w // 2, top + h), tuple(c * 0.8 for c in colour), -1)


def _lamp(rng: Rng, canvas: Canvas, x: int, y: int, w: int, h: int, horizon: int) -> None:
    cv2.line(canvas, (x, y), (x, horizon), _colour(rng), int(rng.integers(1, 3)))
    glow = (float(rng.uniform(170, 240)), float(rng.uniform(200, 250)), 280.0)
    cv2.ellipse(canvas, (x, y), (max(w // 3, 2), max(h // 4, 2)), 0, 0, 360, glow, -1)


def _plant(rng: Rng, canvas: Canvas, x: int, y: int, w: int, h: int, _: int) -> None:
    for _ in range(int(rng.integers(6, 18))):
        tip = (x + int(rng.normal(0, w / 2)), y + int(rng.normal(0, h / 2)))
        green = (float(rng.uniform(20, 80)), float(rng.uniform(60, 160)), float(rng.uniform(20, 90)))
        cv2.line(canvas, (x, y + h // 2), tip, green, int(rng.integers(1, 5)))


_FURNITURE = (_frame, _window, _shelf, _cupboard, _sofa, _lamp, _plant)
