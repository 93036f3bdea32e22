"""What operators deploy: alerts and a dashboard that name metrics which exist, and show something.

The rules are tested by ``promtool``, and a running Prometheus scrapes a server with a listener. Without Prometheus
these two are skipped, unless SAYLINE_REQUIRE_PROMETHEUS says that they must not be.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

import aiohttp
import pytest
import yaml
from speech_workers import Engine, LocalWorker, pool_of
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.capacity.tenants import hash_key
from sayline.gateway.observing.metrics import Metrics
from sayline.gateway.placing.scaling import wanted
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer
from sayline.synthesis.workers.addresses import Address

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus/sayline.rules.yml"
DASHBOARD = DEPLOY / "grafana/sayline.json"
NAMES = re.compile(r"\bsayline_\w+")
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None and not os.environ.get("SAYLINE_REQUIRE_PROMETHEUS"), reason="needs Prometheus"
)


def queries():
    return [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]


def known_metrics():
    """The names under which a server's figures are asked for."""
    names = set()
    for family in Metrics().registry.collect():
        names |= {family.name, f"{family.name}_total"} if family.type == "counter" else {family.name}
        if family.type == "histogram":
            names |= {f"{family.name}_{part}" for part in ("bucket", "sum", "count")}
    return names


@pytest.mark.parametrize("place", [RULES, DASHBOARD], ids=lambda place: place.name)
def test_every_metric_that_is_named_exists(place):
    named = set(NAMES.findall(place.read_text()))
    assert len(named) >= 10, "the search has found them"
    assert named <= known_metrics()


def test_every_figure_of_a_server_is_on_the_dashboard():
    shown = set(NAMES.findall(DASHBOARD.read_text()))
    families = {family.name for family in Metrics().registry.collect()}
    assert {name for name in families if not any(found.startswith(name) for found in shown)} == set()


def test_every_alert_is_tested():
    alerts = re.findall(r"alert: (\w+)", RULES.read_text())
    tests = RULES.with_name("sayline.rules.test.yml").read_text()
    assert len(alerts) > 5
    assert all(f"- name: {alert}\n" in tests for alert in alerts)


@needs_prometheus
def test_the_alerts_fire_when_they_should_and_not_before():
    for words in (["check", "config", "prometheus.yml", "compose.yml"], ["test", "rules", "sayline.rules.test.yml"]):
        run = subprocess.run(["promtool", *words], cwd=RULES.parent, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.asynccontextmanager
async def prometheus(folder, port):
    """A Prometheus that scrapes the server at a port every second; gives what asks it."""
    own = free_port()
    text = (RULES.with_name("prometheus.yml")).read_text().replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    text = text.replace("5s", "1s").replace("sayline.rules.yml", str(RULES))
    (folder / "prometheus.yml").write_text(text)
    program = await asyncio.create_subprocess_exec(
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{own}",
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as http:

            async def ask(query):
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"http://127.0.0.1:{own}/api/v1/query", params={"query": query}) as answer:
                        if answer.status == 503:  # it has still to start
                            return []
                        told = await answer.json()
                        assert told["status"] == "success", told
                        return told["data"]["result"]
                return []

            yield ask
    finally:
        program.terminate()
        await program.wait()


@needs_prometheus
async def test_every_query_of_the_dashboard_returns_a_series(tmp_path):
    """While somebody listens: what is counted by tenant has a tenant, and a probe has been heard."""
    (tmp_path / "tenants.toml").write_text(f'[acme]\nkeys = ["{hash_key("a")}"]\n')
    settings = Settings(port=0, tenants=tmp_path / "tenants.toml", ledger=tmp_path / "ledger.jsonl")
    headers = {"xi-api-key": "a"}
    async with (
        running_server(settings, ToneSynthesizer()) as server,
        prometheus(tmp_path, server.port) as ask,
        await WirePeer.join(server.url, additional_headers=headers) as peer,
        asyncio.timeout(4 * PATIENCE_S),
    ):
        assert await server.probe.once() == "ok"
        missing, number = queries(), 0
        assert len(missing) > 20
        while missing:
            await peer.speak("Somebody listens.", f"c{number}")
            await peer.listen(f"c{number}")
            number += 1
            asked = [query.replace("$instance", ".*").replace("$__rate_interval", "30s") for query in missing]
            found = [await ask(query) for query in asked]
            missing = [query for query, result in zip(missing, found, strict=True) if not result]
        assert await ask("sum(sayline_tenant_contexts_total{tenant='acme'}) > 0")
        assert await ask("ALERTS{alertname='SaylineProbeFails'}") == []


@needs_prometheus
async def test_what_scales_the_workers_counts_as_many_as_ray_would(tmp_path):
    """KEDA asks Prometheus for a number of workers; the query is the manifest's own."""
    (scaled,) = yaml.safe_load_all((DEPLOY / "kubernetes/keda.yaml").read_text())
    query = scaled["spec"]["triggers"][0]["metadata"]["query"]
    assert set(NAMES.findall(query)) <= known_metrics()
    each, contexts = 2, 5
    async with contextlib.AsyncExitStack() as stack:
        workers = [LocalWorker(Address(tmp_path / name), Engine(each)) for name in "ab"]
        for worker in workers:
            await worker.start()
            stack.push_async_callback(worker.stop)
        pool = await stack.enter_async_context(pool_of(*workers))
        settings = Settings(port=0, allow_anonymous=True, max_concurrent_requests=4)
        server = await stack.enter_async_context(running_server(settings, pool))
        ask = await stack.enter_async_context(prometheus(tmp_path, server.port))
        peer = await stack.enter_async_context(await WirePeer.join(server.url))
        await stack.enter_async_context(asyncio.timeout(4 * PATIENCE_S))
        assert await until_it_says(ask, query, wanted([0, 0], [each, each])) == 1
        for number in range(contexts):  # four of them are spoken, and one waits
            await peer.speak("Somebody listens for a long time. " * 20, f"c{number}")
        assert await until_it_says(ask, query, wanted([3, 2], [each, each])) == 1


async def until_it_says(ask, query, number):
    """Wait until a query says a number; gives how many series it returned."""
    while True:
        found = await ask(query)
        if [float(series["value"][1]) for series in found] == [number]:
            return len(found)
        await asyncio.sleep(0.1)
