"""The engines that a server can run: the one list of ours, and those that other packages bring along.

An installed package offers engines by entry points in the group ``sayline.engines``, each of which leads to an
``Engine``. So an engine of another project needs no change here (docs/EXTENDING.md).
"""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, Final

from .cosyvoice3.declaration import ENGINE as COSYVOICE3
from .declaration import Engine, NoSettings
from .embedded.declaration import ENGINE as EMBEDDED
from .espeak.declaration import ENGINE as ESPEAK
from .interface import EngineUnavailable
from .kokoro.declaration import ENGINE as KOKORO
from .workers.declaration import ENGINE as WORKERS

if TYPE_CHECKING:
    from .declaration import Order
    from .tone import ToneSynthesizer

ENTRY_POINTS: Final = "sayline.engines"


def _make_tone(order: Order[NoSettings]) -> ToneSynthesizer:  # noqa: ARG001 - it has no settings
    from .tone import ToneSynthesizer  # noqa: PLC0415 - only the chosen engine is loaded

    return ToneSynthesizer()


TONE: Final = Engine("tone", "a tone instead of speech, for load tests", _make_tone, NoSettings)

# The first one is what a server speaks with if no setting chooses another. Any: each has settings of its own type.
OURS: Final[tuple[Engine[Any], ...]] = (EMBEDDED, ESPEAK, KOKORO, COSYVOICE3, WORKERS, TONE)


def engines() -> dict[str, Engine[Any]]:
    """Collect the engines by their names, ours first.

    Raises:
        EngineUnavailable: an installed package offers an engine that cannot be had; the message names it.
    """
    found = {engine.name: engine for engine in OURS}
    for point in entry_points(group=ENTRY_POINTS):
        package = point.dist.name if point.dist else "an unknown package"
        try:
            engine = point.load()
        except Exception as exc:
            raise EngineUnavailable(f"{package}: its engine {point.name} cannot be imported: {exc!r}") from exc
        if not isinstance(engine, Engine):
            raise EngineUnavailable(f"{package}: {point.value} is no Engine")
        if engine.name in found:
            raise EngineUnavailable(f"{package}: there already is an engine called {engine.name}")
        found[engine.name] = engine
    return found
