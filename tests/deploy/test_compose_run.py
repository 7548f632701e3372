"""The fleet in containers, from a clean clone to the truth after kills and cuts: `make compose-test`, where Docker is.

One run, in this order; the alerts are judged at the end, as the chat and the mailbox have received them.
"""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from compose_rig import DATABASE, NAMES, OURS, PATIENCE, PUBLISHED, SERVICES, Stack, mailed, patiently, told
from fleet_truth import expect_the_truth
from pymongo.database import Database
from pymongo.errors import OperationFailure

from PROPPR.SharedServices.storage.users import BETS

LIMITS = {"websocket-updater": 500, "unified-poller": 300, "stats-pipeline": 400, "grader": 200, "console": 200}
SETTLED = ["won", "lost", "refund", "half_won", "half_lost"]
A_MINUTE = 60.0
Documents = Database[dict[str, Any]]

pytestmark = [
    pytest.mark.skipif(os.environ.get("COMPOSE_TEST") != "1", reason="builds and runs containers: `make compose-test`"),
    pytest.mark.skipif(shutil.which("docker") is None, reason="needs Docker"),
    pytest.mark.timeout(1200 * PATIENCE),
]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    one = Stack(tmp_path_factory.mktemp("compose"))
    one.script("deploy/secrets.sh", str(one.secrets))
    try:
        try:
            one.run("up", "--build", "--wait", "--wait-timeout", str(int(300 * PATIENCE)), timeout=900)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{one.run('logs', '--tail', '30')}") from None
        yield one
    finally:
        one.run("down", "--volumes", "--timeout", "5")


@pytest.fixture(scope="module")
def database(stack: Stack) -> Iterator[Documents]:
    """As the administrator: the tests look at everything."""
    with stack.client("root") as client:
        yield client[DATABASE]


@pytest.fixture(scope="module")
def begin(database: Documents) -> Any:
    """The first moment of this MongoDB: from there on changes are read at the end."""
    return next(database.client["local"]["oplog.rs"].find({}, {"ts": 1}).sort("$natural", 1).limit(1))["ts"]


def silent_alerts(database: Documents) -> Counter[str]:
    """Service -> how often it was found silent."""
    found = database["alerts"].find({"_id": {"$regex": "^silent:"}})
    # A restarted process may have another number, and with it another alert.
    return Counter(each["_id"].split(":")[1] for each in found for _ in range(each["episode"]))


def as_made(found: Counter[str], made: Counter[str]) -> bool:
    """Whether those were found silent that the tests have silenced, and nobody else."""
    return found >= made if PATIENCE > 1 else found == made


def test_all_are_healthy_books_flow_and_a_bet_is_settled(stack: Stack, database: Documents, begin: Any) -> None:
    assert stack.all_healthy()
    assert begin
    patiently(lambda: database["odds_books"].count_documents({}) > 100, 120, "books")
    settled = {"settled_at": {"$ne": None}, "status": {"$in": SETTLED}}
    patiently(lambda: database["team_tracked_bets"].count_documents(settled) > 0, 240, "a settled bet")


@pytest.mark.parametrize("name", OURS)
def test_a_container_can_do_little(stack: Stack, name: str) -> None:
    found = stack.inspect(name)
    host = found["HostConfig"]
    assert found["Config"]["User"] == "10001:10001"
    assert found["Config"]["StopSignal"] == "SIGTERM"
    assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "5", "max-size": "10m"}}
    assert host["Memory"] == LIMITS.get(name, host["Memory"] / 2**20) * 2**20 > 0
    seen = json.dumps(found)
    assert not [password for password in stack.passwords() if password in seen], "whoever may inspect reads a password"


@pytest.mark.parametrize("name", PUBLISHED)
def test_nothing_is_published_beyond_loopback(stack: Stack, name: str) -> None:
    bindings = stack.inspect(name)["NetworkSettings"]["Ports"].values()
    assert {row["HostIp"] for rows in bindings for row in rows or []} == {"127.0.0.1"}


@pytest.mark.parametrize("name", [*SERVICES, "demo-bots"])
def test_each_container_has_the_password_of_its_own_user_only(stack: Stack, name: str) -> None:
    user = {"demo-bots": "bots"}.get(name, NAMES.get(name, name))
    listed = stack.run("exec", "-T", name, "ls", "/run/secrets").split()
    assert [each for each in listed if each.endswith(".uri")] == [f"{user}.uri"]
    assert "mongo_root_password" not in listed
    with stack.client(user) as client:
        client[DATABASE]["fixtures"].find_one()
        with pytest.raises(OperationFailure):
            client["other"]["things"].insert_one({"a": 1})
        with pytest.raises(OperationFailure):
            client["admin"].command("usersInfo", 1)


