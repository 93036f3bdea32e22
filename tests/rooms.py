"""The rooms of the house: what each folder says it may import, and what its files do import.

A room is a folder with an ``__init__``. A file that lies directly in ``gateway/`` or ``synthesis/``, such as
``gateway.errors``, is a room of its own. The architecture test compares the two; docs/ARCHITECTURE.md has the table.
"""

import ast
import functools
import gc
import importlib.util
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
LAYERS = ("gateway", "synthesis", "codecs")
FILES = [ROOT / "__init__.py", *(file for layer in LAYERS for file in sorted((ROOT / layer).rglob("*.py")))]
# Layers whose files are rooms of their own; the permissions of these rooms stand in the layer's own ``__init__``.
OPEN_LAYERS = ("gateway", "synthesis")


def name_of(file):
    """The dotted name below ``sayline``; empty for the root."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _parsed():
    """Every module's tree. They stay until the process ends, and the garbage collector would look through their half a
    million nodes again and again, which doubles the time of this and adds to every test's: it is told to leave them."""
    gc.disable()
    trees = {name_of(file): ast.parse(file.read_text(), str(file)) for file in FILES}
    gc.freeze()
    gc.enable()
    return trees


MODULES = _parsed()
PACKAGES = {name_of(file) for file in FILES if file.name == "__init__.py"}


@functools.cache
def nodes(name):
    """Every node of a module. Half a million in all, which several tests look through: they are walked once."""
    return tuple(ast.walk(MODULES[name]))


def statements(block, *, typing=True):
    """Every statement of a block and of the blocks in it; if not ``typing``, without what only a type checker sees."""
    for statement in block:
        if not typing and isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            continue
        yield statement
        for inner in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from statements(getattr(statement, inner, ()), typing=typing)


@functools.cache
def imports(name, *, typing=True):
    """What a module imports, as dotted names; ours begin with their layer, such as ``codecs.base``."""
    return list(_imported(name, typing))


def _imported(name, typing):
    # The package that a relative import starts from: the module itself if it is an ``__init__``, else its parent.
    package = [part for part in (name.split(".") if name in PACKAGES else name.split(".")[:-1]) if part]
    for node in statements(MODULES[name].body, typing=typing):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*home, *filter(None, [node.module])])
            for alias in node.names:
                # ``from . import messages`` names a module, ``from .errors import BadMessage`` something inside one.
                module = ".".join(filter(None, [base, alias.name]))
                yield module if node.level and module in MODULES else base


def ours(name, **options):
    """What a module imports of this project."""
    return {module for module in imports(name, **options) if module.partition(".")[0] in LAYERS and module in MODULES}


def room_of(module):
    """The room that a module lies in."""
    if module in PACKAGES:
        return module
    parent = module.rpartition(".")[0]
    return module if parent in OPEN_LAYERS else parent


ROOMS = sorted({room_of(module) for module in MODULES if module})


@functools.cache
def arrows():
    """What each room imports of other rooms: room -> rooms."""
    found = {room: set() for room in ROOMS}
    for module in MODULES:
        if module:
            found[room_of(module)] |= {room_of(other) for other in ours(module)} - {room_of(module)}
    return found


@functools.cache
def permissions():
    """What each folder's ``__init__`` says that it may import: room -> rooms; without folders that hold only rooms."""
    said = {}
    for room in PACKAGES:
        text = ast.get_docstring(MODULES[room]) or ""
        if match := re.search(r"^May import: (.*?)\.$", text, re.DOTALL | re.MULTILINE):
            rooms = " ".join(match[1].split())
            said[room] = set() if rooms == "nothing of ours" else set(rooms.split(", "))
    return said


def table(say):
    """The rooms and their imports, for docs/ARCHITECTURE.md; ``say`` makes a sentence one of the page's language."""
    lines = [f"| {say('room')} | {say('what lives there')} | {say('imports')} |", "|---|---|---|"]
    found = arrows()
    for room in ROOMS:
        if room in PACKAGES:
            purpose = (ast.get_docstring(MODULES[room]) or "").partition("\n")[0].replace("``", "`")
            listed = say(", ").join(f"`{other}`" for other in sorted(found[room])) or say("nothing of ours")
            lines.append(f"| `{room}` | {say(purpose)} | {listed} |")
    return "\n".join(lines) + "\n"


def checkable(is_installed):
    """The modules whose imports are all installed, their own imports' imports too: what can be type-checked here."""
    blocked = {
        name
        for name in MODULES
        for package in {module.partition(".")[0] for module in imports(name)} - set(LAYERS) - {"sayline", ""}
        if package not in UNTYPED and not is_installed(package)
    }
    while more := {name for name in MODULES.keys() - blocked if ours(name) & blocked}:
        blocked |= more
    return sorted(MODULES.keys() - blocked)


# Packages that mypy is told to do without (pyproject.toml), so that their absence changes nothing.
UNTYPED = {"opuslib", "espeakng_loader", "hibari", "num2words", "vllm", "triton", "ray", "uvloop"}

if __name__ == "__main__":
    # ``make types`` asks which modules to check: all of them if every package is installed.
    sys.path.remove(str(Path(__file__).parent))
    modules = checkable(lambda package: importlib.util.find_spec(package) is not None)
    if len(modules) < len(MODULES):
        print(
            f"{len(MODULES) - len(modules)} modules import what is not installed and are not checked", file=sys.stderr
        )
    print(*(argument for name in modules for argument in ("-m", f"sayline.{name}".rstrip("."))))
