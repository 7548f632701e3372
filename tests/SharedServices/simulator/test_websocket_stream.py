"""The WebSocket's life: sequence, eviction, replay, resync, pings, and the bound of what a slow client may leave."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import websocket
from simulator_clients import KEY, MAIN_MARKETS, Mirror, close_code, instant, read, read_raw, read_until
from support import eventually

MARKETS = {name.upper() for name in MAIN_MARKETS.split(",")}


def _snapshot(simulated: Any, mirror: Mirror) -> int:
    """A snapshot by REST as a client takes it; returns the smallest sequence of its parts."""
    events = simulated.get("/events", sport="football").json()
    books = ",".join(simulated.get("/bookmakers/selected").json()["bookmakers"])
    sequences = []
    for start in range(0, len(events), 10):
        ids = ",".join(str(event["id"]) for event in events[start : start + 10])
        answer = simulated.get("/odds/multi", eventIds=ids, bookmakers=books, includeSeq="true")
        sequences.append(int(answer.headers["X-OddsAPI-Seq"]))
        for document in answer.json():
            mirror.snapshot(document)
    return min(sequences)


def test_snapshot_and_stream_end_in_the_truth(simulate: Any) -> None:
    simulated = simulate(fixtures=25)
    mirror = Mirror()
    last = _snapshot(simulated, mirror)
    socket = simulated.connect(lastSeq=last, sport="football")
    assert read(socket)[0]["type"] == "welcome"
    head = simulated.step(4000)
    for message in read_until(socket, head["sequence"]):
        mirror.apply(message)
    assert mirror.difference(simulated.control("truth"), MARKETS) == []


def test_a_replay_brings_what_was_missed_and_nothing_older(simulate: Any) -> None:
    simulated = simulate(fixtures=25)
    mirror = Mirror()
    _snapshot(simulated, mirror)
    first = simulated.connect()
    middle = simulated.step(500)["sequence"]
    for message in read_until(first, middle)[1:]:
        mirror.apply(message)
    first.shutdown()
    head = simulated.step(2500)["sequence"]
    second = simulated.connect(lastSeq=middle)
    messages = read_until(second, head)[1:]
    sequences = [message["seq"] for message in messages]
    assert sequences == sorted(sequences) and middle < sequences[0]
    keys = [(message["id"], message["bookie"]) for message in messages]
    assert len(keys) == len(set(keys)), "a replay is compacted: one message for each book"
    for message in messages:
        mirror.apply(message)
    assert mirror.difference(simulated.control("truth"), MARKETS) == []


def test_a_replay_under_way_loses_nothing_of_the_running_feed(simulate: Any) -> None:
    simulated = simulate(fixtures=60)
    mirror = Mirror()
    last = _snapshot(simulated, mirror)
    simulated.step(6000)
    simulated.order("rate", {"rate": 3000})
    simulated.order("resume", {"messages": 3000})
    socket = simulated.connect(lastSeq=last)
    messages = read(socket)
    eventually(lambda: simulated.control("stats")["idle"], what="the feed to fall silent")
    messages += read_until(socket, simulated.control("stats")["sequence"])
    sequences = [message["seq"] for message in messages[1:]]
    assert sequences == sorted(sequences), "a client may persist the highest sequence it has seen"
    for message in messages[1:]:
        mirror.apply(message)
    assert mirror.difference(simulated.control("truth"), MARKETS) == []


def test_resync_is_required_for_a_position_too_old_or_ahead(simulate: Any) -> None:
    simulated = simulate()
    head = simulated.step(10)["sequence"]
    for position in (1, head + 1):
        socket = simulated.connect(lastSeq=position)
        messages = read_until(socket, head)
        assert [message["type"] for message in messages] == ["welcome", "resync_required"]
        assert messages[1]["reason"]
    assert simulated.control("stats")["stream"]["resyncs"] == 2


def test_the_replay_window_closes(simulate: Any) -> None:
    simulated = simulate(replay_window=0.2, rate=100.0)
    last = simulated.control("stats")["sequence"]
    simulated.order("resume")

    def refused() -> bool:
        socket = simulated.connect(key=f"{KEY}-{simulated.control('stats')['messages']}", lastSeq=last)
        messages = read(socket)
        while len(messages) < 2:
            messages += read(socket)
        return bool(messages[1]["type"] == "resync_required")

    eventually(refused, 20, "the position to leave the window")


def test_sequence_rises_with_gaps_and_updated_at_never_falls(simulate: Any) -> None:
    simulated = simulate()
    socket = simulated.connect()
    read(socket)
    messages = read_until(socket, simulated.step(3000)["sequence"])
    sequences = [message["seq"] for message in messages]
    assert all(later > earlier for earlier, later in pairwise(sequences))
    assert max(sequences) - min(sequences) > len(sequences)
    latest: dict[tuple[str, str, str], tuple[str, str]] = {}
    for message in messages:
        for market in message.get("markets", ()):
            key = (message["id"], message["bookie"], market["name"])
            stamp = instant(market["updatedAt"])
            assert stamp >= latest.get(key, ("", ""))
            latest[key] = stamp


def test_a_second_connection_evicts_the_first_with_a_bare_1000(simulate: Any) -> None:
    simulated = simulate()
    first, other = simulated.connect(), simulated.connect(key="other-key")
    read(first)
    second = simulated.connect()
    assert close_code(first) == 1000
    assert read(second)[0]["type"] == "welcome"
    assert read(other)[0]["type"] == "welcome"
    simulated.step(30)
    assert read_raw(other) and read_raw(second)
    assert simulated.control("stats")["stream"]["evicted"] == 1


def test_frames_hold_one_or_several_messages(simulate: Any) -> None:
    simulated = simulate(joined_share=0.5)
    socket = simulated.connect()
    read(socket)
    simulated.step(200)
    frames = read_raw(socket)
    assert any(b"\n" in frame for frame in frames) and any(b"\n" not in frame for frame in frames)


def test_pings_are_answered_and_a_close_is_returned(simulate: Any) -> None:
    socket = simulate().connect()
    read(socket)
    socket.ping("are you there")
    assert socket.recv_data(control_frame=True) == (websocket.ABNF.OPCODE_PONG, b"are you there")
    socket.send_close(1000)
    assert close_code(socket) == 1000


def test_a_client_that_does_not_read_is_cut_off(simulate: Any) -> None:
    simulated = simulate(send_queue_bytes=300_000)
    socket = simulated.connect()
    read(socket)
    for _ in range(20):
        simulated.step(1000)
    eventually(
        lambda: simulated.control("stats")["stream"].get("slow_clients") == 1, what="the slow client to be cut off"
    )
    assert simulated.control("stats")["connected"] == 0


def test_a_paused_feed_is_silent_and_a_resumed_one_goes_on(simulate: Any) -> None:
    simulated = simulate(rate=500.0)
    socket = simulated.connect()
    read(socket)
    assert read_raw(socket) == []
    simulated.order("resume")
    assert read_until(socket, simulated.control("stats")["sequence"] + 300)
    simulated.order("pause")
    before = simulated.control("stats")["messages"]
    read_raw(socket)
    assert simulated.control("stats")["messages"] == before
