"""Configurations: the bundled ones are whole, and mistakes are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from pose2pose_live.errors import TrainingError
from pose2pose_live.training.cli import main
from pose2pose_live.training.config import (
    CONFIG_FOLDER,
    CocoSource,
    SyntheticFolderSource,
    SyntheticSource,
    load_config,
)

SMALL = """
output = "out"
[training]
epochs = 3
[[data.train_3d]]
kind = "synthetic"
count = 4
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.mark.parametrize("name", sorted(path.stem for path in CONFIG_FOLDER.glob("*.toml")))
def test_bundled_configurations_are_valid(name: str):
    assert load_config(name).training.epochs >= 1


def test_the_papers_settings():
    """Stages, learning rates, epochs and drops of network.md 8 and 10."""
    first, third = load_config("hand4whole_stage1"), load_config("hand4whole_stage3")
    for config, rate in ((first, 1e-4), (third, 1e-5)):
        training = config.training
        assert (training.epochs, training.learning_rate, training.batch_size, training.drop_epochs) == (
            7,
            rate,
            24,
            (4, 6),
        )
        assert config.network.backbones == ("resnet50", "resnet50", "resnet18")
        assert config.data.train_3d
        assert config.data.train_2d
    assert third.start.checkpoint is not None
    assert third.start.hand_checkpoint is not None
    hand, face, body = (
        load_config("hand_only").training,
        load_config("face_only").training,
        load_config("body_only").training,
    )
    assert (hand.epochs, hand.drop_epochs, hand.batch_size) == (13, (10, 12), 48)
    assert (face.epochs, face.drop_epochs, face.batch_size) == (13, (10, 12), 48)
    assert (body.epochs, body.drop_epochs, body.batch_size) == (7, (4, 6), 48)


def test_the_two_sides_of_the_experiment_differ_in_pooling_alone():
    guided = load_config("pooling", ['output="x"'])
    other = load_config("pooling", ['output="x"', 'network.pooling="global"'])
    assert guided.network.pooling == "guided"
    assert load_config("pooling", ['output="x"', 'network.pooling="guided"']) == guided
    assert other != guided


def test_overrides_and_defaults(small: Path):
    config = load_config(
        str(small), ["training.epochs=5", 'trainer.precision="bf16-mixed"', "training.learning_rate=1"][:2]
    )
    assert config.training.epochs == 5
    assert config.trainer == {"precision": "bf16-mixed"}
    assert config.data.train_3d == (SyntheticSource(4),)
    assert config.body.file is None
    folder = 'data.validation=[{kind="synthetic_folder", folder="drawn"}]'
    assert load_config(str(small), [folder]).data.validation == (SyntheticFolderSource(Path("drawn")),)
    coco = '[[data.train_2d]]\nkind = "coco_wholebody"\nannotations = "a.json"\npictures = "p"\n'
    small.write_text(SMALL + coco)
    assert load_config(str(small)).data.train_2d == (CocoSource(Path("a.json"), Path("p")),)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("training.epoch=3", r"training\.epoch: no such key; training may have epochs, "),
        ("colour=3", r"colour: no such key; the file may have output"),
        ('training.epochs="many"', r"training\.epochs: expected a whole number, found 'many'"),
        ("training.epochs=true", r"training\.epochs: expected a whole number"),
        ("training.epochs=0", r"training\.epochs: expected at least 1, found 0"),
        ("training.augment=1", r"training\.augment: expected true or false, found 1"),
        ("training.drop_epochs=4", r"training\.drop_epochs: expected a list, found 4"),
        ('training.drop_epochs=["4"]', r"training\.drop_epochs\[0\]: expected a whole number"),
        ("training.learning_rate=-1e-3", r"training\.learning_rate: expected between 0 and 1"),
        ('network.part="foot"', r"network\.part: expected one of whole_body, body, hand, face, found 'foot'"),
        ('network.backbones=["resnet18"]', r"network\.backbones: expected 3 for whole_body, found 1"),
        ('network.backbones=["resnet50","resnet50","vgg"]', r"expected resnet50 or resnet18, found 'vgg'"),
        ("network=3", r"network: expected a table, found 3"),
        ('output=""', r"output: expected a path in quotes"),
        ("data.train_3d=[]", r"data: expected train_3d or train_2d"),
        (
            'data.train_3d=[{kind="video"}]',
            r"data\.train_3d\[0\]: expected a table with kind = one of 'coco_wholebody', 'synthetic', 'synthetic_folder'",
        ),
        ('data.train_3d=[{kind="synthetic"}]', r"data\.train_3d\[0\]\.count is missing"),
        ("training.keep_pictures=true", r"training\.keep_pictures: expected workers = 0"),
        ("trainer.max_epochs=3", r"trainer\.max_epochs: this one is set from the other sections"),
        ("epochs", r"--set epochs: expected section\.key=value"),
        ("output.x=3", r"--set output\.x=3: output is no section"),
    ],
)
def test_mistakes_are_named(small: Path, change: str, message: str):
    with pytest.raises(TrainingError, match=message):
        load_config(str(small), [change])


def test_broken_and_missing_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "broken.toml").write_text("output = ")
    with pytest.raises(TrainingError, match=r"broken\.toml: not valid TOML"):
        load_config(str(tmp_path / "broken.toml"))
    assert main(["nothing"]) == 1
    assert "configuration nothing: no such file, and not one of the bundled ones (" in capsys.readouterr().err
    (tmp_path / "bare.toml").write_text('output = "x"')
    with pytest.raises(TrainingError, match=r"bare\.toml: training is missing"):
        load_config(str(tmp_path / "bare.toml"))
