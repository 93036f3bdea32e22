"""A certificate for 127.0.0.1 that only the tests trust."""

import subprocess

_NEW = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]


def make_certificate(folder):
    """(certificate, key), both PEM files."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    certificate = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, *certificate]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def make_authority(folder, address="127.0.0.1", *, name=None):
    """A certificate authority, and two (certificate, key) that it signed for an address, or for a name."""
    authority, authority_key = folder / "ca.pem", folder / "ca-key.pem"
    of_its_own = ["-x509", "-days", "2", "-subj", f"/CN={folder.name}", "-keyout", authority_key, "-out", authority]
    _run(*_NEW, *of_its_own)
    whose = f"IP:{address}" if name is None else f"DNS:{name}"
    return authority, *(sign(folder, file, whose) for file in ("one", "two"))


def sign(folder, file, whose):
    """(certificate, key), signed by the authority of a folder."""
    cert, key, wish, facts = (folder / f"{file}{end}" for end in (".pem", "-key.pem", ".csr", ".ext"))
    facts.write_text(f"subjectAltName={whose}\n")
    _run(*_NEW, "-subj", f"/CN={file}", "-keyout", key, "-out", wish)
    signing = ["-CA", folder / "ca.pem", "-CAkey", folder / "ca-key.pem", "-CAcreateserial", "-days", "2"]
    _run("openssl", "x509", "-req", "-in", wish, "-out", cert, *signing, "-extfile", facts)
    return cert, key


def _run(*command):
    subprocess.run(command, check=True, capture_output=True)
