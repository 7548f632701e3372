"""Compose, pm2, systemd and Kubernetes start the same four processes with the same bounds; their tools read them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
# Name -> (module of the runner, port, megabytes).
FLEET = {
    "websocket-updater": ("PROPPR.WebsocketUpdater.runners.run_websocket_updater", 8081, 500),
    "unified-poller": ("PROPPR.UnifiedAPIPoller.runners.run_unified_poller", 8082, 300),
    "stats-pipeline": ("PROPPR.StatsUpdateFM.runners.run_stats_pipeline", 8083, 400),
    "grader": ("PROPPR.SharedServices.grading.runners.run_grading_scheduler", 8084, 200),
}


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


def test_compose_publishes_on_loopback_and_bounds_everything() -> None:
    for name, service in compose()["services"].items():
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), name
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}, name
        assert service["mem_limit"] and service["pids_limit"] and service["read_only"], name
        assert service["restart"] == ("no" if name == "proppr" else "unless-stopped")


def test_every_secret_of_compose_is_made_by_the_script(tmp_path: Path) -> None:
    """And a second run changes none."""
    script = [str(DEPLOY / "secrets.sh"), str(tmp_path / "secrets")]
    subprocess.run(script, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(compose()["secrets"]) == set(made)
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert len(made["mongo_password"]) == 32 and made["mongo_password"] in made["mongo_uri"]
    assert 6 <= len(made["mongo_keyfile"]) <= 1024
    subprocess.run(script, check=True, capture_output=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made


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
        name: module for name, (module, _, _) in FLEET.items()
    }
    general = (DEPLOY / "systemd" / "proppr@.service").read_text()
    for name, (_, _, megabytes) in FLEET.items():
        own = DEPLOY / "systemd" / f"proppr@{name}.service.d" / "memory.conf"
        assert f"MemoryMax={megabytes}M" in (own.read_text() if own.exists() else general)
        assert f"proppr@{name}.service" in (DEPLOY / "systemd" / "proppr.target").read_text()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_finds_nothing_to_say(tmp_path: Path) -> None:
    units = tmp_path / "units"
    shutil.copytree(DEPLOY / "systemd", units)
    unit = units / "proppr@.service"
    unit.write_text(unit.read_text().replace("/opt/proppr/", f"{ROOT}/"))
    for name in (*(f"proppr@{service}.service" for service in FLEET), "proppr.target"):
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


@pytest.mark.parametrize("name", FLEET)
def test_kubernetes_starts_it(name: str) -> None:
    module, port, megabytes = FLEET[name]
    deployment = yaml.safe_load((DEPLOY / "kubernetes" / f"{name}.yaml").read_text())
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"] == ["python", "-m", module]
    assert container["env"] == [{"name": "HEALTH_PORT", "value": str(port)}]
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
    assert names >= {*FLEET, "mongo", "proppr"}
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    assert {path.name for path in folder.glob("*.yaml")} == {*listed, "kustomization.yaml"}
