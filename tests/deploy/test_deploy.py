"""The files of deploy/, judged by the tools of those who will read them, and run as far as a machine without them can.

`make deploy` installs the tools; with ``SAYLINE_REQUIRE_DEPLOY=1``, as in CI, a missing one is a failure. There is no
container engine and no cluster here: what they alone could show was not run.
"""

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from certificates import make_authority
from server_process import ServerProcess
from wire_peer import PATIENCE_S
from worker_process import MOVES, WorkerProcess

from sayline.gateway.settings import Settings

pytestmark = pytest.mark.deploy

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
TOOLS = ROOT / "build/deploy/bin"
DOCKERFILES = sorted((DEPLOY / "docker").glob("*.Dockerfile"))
SCALING = DEPLOY / "kubernetes/keda.yaml"  # of a kind that Kubernetes' own schemas do not know
MANIFESTS = sorted(path for path in (DEPLOY / "kubernetes").glob("*.yaml") if path != SCALING)
PRE_STOP_S = 5  # in which the service forgets the pod
ENDING_S = 2  # of docs/PROTOCOL.md: what a gateway takes beyond `drain_s`


def tool(name):
    found = shutil.which(name, path=f"{TOOLS}{os.pathsep}{os.environ['PATH']}")
    if not found and os.environ.get("SAYLINE_REQUIRE_DEPLOY") != "1":
        pytest.skip(f"{name} is not installed")
    assert found, f"{name} is not installed"
    return found


def run(*command, **options):
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=300, **options)


def judge(*command, **options):
    done = run(*command, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def health_check(dockerfile):
    """The program that asks whether the container is well."""
    return json.loads(re.search(r"^HEALTHCHECK .*\\\n\s+CMD (\[.*\])$", dockerfile.read_text(), re.MULTILINE)[1])


def documents(manifest):
    return list(yaml.safe_load_all(manifest.read_text()))


def of_kind(kind):
    """What there is of a kind, by manifest and name."""
    return {
        f"{manifest.stem}/{each['metadata']['name']}": each
        for manifest in MANIFESTS
        for each in documents(manifest)
        if each["kind"] == kind
    }


PODS = {name: each["spec"]["template"]["spec"] for name, each in of_kind("Deployment").items()}
GATEWAYS = ["sayline/sayline", "workers/sayline"]
WORKERS = "workers/sayline-workers"
PROBES = ("startupProbe", "readinessProbe", "livenessProbe")


def container(name):
    return PODS[name]["containers"][0]


def probed(name):
    """The pages that a pod's probes ask for."""
    return {probe: container(name)[probe]["httpGet"]["path"] for probe in PROBES if probe in container(name)}


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)
def test_the_linter_has_nothing_to_say_of_a_dockerfile(dockerfile):
    judge(tool("hadolint"), dockerfile)


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)
def test_a_container_sets_only_what_are_settings(dockerfile):
    instructions = re.sub(r"^#.*$", "", dockerfile.read_text(), flags=re.MULTILINE)
    named = set(re.findall(r"\bSAYLINE_([A-Z0-9_]+)=", instructions))
    assert named, "this looks for the lines of ENV"
    assert {name.lower() for name in named} <= Settings.model_fields.keys()


def test_what_a_build_is_given_makes_the_whole_wheel(tmp_path):
    """Of the files that git knows, those that .dockerignore lets in are built; the wheel is that of the checkout.

    Only the page's bundle is left out, which takes esbuild: in a container the page is served as its modules.
    """
    lists = {Path(f"{dockerfile}.dockerignore").read_text() for dockerfile in DOCKERFILES}
    let_in = [line[1:] for line in lists.pop().splitlines() if line.startswith("!")]
    assert not lists, "each build is given the same"
    for name in judge("git", "ls-files", *let_in, cwd=ROOT).splitlines():
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / "src" / name)
    names = []
    for source, wheels in ((tmp_path / "src", tmp_path / "given"), (ROOT, tmp_path / "whole")):
        judge(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, source)
        listed = judge(sys.executable, "-m", "zipfile", "--list", next(wheels.glob("*.whl")))
        names.append({line.split()[0] for line in listed.splitlines()})
    assert names[0] == {name for name in names[1] if not name.startswith("sayline/web_demo/bundle/")}


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.stem)
def test_a_container_is_well_if_its_server_can_speak_and_only_then(dockerfile):
    program = health_check(dockerfile)[2]
    with ServerProcess() as server:
        judge(sys.executable, "-c", program.replace("8080", str(server.port)))
    assert run(sys.executable, "-c", program.replace("8080", str(server.port))).returncode != 0


