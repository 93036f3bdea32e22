"""The voices of a model directory: added ones, one file each in its ``voices`` folder, and those of its spk2info.pt.

A file is safetensors: the arrays of a ``VoicePrompt`` under its attributes' names, and the rest as metadata. A file
appears under its name complete or not at all, so a server may read the folder at any moment. No server watches it:
whenever voices are listed or looked up, one ``stat`` of the folder tells whether it changed since.
"""

from __future__ import annotations

import difflib
import hashlib
import logging
import os
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from .prompt import BadVoice, VoicePrompt, make_prompt
from .spk2info import SPK2INFO_NAME, read_spk2info

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Stamp = tuple[int, int, int]  # of a file: modification time in ns, size, inode

logger = logging.getLogger(__name__)

FOLDER: Final = "voices"
SUFFIX: Final = ".safetensors"
FORMAT: Final = "sayline.voice.1"  # marks the layout of a file; another number is another layout
# A name is a file's name, a word in a URL and in a log line; letters of any script.
_NAME: Final = re.compile(r"\w[\w.-]{0,63}")
# File systems count time in steps of up to this. A second change within one step leaves the time as it was.
_TIME_STEP_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True)
class _Entry:
    """One file of the folder, as last read."""

    stamp: Stamp
    created: str  # ISO 8601, UTC; orders the voices
    voice: VoicePrompt | BadVoice


class VoiceStore:
    """All voices of one model directory, as they are now; belongs to one thread."""

    def __init__(self, model_dir: Path) -> None:
        self.folder = model_dir / FOLDER
        self._spk2info = model_dir / SPK2INFO_NAME
        self._seen: tuple[Stamp | None, Stamp | None] | None = None  # folder and spk2info.pt; None: look again
        self._entries: dict[Path, _Entry] = {}
        self._shipped: tuple[Stamp, Mapping[str, VoicePrompt | BadVoice]] | None = None  # spk2info.pt, as last read
        self._found: dict[str, VoicePrompt | BadVoice] = {}

    def voices(self) -> tuple[VoicePrompt, ...]:
        """List the voices that can speak: those of spk2info.pt, then the added ones in the order they were added.

        So adding a voice never changes which voice is first.
        """
        self._refresh()
        return tuple(voice for voice in self._found.values() if isinstance(voice, VoicePrompt))

    def faults(self) -> Mapping[str, BadVoice]:
        """Tell which voices cannot speak, and why."""
        self._refresh()
        return {name: voice for name, voice in self._found.items() if isinstance(voice, BadVoice)}

    def get(self, name: str) -> VoicePrompt:
        """Look a voice up.

        Raises:
            BadVoice: there is none of that name, or its file is damaged.
        """
        self._refresh()
        voice = self._found.get(name)
        if voice is None:
            close = difflib.get_close_matches(name, self._found, n=3)
            hint = f"; did you mean {' or '.join(close)}?" if close else f"; there are {len(self._found)} voices"
            raise BadVoice(f"there is no voice {name!r}{hint}")
        if isinstance(voice, BadVoice):
            raise BadVoice(str(voice))  # a fresh one: an exception raised twice would carry both tracebacks
        return voice

    def check_free(self, name: str, *, replace: bool = False) -> None:
        """Refuse a name that is not valid, or that is taken and not to be replaced.

        Raises:
            BadVoice: the text says which.
        """
        check_name(name)
        self._refresh()
        if name in self._found and not replace:
            raise BadVoice(f"there is a voice {name!r} already; remove it first, or ask for it to be replaced")

    def add(
        self, voice: VoicePrompt, *, transcript: str | None = None, consent: str = "", replace: bool = False
    ) -> Path:
        """Store a voice under its name; returns its file.

        Args:
            voice: what to store.
            transcript: kept for people; the voice has it as ids.
            consent: who agreed to it, kept with the time; empty if that is not known.
            replace: overwrite a voice of the same name.

        Raises:
            BadVoice: the name is not valid, or is taken.
            OSError: the file cannot be written; no part of it stays.
        """
        self.check_free(voice.name, replace=replace)
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{voice.name}{SUFFIX}"
        partial = self.folder / f".{voice.name}.{os.getpid()}.partial"
        try:
            with partial.open("wb") as file:
                file.write(_serialized(voice, transcript, consent))
                file.flush()
                os.fsync(file.fileno())  # before the name points to it: a crash leaves the old voice or the new one
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        self._seen = None
        return path

    def remove(self, name: str) -> None:
        """Delete an added voice; contexts that speak with it go on.

        Raises:
            BadVoice: there is none of that name, or it is one of spk2info.pt.
        """
        self._refresh()
        path = self.folder / f"{name}{SUFFIX}"
        if path not in self._entries:
            if name in self._found:
                raise BadVoice(f"the voice {name!r} comes with the model's {SPK2INFO_NAME} and cannot be removed alone")
            self.get(name)  # raises that there is none, and names similar ones
        path.unlink()
        self._seen = None

    def _refresh(self) -> None:
        folder, spk2info = _stamp_of(self.folder), _stamp_of(self._spk2info)
        if self._seen == (folder, spk2info):
            return
        self._entries = dict(self._read_folder())
        shipped: Mapping[str, VoicePrompt | BadVoice] = {}
        if spk2info:
            if not self._shipped or self._shipped[0] != spk2info:
                self._shipped = (spk2info, _read_shipped(self._spk2info))
            shipped = self._shipped[1]
        added = sorted(self._entries.items(), key=lambda item: (item[1].created, item[0].name))
        self._found = {**shipped, **{path.name.removesuffix(SUFFIX): entry.voice for path, entry in added}}
        newest = max((stamp[0] for stamp in (folder, spk2info) if stamp), default=0)
        is_settled = time.time_ns() - newest > _TIME_STEP_NS
        self._seen = (folder, spk2info) if is_settled else None

    def _read_folder(self) -> list[tuple[Path, _Entry]]:
        entries = []
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            stamp = _stamp_of(path)
            if path.name.startswith(".") or stamp is None:  # the file went since it was listed
                continue
            known = self._entries.get(path)
            entries.append((path, known if known and known.stamp == stamp else _read_entry(path, stamp)))
        return entries


