"""What comes in: pictures of exactly the size that a network was made for."""

from __future__ import annotations

from torch import Tensor


def check_picture(image: Tensor, size: tuple[int, int]) -> None:
    """Raise ValueError unless image is (N,3,*size) of floating point."""
    if image.ndim != 4 or tuple(image.shape[1:]) != (3, *size) or not image.is_floating_point():
        raise ValueError(
            f"expected pictures (N, 3, {size[0]}, {size[1]}), RGB in [0, 1], floating point; "
            f"found {tuple(image.shape)}, {image.dtype}"
        )


def halve(image: Tensor) -> Tensor:
    """Every second pixel from the first on, (N,C,H,W) -> (N,C,H/2,W/2): the published network's nearest down-scaling, aliasing and all."""
    return image[..., ::2, ::2]
