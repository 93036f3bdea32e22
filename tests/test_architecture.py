"""The rules that keep the rooms apart, each as a test; the reasons stand in docs/ARCHITECTURE.md."""

import ast
import functools
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter

import pytest
import rooms
from rooms import MODULES, PACKAGES, imports, ours

# Rooms and files that decide, and do nothing else: no loop, no socket, no clock, no log.
CORE = {
    "gateway.conversation",
    "gateway.text",
    "gateway.dialects",
    "gateway.dialects.elevenlabs",
    "gateway.dialects.openai",
    "gateway.dialects.tts_v1",
    "gateway.dialects.twilio",
    "gateway.dialects.wyoming",
    "gateway.errors",
    "gateway.http_answers",
    "gateway.addresses",
    "gateway.call_tokens",
    "gateway.capacity",
}
CORE_MODULES = sorted(name for name in MODULES if name in CORE or rooms.room_of(name) in CORE)
# About a dozen files of its own are what a reader takes in at one look.
MOST_FILES = 14
# Clients: they may wait for time to pass, for that is what a writer, a listener or a keep-alive does.
TIMED = {
    "gateway.commands.bench.load": "the writer's and the listener's clock is what is simulated",
    "gateway.integrations.line": "a service that cannot connect tries again later",
    "gateway.client.connection": "pings every so often are the client's half of the keep-alive",
}

# Each owns one task for as long as it lives, from start() to close(), which awaits it: no block of code lasts so long.
# Pipecat's services give their tasks to Pipecat, which awaits them.
OWNERS = {
    "gateway.integrations.line",
    "gateway.integrations.pipecat",
    "synthesis.cosyvoice3.process.keeper",
    "synthesis.cosyvoice3.synthesizer",
    "synthesis.processes.keeper",
    "synthesis.workers.pool",
}
ENVIRONMENT = {
    "gateway.client_defaults": "where a client connects, without a server's settings",
    "gateway.settings": "what the operator set",
    "synthesis.cosyvoice3.release.cache": "where this machine keeps caches (XDG)",
    "synthesis.kokoro.packs": "the same",
    "synthesis.cosyvoice3.process.gpu_sharing": "CUDA is told of the service there only",
    "synthesis.cosyvoice3.lm.vllm.runner": "vLLM takes much of its configuration from there only",
}


@functools.cache
def calls(name):
    """Every call of a module: what is called, as written, and the arguments."""
    found = [node for node in rooms.nodes(name) if isinstance(node, ast.Call)]
    return [(ast.unparse(call.func), call.args) for call in found]


@functools.cache
def loaded_by(modules):
    """All modules that are loaded once these are, in a process of their own."""
    code = f"import sys, {modules}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return frozenset(run.stdout.split())


def test_the_walk_over_the_files_finds_every_module():
    """The tests below would pass on an empty graph."""
    assert "gateway.conversation.context" in ours("gateway.conversation.session")
    assert "codecs.speech_encoder" in ours("gateway.wiring")
    assert "asyncio" in set(imports("gateway.serving.conversation_runner"))
    assert "synthesis.interface" in rooms.arrows()["gateway.conversation"]
    assert "sayline.gateway.conversation.context" in loaded_by("sayline.gateway.conversation.session")


# -- rooms -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("room", sorted(rooms.permissions()))
def test_a_room_imports_what_its_init_says_and_nothing_else(room):
    """Unused permissions must go, because a reader believes the list."""
    assert rooms.permissions()[room] == rooms.arrows()[room]


def test_every_folder_with_code_of_its_own_says_what_it_may_import():
    silent = {room for room in PACKAGES if room and room not in rooms.permissions()}

    assert silent == {"gateway", "synthesis"}


def test_no_room_imports_itself_through_others():
    TopologicalSorter(rooms.arrows()).prepare()  # raises CycleError, which names the cycle


def test_no_module_imports_itself_through_others():
    """Imports inside functions count; what only a type checker sees makes no cycle."""
    TopologicalSorter({name: ours(name, typing=False) for name in MODULES}).prepare()


@pytest.mark.parametrize("room", sorted(PACKAGES - {""}))
def test_no_room_has_more_files_than_a_reader_takes_in(room):
    files = [name for name in MODULES if name not in PACKAGES and name.rpartition(".")[0] == room]

    assert len(files) <= MOST_FILES


