"""``sayline voices``: add, list and remove the voices of a CosyVoice3 model directory, or take over stored ones.

A running server offers what changed from its next request on. Exit status: 0 done, 1 not done, 2 the command line
cannot work.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...synthesis.interface import SynthesisError
from ..errors import BadSettings, GatewayError
from ..exit_status import FAILED, complain, tell
from ..settings import default_model_dir

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from ...synthesis.cosyvoice3.voices.prompt import VoicePrompt
    from ...synthesis.hearing.recogniser import Recogniser

INSTALL: Final = "pip install 'sayline[cosyvoice3]'"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own commands and their flags."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add = actions.add_parser("add", help="make a voice from a recording")
    add.add_argument("name", metavar="NAME", help="name by which clients ask for the voice")
    add.add_argument(
        "--audio", type=Path, required=True, metavar="FILE", help="recording of one person speaking, 3 to 30 s"
    )
    add.add_argument(
        "--text", help="what the recording says, word for word; without it the voice only speaks cross-lingually"
    )
    add.add_argument(
        "--language",
        metavar="TAG",
        help="language of the recording, such as en (default: guessed from the text's script)",
    )
    add.add_argument("--description", default="", metavar="LINE", help="one line about the voice, for people")
    add.add_argument(
        "--trust-text",
        action="store_true",
        help="do not compare the text with what a recogniser hears, if it hears this language or speaker badly",
    )
    add.add_argument(
        "--consent",
        metavar="WHO",
        help="whose voice it is and who agreed to its use here; kept with the voice (default: asked for at a terminal)",
    )
    listing = actions.add_parser("list", help="show the voices")
    remove = actions.add_parser("remove", help="delete a voice")
    remove.add_argument("name", metavar="NAME")
    take_over = actions.add_parser("import", help="copy the voices of a spk2info.pt into the model directory")
    take_over.add_argument("file", type=Path, metavar="FILE")
    for writing in (add, take_over):
        writing.add_argument("--replace", action="store_true", help="overwrite voices of the same name")
    for action in (add, listing, remove, take_over):
        action.add_argument(
            "--model-dir",
            type=Path,
            default=default_model_dir(),
            metavar="DIR",
            help="CosyVoice3 model directory (default: SAYLINE_MODEL_DIR, or where `sayline download` puts it)",
        )


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; returns the exit status."""
    if not arguments.model_dir.is_dir():
        return complain(
            f"there is no model directory {arguments.model_dir}: `sayline download cosyvoice3` fetches one", FAILED
        )
    try:
        return _ACTIONS[arguments.action](arguments)
    except ImportError as error:
        return complain(f"voices need packages that are not installed ({error}): {INSTALL}", FAILED)
    except SynthesisError as error:
        return complain(str(error), FAILED)


def _add(arguments: argparse.Namespace) -> int:
    from ...synthesis.cosyvoice3.text.tokenizer import TextTokenizer  # noqa: PLC0415 - parts load when they are needed,
    from ...synthesis.cosyvoice3.voices.features import VoiceNetworks  # noqa: PLC0415 - and a model's take seconds
    from ...synthesis.cosyvoice3.voices.registration import register_voice  # noqa: PLC0415 - the same
    from ...synthesis.cosyvoice3.voices.store import VoiceStore  # noqa: PLC0415 - the same

    consent = _consent(arguments)
    store = VoiceStore(arguments.model_dir)
    store.check_free(arguments.name, replace=arguments.replace)
    _ensure_readable(arguments.audio)
    _ensure_writable(store.folder)
    made = register_voice(
        arguments.name,
        arguments.audio,
        TextTokenizer(arguments.model_dir),
        lambda: VoiceNetworks(arguments.model_dir),
        transcript=arguments.text,
        language=arguments.language,
        description=arguments.description,
        load_recogniser=None if arguments.trust_text else _recogniser(),
    )
    path = store.add(made.voice, transcript=arguments.text, consent=consent, replace=arguments.replace)
    for warning in made.warnings:
        tell(f"{made.voice.name}: {warning}")
    print(f"{made.voice.name}: {_summary(made.voice)}; stored in {path}")
    if not made.voice.prompt_text_ids:
        print("It has no transcript and speaks cross-lingually only; --text makes it sound more like the recording.")
    return 0


