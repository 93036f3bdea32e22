"""The rules that keep the layers apart, each as a test; the reasons stand in docs/ARCHITECTURE.md."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("gateway", "synthesis", "codecs")
FILES = [ROOT / "__init__.py", *(file for layer in LAYERS for file in sorted((ROOT / layer).rglob("*.py")))]

# Decides, and does nothing: no loop, no socket, no clock, no log.
CORE = (
    "abbreviations actions addresses admission audio_frames context errors handshake messages playout_clock "
    "sentence_accumulator sentence_boundaries session speakable_text"
).split()
# Clients: they may wait for time to pass, for that is what a writer, a listener or a keep-alive does.
TIMED = {
    "gateway.commands.bench.load": "the writer's and the listener's clock is what is simulated",
    "gateway.client.connection": "pings every so often are the client's half of the keep-alive",
}

# Each owns one task for as long as it lives, from start() to close(), which awaits it: no block of code lasts so long.
OWNERS = {"synthesis.cosyvoice3.process.keeper", "synthesis.cosyvoice3.synthesizer"}
ENVIRONMENT = {
    "gateway.settings": "what the operator set",
    "synthesis.cosyvoice3.release.cache": "where this machine keeps caches (XDG)",
    "synthesis.cosyvoice3.process.gpu_sharing": "CUDA is told of the service there only",
    "synthesis.cosyvoice3.lm.vllm.runner": "vLLM takes much of its configuration from there only",
}


def name_of(file):
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {name_of(file): ast.parse(file.read_text(), str(file)) for file in FILES}


def nodes(tree, *, typing=True):
    """Every node; without those that only a type checker sees if ``typing`` is off."""
    for node in ast.iter_child_nodes(tree):
        if not typing and isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from nodes(node, typing=typing)


def imports(name, *, typing=True):
    """What a module imports, as dotted names; ours begin with their layer, such as ``codecs.base``."""
    tree = MODULES[name]
    # The package a relative import starts from: the module itself where it is an __init__, else its parent.
    package = [part for part in (name.split(".") if name in LAYERS else name.split(".")[:-1]) if part]
    for node in nodes(tree, typing=typing):
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
    return {module for module in imports(name, **options) if module.partition(".")[0] in LAYERS}


def calls(name):
    return [node for node in ast.walk(MODULES[name]) if isinstance(node, ast.Call)]


def test_the_walk_sees_what_is_there():
    """The tests below would pass on an empty graph."""
    assert {"gateway.dialects.tts_v1.messages", "gateway.conversation.context", "synthesis.interface"} <= ours(
        "gateway.conversation.session"
    )
    assert "codecs.speech_encoder" in ours("gateway.wiring")
    assert "gateway.client.connecting" in ours("")
    assert "asyncio" in set(imports("gateway.serving.connection"))


@pytest.mark.parametrize("package", ["asyncio", "websockets", "torch", "numpy", "logging", "ssl", "av", "soxr"])
def test_the_session_core_loads_neither_loop_nor_socket_library_nor_model(package):
    code = f"import sys, sayline.gateway.conversation.session; sys.exit({package!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", CORE)
def test_the_core_has_no_loop_no_socket_no_clock_and_no_log(name):
    foreign = {module.partition(".")[0] for module in imports(f"gateway.{name}")}
    forbidden = {"asyncio", "websockets", "time", "datetime", "logging", "socket", "threading", "os", "numpy"}
    assert not foreign & forbidden


@pytest.mark.parametrize("name", CORE)
def test_the_core_imports_only_the_core_and_the_synthesis_interface(name):
    allowed = {f"gateway.{other}" for other in CORE} | {"synthesis.interface"}
    assert ours(f"gateway.{name}") <= allowed


def test_no_module_imports_itself_through_others():
    """Imports inside functions count; what only a type checker sees makes no cycle."""
    graph = {name: ours(name, typing=False) for name in MODULES}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the cycle


@pytest.mark.parametrize("layer", ["codecs", "synthesis"])
def test_the_lower_layers_know_nothing_outside_themselves(layer):
    for name in MODULES:
        if name.startswith(f"{layer}."):
            assert {module.partition(".")[0] for module in ours(name)} <= {layer}, name


def test_the_gateway_knows_of_synthesis_only_its_interface():
    """Wiring composes the server, the doctor tries each part by itself, and two commands tend an engine's files."""
    outside = {"gateway.wiring", "gateway.commands.doctor", "gateway.commands.voices", "gateway.commands.download"}
    # Defaults and limits of an engine's settings are said once, by the engine.
    known = {"gateway.settings": {"synthesis.cosyvoice3.process.settings"}}
    for name in MODULES:
        if name.startswith("gateway.") and name not in outside:
            allowed = {"synthesis.interface"} | known.get(name, set())
            assert {module for module in ours(name) if module.startswith("synthesis")} <= allowed, name


@pytest.mark.parametrize("package", ["torch", "vllm", "safetensors", "yaml"])
def test_the_gateway_s_side_of_the_model_loads_nothing_of_it(package):
    """The engine runs in a process of its own, and the base install has none of this."""
    modules = "sayline.gateway.settings, sayline.gateway.wiring, sayline.synthesis.cosyvoice3.synthesizer"
    code = f"import sys, {modules}; sys.exit({package!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_script_that_runs_espeak_imports_nothing_of_ours():
    assert not ours("synthesis.espeak.process")


def test_only_settings_read_the_environment():
    """Others are given values, or the mapping."""
    for name, tree in MODULES.items():
        reads = {
            ast.unparse(node)
            for node in ast.walk(tree)
            if ast.unparse(node) in ("os.environ", "os.getenv", "os.putenv")
        }
        assert not reads or name in ENVIRONMENT, name


def test_nothing_sleeps_to_wait():
    """Data paths wait on events; ``asyncio.sleep(0)`` gives others a turn and waits for nothing."""
    for name in MODULES:
        for call in calls(name):
            function = ast.unparse(call.func)
            assert function != "time.sleep", name
            if function == "asyncio.sleep":
                assert ast.unparse(call.args[0]) == "0" or name in TIMED, name


def test_tasks_are_created_only_in_task_groups():
    """A task that nobody waits for loses its exceptions. The clients and the bench are no exceptions."""
    for name in MODULES.keys() - OWNERS:
        for call in calls(name):
            function = ast.unparse(call.func)
            assert not function.endswith("ensure_future"), name
            if function.endswith("create_task"):
                owner = function.removesuffix(".create_task").rpartition(".")[2]
                assert owner in ("tasks", "_tasks", "group"), f"{name}: {function}"


def test_task_groups_are_what_is_called_so():
    """The names that the test above trusts are bound to task groups and nothing else."""
    for name, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.AsyncWith):
                for item in node.items:
                    bound = item.optional_vars and ast.unparse(item.optional_vars).rpartition(".")[2]
                    if bound in ("tasks", "_tasks", "group"):
                        assert ast.unparse(item.context_expr) == "asyncio.TaskGroup()", name
