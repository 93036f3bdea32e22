"""Origins, hosts and addresses as strangers and operators write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.addresses import (
    Origin,
    is_beyond_public_dns,
    is_loopback,
    is_same_place,
    peer_behind,
    read_host,
    read_networks,
    read_origin,
)

# What addresses are made of, so that random text comes near to them.
NEARLY = st.text(st.sampled_from("ab.:/[]@#?%\\ -_19\t\r\nüß٠\udcff"), max_size=30)


@pytest.mark.parametrize(
    "written",
    [
        "https://voice.example",
        "https://voice.example/",
        "https://voice.example:443",
        "https://voice.example:443/",
        "HTTPS://Voice.Example",
        " https://voice.example ",
    ],
)
def test_however_an_origin_is_written_it_is_the_same(written):
    assert read_origin(written) == Origin("https", "voice.example", 443)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://voice.example", "https://voice.example"),
        ("http://voice.example", "http://voice.example:8080"),
        ("http://voice.example", "http://voice.example.evil.example"),
        ("http://voice.example", "http://www.voice.example"),
        ("http://127.0.0.1", "http://127.0.0.2"),
    ],
)
def test_other_schemes_hosts_and_ports_are_other_origins(one, other):
    assert read_origin(one) != read_origin(other)


@pytest.mark.parametrize(
    ("written", "as_browsers_send_it"),
    [
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("https://straße.example", "https://xn--strae-oqa.example"),
        ("http://[0:0:0:0:0:0:0:1]:8080", "http://[::1]:8080"),
    ],
)
def test_names_in_other_scripts_and_long_addresses_are_what_browsers_make_of_them(written, as_browsers_send_it):
    assert read_origin(written) == read_origin(as_browsers_send_it) is not None


@pytest.mark.parametrize(
    "written",
    [
        "",
        "null",
        "voice.example",
        "https://",
        "https:///",
        "http://[",
        "http://[::1",
        "http://[not:an:address]",
        "http://a:b",
        "http://a:99999",
        "http://user@voice.example",
        "http://voice.example/path",
        "http://voice.example?query",
        "http://a b",
        "http://..",
        "http://voice.example:80:80",
        "://voice.example",
    ],
)
def test_text_that_is_no_origin_reads_as_none(written):
    assert read_origin(written) is None


@given(NEARLY | st.text(max_size=30))
def test_nothing_that_a_stranger_writes_raises(text):
    origin = read_origin(f"http://{text}")
    host = read_host(text)
    if origin and host:
        assert is_same_place(origin, host)
    is_loopback(text)
    is_beyond_public_dns(text)
    peer_behind("127.0.0.1", [text], [text], read_networks(["127.0.0.0/8"]))
    peer_behind(text, [], [text], read_networks(["127.0.0.0/8"]))


@pytest.mark.parametrize(
    ("origin", "host", "is_same"),
    [
        ("http://voice.example", "voice.example", True),
        ("http://voice.example", "VOICE.example:80", True),
        ("http://voice.example:80", "voice.example", True),
        ("https://voice.example", "voice.example", True),
        ("https://voice.example", "voice.example:80", False),
        ("http://voice.example:8080", "voice.example:8080", True),
        ("http://voice.example:8080", "voice.example:9090", False),
        ("http://[::1]:8080", "[::1]:8080", True),
    ],
)
def test_a_page_is_the_server_s_own_if_host_and_port_are_the_same(origin, host, is_same):
    assert is_same_place(read_origin(origin), read_host(host)) is is_same


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "app.localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_loopback_is_what_no_dns_is_asked_for(host):
    assert is_loopback(host)
    assert is_beyond_public_dns(host)


@pytest.mark.parametrize(
    "host", ["127.evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example", "", "10.0.0.1"]
)
def test_what_only_looks_like_loopback_is_none(host):
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["192.168.1.5", "[fe80::1]", "gpu-box", "gpu.local", "Gpu.Lan", "a.b.internal"])
def test_addresses_and_local_names_cannot_be_given_by_strangers(host):
    assert is_beyond_public_dns(host)


@pytest.mark.parametrize("host", ["evil.example", "local.evil.example", "192.168.1.5.evil.example", "evillocal.com"])
def test_names_of_public_dns_are(host):
    assert not is_beyond_public_dns(host)


TRUSTED = read_networks(["127.0.0.1", "10.0.0.0/8", "::1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "x_forwarded_for", "client"),
    [
        ("127.0.0.1", [], [], "127.0.0.1"),
        ("127.0.0.1", [], ["192.0.2.7"], "192.0.2.7"),
        ("192.0.2.9", [], ["192.0.2.7"], "192.0.2.9"),  # no proxy of ours: anybody can write that
        ("127.0.0.1", [], ["6.6.6.6, 192.0.2.7"], "192.0.2.7"),  # the client wrote the first one itself
        ("127.0.0.1", [], ["192.0.2.7, 10.1.2.3"], "192.0.2.7"),
        ("127.0.0.1", [], ["192.0.2.7", "10.1.2.3"], "192.0.2.7"),
        ("127.0.0.1", [], ["10.1.2.4, 10.1.2.3"], "10.1.2.4"),
        ("127.0.0.1", [], ["192.0.2.7:4711"], "192.0.2.7"),
        ("::1", [], ["2001:db8::7"], "2001:db8::7"),
        ("127.0.0.1", [], ["unknown"], "127.0.0.1"),
        ("127.0.0.1", [], ["192.0.2.7, unknown"], "127.0.0.1"),
        ("127.0.0.1", [], [" , "], "127.0.0.1"),
        ("127.0.0.1", ["for=192.0.2.60;proto=http;by=203.0.113.43"], ["192.0.2.7"], "192.0.2.60"),
        ("127.0.0.1", ['For="[2001:db8:cafe::17]:4711"'], [], "2001:db8:cafe::17"),
        ("127.0.0.1", ["for=192.0.2.43, for=10.0.0.2"], [], "192.0.2.43"),
        ("127.0.0.1", ["proto=https"], ["192.0.2.7"], "127.0.0.1"),
        ("::ffff:127.0.0.1", [], ["192.0.2.7"], "192.0.2.7"),
    ],
)
def test_the_client_is_the_one_that_the_last_trusted_proxy_names(peer, forwarded, x_forwarded_for, client):
    assert peer_behind(peer, forwarded, x_forwarded_for, TRUSTED) == client


def test_without_trusted_proxies_the_peer_is_the_client():
    assert peer_behind("127.0.0.1", ["for=192.0.2.7"], ["192.0.2.7"], []) == "127.0.0.1"


def test_text_that_is_no_network_is_named_in_the_error():
    with pytest.raises(ValueError, match="nonsense"):
        read_networks(["10.0.0.0/8", "nonsense"])
