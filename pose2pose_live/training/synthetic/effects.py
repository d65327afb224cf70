"""What a webcam does to a picture: exposure, white balance, softness, motion blur, noise, JPEG; and things in the way."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from .studio import Shot

Rng = np.random.Generator
Picture = NDArray[np.uint8]
_KIND_OBSTACLE = 250
_GRAIN_PX, _GRAIN_SIGMA, _GRAIN_SEED = 1024, 24.0, 7


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
    # Webcams expose by themselves, though not always well.
    target = np.exp(rng.normal(np.log(112.0), 0.25))
    gain = (target / max(float(np.mean(cv2.mean(out)[:3])), 8.0)) ** 0.7 * np.exp(rng.normal(0, 0.05, 3))
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
    """Adds grain: a random cut of one sheet of noise, which costs a tenth of new noise and looks the same."""
    height, width = picture.shape[:2]
    sheet = _grain()
    top, left = rng.integers(0, sheet.shape[0] - height + 1), rng.integers(0, sheet.shape[1] - width + 1)
    strength = sigma / _GRAIN_SIGMA
    cut = sheet[top : top + height, left : left + width]
    return np.asarray(cv2.addWeighted(picture, 1.0, cut, strength, -128.0 * strength), np.uint8)


@cache
def _grain() -> Picture:
    noise = np.random.default_rng(_GRAIN_SEED).normal(128.0, _GRAIN_SIGMA, (_GRAIN_PX, _GRAIN_PX, 3))
    return np.clip(np.rint(noise), 0, 255).astype(np.uint8)


def obstructed(rng: Rng, shot: Shot) -> Shot:
    """Something near the camera covers a part of the shot: it is neither background nor person there."""
    height, width = shot.kind.shape
    mask = np.zeros((height, width), np.uint8)
    centre = (int(rng.uniform(0, width)), int(rng.uniform(0.2, 1.1) * height))
    extent = (int(width * rng.uniform(0.04, 0.2)), int(height * rng.uniform(0.05, 0.25)))
    angle = float(rng.uniform(0, 180) if rng.random() < 0.4 else rng.normal(0, 6))
    if rng.random() < 0.5:
        corners = cv2.boxPoints((centre, (2.0 * extent[0], 2.0 * extent[1]), angle)).astype(np.int32)
        cv2.fillPoly(mask, [corners], 255)
    else:
        cv2.ellipse(mask, centre, extent, angle, 0, 360, 255, -1)
    cover = np.empty_like(shot.picture)
    cover[:] = np.clip(rng.uniform(10, 240) + rng.normal(0, 25, 3), 0, 255)
    cover = _noisy(rng, cover, rng.uniform(1, 12))
    slope = np.linspace(rng.uniform(0.5, 1.0), 1.0, width, dtype=np.float32)
    cover = cv2.multiply(cover, np.broadcast_to(slope[None, :, None], cover.shape).copy(), dtype=cv2.CV_8U)
    soft = cv2.GaussianBlur(mask, (0, 0), rng.uniform(0.6, 3.0))[..., None].astype(np.uint16)
    picture = ((cover * soft + shot.picture * (255 - soft)) // 255).astype(np.uint8)
    solid = mask > 0
    return Shot(
        picture,
        np.where(solid, _KIND_OBSTACLE, shot.kind).astype(np.uint8),
        np.where(solid, 0, shot.depth).astype(np.float32),
    )
