"""HTTP pages."""

import gzip
import json
import re
from dataclasses import replace
from http import HTTPStatus

import pytest

from sayline import __version__
from sayline.codecs.formats import FORMATS
from sayline.gateway.capacity.admission import Load
from sayline.gateway.http_answers import HttpAnswer
from sayline.gateway.observing import startup
from sayline.gateway.observing.metrics import Metrics
from sayline.gateway.serving.pages import GZIP_MIN_BYTES, Pages, compress, if_changed, read_demo, takes_gzip
from sayline.gateway.serving.probing import Probe
from sayline.synthesis.interface import EngineStatus, Voice
from sayline.synthesis.tone import VOICE, ToneSynthesizer

LOAD = Load(connections=3, max_connections=10, requests=2, max_concurrent_requests=4)
READY = EngineStatus("espeak", "ready", "1.52")


def pages(load=LOAD, status=READY):
    voices = [Voice("ada", "calm", ("en", "ru"), frozenset({"seed"}), has_word_times=True)]
    return Pages(lambda: load, lambda: status, lambda: voices, Metrics(), Probe(ToneSynthesizer(), VOICE, Metrics()))


def test_health_tells_engine_load_and_limits():
    answer = pages().answer("GET", "/health")

    assert answer.status == HTTPStatus.OK
    assert json.loads(answer.body) == {
        "status": "ok",
        "engine": "espeak",
        "model_loaded": True,
        "detail": "1.52",
        "current_requests": 2,
        "current_concurrent_requests": 2,
        "max_concurrent_requests": 4,
        "connections": 3,
        "max_connections": 10,
        "gpu_memory_bytes": None,
        "sustainable_requests": None,
        "pressure": "none",
        "overload": "none",
        "probe": "",
        "probe_first_sound_s": None,
        "encoder_load": 0.0,
        "event_loop_lag_s": 0.0,
        "version": __version__,
        "build": startup.build(),
    }


@pytest.mark.parametrize(
    ("load", "status", "health", "ready"),
    [
        (LOAD, READY, "ok", 200),
        (replace(LOAD, is_ready=False), EngineStatus("x", "loading"), "ok", 503),
        (replace(LOAD, is_ready=False), EngineStatus("x", "failed", "out of memory"), "failed", 503),
        (replace(LOAD, is_draining=True), READY, "draining", 503),
    ],
)
def test_ready_is_narrower_than_health(load, status, health, ready):
    site = pages(load, status)

    assert json.loads(site.answer("GET", "/health").body)["status"] == health
    assert site.answer("GET", "/ready").status == ready


def test_voices_are_listed_with_what_they_can_do_and_formats_beside_them():
    body = json.loads(pages().answer("GET", "/v1/voices?x=1").body)

    assert body == {
        "voices": [
            {
                "name": "ada",
                "description": "calm",
                "languages": ["en", "ru"],
                "scripts": ["Cyrl", "Latn"],
                "wishes": ["seed", "speed", "volume"],
                "word_times": "exact",
                "alphabets": [],
            }
        ],
        "formats": list(FORMATS),
    }


def test_metrics_are_in_the_text_format():
    answer = pages().answer("GET", "/metrics")

    assert b"# TYPE sayline_ttfa_seconds histogram" in answer.body
    assert answer.content_type.startswith("text/plain; version=0.0.4")


def test_metrics_show_the_load_of_the_moment():
    body = pages(replace(LOAD, waiting=1, sustainable_requests=5)).answer("GET", "/metrics").body.decode()

    for figure in ("connections 3.0", "requests_running 1.0", "requests_waiting 1.0", "requests_sustainable 5.0"):
        assert f"\nsayline_{figure}\n" in body
    assert "\nsayline_requests_sustainable NaN\n" in pages().answer("GET", "/metrics").body.decode()


def test_the_demo_is_served_under_a_strict_policy():
    answer = pages().answer("GET", "/")

    assert answer.status == HTTPStatus.OK
    assert b"<!doctype html>" in answer.body
    assert "default-src 'none'" in dict(answer.headers)["Content-Security-Policy"]


def test_what_the_page_loads_is_served_as_what_it_is():
    site = pages()
    page = site.answer("GET", "/").body.decode()
    loaded = re.findall(r'(?:src|href)="([a-z_./]+\.\w+)"', page)

    assert {"page/main.js", "page/style.css", "page/favicon.svg"} <= set(loaded)
    assert {"gateway_client.js", "gateway_client.d.ts"} <= set(loaded)
    types = {path: site.answer("GET", f"/{path}").content_type.partition(";")[0] for path in loaded}
    assert types["page/main.js"] == types["gateway_client.js"] == "text/javascript"
    assert types["page/style.css"] == "text/css"
    assert types["page/favicon.svg"] == "image/svg+xml"


