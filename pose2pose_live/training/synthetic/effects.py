"""What a webcam does to a picture: exposure, white balance, softness, motion blur, noise, JPEG; and things in the way."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Picture = NDArray[np.uint8]


def develop(rng: Rng, picture: Picture) -> Picture:
    """The picture as a random webcam would deliver it."""
    out = picture
    blur = rng.random()
    if blur < 0.45:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(0.35, 1.3))
    elif blur < 0.5:
        out = cv2.GaussianBlur(out, (0, 0), rng.uniform(1.3, 2.6))
    elif blur < 0.58:  # the camera shakes
        out = cv2.filter2D(out, -1, _streak(rng, rng.uniform(3, 9)))
    gain = np.exp(rng.normal(0.0, 0.18)) * np.exp(rng.normal(0, 0.05, 3))
    gamma = np.exp(rng.normal(0.0, 0.15))
    levels = np.arange(256) / 255.0
    table = np.clip(255 * (gain * levels[:, None] ** gamma) + rng.normal(0, 6), 0, 255).astype(np.uint8)
    out = cv2.LUT(out, table[:, None, :])
    if rng.random() < 0.12:  # little colour, or none
        grey = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        share = rng.uniform(0.3, 1.0)
        out = cv2.addWeighted(grey, share, out, 1 - share, 0)
    if rng.random() < 0.75:
        out = _noisy(rng, out, rng.uniform(0.5, 5) if rng.random() < 0.85 else rng.uniform(5, 14))
    if rng.random() < 0.6:
        quality = int(rng.uniform(55, 96)) if rng.random() < 0.8 else int(rng.uniform(22, 55))
        _, data = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, quality])
        out = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(out)


def _streak(rng: Rng, length_px: float) -> NDArray[np.float32]:
    angle = rng.uniform(0, np.pi)
    half = int(np.ceil(length_px / 2))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    for t in np.linspace(-length_px / 2, length_px / 2, 4 * half + 1):
        kernel[round(half + t * np.sin(angle)), round(half + t * np.cos(angle))] += 1
    return kernel / kernel.sum()


def _noisy(rng: Rng, picture: Picture, sigma: float) -> Picture:
    # A quarter of the noise, laid out four times with a random shift: as good to the eye, and much cheaper.
    height, width = picture.shape[:2]
    tile = rng.standard_normal(((height + 1) // 2 + 16, (width + 1) // 2 + 16, 3), np.float32) * np.float32(sigma)
    noise = np.empty(picture.shape, np.int16)
    for top in (0, height // 2):
        for left in (0, width // 2):
            y, x = rng.integers(0, 16, 2)
            h, w = (height // 2 if top == 0 else height - top), (width // 2 if left == 0 else width - left)
            noise[top : top + h, left : left + w] = tile[y : y + h, x : x + w]
    return cv2.add(picture, noise, dtype=cv2.CV_8U)