def test_mongodb_takes_nobody_unknown(stack: Stack) -> None:
    with stack.client() as stranger, pytest.raises(OperationFailure):
        stranger[DATABASE]["fixtures"].find_one()


def test_a_command_runs_in_the_network_of_the_containers(stack: Stack) -> None:
    assert "replica set" in stack.run("run", "--rm", "-T", "proppr", "doctor")
    assert "by their heartbeats" in stack.run("run", "--rm", "-T", "proppr", "status")
    assert "Bet365" in stack.run("run", "--rm", "-T", "proppr", "ledger")


def test_a_backup_is_made_and_found_again(stack: Stack) -> None:
    stack.run("run", "--rm", "-T", "proppr", "backup")
    assert DATABASE in stack.run("run", "--rm", "-T", "proppr", "backup", "--list")


def test_each_container_that_is_killed_comes_back_by_itself(stack: Stack, database: Documents) -> None:
    """At once: nobody needs to be told."""
    before = silent_alerts(database)
    for name in (*OURS, "mongo"):
        stack.kill(name)
    patiently(stack.all_healthy, 240, "all to be healthy after the kills")
    assert as_made(silent_alerts(database), before)


@pytest.mark.parametrize(
    "names", [("websocket-updater", "grader"), ("unified-poller", "stats-pipeline", "console")], ids=" and ".join
)
def test_who_stays_dead_is_told_of(stack: Stack, database: Documents, names: tuple[str, ...]) -> None:
    """Killed so that the engine leaves them dead, as on a machine that is gone; then they are started again."""
    before = silent_alerts(database)
    dead = Counter(NAMES.get(name, name) for name in names)
    containers = [stack.id_of(name) for name in names]
    stack.docker("kill", *containers)
    patiently(lambda: as_made(silent_alerts(database), before + dead), 120, f"the alerts of {names}")
    titles = [f"{service} is silent" for service in dead]
    failing = database["alerts"].find({"_id": {"$regex": "^silent:"}, "state": "failing"})
    keys = [each["_id"] for each in failing if each["_id"].split(":")[1] in dead]
    patiently(lambda: all(mailed(stack.mails())["FAILED", key] for key in keys), 120, "a mail of each")
    heard = told(stack.chat_texts(), titles)
    assert all(heard["FAILED", title] for title in titles), heard
    stack.docker("start", *containers)
    patiently(stack.all_healthy, 240, "all to be healthy again")
    patiently(lambda: all(mailed(stack.mails())["RECOVERED", key] for key in keys), 120, "a mail of each return")


def test_mongodb_is_restarted(stack: Stack) -> None:
    stack.run("restart", "mongo")
    patiently(stack.all_healthy, 240, "all to be healthy after MongoDB's restart")


def test_the_network_is_cut_for_a_minute(stack: Stack, database: Documents) -> None:
    """First that of the updater, which its peers miss; then MongoDB's, which all miss."""
    patiently(lambda: not database["alerts"].find_one({"state": "failing"}), 120, "no alert to be open")
    before = silent_alerts(database)
    cut = stack.cut("websocket-updater")
    threading.Event().wait(A_MINUTE)
    assert as_made(silent_alerts(database), before + Counter(["websocket-updater"]))
    patiently(lambda: stack.are("unhealthy", ["websocket-updater"]), 60, "the engine to see it")
    stack.mend("websocket-updater", cut)
    patiently(stack.all_healthy, 240, "all to be healthy after the updater's cut")

    before = silent_alerts(database)
    cut = stack.cut("mongo")
    threading.Event().wait(A_MINUTE)
    patiently(lambda: stack.are("unhealthy", SERVICES), 60, "the engine to see it")
    stack.mend("mongo", cut)
    patiently(stack.all_healthy, 240, "all to be healthy after MongoDB's cut")
    assert as_made(silent_alerts(database), before), "after an outage everybody looks silent, and nobody is judged"


def test_nothing_was_lost(stack: Stack, database: Documents) -> None:
    stack.simulator("POST", "pause")
    verdict = expect_the_truth(lambda: stack.simulator("GET", "truth"), database)
    stack.simulator("POST", "resume")
    print(f"\n{verdict.lines} lines as the provider said last, {verdict.changes} changes, {verdict.drops} drops")


