"""How Twilio comes in: it can show nothing in its handshake, so a call shows its token when it begins."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from ..dialect import Dialect
from .protocol import TwilioProtocol

DIALECT: Final = Dialect(TwilioProtocol, takes_key_later=True, busy_status=HTTPStatus.SERVICE_UNAVAILABLE)
