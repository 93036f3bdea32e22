"""Which file of a certificate and its key is wrong, and how."""

import subprocess

import pytest

from sayline.gateway.cli import main
from sayline.gateway.errors import BadSettings
from sayline.gateway.serving.tls.context import server_context


@pytest.fixture(scope="module")
def pem(tmp_path_factory):
    """A certificate with its key, another key, and that key with a passphrase."""
    folder = tmp_path_factory.mktemp("pem")
    paths = {name: folder / f"{name}.pem" for name in ("cert", "key", "other", "locked", "text", "cut")}
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"]
    subprocess.run([*request, "-keyout", paths["key"], "-out", paths["cert"]], check=True, capture_output=True)
    subprocess.run(["openssl", "genrsa", "-out", paths["other"], "2048"], check=True, capture_output=True)
    lock = ["openssl", "pkey", "-aes256", "-passout", "pass:secret", "-in", paths["key"], "-out", paths["locked"]]
    subprocess.run(lock, check=True, capture_output=True)
    paths["text"].write_text("not PEM")
    paths["cut"].write_bytes(paths["cert"].read_bytes()[:200])
    paths["none"] = folder / "none"
    return paths


def test_a_certificate_and_its_key_load(pem):
    assert server_context(pem["cert"], pem["key"])


@pytest.mark.parametrize(
    ("certificate", "key", "words"),
    [
        ("text", "key", "tls_cert: .*text.pem is no certificate chain in PEM"),
        ("key", "cert", "tls_cert: .*key.pem is no certificate .* are the two swapped"),
        ("cert", "text", "tls_key: .*text.pem is no private key in PEM"),
        ("cert", "other", "tls_key: .*other.pem is not the key of the certificate in .*cert.pem"),
        ("cert", "locked", "tls_key: .*locked.pem is encrypted"),
        ("cut", "key", "tls_cert: .*cut.pem or .* is damaged"),
        ("none", "key", "tls_cert: .*none cannot be read: No such file"),
    ],
)
def test_what_will_not_do_is_named_with_what_it_should_be(pem, certificate, key, words):
    with pytest.raises(BadSettings, match=words):
        server_context(pem[certificate], pem[key])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serve_says_it_in_one_line_before_anything_is_loaded(pem, workers, capsys):
    flags = ["--tls-cert", str(pem["text"]), "--tls-key", str(pem["key"]), "--port", "0", "--workers", workers]
    assert main(["serve", *flags]) == 2
    line = capsys.readouterr().err
    assert line.startswith("sayline: tls_cert: ")
    assert line.count("\n") == 1
