"""Metrics: what the process is, how its loop and its log do."""

import platform
import re

from server_process import SharedServer

from sayline import __version__
from sayline.gateway.observing import logs, startup
from sayline.gateway.observing.metrics import Metrics
from sayline.synthesis.interface import WorkerFacts


def shown(metrics):
    return metrics.exposition().decode()


def value(metrics, name):
    return float(re.search(rf"^sayline_{name} (\S+)$", shown(metrics), re.MULTILINE)[1])


def test_what_runs_stands_in_the_labels_of_one_metric():
    labels = f'build="{startup.build()}",python="{platform.python_version()}",version="{__version__}"'

    assert f"sayline_build_info{{{labels}}} 1.0" in shown(Metrics())


def test_the_loop_s_lag_is_a_histogram_and_the_worst_of_ten_seconds():
    metrics = Metrics()
    for lag_s in (0.3, *[0.001] * 18):
        metrics.sampled(lag_s)

    assert metrics.worst_loop_lag_s == 0.3
    metrics.sampled(0.002)
    metrics.sampled(0.002)
    assert metrics.worst_loop_lag_s == 0.002
    assert value(metrics, "event_loop_lag_seconds") == 0.002
    assert value(metrics, "event_loop_delay_seconds_count") == 21
    assert 'sayline_event_loop_delay_seconds_bucket{le="0.2"} 20.0' in shown(metrics)


def test_memory_time_and_descriptors_of_the_process_are_told():
    metrics = Metrics()
    metrics.sampled(0.0)

    assert value(metrics, "process_resident_memory_bytes") > 10_000_000
    assert 0 < value(metrics, "process_open_fds") < value(metrics, "process_max_fds")
    assert value(metrics, "process_cpu_seconds_total") > 0


def test_lines_that_did_not_reach_the_log_are_counted_by_why(monkeypatch):
    metrics = Metrics()
    monkeypatch.setattr(logs.counts, "lost", 3)
    monkeypatch.setattr(logs.counts, "held_back", 4)
    metrics.sampled(0.0)
    metrics.sampled(0.0)  # once told, once counted

    assert 'sayline_log_lines_dropped_total{reason="lost"} 3.0' in shown(metrics)
    assert 'sayline_log_lines_dropped_total{reason="held back"} 4.0' in shown(metrics)


def test_speeches_that_were_cut_at_the_engine_s_limit_are_counted_once():
    metrics = Metrics()
    for total in (0, 2, 2, 3):
        metrics.speeches_cut_are(total)
    assert "sayline_speeches_cut_total 3.0" in shown(metrics)


def test_who_asks_for_the_figures_again_before_the_next_sample_costs_the_loop_nothing():
    metrics = Metrics()
    metrics.sampled(0.0)
    first = metrics.exposition()

    assert metrics.exposition() is first
    metrics.underruns.inc()
    metrics.sampled(0.0)
    assert value(metrics, "underruns_total") == 1


def test_workers_that_are_known_no_more_are_told_of_no_more():
    metrics = Metrics()
    first, second = (WorkerFacts(f"10.0.0.{number}:7411", is_up=True, requests=9, speaking=2) for number in (1, 2))
    metrics.workers_are([first, second], 0)
    assert shown(metrics).count(first.name) == shown(metrics).count(second.name) == 3
    metrics.sampled(0.0)
    metrics.workers_are([second], 0)
    assert first.name not in shown(metrics)
    assert shown(metrics).count(second.name) == 3


async def test_of_several_workers_each_tells_its_own_and_their_counts_are_summed():
    with SharedServer("--engine", "tone") as server:
        metrics, pids = "", set()
        while len(pids) < 2:
            metrics = (await server.page("/metrics")).decode()
            pids = set(re.findall(r'process_resident_memory_bytes\{pid="(\d+)"\}', metrics))

        assert pids == set(map(str, server.workers))
        assert len(re.findall(r"^sayline_process_open_fds\{", metrics, re.MULTILINE)) == 2
        assert len(re.findall(r"^sayline_build_info\{", metrics, re.MULTILINE)) == 1
        assert len(re.findall(r"^sayline_event_loop_delay_seconds_count ", metrics, re.MULTILINE)) == 1
