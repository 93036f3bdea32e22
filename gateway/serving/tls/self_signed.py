"""A certificate of the server's own, for clients that insist on TLS where no authority has certified anything.

It is made once, kept in the user's cache, and made anew when it runs out or when the server has a name that it lacks. A
client is told to trust this one file (``SSL_CERT_FILE``), which trusts this server and nothing else: the certificate is
no authority's, so its key can sign no other.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import ipaddress
import os
import socket
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ...errors import BadSettings
from ...settings import cache_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...settings import Settings

# What browsers and Apple's clients accept at most of any server (398 days), with a day in hand.
_VALID_FOR: Final = dt.timedelta(days=397)
# A server that was started with less than this left might outlive its certificate.
_LEAST_LEFT: Final = dt.timedelta(days=30)
# Clocks of clients may be behind.
_BACKDATED: Final = dt.timedelta(days=1)
_ANY_ADDRESS: Final = ("0.0.0.0", "::")  # noqa: S104 - compared, not bound


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """A certificate in the cache.

    Attributes:
        certificate: the file to give to clients.
        key: the file that no other user may read.
        fingerprint: SHA-256 of the certificate, as ``openssl x509 -fingerprint`` writes it.
        ends: the last day of its validity.
    """

    certificate: Path
    key: Path
    fingerprint: str
    ends: dt.date


def with_own_certificate(settings: Settings) -> Settings:
    """Fill in ``tls_cert`` and ``tls_key`` if the settings ask for a self-signed certificate.

    Raises:
        BadSettings: the cache cannot be written to.
    """
    if not settings.tls_self_signed or settings.tls_cert is not None:
        return settings
    own = own_certificate(settings)
    return settings.model_copy(update={"tls_cert": own.certificate, "tls_key": own.key})


def own_certificate(settings: Settings) -> OwnCertificate:
    """Find the certificate in the cache, or make it.

    Raises:
        BadSettings: the cache cannot be written to.
    """
    folder = cache_folder() / "tls"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder):  # two servers that start at once must not mix a certificate and a key
            return _kept(folder, _names(settings)) or _made(folder, _names(settings))
    except OSError as exc:
        raise BadSettings(f"tls_self_signed: {folder} cannot hold a certificate: {exc.strerror}") from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _names(settings: Settings) -> list[x509.GeneralName]:
    """List by what names clients may call the server, sorted, each once."""
    public = urlsplit(settings.public_url or "").hostname
    hosts = {"localhost", "127.0.0.1", "::1", socket.gethostname(), settings.host, *filter(None, [public])}
    return [_name(host) for host in sorted(hosts.difference(_ANY_ADDRESS))]


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())


def _kept(folder: Path, names: list[x509.GeneralName]) -> OwnCertificate | None:
    """Read what is in the cache; None if there is nothing, or nothing that will do any longer."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
        key = serialization.load_pem_private_key((folder / "key.pem").read_bytes(), password=None)
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (FileNotFoundError, ValueError, TypeError, x509.ExtensionNotFound):
        return None
    is_pair = certificate.public_key() == key.public_key()
    is_fresh = certificate.not_valid_after_utc - _now() > _LEAST_LEFT
    if not (is_pair and is_fresh and set(names) <= set(named)):
        return None
    (folder / "key.pem").chmod(0o600)
    return _described(folder, certificate)


def _made(folder: Path, names: list[x509.GeneralName]) -> OwnCertificate:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sayline, self-signed")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_now() - _BACKDATED)
        .not_valid_after(_now() - _BACKDATED + _VALID_FOR)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        # Python 3.13 asks for both identifiers (VERIFY_X509_STRICT).
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(folder / "key.pem", secret, 0o600)
    _write(folder / "certificate.pem", certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    return _described(folder, certificate)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file that has its permissions before it has its content."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    fresh.replace(path)


def _described(folder: Path, certificate: x509.Certificate) -> OwnCertificate:
    return OwnCertificate(
        certificate=folder / "certificate.pem",
        key=folder / "key.pem",
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        ends=certificate.not_valid_after_utc.date(),
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
