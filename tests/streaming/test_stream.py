from __future__ import annotations

import math
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from pose2pose_live.frame import Ground
from pose2pose_live.rotations import rotmat_to_rotvec, rotvec_to_rotmat
from pose2pose_live.streaming import Stream, Target, stream, udp
from pose2pose_live.streaming.udp import UdpSender
from tests.streaming.decoding import messages
from tests.streaming.test_vmc import pose

PACKET = [memoryview(b"hello")]


@contextmanager
def receiver(family: int = socket.AF_INET, host: str = "127.0.0.1") -> Iterator[socket.socket]:
    with socket.socket(family, socket.SOCK_DGRAM) as opened:
        opened.bind((host, 0))
        opened.settimeout(2)
        yield opened


def everything_in(opened: socket.socket) -> list[bytes]:
    packets = []
    opened.settimeout(0.2)
    while True:
        try:
            packets.append(opened.recv(2000))
        except TimeoutError:
            return packets


def free_port() -> int:
    with receiver() as opened:
        return opened.getsockname()[1]


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"), (socket.AF_INET, "localhost")]
)
def test_packets_arrive(family, host):
    try:
        with receiver(family, host) as opened:
            sender = UdpSender(host, opened.getsockname()[1])
            sender.send(PACKET)
            assert opened.recv(100) == b"hello"
            assert (sender.packets, sender.refused, sender.problem) == (1, 0, "")
            sender.close()
    except OSError as error:
        pytest.skip(f"this machine has no {host}: {error}")


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="other systems have no broadcast address on the loopback device"
)
def test_a_broadcast_address_reaches_who_listens():
    with receiver(host="0.0.0.0") as opened:
        sender = UdpSender("127.255.255.255", opened.getsockname()[1])
        sender.send(PACKET)
        assert opened.recv(100) == b"hello", sender.problem
        sender.close()


@pytest.mark.parametrize(("family", "group"), [(socket.AF_INET, "239.255.77.77"), (socket.AF_INET6, "ff02::7777%lo")])
def test_a_multicast_group_reaches_who_joined(family, group):
    with receiver(family, "0.0.0.0" if family == socket.AF_INET else "::") as opened:
        try:
            if family == socket.AF_INET:
                opened.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + bytes(4))
            else:
                index = socket.if_nametoindex("lo")
                member = socket.inet_pton(family, group.partition("%")[0]) + index.to_bytes(4, sys.byteorder)
                opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, member)
        except OSError as error:
            pytest.skip(f"this machine joins no multicast group: {error}")
        sender = UdpSender(group, opened.getsockname()[1])
        sender.send(PACKET)
        if "cannot be reached" in sender.problem:
            pytest.skip(sender.problem)
        assert opened.recv(100) == b"hello", sender.problem
        sender.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell a sender that nobody listens")
def test_an_absent_receiver_is_told_of_and_found_when_it_comes():
    port = free_port()
    sender = UdpSender("127.0.0.1", port)
    for _ in range(20):
        sender.send(PACKET)
    assert sender.refused > 0
    assert sender.problem == f"nobody listens at port {port} of 127.0.0.1 yet"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.bind(("127.0.0.1", port))
        opened.settimeout(2)
        sender.send(PACKET)
        sender.send(PACKET)
        assert opened.recv(100) == b"hello"
    sender.close()


def test_receivers_that_flood_us_with_errors_or_packets_stop_nothing(body):
    with receiver() as rude, receiver() as good:
        streams = [
            Stream(Target.parse(f"vmc://127.0.0.1:{port}"), body)
            for port in (free_port(), rude.getsockname()[1], good.getsockname()[1])
        ]
        streams[1].send(pose(1))
        sender = rude.recvfrom(2000)[1]
        for _ in range(5000):
            rude.sendto(bytes(1400), sender)
        start_s = time.perf_counter()
        for i in range(200):
            for one in streams:
                one._due_s = 0.0
                one.send(pose(1, index=i))
        took_s = time.perf_counter() - start_s
        absent, flooded, _ = (one.figures() for one in streams)
        assert "nobody listens" in absent.problem
        assert flooded.problem == ""
        assert flooded.poses == 201
        assert len(messages(everything_in(good))) > 100
        assert took_s < 3
        for one in streams:
            one.close()


def test_an_unknown_host_is_asked_for_again_only_after_a_while(monkeypatch):
    now_s, asked = 100.0, []

    def unknown(*arguments, **named):
        asked.append(arguments)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(udp, "clock_s", lambda: now_s)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    sender = UdpSender("no-such-host.invalid", 1)
    for _ in range(5):
        sender.send(PACKET)
    assert len(asked) == 1
    assert sender.problem == "there is no host no-such-host.invalid; check the name"
    now_s += udp.RETRY_S
    sender.send(PACKET)
    assert len(asked) == 2
    now_s += 60
    assert sender.problem == ""


def test_what_is_no_name_at_all_is_a_problem_too():
    sender = UdpSender("x" * 80 + ".example", 1)
    sender.send(PACKET)
    assert "there is no host" in sender.problem


