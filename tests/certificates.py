"""A certificate for 127.0.0.1 that only the tests trust."""

import subprocess


def make_certificate(folder):
    """(certificate, key), both PEM files."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    certificate = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, *certificate]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key