def _consent(arguments: argparse.Namespace) -> str:
    """Tell who agreed; asks if somebody is there to answer.

    Raises:
        BadSettings: it is not said.
    """
    consent: str | None = arguments.consent
    if consent is None and sys.stdin is not None and sys.stdin.isatty():
        tell("Whose voice is it, and did this person agree that it speaks here? The name of who agreed: ", end="")
        consent = sys.stdin.readline()
    if not (consent or "").strip():
        raise BadSettings(
            "--consent: say who agreed that this voice speaks here; a voice is personal data of its owner"
        )
    return (consent or "").strip()


def _recogniser() -> Callable[[], Recogniser] | None:
    """Give what loads the recogniser that packages bring; None without them: a transcript is then taken as it is."""
    from ...synthesis.hearing import recogniser  # noqa: PLC0415 - as above

    return None if recogniser.missing_packages() else recogniser.Recogniser


def _list(arguments: argparse.Namespace) -> int:
    from ...synthesis.cosyvoice3.voices.store import VoiceStore  # noqa: PLC0415 - as above

    store = VoiceStore(arguments.model_dir)
    voices, faults = store.voices(), store.faults()
    width = max((len(name) for name in (*faults, *(voice.name for voice in voices))), default=0)
    for voice in voices:
        print(f"{voice.name:<{width}}  {_summary(voice)}" + (f"; {voice.description}" if voice.description else ""))
    for name, fault in faults.items():
        print(f"{name:<{width}}  cannot speak: {fault}")
    if not voices and not faults:
        print(f"{arguments.model_dir} has no voices; add one with `sayline voices add`", file=sys.stderr)
    return FAILED if faults else 0


def _remove(arguments: argparse.Namespace) -> int:
    from ...synthesis.cosyvoice3.voices.store import VoiceStore  # noqa: PLC0415 - as above

    VoiceStore(arguments.model_dir).remove(arguments.name)
    return 0


def _import(arguments: argparse.Namespace) -> int:
    from ...synthesis.cosyvoice3.voices.prompt import BadVoice  # noqa: PLC0415 - the same
    from ...synthesis.cosyvoice3.voices.spk2info import read_spk2info  # noqa: PLC0415 - as above
    from ...synthesis.cosyvoice3.voices.store import VoiceStore  # noqa: PLC0415 - the same

    store = VoiceStore(arguments.model_dir)
    _ensure_writable(store.folder)
    status = 0
    for voice in read_spk2info(arguments.file).values():
        try:
            if isinstance(voice, BadVoice):
                raise voice
            store.add(voice, replace=arguments.replace)
        except BadVoice as fault:  # the others are taken over all the same
            status = complain(str(fault), FAILED)
        else:
            print(f"{voice.name}: {_summary(voice)}")
    return status


def _ensure_readable(recording: Path) -> None:
    try:
        recording.open("rb").close()
    except OSError as exc:
        raise GatewayError(f"{recording} cannot be read as audio: {exc.strerror}") from None


def _ensure_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as exc:
        raise GatewayError(f"voices are kept in {folder}, which cannot be written: {exc.strerror}") from None


_ACTIONS: Final = {"add": _add, "list": _list, "remove": _remove, "import": _import}


def _summary(voice: VoicePrompt) -> str:
    from ...synthesis.rates import TOKENS_PER_SECOND  # noqa: PLC0415 - not for --help

    seconds = len(voice.lm_speech_tokens) / TOKENS_PER_SECOND
    recording = f"{seconds:.1f} s" if voice.lm_speech_tokens else "no recording"
    transcript = "transcript" if voice.prompt_text_ids else "no transcript"
    return ", ".join((recording, transcript, " ".join(voice.languages) or "language unknown"))
