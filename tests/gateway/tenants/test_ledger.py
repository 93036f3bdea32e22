"""The ledger: every record once, in order, whatever the disk does, and the loop never waits."""

import json
import os
import threading

import pytest

from sayline.gateway.tenants import ledger as ledgers
from sayline.gateway.tenants.ledger import Ledger, characters_of


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_records_are_appended_in_order_to_what_is_there(tmp_path):
    path = tmp_path / "ledger.jsonl"
    path.write_text('{"n":-1}\n')
    ledger = Ledger(path)
    for number in range(1000):
        ledger.add({"n": number})
    ledger.close()
    ledger.close()

    assert [record["n"] for record in lines(path)] == list(range(-1, 1000))


def test_a_file_that_was_moved_away_is_made_anew(tmp_path):
    path, moved = tmp_path / "ledger.jsonl", tmp_path / "old.jsonl"
    os.mkfifo(path)
    ledger = Ledger(path)
    ledger.add({"n": 1})
    with path.open() as reader:  # a pipe has an end for each writing, so this waits for the first
        assert json.loads(reader.read()) == {"n": 1}
    path.rename(moved)
    ledger.add({"n": 2})
    ledger.close()

    assert lines(path) == [{"n": 2}]


def test_a_disk_that_takes_nothing_keeps_nobody_waiting_and_gets_all_lines_later(tmp_path, caplog):
    folder = tmp_path / "gone"
    ledger = Ledger(folder / "ledger.jsonl")
    ledger.add({"n": 1})
    while "the ledger cannot be written" not in caplog.text:
        pass
    folder.mkdir()
    ledger.add({"n": 2})
    ledger.close()

    assert [record["n"] for record in lines(folder / "ledger.jsonl")] == [1, 2]
    assert caplog.text.count("the ledger cannot be written") == 1


def test_a_pipe_that_nobody_reads_keeps_nobody_waiting_and_what_is_lost_is_counted(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(ledgers, "MAX_WAITING", 10)
    monkeypatch.setattr(ledgers, "_FLUSH_S", 0.05)
    path = tmp_path / "pipe"
    os.mkfifo(path)
    ledger = Ledger(path)
    for number in range(15):
        ledger.add({"n": number})
    assert ledger.lost == 5
    ledger.close()
    assert "the ledger lacks its last lines: 10" in caplog.text
    with path.open() as reader:
        assert [json.loads(line)["n"] for line in reader] == list(range(10))


def test_threads_may_add_together(tmp_path):
    ledger = Ledger(tmp_path / "ledger.jsonl")
    threads = [threading.Thread(target=lambda: [ledger.add({"n": number}) for number in range(200)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger.close()

    assert len(lines(tmp_path / "ledger.jsonl")) == 800


@pytest.mark.parametrize("broken", ["{", '{"at":"2026-11-02","tenant":"a"}', '{"at":"2026-11-02T'])
def test_a_month_is_added_up_for_each_tenant_and_a_broken_line_does_not_hinder(tmp_path, broken):
    path = tmp_path / "ledger.jsonl"
    assert characters_of(path, "2026-11") == {}
    records = [("2026-10-31", "a", 1), ("2026-11-01", "a", 10), ("2026-11-02", "b", 5), ("2026-11-30", "a", 7)]
    written = [
        json.dumps({"at": at, "tenant": who, "characters": number}, separators=(",", ":"))
        for at, who, number in records
    ]
    path.write_text("\n".join([*written, broken]))

    assert characters_of(path, "2026-11") == {"a": 17, "b": 5}
