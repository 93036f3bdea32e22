"""Handshakes: key, origin and capacity, before the upgrade."""

import json
from http import HTTPStatus

import pytest

from sayline.gateway.capacity.admission import Refusal
from sayline.gateway.capacity.handshake import (
    Address,
    Admitted,
    HandshakeRequest,
    Refused,
    judge,
    public_path,
)
from sayline.gateway.capacity.tenants import ANYBODY, Directory
from sayline.gateway.dialects.dialect import Dialect
from sayline.gateway.dialects.tts_v1.dialect import DIALECT as TTS_V1
from sayline.gateway.dialects.tts_v1.protocol import TtsV1Protocol
from sayline.gateway.errors import BadMessage

# A dialect with choices of its own.
OTHER = Dialect(
    TtsV1Protocol,
    takes_key_later=True,
    busy_status=HTTPStatus.TOO_MANY_REQUESTS,
    error_body=lambda status, code, message: {"status": status, "detail": f"{code}: {message}"},
)


def request(*keys, origin=None, host="gateway:8080"):
    return HandshakeRequest(keys, origin, host)


def verdict_on(shown, *, api_keys=(), allow_origins=(), refusal=None, dialect=TTS_V1, fault=None, **address):
    return judge(
        shown, Directory.of_keys(api_keys), allow_origins, refusal, dialect, fault=fault, address=Address(**address)
    )


def status(shown, **options):
    verdict = verdict_on(shown, **options)
    return verdict.answer.status if isinstance(verdict, Refused) else None


def place(host, origin, **options):
    """The reason for which a handshake from there is refused, or None."""
    verdict = verdict_on(request(host=host, origin=origin), **options)
    return verdict.reason if isinstance(verdict, Refused) else None


def test_without_keys_every_client_is_admitted():
    assert status(request()) is None


def test_who_comes_in_is_the_tenant_whose_key_was_shown_told_by_its_place():
    keys = ("first", "second")

    assert verdict_on(request("second"), api_keys=keys).caller.tenant == "2"
    assert verdict_on(request("wrong", "first"), api_keys=keys).caller.tenant == "1"
    assert verdict_on(request()) == Admitted(ANYBODY)
    assert verdict_on(request("second")) == Admitted(ANYBODY)


@pytest.mark.parametrize("shown", [(), ("wrong",), ("",), ("gehéim",), ("Geheim",)])
def test_a_wrong_or_missing_key_is_401(shown):
    assert status(request(*shown), api_keys=("geheim",)) == HTTPStatus.UNAUTHORIZED


def test_a_dialect_may_let_a_client_show_its_key_later_but_not_a_wrong_one_first():
    assert verdict_on(request(), api_keys=("geheim",), dialect=OTHER) == Admitted(None)
    assert status(request("wrong"), api_keys=("geheim",), dialect=OTHER) == HTTPStatus.UNAUTHORIZED
    directory = Directory.of_keys(("other", "geheim"))
    assert directory.find(("geheim",)).tenant == "2"
    assert directory.find(("wrong",)) is None


@pytest.mark.parametrize(
    ("origin", "allowed", "answer"),
    [
        (None, (), None),
        ("http://gateway:8080", (), None),
        ("http://gateway:9090", (), HTTPStatus.FORBIDDEN),
        ("https://evil.example", (), HTTPStatus.FORBIDDEN),
        ("null", (), HTTPStatus.FORBIDDEN),
        ("https://app.example", ("https://app.example",), None),
        ("https://app.example.evil", ("https://app.example",), HTTPStatus.FORBIDDEN),
        ("https://any.example", ("*",), None),
    ],
)
def test_a_browsers_origin_must_be_our_own_or_allowed(origin, allowed, answer):
    assert status(request(origin=origin), allow_origins=allowed) == answer


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://app.example/", "https://app.example"),
        ("https://app.example:443", "https://app.example"),
        ("http://app.example:80/", "http://app.example"),
        ("HTTPS://App.Example", "https://app.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("null", "null"),
        ("chrome-extension://abcdef", "chrome-extension://abcdef"),
    ],
)
def test_allowed_origins_are_compared_as_origins_are(written, sent):
    assert place("127.0.0.1:8080", sent, allow_origins=(written,), bound_to="127.0.0.1") is None
    assert place("127.0.0.1:8080", sent + "x", allow_origins=(written,), bound_to="127.0.0.1") == "origin"


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "127.0.0.1:9", "[::1]:8080", "app.localhost:8080"])
def test_a_server_on_loopback_is_asked_for_by_the_names_of_loopback(host):
    assert place(host, None, bound_to="127.0.0.1") is None
    assert place(host, f"http://{host}", bound_to="127.0.0.1") is None


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example"]
)
@pytest.mark.parametrize("bound_to", ["127.0.0.1", "localhost", "::1"])
@pytest.mark.parametrize("api_keys", [(), ("geheim",)])
def test_a_name_that_was_made_to_mean_this_machine_is_not_let_in(host, bound_to, api_keys):
    """DNS rebinding: the page's origin equals the host, because its owner chose both."""
    assert place(host, f"http://{host}", bound_to=bound_to, api_keys=api_keys) == "host"
    assert place(host, None, bound_to=bound_to, api_keys=api_keys) == "host"


