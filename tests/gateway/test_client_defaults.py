"""Where a client connects if nobody says so."""

from sayline.gateway.client_defaults import DEFAULT_URL, are_read_by_clients, client_defaults, our_variables


def test_clients_read_their_own_two_variables():
    defaults = client_defaults({"SAYLINE_URL": "ws://h:1", "SAYLINE_KEY": "k"})

    assert (defaults.url, defaults.key) == ("ws://h:1", "k")
    assert client_defaults({}).url == DEFAULT_URL
    assert client_defaults({}).key is None


def test_what_looks_ours_is_known_without_what_a_server_reads():
    environ = {
        "SAYLINE_URL": "", "SAYLINE_PRT": "", "sayline_key": "", "PATH": "", "MY_SAYLINE_KEY": "",
        "SAYLINE_SERVICE_HOST": "", "SAYLINE_PORT_8080_TCP_ADDR": "", "SAYLINE_REQUIRE_BROWSER": "",
    }  # fmt: skip
    assert our_variables(environ) == ["SAYLINE_URL", "SAYLINE_PRT", "sayline_key"]
    assert are_read_by_clients(["SAYLINE_URL", "SAYLINE_KEY"])
    assert are_read_by_clients([])
    assert not are_read_by_clients(["SAYLINE_URL", "sayline_key"])