def test_a_compose_file_without_a_key_names_it_and_with_one_is_well(tmp_path):
    compose = tool("docker-compose")
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    config = (compose, "-f", tmp_path / "deploy/compose.yaml", "config")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAYLINE_")}
    refused = run(*config, env=environment)
    assert refused.returncode != 0
    assert "a key that every client must present" in refused.stderr
    services = yaml.safe_load(judge(*config, env={**environment, "SAYLINE_API_KEYS": "k"}))["services"]
    seconds = int(services["sayline"]["stop_grace_period"].removesuffix("s"))
    assert seconds >= Settings.model_fields["drain_s"].default + ENDING_S
    watched = yaml.safe_load(
        judge(*config[:-1], "--profile", "watch", "config", env={**environment, "SAYLINE_API_KEYS": "k"})
    )
    assert watched["services"].keys() == {"sayline", "prometheus", "grafana"}
    for service in watched["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0] if isinstance(volume, str) else volume["source"]
            assert source in watched["volumes"] or Path(source).exists(), f"{source} is mounted, and is not there"


def test_prometheus_and_grafana_start_only_if_asked_for_and_find_what_they_show():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert {name for name, service in services.items() if not service.get("profiles")} == {"sayline"}
    assert all(port.startswith("127.0.0.1:") for service in services.values() for port in service["ports"])

    plain = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text())
    scraped = yaml.safe_load((DEPLOY / "prometheus/compose.yml").read_text())
    assert scraped["scrape_configs"][0]["static_configs"] == [{"targets": ["sayline:8080"]}]
    scraped["scrape_configs"][0]["static_configs"] = plain["scrape_configs"][0]["static_configs"]
    assert scraped == plain

    provisioning = DEPLOY / "grafana/provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
    (provider,) = yaml.safe_load((provisioning / "dashboards/sayline.yml").read_text())["providers"]
    (dashboard,) = [volume for volume in services["grafana"]["volumes"] if "sayline.json" in volume]
    assert dashboard.split(":")[1] == f"{provider['options']['path']}/sayline.json"
    assert dashboard.split(":")[1] == services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]


def test_systemd_understands_the_unit(tmp_path):
    """The program is not installed where the unit looks for it, so it is told where it is."""
    unit = tmp_path / "sayline.service"
    gateway = Path(sys.executable).with_name("sayline")
    unit.write_text((DEPLOY / "systemd/sayline.service").read_text().replace("/opt/sayline/bin/sayline", str(gateway)))
    done = run(tool("systemd-analyze"), "verify", unit)
    assert (done.returncode, done.stderr) == (0, "")


def test_systemd_waits_for_what_is_being_spoken():
    unit = (DEPLOY / "systemd/sayline.service").read_text()
    seconds = int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[1])
    assert seconds >= Settings.model_fields["drain_s"].default + ENDING_S


def test_the_command_of_the_unit_starts_a_server_that_ends_in_good_order(tmp_path):
    unit = (DEPLOY / "systemd/sayline.service").read_text()
    command = shlex.split(re.search(r"^ExecStart=/opt/sayline/bin/sayline serve (.*)$", unit, re.MULTILINE)[1])
    config = tmp_path / "sayline.toml"
    config.write_text('engine = "espeak"\n')
    with ServerProcess(*[str(config) if part == "/etc/sayline.toml" else part for part in command]):
        pass


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.stem)
def test_kubernetes_understands_a_manifest(manifest):
    judge(tool("kubernetes-validate"), "--strict", manifest)


