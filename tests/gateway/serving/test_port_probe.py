"""Which program has the port that a server wants, and what a server says that cannot have it."""

import asyncio
import socket

import pytest
from web_servers import web_server

from sayline.gateway.cli import main
from sayline.gateway.serving.port_probe import CannotListen, cannot_listen, ensure_free, who_has
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server


def refusal(**settings):
    """What ``sayline serve`` would say."""
    asked = Settings(**settings)
    with pytest.raises(OSError) as caught:  # noqa: PT011 - of any kind; the words are judged
        ensure_free(asked)
    return cannot_listen(asked, caught.value)


async def test_serve_beside_a_gateway_says_so_and_names_the_flag(capsys):
    async with running_server(Settings(port=0, engine="espeak")) as server:
        port = server.port
        assert await asyncio.to_thread(main, ["serve", "--port", str(port)]) == 1
    line = capsys.readouterr().err
    assert line.startswith(f"sayline: cannot listen on 127.0.0.1:{port}: a gateway is running there, status ok")
    assert "--port N" in line
    assert line.count("\n") == 1


@pytest.mark.parametrize("body", [b"hello", b"{}", b"[1]", b'{"status": "ok"}', b"\xff\x00"])
def test_a_web_server_is_no_gateway_whatever_it_answers(body):
    with web_server(body) as port:
        assert "another web server" in refusal(port=port)


def test_a_program_that_says_nothing_is_no_gateway():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused, and the port is not free
        occupant = who_has(Settings(port=bound.getsockname()[1]))
    assert not occupant.is_gateway
    assert occupant.detail == "another program is there"


def test_an_address_of_another_machine_is_named_as_such():
    assert "this machine has no such address" in refusal(host="192.0.2.1", port=8080, allow_anonymous=True)


async def test_an_address_that_is_taken_while_the_engine_starts_is_told_as_one_that_was_taken_before():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(CannotListen) as caught:
            async with running_server(Settings(port=bound.getsockname()[1], engine="tone")):
                pass
    assert isinstance(caught.value.failure, OSError)


def test_a_free_port_is_free():
    ensure_free(Settings(port=0))
