"""A certificate and its key from files, or one line that says which of the two is wrong, and how."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Final

from ...errors import BadSettings

if TYPE_CHECKING:
    from pathlib import Path

_CERTIFICATE: Final = b"-----BEGIN CERTIFICATE-----"
_PRIVATE_KEY: Final = b"PRIVATE KEY-----"  # of any kind: RSA, EC, or the general form
_ENCRYPTED: Final = (b"BEGIN ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED")  # PKCS 8 (RFC 7468), and before it


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """Load a certificate chain and its private key.

    Raises:
        BadSettings: one line that names the setting and the file.
    """
    chain, secret = _content("tls_cert", certificate), _content("tls_key", key)
    if _CERTIFICATE not in chain:
        hint = "; it holds a private key: are the two swapped?" if _PRIVATE_KEY in chain else ""
        raise BadSettings(f"tls_cert: {certificate} is no certificate chain in PEM (BEGIN CERTIFICATE){hint}")
    if _PRIVATE_KEY not in secret:
        raise BadSettings(f"tls_key: {key} is no private key in PEM (BEGIN PRIVATE KEY)")
    if any(sign in secret for sign in _ENCRYPTED):  # OpenSSL would ask for the passphrase on the terminal, and wait
        raise BadSettings(f"tls_key: {key} is encrypted; a server needs it without a passphrase (openssl pkey)")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key)
    except ssl.SSLError as exc:
        if exc.reason == "KEY_VALUES_MISMATCH":
            raise BadSettings(f"tls_key: {key} is not the key of the certificate in {certificate}") from None
        raise BadSettings(f"tls_cert: {certificate} or {key} is damaged: {exc.reason or exc}") from None
    return context


def _content(setting: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise BadSettings(f"{setting}: {path} cannot be read: {exc.strerror}") from None
