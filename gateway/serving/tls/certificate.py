"""The certificate of a server that runs: its two files are read again when they change.

Who renews a certificate writes two files, one after the other, and for a moment they do not fit. Files that will not do
change nothing, and the log says why; they are looked at again when one of them changes.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ....synthesis.file_stamp import file_stamp
from ...errors import BadSettings
from .context import server_context

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

log = logging.getLogger("sayline.tls")


class Certificate:
    """Lives as long as the server.

    Args:
        certificate: the file of the chain.
        key: the file of its private key.

    Attributes:
        context: what the listener has; handshakes from now on show what it holds by then.

    Raises:
        BadSettings: the files will not do.
    """

    def __init__(self, certificate: Path, key: Path) -> None:
        self._paths = (certificate, key)
        self._stamps = self._look_at_files()
        self._newest = self.context = server_context(certificate, key)
        # A context keeps a certificate for each kind of key, so a new one is not loaded into the old context.
        self.context.sni_callback = self._show_newest

    def look(self) -> None:
        """Read the files again if one has changed; called twice a second."""
        stamps = self._look_at_files()
        if stamps == self._stamps:
            return
        self._stamps = stamps
        certificate, key = self._paths
        try:
            self._newest = server_context(certificate, key)
        except BadSettings as fault:
            log.warning("the certificate stays what it was: %s", fault)
        else:
            log.info("the certificate is read again")

    def _show_newest(self, handshake: ssl.SSLSocket | ssl.SSLObject, _: str | None, __: ssl.SSLContext) -> None:
        handshake.context = self._newest

    def _look_at_files(self) -> list[tuple[int, int, int] | None]:
        return [file_stamp(path) for path in self._paths]
