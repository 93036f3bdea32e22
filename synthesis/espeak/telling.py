"""How espeak-ng reads a text, in the IPA and without sound. A fault in espeak-ng ends the process that asks."""

from __future__ import annotations

import ctypes
import threading
from typing import Final

from . import process

_UTF8: Final = 1
_IPA: Final = 2


class Teller:
    """espeak-ng without its voice.

    Args:
        library: path of the library.
        data: path of its data.
    """

    def __init__(self, library: str, data: str) -> None:
        self._library = process.load(library, data)
        self._library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._turn = threading.Lock()  # it has one voice at a time

    def ipa(self, text: str, voice: str, *, has_phonemes: bool) -> str:
        """Write down how a voice says a text; empty if it has no such voice."""
        with self._turn:
            if self._library.espeak_SetVoiceByName(voice.encode()):
                return ""
            # Whether brackets hold phonemes is told by what was spoken last.
            flags = _UTF8 | process.PHONEMES * has_phonemes
            self._library.espeak_Synth(b" ", 2, 0, 1, 0, flags, None, None)
            rest = ctypes.c_char_p(text.encode())
            clauses = []
            while rest.value:
                clauses.append(self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, _IPA).decode())
            return " ".join(clause.strip() for clause in clauses if clause.strip())