@pytest.mark.parametrize(
    "error", [BlockingIOError(11, "busy"), OSError(101, "Network is unreachable"), OSError(105, "No buffers")]
)
def test_a_network_that_takes_nothing_costs_the_frame_only(monkeypatch, error):
    with receiver() as opened:
        sender = UdpSender("127.0.0.1", opened.getsockname()[1])
        sender.send(PACKET)

        class Broken:
            def send(self, packet):
                raise error

            def close(self):
                pass

        sender._socket, whole = Broken(), sender._socket  # type: ignore[assignment]
        sender.send(PACKET * 5)
        assert (sender.packets, sender.refused) == (1, 1)
        assert sender.problem
        assert whole is not None
        whole.close()


def test_poses_are_capped_at_sixty_a_second_and_counted(body, monkeypatch):
    now_s = 50.0
    monkeypatch.setattr(stream, "clock_s", lambda: now_s)
    with receiver() as opened:
        sent = Stream(Target.parse(f"osc://127.0.0.1:{opened.getsockname()[1]}?values=trans"), body)
        for i in range(480):  # two seconds at 240 fps
            now_s = 50.0 + i / 240
            sent.send(replace(pose(1), index=i), captured_s=now_s - 0.03)
        figures = sent.figures()
        assert 118 <= figures.poses <= 121
        assert figures.packets == figures.poses
        assert figures.poses_per_s == pytest.approx(60, rel=0.02)
        assert figures.packets_per_s == pytest.approx(60, rel=0.02)
        assert figures.latency_p50_ms == pytest.approx(30)
        assert str(figures) == "60 poses/s in 60 packets/s, 30 ms after capture"
        indices = [m.arguments[0] for m in messages(everything_in(opened)) if m.address == "/smplx/frame"]
        assert indices == sorted(set(indices))
        sent.close()


def test_a_rate_below_the_cameras_is_kept(body, monkeypatch):
    now_s = 50.0
    monkeypatch.setattr(stream, "clock_s", lambda: now_s)
    sent = Stream(Target.parse(f"osc://127.0.0.1:{free_port()}?rate=20"), body)
    with receiver() as opened:
        sent._sender = UdpSender("127.0.0.1", opened.getsockname()[1])
        for i in range(90):  # three seconds at 30 fps
            now_s = 50.0 + i / 30
            sent.send(pose(1))
        figures = sent.figures()
        assert 59 <= figures.poses <= 61
        assert math.isnan(figures.latency_p50_ms)
        assert "capture" not in str(figures)
        sent.close()


def test_figures_are_those_of_the_last_seconds(body, monkeypatch):
    now_s = 50.0
    monkeypatch.setattr(stream, "clock_s", lambda: now_s)
    with receiver() as opened:
        sent = Stream(Target.parse(f"osc://127.0.0.1:{opened.getsockname()[1]}?values=trans"), body)
        for i in range(30):
            now_s = 50.0 + i / 30
            sent.send(pose(1))
        now_s += 60
        assert (sent.figures().poses_per_s, sent.figures().poses) == (0.0, 30)
        sent.close()


def test_a_frame_is_cheap(body):
    """The bar is 0.2 ms (`python -m tests.benchmarks.stream_cost`); this allows for a slow machine that is busy."""
    frame = pose(1)
    for text in ("vmc", "vrchat", "osc"):
        encoder = Target.parse(text).open_encoder(body)
        encoder.encode(frame)
        best_s = math.inf
        for _ in range(50):
            start_s = time.perf_counter()
            encoder.encode(frame)
            best_s = min(best_s, time.perf_counter() - start_s)
        assert best_s < 0.0006, text


def test_recentring_comes_from_any_thread(body):
    with receiver() as opened:
        sent = Stream(Target.parse(f"vmc://127.0.0.1:{opened.getsockname()[1]}?parts=body"), body)
        sent.send(pose(1))
        thread = threading.Thread(target=sent.recentre)
        thread.start()
        thread.join()
        time.sleep(0.02)
        sent.send(replace(pose(1), transl=pose(1).transl + 1))
        hips = [m.arguments for m in messages(everything_in(opened)) if m.arguments[:1] == ("Hips",)]
        assert hips[0][1:4] == hips[1][1:4]
        sent.close()


def test_a_camera_that_looks_down_leans_nobody(body):
    """The same person before a level camera and before a tilted one, as receivers see them."""
    turn = rotvec_to_rotmat(np.radians([20.0, 0.0, 5.0]))
    level = pose()
    pelvis = body.rest_joints(level.betas)[0]
    tilted = replace(
        level,
        global_orient=rotmat_to_rotvec(turn @ rotvec_to_rotmat(level.global_orient)),
        transl=turn @ (level.transl + pelvis) - pelvis,
        ground=Ground(tuple(turn @ [0.0, 1.0, 0.0])),
    )
    heights = []
    for frame in (level, tilted):
        with receiver() as opened:
            sending = Stream(Target.parse(f"osc://127.0.0.1:{opened.getsockname()[1]}?values=pos&parts=body"), body)
            sending.send(frame)
            sending.close()
            found = messages(everything_in(opened))
        places = np.array([message.arguments for message in found if message.address.endswith("/pos")])
        assert len(places) > 10
        heights.append(places[:, 1])
    np.testing.assert_allclose(heights[1], heights[0], atol=1e-5)