@pytest.mark.parametrize("name", GATEWAYS)
def test_the_probes_of_a_gateway_ask_for_pages_that_there_are(name):
    assert {"readinessProbe", "livenessProbe"} <= probed(name).keys()
    with ServerProcess() as server:
        for path in probed(name).values():
            judge("curl", "--fail", "--silent", f"http://127.0.0.1:{server.port}{path}")


def test_a_worker_by_the_command_of_its_pod_answers_its_probes_and_ends_in_good_order(tmp_path, monkeypatch):
    """The engine is another one, which needs no GPU."""
    authority, (cert, key), _ = make_authority(tmp_path)
    files = {"/tls/tls.crt": cert, "/tls/tls.key": key, "/tls/ca.crt": authority}
    command, *flags = [files_named(argument, files) for argument in container(WORKERS)["args"][1:]]
    assert command == "worker"
    ports = {each["name"]: free_port() for each in container(WORKERS)["ports"]}
    for each in container(WORKERS)["ports"]:
        flags = [flag.replace(f"0.0.0.0:{each['containerPort']}", f"127.0.0.1:{ports[each['name']]}") for flag in flags]
    (listening,) = [flag.removeprefix("--listen=") for flag in flags if flag.startswith("--listen=")]
    (image,) = [dockerfile for dockerfile in DOCKERFILES if dockerfile.stem.startswith("gpu")]
    monkeypatch.setenv("SAYLINE_HOST", re.search(r"SAYLINE_HOST=(\S+)", image.read_text())[1])
    for each in container(WORKERS)["env"]:
        monkeypatch.setenv(each["name"], each["value"])
    with WorkerProcess(listening, *[flag for flag in flags if not flag.startswith("--listen=")]) as worker:
        assert probed(WORKERS).keys() == {*PROBES}
        for path in probed(WORKERS).values():
            judge("curl", "--fail", "--silent", f"http://127.0.0.1:{ports['probes']}{path}")
        worker.process.terminate()
        assert worker.process.wait(PATIENCE_S) == 0


def files_named(argument, files):
    """An argument with the files of this machine in the place of those that are mounted."""
    flag, equals, value = argument.partition("=")
    return f"{flag}{equals}{files.get(value, value)}"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def test_a_gateway_is_not_restarted_because_no_worker_is_there(tmp_path):
    with (
        WorkerProcess(f"unix:{tmp_path}/a") as worker,
        ServerProcess("--engine-workers", worker.address) as server,
    ):
        server.expected = MOVES
        place = f"http://127.0.0.1:{server.port}"
        worker.process.kill()
        while run("curl", "--fail", "--silent", f"{place}/health").returncode == 0:
            time.sleep(0.05)
        judge("curl", "--fail", "--silent", place + probed("workers/sayline")["livenessProbe"])


