"""How vLLM-Omni's clients come in: with a key in a header, if the operator wants one; theirs ask for none."""

from __future__ import annotations

from typing import Final

from ..dialect import Dialect
from .protocol import VllmOmniProtocol

DIALECT: Final = Dialect(VllmOmniProtocol)
