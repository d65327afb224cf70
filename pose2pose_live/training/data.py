"""From the data sets of a configuration to batches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning
import numpy as np
from torch.utils.data import DataLoader, Dataset, Subset

from . import augment
from .body_layer import BodyLayer
from .coco_wholebody import CocoWholeBody
from .config import CocoSource, Config, Source, SyntheticFolderSource, SyntheticSource
from .parts import HAND_ONLY, PARTS, Part
from .preprocess import Item, Preprocessor
from .sample import Sample
from .synthetic import CachedPeople, SyntheticPeople

_SIDES = ("right", "left")


class Concatenated(Sequence[Sample]):
    """Several data sets one after the other."""

    def __init__(self, data_sets: Sequence[Sequence[Sample]]) -> None:
        self._data_sets = data_sets
        self._ends = np.cumsum([len(data_set) for data_set in data_sets])

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def __getitem__(self, index: Any) -> Any:
        which = int(np.searchsorted(self._ends, index, side="right"))
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self._data_sets[which][index - (int(self._ends[which - 1]) if which else 0)]


class HalfAndHalf(Sequence[Sample]):
    """Two data sets in turn, the shorter repeated until the longer is through (network.md 10, mixing)."""

    def __init__(self, first: Sequence[Sample], second: Sequence[Sample]) -> None:
        self._both = (first, second)

    def __len__(self) -> int:
        return 2 * max(map(len, self._both))

    def __getitem__(self, index: Any) -> Any:
        if not 0 <= index < len(self):
            raise IndexError(index)
        chosen = self._both[index % 2]
        return chosen[index // 2 % len(chosen)]


class Kept(Sequence[Sample]):
    """A small data set whose samples are made once and stay in memory."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples
        self._kept: dict[int, Sample] = {}

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: Any) -> Any:
        if index not in self._kept:
            self._kept[index] = self._samples[index]
        return self._kept[index]


class Items(Dataset[Item]):
    """A data set as network inputs and targets; the hand-only network sees both hands of every sample, one after the other.

    augment_seed: None for no augmentation; otherwise item i of this epoch is always changed in the same way.
    """

    def __init__(
        self, samples: Sequence[Sample], part: Part, preprocessor: Preprocessor, augment_seed: tuple[int, int] | None
    ) -> None:
        self._samples, self._preprocessor, self._augment_seed = samples, preprocessor, augment_seed
        self._per_sample = len(_SIDES) if part is HAND_ONLY else 1

    def __len__(self) -> int:
        return self._per_sample * len(self._samples)

    def __getitem__(self, index: int) -> Item:
        change = augment.NO_AUGMENTATION
        if self._augment_seed is not None:
            change = augment.draw(np.random.default_rng([*self._augment_seed, index]))
        sample = self._samples[index // self._per_sample]
        return self._preprocessor(sample, change, _SIDES[index % self._per_sample])


class TrainingData(lightning.LightningDataModule):
    """Loaders of a configuration. Order and augmentation depend on seed and epoch alone, so a resumed run sees what an uninterrupted one does."""

    def __init__(self, config: Config, layer: BodyLayer) -> None:
        super().__init__()
        # Kept on the CPU, where pictures are prepared, wherever the training's own layer goes.
        self._config, self._part, self._layer = config, PARTS[config.network.part], layer.for_joints()
        self._preprocessor = Preprocessor(self._part, self._layer)
        self._train: Sequence[Sample] = ()
        self._validation: Sequence[Sample] = ()

    def setup(self, stage: str) -> None:
        """Opens the data sets that a stage of Lightning's needs: all of them to "fit", validation alone to "validate"."""
        data = self._config.data
        self._validation = self._open(data.validation)
        if stage == "fit":
            train = [self._open(sources) for sources in (data.train_3d, data.train_2d) if sources]
            self._train = HalfAndHalf(*train) if len(train) == 2 else train[0]

    def _open(self, sources: Sequence[Source]) -> Sequence[Sample]:
        opened = Concatenated([open_source(source, self._config.body.file, self._layer) for source in sources])
        return Kept(opened) if self._config.training.keep_pictures else opened

    def train_dataloader(self) -> DataLoader[Item]:
        epoch = self.trainer.current_epoch if self.trainer is not None else 0
        seed = self._config.seed
        items = Items(
            self._train, self._part, self._preprocessor, (seed, epoch) if self._config.training.augment else None
        )
        # A fixed list rather than a shuffling sampler: however often a loop starts to read, the order is this epoch's.
        order = np.random.default_rng([seed, epoch]).permutation(len(items)).tolist()
        # A last batch of a single picture has no variance for batch normalisation to see.
        drop_last = len(items) > self._config.training.batch_size
        return self._loader(Subset(items, order), drop_last=drop_last)

    def val_dataloader(self) -> DataLoader[Item]:
        return self._loader(Items(self._validation, self._part, self._preprocessor, None))

    def _loader(self, items: Dataset[Item], **options: Any) -> DataLoader[Item]:
        training, data = self._config.training, self._config.data
        sources = (*data.train_3d, *data.train_2d, *data.validation)
        # An OpenGL context does not survive a fork.
        renders = training.workers > 0 and any(isinstance(source, SyntheticSource) for source in sources)
        return DataLoader(items, batch_size=training.batch_size, num_workers=training.workers,
                          multiprocessing_context="spawn" if renders else None, **options)  # fmt: skip


def open_source(source: Source, body: Path | None, layer: BodyLayer) -> Sequence[Sample]:
    """The data set that a configuration names. Raises a Pose2PoseError."""
    if isinstance(source, CocoSource):
        return CocoWholeBody(source.annotations, source.pictures, source.fits, layer)
    if isinstance(source, SyntheticFolderSource):
        return CachedPeople(source.folder)
    return SyntheticPeople(
        source.count, source.seed, size_px=source.size_px, motion=source.motion, split=source.split, body=body,
        backgrounds=source.backgrounds,
    )  # fmt: skip
