"""How Twilio comes in: it signs its handshake, and a call shows its token when it begins."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from ..dialect import Dialect
from .protocol import TwilioProtocol
from .signature import is_signed

DIALECT: Final = Dialect(
    TwilioProtocol, takes_key_later=True, busy_status=HTTPStatus.SERVICE_UNAVAILABLE, is_signed=is_signed
)
