"""Where a client connects if nobody says so."""

from sayline.gateway.client_defaults import DEFAULT_URL, client_defaults


def test_clients_read_their_own_two_variables():
    defaults = client_defaults({"SAYLINE_URL": "ws://h:1", "SAYLINE_KEY": "k"})

    assert (defaults.url, defaults.key) == ("ws://h:1", "k")
    assert client_defaults({}).url == DEFAULT_URL
    assert client_defaults({}).key is None
