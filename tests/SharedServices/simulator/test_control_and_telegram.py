"""The control API, the Telegram stand-in, and the server as an object and as a process."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from typing import Any

import pytest
import requests

from PROPPR.SharedServices.simulator.config import SimulatorConfig, SimulatorConfigError
from PROPPR.SharedServices.simulator.server import SimulatorServer


def _send(simulated: Any, token: str = "123:abc", **body: object) -> requests.Response:  # noqa: S107 - no secret
    url = f"{simulated.server.telegram_url}/bot{token}/sendMessage"
    return requests.post(url, json=body, timeout=5)


def test_telegram_takes_messages_as_json_and_as_a_form(simulate: Any) -> None:
    simulated = simulate()
    answer = _send(simulated, chat_id=7, text="the feed is back")
    assert answer.json()["ok"] and answer.json()["result"]["text"] == "the feed is back"
    url = f"{simulated.server.base_url}/bot1:x/sendMessage"
    assert requests.post(url, data={"chat_id": "7", "text": "50 % & more"}, timeout=5).ok
    assert [message["text"] for message in simulated.control("telegram")] == ["the feed is back", "50 % & more"]
    assert _send(simulated, chat_id=7).status_code == 400
    assert simulated.control("stats")["telegram"] == {"received": 2, "refused": 1}


def test_telegram_refuses_as_told(simulate: Any) -> None:
    simulated = simulate(telegram_token="123:abc", faults="telegram_429@1:9,telegram_500@2,telegram_400@3")
    limited = _send(simulated, chat_id=1, text="x")
    assert limited.status_code == 429 and limited.json()["parameters"] == {"retry_after": 9}
    assert _send(simulated, chat_id=1, text="x").status_code == 500
    assert _send(simulated, chat_id=1, text="x").json() == {
        "ok": False, "error_code": 400, "description": "Bad Request: chat not found",
    }  # fmt: skip
    assert _send(simulated, token="other", chat_id=1, text="x").status_code == 401
    assert _send(simulated, chat_id=1, text="x").ok


def test_truth_can_be_asked_by_fixture_and_feed(simulate: Any) -> None:
    simulated = simulate()
    event_id = simulated.get("/events", sport="football").json()[0]["id"]
    truth = simulated.control("truth", fixtures=event_id, feeds="M88,Bet365")
    assert set(truth["fixtures"]) == {str(event_id)}
    assert set(truth["fixtures"][str(event_id)]) == {"M88", "Bet365"}
    market = truth["fixtures"][str(event_id)]["M88"]["markets"]["ML"]
    document = simulated.get("/odds", eventId=event_id, bookmakers="M88").json()
    assert document["bookmakers"]["M88"][0] == {
        "name": "ML", "updatedAt": market["updatedAt"], "odds": market["odds"],
    }  # fmt: skip
    assert simulated.control("truth", touched="true")["fixtures"] == {}


def test_changes_tell_both_sides_of_every_change(simulate: Any) -> None:
    simulated = simulate(change_log_size=500)
    simulated.step(300)
    changes = simulated.control("changes", limit=10_000)
    assert 0 < len(changes) <= 500
    assert all(change["before"] != change["after"] for change in changes)
    newest = {}
    for change in changes:
        newest[change["fixture_id"], change["feed"], change["market"]] = change["after"]
    truth = simulated.control("truth")["fixtures"]
    for (fixture_id, feed, market), rows in newest.items():
        assert truth[str(fixture_id)][feed]["markets"].get(market, {"odds": []})["odds"] == rows
    after = changes[-1]["sequence"]
    assert simulated.control("changes", after=after) == []


def test_steps_equal_a_paced_run(simulate: Any) -> None:
    digests = []
    for rate in (0.0, 400.0):
        simulated = simulate(start=1_760_000_000_000, rate=400.0, messages=200)
        simulated.order("rate", {"rate": rate})
        if rate:
            simulated.order("resume", {"messages": 200})
            _until_idle(simulated)
        else:
            simulated.step(200)
        digests.append(simulated.control("digest"))
    assert digests[0] == digests[1] and digests[0]["messages"] == 200


def _until_idle(simulated: Any) -> None:
    from support import eventually

    eventually(lambda: simulated.control("stats")["idle"], what="the feed to fall silent")


def test_seed_and_bad_orders(simulate: Any) -> None:
    simulated = simulate(seed=9, start=1_760_000_000_000)
    seed = simulated.control("seed")
    assert (seed["seed"], seed["start"], seed["fixed_clock"]) == (9, 1_760_000_000_000, True)
    for name, body in (("rate", {"rate": -1}), ("rate", {}), ("step", {"messages": "many"})):
        answer = requests.post(f"{simulated.server.control_url}/{name}", json=body, timeout=5)
        assert answer.status_code == 400, name
    assert requests.get(f"{simulated.server.control_url}/nothing", timeout=5).status_code == 404


@pytest.mark.parametrize(
    "settings",
    [
        {"profile": "night"},
        {"fixtures": 0},
        {"bookmakers": ()},
        {"rate": -1},
        {"full_share": 2},
        {"request_limit": 0},
        {"selected": ("Bet365", "M88"), "max_bookmakers": 1},
    ],
)
def test_impossible_settings_are_refused_by_name(settings: dict[str, Any]) -> None:
    with pytest.raises(SimulatorConfigError, match=next(iter(settings))):
        SimulatorConfig(**settings)


def test_a_port_in_use_is_told_at_start(simulate: Any) -> None:
    taken = simulate().server.port
    with pytest.raises(OSError):
        SimulatorServer(SimulatorConfig(port=taken)).start()


def test_hostile_bytes_get_an_answer_and_harm_nobody(simulate: Any) -> None:
    simulated = simulate()
    for data in (b"\x00" * 70_000, b"GET\r\n\r\n", b"POST /x HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", simulated.server.port), timeout=5) as raw:
            raw.sendall(data)
            assert raw.recv(100).startswith(b"HTTP/1.1 400")
    bad = b"GET /v3/ws?apiKey=k&markets=ML HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    with socket.create_connection(("127.0.0.1", simulated.server.port), timeout=5) as raw:
        raw.sendall(bad)
        assert raw.recv(100).startswith(b"HTTP/1.1 400")
    assert simulated.get("/sports").ok


@pytest.mark.processes
def test_the_module_runs_until_it_is_told_to_stop() -> None:
    command = [sys.executable, "-m", "PROPPR.SharedServices.simulator", "--port", "0", "--fixtures", "5", "--seed", "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split()[1]
        assert len(requests.get(f"{url}/events", params={"apiKey": "k", "sport": "football"}, timeout=5).json()) == 5
        process.send_signal(signal.SIGTERM)
        assert process.wait(40) == 0
    wrong = subprocess.run([*command, "--faults", "gremlins=1"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and "gremlins" in wrong.stderr
    assert json.dumps(line)