def test_gateways_look_up_the_name_of_the_headless_service_at_its_workers_port():
    service = of_kind("Service")[WORKERS]
    (port,) = service["spec"]["ports"]
    environment = {each["name"]: each.get("value") for each in container("workers/sayline")["env"]}
    assert environment["SAYLINE_ENGINE_WORKERS"] == f"dns:{service['metadata']['name']}:{port['port']}"
    assert service["spec"]["clusterIP"] == "None"
    assert {"name": port["targetPort"], "containerPort": port["port"]} in container(WORKERS)["ports"]
    labels = of_kind("Deployment")[WORKERS]["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= labels.items()


@pytest.mark.parametrize("name", PODS)
def test_a_pod_sets_only_what_are_settings(name):
    named = {each["name"] for each in container(name)["env"]}
    assert {each.removeprefix("SAYLINE_").lower() for each in named} <= Settings.model_fields.keys()


def test_kubernetes_waits_for_what_is_being_spoken():
    drain_s = Settings.model_fields["drain_s"].default
    assert PODS.keys() == {*GATEWAYS, WORKERS}
    for name in GATEWAYS:
        assert container(name)["lifecycle"]["preStop"]["exec"]["command"] == ["sleep", str(PRE_STOP_S)]
        assert PODS[name]["terminationGracePeriodSeconds"] >= PRE_STOP_S + drain_s + ENDING_S
    assert "lifecycle" not in container(WORKERS)  # it tells its gateways at once
    assert PODS[WORKERS]["terminationGracePeriodSeconds"] >= drain_s + ENDING_S


def test_no_more_than_one_pod_of_a_kind_is_taken_away_at_once():
    assert of_kind("PodDisruptionBudget").keys() == PODS.keys()
    for name, budget in of_kind("PodDisruptionBudget").items():
        assert budget["spec"]["maxUnavailable"] == 1
        assert budget["spec"]["selector"] == of_kind("Deployment")[name]["spec"]["selector"]


# The fields of KEDA 2.20's ScaledObject, of which other releases may have more. The whole file was also judged once by
# the definition itself (config/crd/bases/keda.sh_scaledobjects.yaml), with no other field allowed.
_RULES = {"policies": [{"periodSeconds": int, "type": str, "value": int}], "selectPolicy": str}
_RULES["stabilizationWindowSeconds"] = int
SCALED_OBJECT = {
    "apiVersion": str,
    "kind": str,
    "metadata": {"name": str},
    "spec": {
        "scaleTargetRef": {"apiVersion": str, "kind": str, "name": str, "envSourceContainerName": str},
        "pollingInterval": int,
        "cooldownPeriod": int,
        "minReplicaCount": int,
        "maxReplicaCount": int,
        "idleReplicaCount": int,
        "fallback": {"failureThreshold": int, "replicas": int, "behavior": str},
        "advanced": {
            "horizontalPodAutoscalerConfig": {"behavior": {"scaleUp": _RULES, "scaleDown": _RULES}, "name": str}
        },
        "triggers": [
            {
                "type": str,
                "name": str,
                "metricType": str,
                # of the Prometheus scaler; KEDA reads each as text
                "metadata": {
                    "serverAddress": str,
                    "query": str,
                    "threshold": str,
                    "activationThreshold": str,
                    "ignoreNullValues": str,
                    "timeout": str,
                },
            }
        ],
    },
}


def strangers(value, shape, at=""):
    """What of a document does not fit a shape: where."""
    if isinstance(shape, dict) and isinstance(value, dict):
        unknown = [f"{at}.{name}" for name in value.keys() - shape.keys()]
        return unknown + [
            bad for name in value.keys() & shape for bad in strangers(value[name], shape[name], f"{at}.{name}")
        ]
    if isinstance(shape, list) and isinstance(value, list):
        return [bad for each in value for bad in strangers(each, shape[0], at)]
    return [] if isinstance(shape, type) and type(value) is shape else [at]


def test_keda_knows_each_field_of_what_scales_the_workers():
    (scaled,) = documents(SCALING)
    assert (scaled["apiVersion"], scaled["kind"]) == ("keda.sh/v1alpha1", "ScaledObject")
    assert strangers(scaled, SCALED_OBJECT) == []
    assert scaled["spec"]["scaleTargetRef"]["name"] == of_kind("Deployment")[WORKERS]["metadata"]["name"]
    (trigger,) = scaled["spec"]["triggers"]
    assert (trigger["type"], trigger["metricType"]) == ("prometheus", "AverageValue")
    assert {"serverAddress", "query", "threshold"} <= trigger["metadata"].keys()
    assert 0 < scaled["spec"]["minReplicaCount"] < scaled["spec"]["maxReplicaCount"]


def test_a_field_that_keda_does_not_know_is_found():
    (scaled,) = documents(SCALING)
    scaled["spec"]["triggers"][0]["metadata"]["treshold"] = "1"
    scaled["spec"]["maxReplicaCount"] = "8"
    assert sorted(strangers(scaled, SCALED_OBJECT)) == [".spec.maxReplicaCount", ".spec.triggers.metadata.treshold"]