@pytest.mark.parametrize("host", [None, "", "[", "a b", "http://localhost", "localhost:99999", "user@localhost"])
@pytest.mark.parametrize("public_url", [None, "https://voice.example"])
def test_a_handshake_names_the_host_it_is_for(host, public_url):
    assert status(request(host=host), bound_to="127.0.0.1", public_url=public_url) == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    "host", ["192.168.1.5:8080", "gpu-box:8080", "gpu.local:8080", "[fe80::1]:8080", "Gpu.Corp.Example"]
)
def test_a_server_on_the_network_is_found_by_addresses_local_names_and_its_own(host):
    origin = f"http://{host}"
    assert place(host, origin, bound_to="gpu.corp.example") is None
    assert place(host, None, bound_to="0.0.0.0") is None


def test_a_server_on_the_network_without_keys_is_not_found_by_a_stranger_s_name():
    assert place("evil.example:8080", "http://evil.example:8080", bound_to="0.0.0.0") == "host"


def test_with_keys_any_name_will_do_on_the_network_for_a_page_has_none():
    assert place("evil.example", "http://evil.example", bound_to="0.0.0.0", api_keys=("geheim",)) == "key"


PUBLIC = {"bound_to": "127.0.0.1", "public_url": "https://Voice.Example/"}


@pytest.mark.parametrize("host", ["voice.example", "127.0.0.1:8080", "gateways", "other.example"])
def test_pages_of_the_public_address_are_let_in_whatever_host_a_proxy_names(host):
    assert place(host, "https://voice.example", **PUBLIC) is None
    assert place(host, None, **PUBLIC) is None


@pytest.mark.parametrize(
    ("host", "origin", "reason"),
    [
        ("voice.example", "https://evil.example", "origin"),
        ("voice.example", "http://voice.example:8080", "origin"),
        ("evil.example", "https://evil.example", "host"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080", None),  # without the proxy, on the machine itself
        ("voice.example", "null", "origin"),
        ("voice.example", "http://[", "origin"),
    ],
)
def test_with_a_public_address_other_pages_stay_outside(host, origin, reason):
    assert place(host, origin, **PUBLIC) == reason
    assert place(host, origin, **{**PUBLIC, "bound_to": "0.0.0.0", "api_keys": ()}) == reason


def test_a_server_that_allows_every_origin_answers_to_any_host_name():
    assert place("evil.example", "http://evil.example", bound_to="127.0.0.1", allow_origins=("*",)) is None


def test_a_refusal_names_the_setting_that_would_let_it_in():
    for host, origin, setting in [
        ("evil.example", "http://evil.example", "--public-url"),
        ("localhost", "http://app.example", "--allow-origins"),
        ("127.0.0.1:8080", "https://voice.example", "--public-url"),
    ]:
        answer = verdict_on(request(host=host, origin=origin), bound_to="127.0.0.1").answer
        assert setting in json.loads(answer.body)["error"]["message"]


@pytest.mark.parametrize(
    ("public_url", "path"),
    [
        (None, ""),
        ("https://voice.example", ""),
        ("https://voice.example/", ""),
        ("https://voice.example/speech", "/speech"),
        ("https://voice.example/a/b/", "/a/b"),
    ],
)
def test_a_public_address_may_have_a_path(public_url, path):
    assert public_path(public_url) == path


@pytest.mark.parametrize("key", ["\udcff", "\x80", "ß" * 100])
def test_a_key_that_is_no_text_is_a_wrong_key(key):
    assert status(request(key), api_keys=("geheim",)) == HTTPStatus.UNAUTHORIZED


def test_a_full_server_answers_503_and_when_to_retry():
    refused = verdict_on(request(), refusal=Refusal("too many connections", retry_after_s=3))
    answer, reason = refused.answer, refused.reason

    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert ("Retry-After", "3") in answer.headers
    assert reason == "too many connections"


def test_rule_2_a_full_server_answers_429_and_when_to_retry_in_the_words_of_a_dialect_that_wants_it():
    answer = verdict_on(request(), refusal=Refusal("too many connections", retry_after_s=3), dialect=OTHER).answer

    assert answer.status == HTTPStatus.TOO_MANY_REQUESTS
    assert ("Retry-After", "3") in answer.headers
    assert json.loads(answer.body) == {"status": 429, "detail": "too_many_connections: too many connections"}


def test_a_server_that_drains_or_loads_is_503_in_every_dialect():
    for reason in ("draining", "not ready"):
        assert status(request(), refusal=Refusal(reason, is_busy=False), dialect=OTHER) == 503


def test_strangers_do_not_learn_how_full_the_server_is():
    assert status(request(), api_keys=("geheim",), refusal=Refusal("full")) == HTTPStatus.UNAUTHORIZED


def test_what_cannot_be_had_is_400_for_friends_and_not_told_to_strangers():
    fault = BadMessage("output_format: there is no such format")
    answer = verdict_on(request(), fault=fault, refusal=Refusal("full"), dialect=OTHER).answer

    assert answer.status == HTTPStatus.BAD_REQUEST
    assert json.loads(answer.body)["detail"] == "bad_message: output_format: there is no such format"
    assert status(request("wrong"), api_keys=("geheim",), fault=fault, dialect=OTHER) == HTTPStatus.UNAUTHORIZED
