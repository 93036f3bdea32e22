"""What a person gets to read if a connection does not open: the cause, the mend, and nothing secret."""

import asyncio
import http.server
import ssl
import subprocess
import threading
import traceback
from contextlib import asynccontextmanager, contextmanager

import pytest

import sayline
from sayline.gateway.client.opening import endpoint_url
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    names = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, *names]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@asynccontextmanager
async def gateway(**settings):
    """A gateway in this process; gives ``host:port``."""
    async with running_server(Settings(port=0, **settings), ToneSynthesizer()) as server:
        yield f"127.0.0.1:{server.port}"


@contextmanager
def web_server(protocol):
    """The standard library's own web server, which knows nothing of WebSockets; gives ``host:port``."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        protocol_version = protocol

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


async def failure(url, **options):
    """How connecting fails."""
    with pytest.raises(sayline.ConnectionFailed) as caught:
        async with sayline.connect(url, **options):
            pass
    assert "\n" not in str(caught.value)
    return caught.value


async def test_wss_to_a_gateway_without_tls_is_told_to_use_ws():
    async with gateway() as address:
        failed = await failure(f"wss://{address}")
    assert "does not speak TLS: use ws://" in str(failed)
    assert not failed.retryable


async def test_ws_to_a_gateway_with_tls_is_told_to_use_wss(certificate):
    cert, key = certificate
    async with gateway(tls_cert=cert, tls_key=key) as address:
        failed = await failure(f"ws://{address}")
        assert "speaks TLS: use wss://" in str(failed)
        assert not failed.retryable

        context = ssl.create_default_context(cafile=cert)
        async with sayline.connect(f"wss://{address}", ssl_context=context) as connection:
            assert connection.voices


async def test_a_certificate_that_does_not_verify_is_called_that(certificate):
    cert, key = certificate
    async with gateway(tls_cert=cert, tls_key=key) as address:
        failed = await failure(f"wss://{address}")
    assert "certificate" in str(failed)
    assert "trust that authority" in str(failed)
    assert not failed.retryable


@pytest.mark.parametrize("protocol", ["HTTP/1.0", "HTTP/1.1"])
async def test_a_plain_web_server_is_called_one(protocol):
    with web_server(protocol) as address:
        for scheme, words in (("ws", "web server"), ("wss", "use ws://")):
            failed = await failure(f"{scheme}://{address}")
            assert words in str(failed)
            assert not failed.retryable


@pytest.mark.parametrize(
    "address",
    [
        "ws://h:99999",
        "ws://h:0",
        "ws://h:-1",
        "http://h:eighty",
        "ws://[::1",
        "ws://ho st",
        "ws://h\0",
        "ws://" + 64 * "a",
        "ftp://host",
        "",
        b"ws://h",
        None,
        8080,
    ],
)
async def test_text_that_is_no_address_is_refused_as_one(address):
    failed = await failure(address)
    assert type(failed) is sayline.BadAddress
    assert "ws://127.0.0.1:8080" in str(failed)  # what one looks like


@pytest.mark.parametrize("url", ["ws://me:s3cret@h:99999/?token=s3cret", "ws://me:s3cret@127.0.0.1:9/?token=s3cret"])
async def test_passwords_of_an_address_are_not_repeated(url):
    failed = await failure(url)
    assert "s3cret" not in "".join(traceback.format_exception(failed))


@pytest.mark.parametrize("key", ["s3\ncret", "s3\rcret\n", "s3\0cret", "s3\x7fcret", "s3crét", b"s3cret"])
async def test_a_key_that_is_none_is_called_a_bad_key_and_never_shown(key):
    async with gateway(api_keys=("s3cret",)) as address:
        failed = await failure(address, key=key)
    assert type(failed) is sayline.BadKey
    assert "API key" in str(failed)
    told = "".join(traceback.format_exception(failed, chain=True))
    assert "cret" not in told.replace('key="s3cret"', "")


@pytest.mark.parametrize(("key", "words"), [(None, "none was given"), ("wr0ng", "does not know")])
async def test_a_key_that_is_missing_or_wrong_is_told_apart(key, words):
    async with gateway(api_keys=("s3cret",)) as address:
        failed = await failure(address, key=key)
        assert type(failed) is sayline.BadKey
        assert words in str(failed)
        assert "wr0ng" not in "".join(traceback.format_exception(failed))
        async with sayline.connect(address, key="s3cret\n") as connection:  # as it stands in a file
            assert connection.session_id


async def test_a_gateway_that_comes_back_while_its_failure_is_looked_into_is_no_other_server():
    """It hung up on the client, and answers the client's own probe: a restart, after which another try helps."""
    hung_up_on = []

    async def restarted(reader, writer):
        if await reader.readline() == b"HEAD / HTTP/1.1\r\n":
            writer.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
        else:
            hung_up_on.append(writer)
        writer.close()

    async with await asyncio.start_server(restarted, "127.0.0.1", 0) as server:
        failed = await failure(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert hung_up_on
    assert "hung up without an answer" in str(failed)
    assert failed.retryable


async def test_a_host_that_does_not_exist_is_named():
    assert "'no.such.host.invalid'" in str(await failure("ws://no.such.host.invalid"))


def test_the_address_is_completed_with_its_secrets_in_place():
    assert endpoint_url("ws://me:x@h/?token=y") == "ws://me:x@h/v1/tts/stream?token=y"
