"""What the documents take from the code: tables of settings and of rooms, and the diagrams of three lives.

Each renderer of a page in two languages takes `say`: what makes a sentence of the code one of the page's language.

``make readme`` runs this file with ``--write``; ``test_documents`` fails if a document says something else.
"""

import functools
import sys
import tomllib
from pathlib import Path

import rooms
import rules

from sayline.gateway import settings
from sayline.gateway.conversation.context import State
from sayline.gateway.conversation.session import RACES, TRANSITIONS
from sayline.gateway.conversation.speaker_life import SLOT_STEPS, SPEAKER_STEPS, SlotState, SpeakerState
from sayline.gateway.dialects.tts_v1.protocol import NAMES

ROOT = Path(__file__).parents[1]

# What the server does to a context by itself; all other arrows are messages and stand in ``session.TRANSITIONS``.
_OURS = (
    (State.OPEN, State.DONE, "(speech failed)"),
    (State.ENDED, State.DONE, "(last frame sent, or speech failed)"),
)


_CHINESE = tomllib.loads((ROOT / "tests/generated_zh.toml").read_text())


def as_it_is(english):
    """What an English page says for a sentence of the code."""
    return english


def in_chinese(english):
    """What a Chinese page says for it."""
    if english not in _CHINESE:
        raise KeyError(f"tests/generated_zh.toml has no Chinese for: {english}")
    return _CHINESE[english]


def state_diagram(say):
    """Render the transition table as Mermaid, and the races as a table below it."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.ABSENT.name}"]
    for source, transitions in TRANSITIONS.items():
        for target in dict.fromkeys(transitions.values()):
            messages = [_type(message) for message, state in transitions.items() if state is target]
            lines.append(f"    {source.name} --> {target.name}: {', '.join(messages)}")
    lines += [f"    {source.name} --> {target.name}: {say(cause)}" for source, target, cause in _OURS]
    heading = f"| {say('state')} | {say('messages that are ignored there')} |"
    lines += [f"    {State.DONE.name} --> [*]", "```", "", heading, "|---|---|"]
    separator = say(", ")
    lines += [
        f"| {state.name} | {separator.join(sorted(f'`{_type(message)}`' for message in ignored)) or say('none')} |"
        for state, ignored in RACES.items()
    ]
    return "\n".join(lines) + "\n"


def life_diagram(first, steps, say):
    """Render a table of steps as Mermaid."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first.name}"]
    for source, targets in steps.items():
        for target in dict.fromkeys(targets.values()):
            causes = [say(step.value) for step, state in targets.items() if state is target]
            lines.append(f"    {source.name} --> {target.name}: {say(', ').join(causes)}")
    return "\n".join([*lines, "```", ""])


def javascript_types():
    """The JavaScript client's declarations, comments included."""
    return f"```ts\n{(ROOT / 'web_demo/client/gateway_client.d.ts').read_text()}```\n"


# Each setting once, by what a reader of docs/operate/settings.md wants to do; ``test_documents`` finds one left out.
SETTINGS = {
    "reach": "host port public_url trusted_proxies allow_origins tls_cert tls_key tls_self_signed handshake_timeout_s",
    "keys": "api_keys tenants ledger allow_anonymous max_connections_per_key voices_over_http",
    "voice": "engine default_voice voice_aliases lexicon also_spoken hibari_processes kokoro_voices kokoro_processes",
    "release": "release first_min_n first_max_n release_lead_ms idle_release_ms most_wait_ms "
    "comma_split token_max_n token_min_n merge_len",
    "sound": "sample_rate frame_ms opus_bitrate opus_complexity opus_dtx opus_fec encoder_processes",
    "listener": "max_lead_ms slow_client_s credit_timeout_s resume_s slot_lease_s stuck_s idle_s quiet_s "
    "ping_interval_s",
    "many": "max_concurrent_requests max_connections max_running_contexts max_contexts max_context_text_kib "
    "max_connection_text_kib max_queued_text_kib shed_at_memory refuse_at_memory shed_at_lag_ms refuse_at_lag_ms",
    "others": "close_without_flush approximate_word_times http_pacing max_speech_chars max_body_kib "
    "wyoming_port wyoming_host twilio_auth_tokens",
    "cosyvoice3": "model_dir model_variant load_vllm lm_graphs precision fp16 gpu_memory_utilization compact_past "
    "rtf_guard min_solver_steps token_hop_len trt_concurrent trt_engine mps max_leading_silence_ms carry_prosody "
    "fixed_tokens_per_character",
    "several": "workers gpus engine_workers worker_cert worker_key worker_ca worker_plain_loopback",
    "end": "drain_s log_level log_format",
}


def architecture(say):
    """The sections of docs/ARCHITECTURE.md in one language."""
    return {
        "rooms": lambda: rooms.table(say),
        "states": lambda: state_diagram(say),
        "speaker": lambda: life_diagram(SpeakerState.NONE, SPEAKER_STEPS, say),
        "slot": lambda: life_diagram(SlotState.NONE, SLOT_STEPS, say),
    }


# Document -> its generated sections, by name.
DOCUMENTS = {
    "docs/operate/settings.md": {
        name: functools.partial(settings.table, names.split()) for name, names in SETTINGS.items()
    },
    "docs/ARCHITECTURE.md": architecture(as_it_is),
    "docs/ARCHITECTURE.zh.md": architecture(in_chinese),
    "docs/CONFORMANCE.md": {"rules": functools.partial(rules.table, as_it_is)},
    "docs/CONFORMANCE.zh.md": {"rules": functools.partial(rules.table, in_chinese)},
    "docs/reference/javascript.md": {"types": javascript_types},
    "docs/reference/javascript.zh.md": {"types": javascript_types},
}


def filled(document, text):
    """Return the text of a document with every generated section as the code has it now."""
    for name, render in DOCUMENTS[document].items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
        if (text.count(begin), text.count(end)) != (1, 1):
            raise ValueError(f"{document} has no section {begin.strip()} ... {end}, or several")
        before, _, rest = text.partition(begin)
        text = before + begin + render() + end + rest.partition(end)[2]
    return text


def _type(message):
    return NAMES[message]


if __name__ == "__main__":
    for document in DOCUMENTS:
        path = ROOT / document
        now = path.read_text()
        if "--write" in sys.argv[1:]:
            path.write_text(filled(document, now))
        elif filled(document, now) != now:
            sys.exit(f"{document} is not what the code says; run: make readme")
