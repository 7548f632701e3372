"""The fault plan: how it is written, what each fault does on the wire, and that the truth never knows of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket
from hypothesis import given
from hypothesis import strategies as st
from simulator_clients import close_code, read, read_raw, read_until
from support import eventually

from PROPPR.SharedServices.simulator.faults import AREAS, FaultPlan, FaultPlanError, parse_plan


def _plain(**settings: Any) -> dict[str, Any]:
    return {"joined_share": 0.0, "full_share": 0.0} | settings


def _frames(simulated: Any, messages: int = 40) -> list[bytes]:
    socket = simulated.connect()
    read(socket)
    simulated.step(messages)
    return read_raw(socket)


def _sound(frame: bytes) -> bool:
    """Whether a frame is a message of the provider's, checked as strictly as a careful reader would."""
    try:
        message = json.loads(frame, parse_constant=lambda text: 1 / 0)
        if message["type"] in ("deleted", "no_markets"):
            return message["id"].isdecimal() and isinstance(message["seq"], int)
        markets = message["markets"]
        prices = [v for m in markets for row in m["odds"] for k, v in row.items() if k not in ("label", "hdp")]
        return (
            message["id"].isdecimal()
            and isinstance(message["seq"], int)
            and isinstance(message["bookie"], str)
            and all(isinstance(m["name"], str) and m["updatedAt"].startswith("20") for m in markets)
            and all(isinstance(row.get("hdp", 0), int | float) for m in markets for row in m["odds"])
            and all(isinstance(price, str) for price in prices)
        )
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return False


# ---- the plan


def test_a_plan_is_written_as_text_json_or_file(tmp_path: Path) -> None:
    rules = parse_plan("disconnect=0.01, stall@2000:3,malformed/500")
    assert [(rule.fault, rule.rate, set(rule.at), rule.every, rule.seconds) for rule in rules] == [
        ("disconnect", 0.01, set(), 0, None),
        ("stall", 0.0, {2000}, 0, 3.0),
        ("malformed", 0.0, set(), 500, None),
    ]
    path = tmp_path / "plan.json"
    path.write_text(json.dumps([{"fault": "stall", "at": [5, 9], "seconds": 1, "limit": 1}]), encoding="utf-8")
    [rule] = parse_plan(str(path))
    assert rule.at == {5, 9} and rule.limit == 1
    assert [rule.fault for rule in parse_plan("429=1")] == ["ws_429", "rest_429"]
    assert parse_plan("") == parse_plan(None) == parse_plan({}) == []


@pytest.mark.parametrize(
    "plan", ["gremlins=1", "disconnect", "stall@x", [{"rate": 1}], [{"fault": "stall", "when": 1}], 7]
)
def test_an_unreadable_plan_is_refused(plan: object) -> None:
    with pytest.raises(FaultPlanError):
        parse_plan(plan)


@given(st.integers(0, 2**32), st.integers(1, 200))
def test_the_same_seed_draws_the_same_faults(seed: int, draws: int) -> None:
    def drawn() -> list[str | None]:
        plan = FaultPlan(seed)
        plan.replace(parse_plan("duplicate=0.2,malformed=0.1,stall/17"))
        return [rule.fault if (rule := plan.draw("stream")) else None for _ in range(draws)]

    assert drawn() == drawn()


def test_every_fault_is_known_by_its_area() -> None:
    names = [name for area in AREAS.values() for name in area]
    assert len(names) == len(set(names)) == len(parse_plan(",".join(f"{name}=0.1" for name in names)))


# ---- the stream


def test_a_disconnect_cuts_the_connection_without_a_close_frame(simulate: Any) -> None:
    simulated = simulate(**_plain(faults="disconnect@3"))
    socket = simulated.connect()
    simulated.step(40)
    assert close_code(socket) is None
    assert simulated.control("stats")["faults"] == {"disconnect": 1}


def test_an_eviction_closes_with_1000_out_of_the_blue(simulate: Any) -> None:
    simulated = simulate(**_plain(faults="eviction@3"))
    socket = simulated.connect()
    simulated.step(40)
    assert close_code(socket) == 1000


@pytest.mark.parametrize(("fault", "answers"), [("stall", True), ("silent", False)])
def test_a_stalled_connection_delivers_nothing(simulate: Any, fault: str, answers: bool) -> None:
    simulated = simulate(**_plain(faults=f"{fault}@3"))
    socket = simulated.connect()
    read(socket)
    simulated.step(40)
    assert len(read_raw(socket)) == 2
    assert simulated.control("withheld") == {"withheld": [fault], "idle": True}
    socket.settimeout(0.5)
    socket.ping("?")
    if answers:
        assert socket.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_PONG
    else:
        with pytest.raises(websocket.WebSocketTimeoutException):
            socket.recv_data(control_frame=True)
    simulated.order("faults")
    assert len(read_raw(socket)) > 20, "what was held back arrives when the plan ends"
    assert simulated.control("withheld")["withheld"] == []


def test_a_stall_of_some_seconds_delivers_late(simulate: Any) -> None:
    simulated = simulate(**_plain(faults="stall@3:1"))
    socket = simulated.connect()
    read(socket)
    head = simulated.step(40)
    assert len(read_raw(socket)) == 2
    assert read_until(socket, head["sequence"])