def check_name(name: str) -> None:
    """Refuse an invalid name of a voice.

    Raises:
        BadVoice: the text says what a name may hold.
    """
    if not _NAME.fullmatch(name):
        raise BadVoice(f"{name!r} cannot be a voice's name: 1 to 64 letters, digits, _ - and ., the first a letter")


def read_voice(path: Path) -> tuple[VoicePrompt, Mapping[str, str]]:
    """Read one voice file: the voice, named after the file, and the file's metadata.

    Raises:
        BadVoice: it is truncated, damaged, or no voice file.
    """
    name = path.name.removesuffix(SUFFIX)
    check_name(name)
    try:
        with safe_open(path, framework="numpy") as file:
            metadata: dict[str, str] = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise BadVoice(f"{path} is no voice file of this release ({metadata.get('format', 'no format')})")
            voice = make_prompt(
                name,
                metadata["description"],
                tuple(metadata["languages"].split()),
                prompt_text_ids=_ids(file.get_tensor("prompt_text_ids")),
                lm_speech_tokens=_ids(file.get_tensor("lm_speech_tokens")),
                flow_speech_tokens=_ids(file.get_tensor("flow_speech_tokens")),
                flow_mel=file.get_tensor("flow_mel"),
                embedding=file.get_tensor("embedding"),
                trim=False,
            )
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        raise BadVoice(f"{path} is truncated or no voice file: {error}") from error
    if _checksum(voice) != metadata.get("checksum"):
        raise BadVoice(
            f"{path} is damaged: its checksum does not match its contents; remove the voice and add it again"
        )
    return voice, metadata


def _serialized(voice: VoicePrompt, transcript: str | None, consent: str) -> bytes:
    arrays = {
        "prompt_text_ids": np.array(voice.prompt_text_ids, np.int32),
        "lm_speech_tokens": np.array(voice.lm_speech_tokens, np.int32),
        "flow_speech_tokens": np.array(voice.flow_speech_tokens, np.int32),
        "flow_mel": voice.flow_mel,
        "embedding": voice.embedding,
    }
    now = datetime.now(UTC).isoformat()
    metadata = {
        "format": FORMAT,
        "name": voice.name,
        "description": voice.description,
        "languages": " ".join(voice.languages),
        "transcript": transcript or "",
        "checksum": _checksum(voice),
        "created": now,
        "consent": consent,
        "consent_at": now if consent else "",
    }
    return save(arrays, metadata)


def _checksum(voice: VoicePrompt) -> str:
    """Compute the hexadecimal SHA-256 of all that a voice is spoken with."""
    ids = (voice.prompt_text_ids, voice.lm_speech_tokens, voice.digest)
    return hashlib.sha256(repr(ids).encode()).hexdigest()


def _ids(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> tuple[int, ...]:
    if array.ndim != 1 or array.dtype != np.int32:
        raise ValueError(f"ids of shape {array.shape} and type {array.dtype}")
    return tuple(array.tolist())


def _read_entry(path: Path, stamp: Stamp) -> _Entry:
    try:
        voice, metadata = read_voice(path)
    except BadVoice as fault:
        logger.warning("a voice is left out: %s", fault)
        return _Entry(stamp, "", fault)
    return _Entry(stamp, metadata.get("created", ""), voice)


def _read_shipped(path: Path) -> Mapping[str, VoicePrompt | BadVoice]:
    try:
        voices = read_spk2info(path)
    except BadVoice as fault:
        logger.warning("the model's own voices are left out: %s", fault)
        return {}
    for voice in voices.values():
        if isinstance(voice, BadVoice):
            logger.warning("a voice is left out: %s", voice)
    return voices


def _stamp_of(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