def test_a_bundle_is_served_in_the_place_of_the_file_that_it_was_made_of(tmp_path):
    for file in (
        "page/index.html",
        "page/main.js",
        "page/race.js",
        "client/queue.js",
        "bundle/main.js",
        "bundle/queue.js",
    ):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(file)
    bodies = {path: answer.body.decode() for path, answer in read_demo(tmp_path).items()}

    assert bodies == {
        "/": "page/index.html",
        "/page/main.js": "bundle/main.js",
        "/page/race.js": "page/race.js",
        "/page/queue.js": "bundle/queue.js",  # where the page's script looks for it
        "/client/queue.js": "client/queue.js",
        "/queue.js": "client/queue.js",
    }


def test_a_file_that_a_browser_has_is_not_sent_again():
    answer = compress(pages().answer("GET", "/page/main.js"), "gzip")
    tag = dict(answer.headers)["ETag"]
    known = if_changed(answer, f'"other", {tag}')

    assert (known.status, known.body) == (HTTPStatus.NOT_MODIFIED, b"")
    kept = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding", "Access-Control-Allow-Origin": "*"}
    assert kept.items() <= dict(known.headers).items()
    assert "Content-Encoding" not in dict(known.headers)
    for asked in (tag.removeprefix("W/"), "*"):  # some caches drop the W
        assert if_changed(answer, asked).status == HTTPStatus.NOT_MODIFIED
    assert tag != dict(pages().answer("GET", "/page/style.css").headers)["ETag"]


@pytest.mark.parametrize("asked", [None, "", '"other"', 'W/"other"', "no tag"])
def test_a_file_is_sent_to_everybody_else(asked):
    answer = pages().answer("GET", "/page/main.js")

    assert if_changed(answer, asked) is answer


def test_what_changes_with_every_moment_has_no_tag():
    assert "ETag" not in dict(pages().answer("GET", "/health").headers)


EVERY_PAGE = ["/", "/page/main.js", "/gateway_client.js", "/health", "/ready", "/metrics", "/v1/voices"]


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_pages_of_other_origins_may_read_every_page(path):
    for method in ("GET", "HEAD", "OPTIONS", "POST"):
        assert dict(pages().answer(method, path).headers)["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", [*EVERY_PAGE, "*"])
def test_every_page_says_what_may_be_done_with_it(path):
    answer = pages().answer("OPTIONS", path)

    assert answer.status == HTTPStatus.NO_CONTENT
    assert dict(answer.headers)["Allow"] == "GET, HEAD, OPTIONS"


def test_while_draining_the_check_that_load_balancers_make_by_themselves_fails():
    assert pages(replace(LOAD, is_draining=True)).answer("OPTIONS", "/").status == HTTPStatus.SERVICE_UNAVAILABLE


@pytest.mark.parametrize(
    ("method", "status", "header"),
    [
        ("GET", HTTPStatus.UPGRADE_REQUIRED, ("Upgrade", "websocket")),
        ("HEAD", HTTPStatus.UPGRADE_REQUIRED, ("Upgrade", "websocket")),
        ("POST", HTTPStatus.METHOD_NOT_ALLOWED, ("Allow", "GET")),
        ("OPTIONS", HTTPStatus.NO_CONTENT, ("Allow", "GET")),
    ],
)
def test_the_websocket_s_path_says_what_it_is(method, status, header):
    answer = pages().answer(method, "/v1/tts/stream?x=1")

    assert answer.status == status
    assert header in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [("GET", "/nothing", "not_found"), ("POST", "/", "method"), ("GET", "/v1/tts/stream", "upgrade_required")],
)
def test_errors_are_json(method, path, code):
    answer = pages().answer(method, path)

    assert answer.content_type == "application/json"
    assert json.loads(answer.body)["error"]["code"] == code


@pytest.mark.parametrize(
    ("accepted", "is_taken"),
    [
        ("gzip", True),
        ("br, gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip;q=0.5", True),
        ("gzip ; q=1.000", True),
        ("*", True),
        ("br;q=1, *;q=0.1", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, br", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("identity", False),
        ("gzipped", False),
        ("not-gzip", False),
        ("gzip;level=9", False),
        ("gzip;q=zero", False),
        ("", False),
        (",;=", False),
    ],
)
def test_compression_is_what_the_client_asks_for(accepted, is_taken):
    assert takes_gzip(accepted) is is_taken


@pytest.mark.parametrize("path", ["/nothing", "/../pyproject.toml", "//etc/passwd", "/__init__.py", ""])
def test_other_paths_are_404(path):
    assert pages().answer("GET", path).status == HTTPStatus.NOT_FOUND


def test_large_bodies_are_compressed_for_clients_that_take_it():
    large = HttpAnswer(HTTPStatus.OK, b"x" * (GZIP_MIN_BYTES + 1), headers=(("A", "b"),))
    small = HttpAnswer(HTTPStatus.OK, b"x" * GZIP_MIN_BYTES)

    packed = compress(large, "br, gzip")
    assert gzip.decompress(packed.body) == large.body
    assert dict(packed.headers) == {"A": "b", "Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    assert compress(large, None) is large
    assert compress(large, "br") is large
    assert compress(small, "gzip") is small


def test_pages_are_read_and_never_written():
    answer = pages().answer("POST", "/health")

    assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED
    assert ("Allow", "GET, HEAD, OPTIONS") in answer.headers
