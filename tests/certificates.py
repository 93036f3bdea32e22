"""A certificate for 127.0.0.1 that only the tests trust."""

import subprocess


def make_certificate(folder):
    """(certificate, key), both PEM files."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    certificate = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, *certificate]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def make_authority(folder, address="127.0.0.1"):
    """A certificate authority, and two (certificate, key) that it signed for an address."""
    authority, authority_key = folder / "ca.pem", folder / "ca-key.pem"
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]
    _run(*new, "-x509", "-days", "2", "-subj", f"/CN={folder.name}", "-keyout", authority_key, "-out", authority)
    pairs = []
    for name in ("one", "two"):
        cert, key, wish, facts = (folder / f"{name}{end}" for end in (".pem", "-key.pem", ".csr", ".ext"))
        facts.write_text(f"subjectAltName=IP:{address}\n")
        _run(*new, "-subj", f"/CN={name}", "-keyout", key, "-out", wish)
        signing = ["-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-days", "2", "-extfile", facts]
        _run("openssl", "x509", "-req", "-in", wish, "-out", cert, *signing)
        pairs.append((cert, key))
    return authority, *pairs


def _run(*command):
    subprocess.run(command, check=True, capture_output=True)
