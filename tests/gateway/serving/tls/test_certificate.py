"""A certificate that is renewed is shown without a restart; files that do not fit change nothing."""

import asyncio
import hashlib
import logging
import ssl
import subprocess
from pathlib import Path

import pytest
from certificates import make_certificate
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.errors import BadSettings
from sayline.gateway.serving.tls.certificate import Certificate
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

UNCHECKED = ssl._create_unverified_context()  # noqa: S323 - our own server


def fingerprint(path):
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(Path(path).read_text())).hexdigest()


async def shown(port, name=None):
    """What a newcomer is shown, who may say by what name it calls the server."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=UNCHECKED, server_hostname=name or "")
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()
    return hashlib.sha256(found).hexdigest()


async def test_a_renewed_certificate_is_shown_to_newcomers_and_who_is_here_stays(tmp_path):
    """The new one has another kind of key, and with some servers the old one would stay beside it."""
    cert, key = make_certificate(tmp_path)
    settings = Settings(port=0, engine="tone", tls_cert=cert, tls_key=key)
    async with running_server(settings) as server, await WirePeer.join(server.url, ssl=UNCHECKED) as peer:
        assert await shown(server.port) == fingerprint(cert)
        renew(cert, key)
        async with asyncio.timeout(PATIENCE_S):
            while await shown(server.port) != fingerprint(cert):
                await asyncio.sleep(0.05)
        assert await shown(server.port, "localhost") == fingerprint(cert)
        await peer.speak("Hello.")
        assert (await peer.listen()).done["reason"] == "end"


def renew(cert, key):
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command = [*request, "-days", "2", "-subj", "/CN=localhost", "-keyout", key, "-out", cert]
    subprocess.run(command, check=True, capture_output=True)


def test_files_that_do_not_fit_change_nothing_until_they_do(tmp_path, caplog):
    cert, key = make_certificate(tmp_path)
    certificate = Certificate(cert, key)
    right = key.read_bytes()
    before = certificate._newest
    with caplog.at_level(logging.INFO, "sayline.tls"):
        certificate.look()
        assert not caplog.records
        key.write_text("not PEM")
        certificate.look()
        certificate.look()
        assert [record.levelname for record in caplog.records] == ["WARNING"]
        assert "tls_key" in caplog.text
        assert certificate._newest is before
        key.unlink()
        certificate.look()
        assert certificate._newest is before
        key.write_bytes(right)
        certificate.look()
        assert certificate._newest is not before
    assert caplog.records[-1].getMessage() == "the certificate is read again"


def test_files_that_do_not_fit_at_the_start_are_no_certificate(tmp_path):
    cert, _ = make_certificate(tmp_path)
    with pytest.raises(BadSettings):
        Certificate(cert, cert)