def test_an_endless_stall_stays_connected_within_its_bound(simulate: Any) -> None:
    simulated = simulate(**_plain(faults="stall@3", send_queue_bytes=50_000))
    socket = simulated.connect()
    read(socket)
    simulated.step(500)
    assert len(read_raw(socket)) == 2
    stats = simulated.control("stats")
    assert stats["connected"] == 1 and stats["buffered"] <= 50_000
    simulated.order("faults")
    assert close_code(socket) is None, "what was lost can only be recovered over a new connection"


def test_a_slow_connection_trickles(simulate: Any) -> None:
    simulated = simulate(**_plain(faults="slow@1:0.5"))
    socket = simulated.connect()
    read(socket)
    head = simulated.step(60)
    messages = read_until(socket, head["sequence"])
    sequences = [message["seq"] for message in messages]
    assert len(messages) > 20 and sequences == sorted(sequences)


def test_duplicates_repeat_a_message(simulate: Any) -> None:
    frames = _frames(simulate(**_plain(faults="duplicate/10")))
    assert len(frames) - len(set(frames)) >= 2


def test_reordered_messages_all_arrive(simulate: Any) -> None:
    simulated = simulate(**_plain(faults="reorder/5"))
    sequences = [json.loads(frame)["seq"] for frame in _frames(simulated)]
    assert sequences != sorted(sequences)
    assert len(sequences) == len(set(sequences)) > 20


def test_replayed_messages_are_old_ones(simulate: Any) -> None:
    frames = _frames(simulate(**_plain(faults="replay/10")))
    repeated = [frame for index, frame in enumerate(frames) if frame in frames[:index]]
    assert len(repeated) >= 2


@pytest.mark.parametrize("fault", ["malformed", "truncated", "wrong_types"])
def test_spoilt_messages_can_be_noticed(simulate: Any, fault: str) -> None:
    simulated = simulate(**_plain(faults=f"{fault}=1"))
    socket = simulated.connect()
    read(socket)
    simulated.step(150)
    socket.settimeout(0.5)
    frames = read_raw(socket)
    struck = simulated.control("stats")["faults"][fault]
    unsound = [frame for frame in frames if not all(_sound(line) for line in frame.split(b"\n"))]
    assert struck == simulated.control("stats")["messages"] or struck > 60
    # A message may be sent whole after something that is none; then that something is the unsound frame.
    assert len(unsound) >= struck * 0.97


def test_a_missing_sequence_leaves_the_rest_alone(simulate: Any) -> None:
    for frame in _frames(simulate(**_plain(faults="missing_seq=1"))):
        message = json.loads(frame)
        assert "seq" not in message and message["id"].isdecimal()


def test_oversized_frames_come_beside_the_message(simulate: Any) -> None:
    frames = _frames(simulate(**_plain(faults="oversized@3", oversized_bytes=3_000_000)))
    assert [len(frame) for frame in frames].count(3_000_000) == 1
    assert sum(_sound(frame) for frame in frames) > 20


def test_a_claim_of_a_gigabyte_is_only_a_claim(simulate: Any) -> None:
    simulated = simulate(**_plain(faults="huge_claim@3"))
    socket = simulated.connect()
    read(socket)
    simulated.step(40)
    assert len(read_raw(socket)) == 2
    assert simulated.control("stats")["faults"] == {"huge_claim": 1}


# ---- handshake, REST, control


@pytest.mark.parametrize("status", [401, 403, 429, 500])
def test_handshakes_and_requests_are_refused(simulate: Any, status: int) -> None:
    simulated = simulate(faults=f"{status}@1")
    assert simulated.refusal()[0] == status
    assert read(simulated.connect())[0]["type"] == "welcome"
    assert simulated.get("/events/live").status_code == status
    assert simulated.get("/events/live").ok


def test_rest_answers_garbage_late_or_not_at_all(simulate: Any) -> None:
    simulated = simulate(faults="rest_garbage@1,rest_slow@2:0.2,rest_disconnect@3")
    garbage = simulated.get("/events/live")
    assert garbage.ok and garbage.text.startswith("<html>")
    slow = simulated.get("/events/live")
    assert slow.ok and slow.elapsed.total_seconds() >= 0.2
    with pytest.raises(requests.ConnectionError):
        simulated.get("/events/live")
    assert simulated.get("/events/live").ok


def test_faults_never_reach_the_truth(simulate: Any) -> None:
    digests = []
    for plan in ("", "all=0.02,429=0.1"):
        simulated = simulate(start=1_760_000_000_000, faults=plan)
        socket = simulated.connect(key=f"key{len(plan)}") if not plan else None
        for _ in range(10):
            simulated.step(100)
        del socket
        digests.append(simulated.control("digest"))
    assert digests[0] == digests[1]


def test_faults_stop_when_the_plan_is_emptied(simulate: Any) -> None:
    simulated = simulate(**_plain(faults="truncated=1"))
    assert not any(_sound(frame) for frame in _frames(simulated))
    struck = simulated.order("faults", {})["struck"]
    assert all(_sound(frame) for frame in _frames(simulated))
    assert simulated.control("stats")["faults"] == struck
    answer = requests.post(f"{simulated.server.control_url}/faults", json={"faults": "nonsense"}, timeout=5)
    assert answer.status_code == 400 and "nonsense" in answer.json()["error"]
    simulated.order("faults", [{"fault": "disconnect", "at": [1]}])
    socket = simulated.connect()
    simulated.step(30)
    assert close_code(socket) is None
    eventually(lambda: simulated.control("stats")["connected"] == 0, what="the connection to be gone")
