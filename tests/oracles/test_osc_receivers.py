"""What streams send, read by python-osc and understood by vmcp."""

from __future__ import annotations

import socket

import numpy as np
import pytest

from pose2pose_live.humanoid import UNITY_BONES
from pose2pose_live.skeleton import ARKIT_INDEX
from pose2pose_live.streaming import Stream, Target
from tests.streaming.decoding import messages
from tests.streaming.test_vmc import pose

osc_packet = pytest.importorskip("pythonosc.osc_packet", reason="python-osc is not installed: pip install python-osc")


def over_the_network(body, text: str) -> list[bytes]:
    """The packets of one frame, as a socket receives them."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(0.3)
        protocol, _, query = text.partition("?")
        stream = Stream(Target.parse(f"{protocol}://127.0.0.1:{receiver.getsockname()[1]}?{query}"), body)
        stream.send(pose(1))
        stream.close()
        packets = []
        try:
            while True:
                packets.append(receiver.recv(65535))
        except TimeoutError:
            return packets


def read(packets: list[bytes]):
    return [timed.message for packet in packets for timed in osc_packet.OscPacket(packet).messages]


@pytest.mark.parametrize("text", ["vmc", "vrchat", "osc"])
def test_python_osc_reads_every_message_as_it_was_meant(body, text):
    packets = over_the_network(body, text)
    assert all(len(packet) <= 1400 for packet in packets)
    found, expected = read(packets), messages(packets)
    assert [message.address for message in found] == [message.address for message in expected]
    for theirs, ours in zip(found, expected, strict=True):
        assert tuple(theirs.params) == ours.arguments
        assert [type(value) for value in theirs.params] == [{"s": str, "i": int, "f": float}[tag] for tag in ours.tags]


def test_vmcp_understands_every_message(body):
    events = pytest.importorskip("vmcp.events", reason="vmcp is not installed: pip install vmcp")
    kinds = (events.StateEvent, events.RootTransformEvent, events.BoneTransformEvent, events.BlendShapeEvent,
             events.BlendShapeApplyEvent, events.RelativeTimeEvent)  # fmt: skip
    by_address = {kind.ADDRESS_PATTERN: kind for kind in kinds}
    understood: dict[str, list] = {kind.__name__: [] for kind in kinds}
    for message in read(over_the_network(body, "vmc")):
        event = by_address[message.address].from_message_data("here", message.address, tuple(message.params))
        understood[type(event).__name__].append(event)
    (state,) = understood["StateEvent"]
    assert (state.model_state.name, state.calibration_state.name, state.calibration_mode.name) == (
        "LOADED",
        "CALIBRATED",
        "NORMAL",
    )
    assert state.tracking_state.name == "OK"
    assert {event.joint.value for event in understood["BoneTransformEvent"]} == set(UNITY_BONES.values())
    blends = {event.key: event.value for event in understood["BlendShapeEvent"]}
    assert len(blends) == 63
    assert blends["EyeBlinkLeft"] == pytest.approx(pose(1).blendshapes[ARKIT_INDEX["eyeBlinkLeft"]])
    assert [len(understood[name]) for name in ("RootTransformEvent", "BlendShapeApplyEvent", "RelativeTimeEvent")] == [
        1,
        1,
        1,
    ]
    hips = next(event for event in understood["BoneTransformEvent"] if event.joint.value == "Hips")
    rotation = hips.rotation
    assert np.linalg.norm([rotation.x, rotation.y, rotation.z, rotation.w]) == pytest.approx(1, abs=1e-5)
