"""What the documents take from the code: the tables of settings and of rooms, and the diagrams of three lives.

``make readme`` runs this file with ``--write``; ``test_documents`` fails if a document says something else.
"""

import sys
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


def state_diagram():
    """Render the transition table as Mermaid, and the races as a table below it."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {State.ABSENT.name}"]
    for source, transitions in TRANSITIONS.items():
        for target in dict.fromkeys(transitions.values()):
            messages = [_type(message) for message, state in transitions.items() if state is target]
            lines.append(f"    {source.name} --> {target.name}: {', '.join(messages)}")
    lines += [f"    {source.name} --> {target.name}: {cause}" for source, target, cause in _OURS]
    lines += [f"    {State.DONE.name} --> [*]", "```", "", "| state | messages that are ignored there |", "|---|---|"]
    lines += [
        f"| {state.name} | {', '.join(sorted(f'`{_type(message)}`' for message in ignored)) or 'none'} |"
        for state, ignored in RACES.items()
    ]
    return "\n".join(lines) + "\n"


def life_diagram(first, steps):
    """Render a table of steps as Mermaid."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first.name}"]
    for source, targets in steps.items():
        for target in dict.fromkeys(targets.values()):
            causes = [step.value for step, state in targets.items() if state is target]
            lines.append(f"    {source.name} --> {target.name}: {', '.join(causes)}")
    return "\n".join([*lines, "```", ""])


def javascript_types():
    """The JavaScript client's declarations, comments included."""
    return f"```ts\n{(ROOT / 'web_demo/client/gateway_client.d.ts').read_text()}```\n"


# Document -> its generated sections, by name.
DOCUMENTS = {
    "README.md": {"settings": settings.table},
    "docs/ARCHITECTURE.md": {
        "rooms": rooms.table,
        "states": state_diagram,
        "speaker": lambda: life_diagram(SpeakerState.NONE, SPEAKER_STEPS),
        "slot": lambda: life_diagram(SlotState.NONE, SLOT_STEPS),
    },
    "docs/CONFORMANCE.md": {"rules": rules.table},
    "docs/reference/javascript.md": {"types": javascript_types},
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