def test_the_wheel_has_every_room():
    packages = tomllib.loads((rooms.ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]

    assert set(packages) == {f"sayline.{room}".rstrip(".") for room in PACKAGES} | {"sayline.web_demo"}


@pytest.mark.parametrize("layer", ["codecs", "synthesis"])
def test_the_lower_layers_know_nothing_outside_themselves(layer):
    for name in MODULES:
        if name.startswith(f"{layer}."):
            assert {module.partition(".")[0] for module in ours(name)} <= {layer}, name


def test_only_code_that_composes_a_server_or_tends_an_engine_knows_an_engine():
    """All other rooms know the interface of engines, maps and scripts of texts, stamps, processes, and ears."""
    tends = {
        "gateway.wiring",
        "gateway.settings",
        "gateway.commands",
        "gateway.fleet",
        "gateway.worker",
        "gateway.placing",
    }
    names = ("interface", "alignment", "language", "pronunciation", "processes", "hearing", "file_stamp")
    known = {f"synthesis.{name}" for name in names}
    for room, others in rooms.arrows().items():
        if room.startswith("gateway") and room not in tends:
            assert {other for other in others if other.startswith("synthesis")} <= known, room


# -- the core ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("package", ["asyncio", "websockets", "torch", "numpy", "logging", "ssl", "av", "soxr"])
def test_the_conversation_loads_neither_loop_nor_socket_library_nor_model(package):
    assert package not in loaded_by("sayline.gateway.conversation.session")


@pytest.mark.parametrize("name", CORE_MODULES)
def test_the_core_has_no_loop_no_socket_no_clock_and_no_log(name):
    foreign = {module.partition(".")[0] for module in imports(name)}
    forbidden = {"asyncio", "websockets", "time", "datetime", "logging", "socket", "threading", "os", "numpy"}
    assert not foreign & forbidden


@pytest.mark.parametrize("name", CORE_MODULES)
def test_the_core_imports_only_the_core_the_synthesis_interface_and_the_list_of_formats(name):
    assert {other for other in ours(name) if other not in CORE_MODULES} <= {
        "synthesis.interface",
        "synthesis.alignment",
        "synthesis.language",
        "synthesis.pronunciation",
        "codecs.formats",
        "codecs.provenance",
        "codecs.wav",
    }


# -- the client --------------------------------------------------------------------------------------------------------

# Everything that ``import sayline`` offers, and what writes files; without pydantic, numpy, codecs and settings.
CLIENT = "sayline.gateway.client.audio_out, sayline; [getattr(sayline, name) for name in sayline.__all__]"
# 244 modules, of which 185 are Python's own; pydantic alone would bring 100 more.
MOST_CLIENT_MODULES = 270


def test_the_client_loads_one_library_and_nothing_of_a_server():
    loaded = loaded_by(CLIENT) - loaded_by("sys")
    foreign = {module.partition(".")[0] for module in loaded} - sys.stdlib_module_names
    assert foreign == {"sayline", "websockets"}
    rooms_of_it = {module.removeprefix("sayline.") for module in loaded if module.startswith("sayline.")}
    assert not rooms_of_it & {"gateway.settings", "gateway.conversation", "gateway.dialects.tts_v1.messages"}


def test_the_client_loads_few_modules():
    assert len(loaded_by(CLIENT) - loaded_by("sys")) <= MOST_CLIENT_MODULES


# -- engines -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("package", ["torch", "vllm", "safetensors", "yaml"])
def test_the_gateway_s_side_of_the_model_loads_nothing_of_it(package):
    """The engine runs in a process of its own, and the base install has none of this."""
    modules = "sayline.gateway.settings, sayline.gateway.wiring, sayline.synthesis.cosyvoice3.synthesizer"
    assert package not in loaded_by(modules)


@pytest.mark.slow
def test_neither_a_server_nor_the_board_of_a_cluster_loads_anything_of_ray():
    server = "sayline.gateway.settings, sayline.gateway.wiring, sayline.synthesis.workers.board"
    cluster = "sayline.gateway.commands.cluster, sayline.gateway.placing.life, sayline.gateway.placing.placed"
    assert "ray" not in loaded_by(f"{server}, {cluster}")


def test_the_script_that_runs_espeak_imports_nothing_of_ours():
    assert not ours("synthesis.espeak.process")


# -- habits ------------------------------------------------------------------------------------------------------------


def test_only_settings_read_the_environment():
    """Others are given values, or the mapping."""
    for name in MODULES:
        attributes = [node for node in rooms.nodes(name) if isinstance(node, ast.Attribute)]
        reads = [node for node in attributes if node.attr in ("environ", "getenv", "putenv")]
        assert "os" not in {ast.unparse(node.value) for node in reads} or name in ENVIRONMENT, name


def test_nothing_sleeps_to_wait():
    """Data paths wait on events; ``asyncio.sleep(0)`` gives others a turn and waits for nothing."""
    for name in MODULES:
        for function, arguments in calls(name):
            assert function != "time.sleep", name
            if function == "asyncio.sleep":
                assert ast.unparse(arguments[0]) == "0" or name in TIMED, name


def test_tasks_are_created_only_in_task_groups():
    """A task that is never awaited loses its exceptions. The clients and the bench are checked too."""
    for name in MODULES.keys() - OWNERS:
        for function, _ in calls(name):
            assert not function.endswith("ensure_future"), name
            if function.endswith("create_task"):
                owner = function.removesuffix(".create_task").rpartition(".")[2]
                assert owner in ("tasks", "_tasks", "group"), f"{name}: {function}"


def test_only_task_groups_have_the_names_that_are_trusted():
    """The names that the test above trusts are bound to task groups and nothing else."""
    for name in MODULES:
        for node in rooms.nodes(name):
            if isinstance(node, ast.AsyncWith):
                for item in node.items:
                    bound = item.optional_vars and ast.unparse(item.optional_vars).rpartition(".")[2]
                    if bound in ("tasks", "_tasks", "group"):
                        assert ast.unparse(item.context_expr) == "asyncio.TaskGroup()", name
