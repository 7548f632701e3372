"""Compose, pm2, systemd and Kubernetes start the same four processes with the same bounds; their tools read them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from PROPPR.SharedServices.cli.users import address
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.storage.mongod import ENGINE
from PROPPR.SharedServices.storage.users import USERS

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
USERS_OF = {"grader": "grading-scheduler"}
"""MongoDB users that are named otherwise than their container."""
# Name -> (module of the runner, port, megabytes).
FLEET = {
    "websocket-updater": ("PROPPR.WebsocketUpdater.runners.run_websocket_updater", 8081, 500),
    "unified-poller": ("PROPPR.UnifiedAPIPoller.runners.run_unified_poller", 8082, 300),
    "stats-pipeline": ("PROPPR.StatsUpdateFM.runners.run_stats_pipeline", 8083, 400),
    "grader": ("PROPPR.SharedServices.grading.runners.run_grading_scheduler", 8084, 200),
}

# What is no service: without it nothing is missed but a page. pm2 leaves it to whoever wants it.
WITH_CONSOLE = {**FLEET, "console": ("PROPPR.Console.runners.run_console", 8090, 200)}


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return found


@pytest.mark.parametrize("name", FLEET)
def test_compose_starts_it(name: str) -> None:
    module, port, megabytes = FLEET[name]
    service = compose()["services"][name]
    assert service["command"] == ["python", "-m", module]
    assert service["environment"]["HEALTH_PORT"] == str(port)
    assert service["mem_limit"] == f"{megabytes}m"
    assert service["depends_on"]["mongo"] == {"condition": "service_healthy"}
    assert service["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


def test_mongod_keeps_changed_pages_for_the_checkpoint_everywhere() -> None:
    """The same words for the embedded server, compose and Kubernetes: what one gains, all gain."""
    containers = [
        container
        for document in yaml.safe_load_all((DEPLOY / "kubernetes" / "mongo.yaml").read_text())
        if document["kind"] == "StatefulSet"
        for container in document["spec"]["template"]["spec"]["containers"]
    ]
    arguments = [compose()["services"]["mongo"]["command"], *(found["args"] for found in containers if "args" in found)]
    assert len(arguments) == 2
    for given in arguments:
        assert given[given.index("--wiredTigerEngineConfigString") + 1] == ENGINE


def test_each_container_gets_the_address_of_its_own_user_and_no_other() -> None:
    """The service `prepare`, which makes the users and ends, has all of them."""
    services = compose()["services"]
    given = {
        name: {secret for secret in service.get("secrets", ()) if secret.endswith(".uri")}
        for name, service in services.items()
    }
    everyone = {f"{user.name}.uri" for user in USERS}
    own = {name: USERS_OF.get(name, name) for name in (*FLEET, "console")}
    own |= {"demo-bots": "bots", "proppr": "proppr-setup"}
    for name, user in own.items():
        assert given.pop(name) == {f"{user}.uri"}, name
        assert services[name]["environment"]["MONGO_URI_FILE"] == f"/run/secrets/{user}.uri"
    assert given.pop("prepare") == {"root.uri", *everyone}
    assert services["prepare"]["environment"]["MONGO_URI_FILE"] == "/run/secrets/root.uri"
    assert not any(given.values())


def test_compose_publishes_on_loopback_and_bounds_everything() -> None:
    for name, service in compose()["services"].items():
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert service["mem_limit"] and service["pids_limit"] and service["read_only"], name
        assert service["restart"] == ("no" if name in ("proppr", "prepare") else "unless-stopped")


def test_the_live_stream_goes_first() -> None:
    shares = {name: service.get("cpu_shares") for name, service in compose()["services"].items()}
    assert {name for name, share in shares.items() if share} == {
        "unified-poller",
        "stats-pipeline",
        "grader",
        "console",
    }
    assert set(shares.values()) == {None, 512}


def test_every_secret_of_compose_is_made_by_the_script(tmp_path: Path) -> None:
    """And a second run changes none."""
    script = [str(DEPLOY / "secrets.sh"), str(tmp_path / "secrets")]
    subprocess.run(script, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(compose()["secrets"]) == set(made)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    addresses = {name: urlsplit(text) for name, text in made.items() if name.endswith(".uri")}
    assert set(addresses) == {"root.uri", *(f"{user.name}.uri" for user in USERS)}
    assert addresses["root.uri"].password == made["mongo_root_password"]
    for name, parts in addresses.items():
        assert parts.username == name.removesuffix(".uri") and len(parts.password or "") == 32
        assert parts.query == f"replicaSet=rs0&authSource={'admin' if name == 'root.uri' else 'proppr'}"
    administrator = load_settings({"MONGO_URI": made["root.uri"]}, None)
    for user in USERS:  # then `prepare`, which can't write them, finds nothing to write
        text = made[f"{user.name}.uri"]
        assert address(administrator, user.name, urlsplit(text).password or "") == text
    assert len({parts.password for parts in addresses.values()}) == len(addresses)
    assert 6 <= len(made["mongo_keyfile"]) <= 1024
    subprocess.run(script, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made


def test_the_addresses_name_another_database_where_the_settings_do(tmp_path: Path) -> None:
    script, environment = [str(DEPLOY / "secrets.sh"), str(tmp_path)], {**os.environ, "MONGO_DATABASE": "football"}
    subprocess.run(script, check=True, capture_output=True, env=environment)
    assert (tmp_path / "bots.uri").read_text().endswith("&authSource=football")


@pytest.mark.skipif(shutil.which("docker") is None, reason="needs Docker")
@pytest.mark.parametrize(
    "arguments", [[], ["--profile", "monitoring"], ["--env-file", "deploy/simulator.env"]], ids=str
)
def test_compose_reads_its_file(arguments: list[str]) -> None:
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode != 0:
        pytest.skip("needs Docker's compose")
    done = subprocess.run(["docker", "compose", *arguments, "config", "-q"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_systemd_units_start_them() -> None:
    script = (DEPLOY / "systemd" / "run").read_text()
    assert dict(re.findall(r"^ +([a-z-]+)\) module=([\w.]+) ;;", script, re.MULTILINE)) == {
        name: module for name, (module, _, _) in WITH_CONSOLE.items()
    }
    general = (DEPLOY / "systemd" / "proppr@.service").read_text()
    for name, (_, _, megabytes) in WITH_CONSOLE.items():
        own = DEPLOY / "systemd" / f"proppr@{name}.service.d" / "limits.conf"
        assert f"MemoryMax={megabytes}M" in (own.read_text() if own.exists() else general)
        assert own.exists() is (name != "websocket-updater")
        assert not own.exists() or "CPUWeight=50" in own.read_text()
        assert f"proppr@{name}.service" in (DEPLOY / "systemd" / "proppr.target").read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_nothing_to_say(tmp_path: Path) -> None:
    units = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", units)
    unit = units / "proppr@.service"
    unit.write_text(unit.read_text().replace("/opt/proppr/", f"{ROOT}/"))
    for name in (*(f"proppr@{service}.service" for service in WITH_CONSOLE), "proppr.target"):
        done = subprocess.run(
            ["systemd-analyze", "verify", str(units / name)],
            env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"}, capture_output=True, text=True,
        )  # fmt: skip
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_script_of_systemd_becomes_the_service() -> None:
    """With wrong settings it ends with 2, which systemd does not restart; and so does a name that does not exist."""
    run = str(DEPLOY / "systemd" / "run")
    environment = {"PATH": os.environ["PATH"], "POLL_INTERVAL": "soon"}
    done = subprocess.run([run, "grader"], env=environment, capture_output=True, text=True)
    assert done.returncode == 2 and "POLL_INTERVAL" in done.stderr
    assert subprocess.run([run, "nobody"], capture_output=True).returncode == 2


@pytest.mark.parametrize("name", WITH_CONSOLE)
def test_kubernetes_starts_it(name: str) -> None:
    module, port, megabytes = WITH_CONSOLE[name]
    deployment = next(yaml.safe_load_all((DEPLOY / "kubernetes" / f"{name}.yaml").read_text()))
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"] == ["python", "-m", module]
    key = {"name": "mongo-users", "key": f"{USERS_OF.get(name, name)}.uri"}
    where = [{"name": "CONSOLE_HOST", "value": "0.0.0.0"}, {"name": "CONSOLE_PORT", "value": str(port)}]
    assert container["env"] == [
        *(where if name == "console" else [{"name": "HEALTH_PORT", "value": str(port)}]),
        {"name": "MONGO_URI", "valueFrom": {"secretKeyRef": key}},
    ]
    assert container["resources"]["limits"]["memory"] == f"{megabytes}Mi"
    assert container["securityContext"]["readOnlyRootFilesystem"] and pod["securityContext"]["runAsNonRoot"]
    assert {container[probe]["httpGet"]["path"] for probe in ("livenessProbe", "readinessProbe")} == {"/live", "/ready"}
    assert pod["terminationGracePeriodSeconds"] >= 10


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kubectl_builds_the_manifests() -> None:
    folder = DEPLOY / "kubernetes"
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    names = {document["metadata"]["name"] for document in yaml.safe_load_all(done.stdout)}
    assert names >= {*WITH_CONSOLE, "mongo", "prepare", "proppr"}
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    assert {path.name for path in folder.glob("*.yaml")} == {*listed, "kustomization.yaml"}
