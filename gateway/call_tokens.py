"""Proof that a phone call was sent here by the holder of an API key, without showing the key to the telephone network.

A token is made of the key and of the one call that it is good for. It tells nothing of the key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def call_token(key: str, call_sid: str) -> str:
    """Make the token of a call, to be put into its TwiML as the parameter ``token``.

    Args:
        key: one of the gateway's ``api_keys``; the call belongs to it.
        call_sid: the call, as Twilio's webhook names it (``CallSid``).
    """
    digest = hmac.digest(key.encode(errors="surrogateescape"), f"call:{call_sid}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
