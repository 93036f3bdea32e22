"""The certificate that the server makes for itself: it lasts, it is private, and a client that trusts it connects."""

import asyncio
import os
import re
import shutil
import ssl
import stat
import subprocess

import pytest
from cryptography import x509
from server_process import SERVE, ServerProcess

import sayline
from sayline.gateway.commands import doctor
from sayline.gateway.errors import BadSettings
from sayline.gateway.serving.tls import self_signed
from sayline.gateway.serving.tls.self_signed import own_certificate, with_own_certificate
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

SETTINGS = Settings(tls_self_signed=True, port=0, engine="tone")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/sayline/tls"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_no_other_user_can_read_the_key(cache):
    own = own_certificate(SETTINGS)

    assert (own.certificate, own.key) == (cache / "certificate.pem", cache / "key.pem")
    assert mode(cache) == 0o700
    assert mode(own.key) == 0o600
    assert b"PRIVATE KEY" not in own.certificate.read_bytes()


def test_the_next_start_finds_the_same_certificate_and_closes_a_key_that_was_opened():
    first = own_certificate(SETTINGS)
    first.key.chmod(0o644)

    assert own_certificate(SETTINGS) == first
    assert mode(first.key) == 0o600


@pytest.mark.parametrize("file", ["certificate.pem", "key.pem"])
@pytest.mark.parametrize(
    "content", [None, b"", b"not PEM", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_damaged_or_missing_file_is_replaced(cache, file, content):
    before = own_certificate(SETTINGS)
    (cache / file).unlink() if content is None else (cache / file).write_bytes(content)

    after = own_certificate(SETTINGS)
    assert after.fingerprint != before.fingerprint
    assert self_signed.own_certificate(SETTINGS) == after


def test_a_key_of_another_certificate_is_replaced_with_it(cache, tmp_path):
    own_certificate(SETTINGS)
    kept = tmp_path / "kept.pem"
    shutil.copy(cache / "key.pem", kept)
    (cache / "certificate.pem").unlink()
    own_certificate(SETTINGS)
    shutil.copy(kept, cache / "key.pem")

    assert own_certificate(SETTINGS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cache / "certificate.pem", cache / "key.pem")


def test_a_certificate_that_runs_out_soon_is_replaced(monkeypatch):
    before = own_certificate(SETTINGS)
    now = self_signed._now()
    monkeypatch.setattr(self_signed, "_now", lambda: now + self_signed._VALID_FOR)

    assert own_certificate(SETTINGS).ends > before.ends


def test_a_name_that_the_certificate_lacks_makes_a_new_one_which_has_all():
    before = own_certificate(SETTINGS)
    settings = SETTINGS.model_copy(update={"public_url": "https://voice.example/speak", "host": "192.0.2.7"})

    after = own_certificate(settings)
    assert after.fingerprint != before.fingerprint
    certificate = x509.load_pem_x509_certificate(after.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {"localhost", "voice.example"} <= set(names.get_values_for_type(x509.DNSName))
    assert {"127.0.0.1", "::1", "192.0.2.7"} <= set(map(str, names.get_values_for_type(x509.IPAddress)))


def test_the_certificate_can_certify_no_other():
    own = own_certificate(SETTINGS)
    certificate = x509.load_pem_x509_certificate(own.certificate.read_bytes())

    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert certificate.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign is False


def test_a_cache_that_cannot_be_written_to_is_told_in_one_line(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    with pytest.raises(BadSettings, match=r"tls_self_signed: .* cannot hold a certificate: Not a directory"):
        with_own_certificate(SETTINGS)


async def test_a_client_that_trusts_the_certificate_and_no_authority_speaks(cache):
    async with running_server(SETTINGS) as gateway:
        assert gateway.url.startswith("wss://")
        trusting = ssl.create_default_context(cafile=cache / "certificate.pem")
        trusting.verify_flags |= ssl.VERIFY_X509_STRICT  # the default of Python 3.13
        for host in ("127.0.0.1", "localhost"):
            url = gateway.url.replace("127.0.0.1", host)
            async with sayline.connect(url, ssl_context=trusting) as connection, connection.speak("Hello.") as speech:
                assert [frame async for frame in speech.audio()]

        with pytest.raises(sayline.ConnectionFailed, match="does not verify"):
            async with sayline.connect(gateway.url):
                pass


def test_other_tls_libraries_accept_it():
    own = own_certificate(SETTINGS)
    for command in (
        ["openssl", "verify", "-x509_strict", "-CAfile", str(own.certificate), str(own.certificate)],
        ["openssl", "x509", "-in", str(own.certificate), "-noout", "-fingerprint", "-sha256"],
    ):
        ran = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ran.stdout.strip().endswith(own.fingerprint)


async def test_serve_says_what_to_trust_and_what_it_printed_is_enough(cache):
    process = await asyncio.create_subprocess_exec(
        *SERVE, "--port", "0", "--engine", "tone", "--tls-self-signed", "--log-level", "warning",
        stdout=asyncio.subprocess.PIPE, env=dict(os.environ),
    )  # fmt: skip
    try:
        told = [(await process.stdout.readline()).decode() for _ in range(5)]
        url = re.search(r"https(://\S+)", told[0])[1]
        trusted = re.search(r"SSL_CERT_FILE=(\S+)", "".join(told))[1]
        assert own_certificate(SETTINGS).fingerprint in "".join(told)
        said = await asyncio.create_subprocess_exec(
            *SERVE[:-1], "say", "Hello.", "--url", f"wss{url}", "--out", str(cache / "hello.wav"),
            env={**os.environ, "SSL_CERT_FILE": trusted},
        )  # fmt: skip
        assert await said.wait() == 0
    finally:
        process.terminate()
        await process.wait()


def test_two_workers_share_the_certificate():
    with ServerProcess("--workers", "2", "--engine", "tone", "--tls-self-signed") as server:
        assert server.url.startswith("wss://")


def test_doctor_says_what_clients_need(cache):
    import argparse

    parser = argparse.ArgumentParser()
    doctor.add_arguments(parser)
    findings = {
        finding.part: finding for finding in doctor.examine(parser.parse_args(["--tls-self-signed", "--port", "0"]))
    }
    assert findings["TLS"].state == "ok"
    assert f"SSL_CERT_FILE={cache}/certificate.pem" in findings["TLS"].detail


def test_it_is_one_or_the_other():
    from sayline.gateway.cli import main

    assert main(["serve", "--tls-self-signed", "--tls-cert", "a", "--tls-key", "b"]) == 2