def test_each_bet_was_settled_once(database: Documents, begin: Any) -> None:
    """By what MongoDB itself noted of every change since the begin. A correction of the data leaves its trail."""
    settled: Counter[tuple[str, Any]] = Counter()
    end = {"ns.coll": "leases", "documentKey._id": "the end of the test"}
    settlement = {"ns.coll": {"$in": list(BETS)}, "updateDescription.updatedFields.settled_at": {"$ne": None}}
    database["leases"].insert_one({"_id": "the end of the test"})
    wanted = [{"$match": {"$or": [end, settlement]}}]
    with database.watch(wanted, start_at_operation_time=begin, max_await_time_ms=2000) as stream:
        for change in stream:
            if change["ns"]["coll"] == "leases":
                break
            settled[change["ns"]["coll"], change["documentKey"]["_id"]] += 1
    documents = {(name, bet["_id"]): bet for name in BETS for bet in database[name].find({"status": {"$in": SETTLED}})}
    assert len(documents) > 50
    assert settled and set(settled) <= set(documents)
    trails = {key: 1 + len(documents[key]["grading"].get("history", ())) for key in settled}
    assert dict(settled) == trails
    print(f"\n{len(documents)} bets settled, {sum(settled.values())} settlements seen")


def test_each_alert_was_told_once_and_cleared_once(stack: Stack, database: Documents) -> None:
    """Each service was dead for a while once, the updater was cut off besides; all of them missed MongoDB once."""
    alerts = database["alerts"]
    patiently(lambda: not alerts.find_one({"state": "failing"}), 120, "no alert to be open")
    patiently(lambda: not alerts.find_one({"messages.0": {"$exists": True}}), 60, "nothing to wait to be told")
    services = [NAMES.get(name, name) for name in SERVICES]
    assert as_made(silent_alerts(database), Counter([*services, "websocket-updater"]))
    kept = list(alerts.find({"state": "recovered"}))
    missed = {each["_id"]: each["episode"] for each in kept if each["_id"].startswith("mongo_down:")}
    assert set(missed) == {f"mongo_down:{service}" for service in services}

    titles = {each["title"] for each in kept}
    episodes = Counter(each["title"] for each in kept for _ in range(each["episode"]))
    marks = ("FAILED", "RECOVERED")
    expected = Counter({(mark, title): number for title, number in episodes.items() for mark in marks})
    heard = told(stack.chat_texts(), titles)
    print(f"\nchat: {sorted(heard.items())}\nmails: {sorted(mailed(stack.mails()).items())}")
    assert heard == expected

    mails = stack.mails()
    assert len({mail["id"] for mail in mails}) == len(mails), "a mail came twice"
    patiently(lambda: _in_pairs(mailed(stack.mails())), 60, "a recovery of everything that was mailed")
    counts, by_key = mailed(stack.mails()), {each["_id"]: each["episode"] for each in kept}
    assert all(number <= by_key[key] for (_, key), number in counts.items())
    assert {key.split(":")[1] for _, key in counts if key.startswith("silent:")} == set(services)


def _in_pairs(counts: Counter[tuple[str, str]]) -> bool:
    return all(counts["FAILED", key] == counts["RECOVERED", key] for _, key in counts)


def test_all_stop_in_order_within_the_time(stack: Stack) -> None:
    stack.run("stop", *SERVICES, "demo-bots")
    for name in SERVICES:
        assert stack.inspect(name)["State"]["ExitCode"] == 0, f"{name} was killed, or failed while stopping"


def test_the_backup_is_restored_and_the_fleet_goes_on(stack: Stack, database: Documents) -> None:
    """In the place of what is there: what came since the backup is gone, and comes again."""
    before = database["odds_history"].count_documents({})
    stack.run("run", "--rm", "-T", "prepare", "proppr", "restore", "latest", "--overwrite")
    assert database["odds_history"].count_documents({}) < before
    stack.run("up", "--wait", "--wait-timeout", str(int(240 * PATIENCE)), timeout=300)
    assert stack.all_healthy()


def test_the_one_user_of_an_installation_from_before_is_removed(stack: Stack, database: Documents) -> None:
    admin = database.client["admin"]
    admin.command("createUser", "proppr", pwd="of-before", roles=[{"role": "readWrite", "db": DATABASE}])
    command = ["exec", "-T", "mongo", "mongosh", "--quiet", "--norc", "--file", "/opt/mongo/remove_user.js"]
    assert "proppr: removed" in stack.run(*command)
    assert admin.command("usersInfo", "proppr")["users"] == []


def test_the_other_commands_of_the_pages(stack: Stack) -> None:
    """The last test of this file."""
    stack.run("config", "-q")
    assert "websocket-updater" in stack.run("ps")
    assert stack.run("logs", "--tail", "100", "grader")
    stack.run("up", "-d", "grader")
    stack.run("up", "--force-recreate", "--wait", "--wait-timeout", str(int(240 * PATIENCE)), timeout=400)
    assert stack.all_healthy()
