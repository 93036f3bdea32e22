"""``sayline cluster``: workers on the machines of a Ray cluster, and a board that tells gateways where they are."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...synthesis.workers.addresses import read_address
from .. import settings as all_settings
from ..errors import BadSettings
from .worker import add_identity_arguments, identity_at

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags, and a flag for every setting."""
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        help="where gateways and workers find the board (needed); the host is a name of this machine",
    )
    parser.add_argument(
        "--ray-address", metavar="ADDRESS", default="auto", help="of the Ray cluster; auto: that of this machine"
    )
    parser.add_argument("--min-workers", metavar="N", type=int, default=1, help="workers at least (default: 1)")
    parser.add_argument(
        "--max-workers",
        metavar="N",
        type=int,
        help="workers at most; between the two, as many as the speech needs and one more (default: as --min-workers)",
    )
    # Serve's own default: an engine takes a minute or two to load again, and speech comes back within minutes.
    parser.add_argument(
        "--surplus-s",
        metavar="SECONDS",
        type=float,
        default=600.0,
        help="how long workers must have been too many before those are ended (default: 600)",
    )
    parser.add_argument("--worker-cpus", metavar="N", type=float, default=1.0, help="CPUs of a worker (default: 1)")
    parser.add_argument(
        "--worker-gpus", metavar="N", type=float, default=0.0, help="GPUs of a worker; 0.45: two share one (default: 0)"
    )
    add_identity_arguments(
        parser,
        "that signed the certificates of gateways, workers and board; with --tls-cert and --tls-key, which lie under "
        "the same paths on every machine",
    )
    all_settings.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run the board, and deploy the workers; returns the exit status."""
    from ..placing.life import serve  # noqa: PLC0415 - the engine's libraries are loaded only once all is read
    from ..placing.link import Plan  # noqa: PLC0415 - the same

    try:
        address = read_address(arguments.listen or "")
    except ValueError as error:
        raise BadSettings(f"--listen: {error}") from None
    settings = all_settings.load(arguments)
    identity = identity_at(address, arguments, settings)
    least = arguments.min_workers
    most = least if arguments.max_workers is None else arguments.max_workers
    if not 1 <= least <= most:
        raise BadSettings("--min-workers: at least 1, and at most --max-workers")
    if not arguments.surplus_s >= 0:
        raise BadSettings("--surplus-s: at least 0")
    if find_spec("ray") is None:
        raise BadSettings("sayline cluster needs Ray: pip install 'sayline[ray]'")
    job = {
        "settings": settings.model_dump(mode="json"),
        "board": "",
        "authority": "" if identity is None else str(identity.authority),
    }
    plan = Plan(
        job, arguments.ray_address, least, most, arguments.surplus_s, arguments.worker_cpus, arguments.worker_gpus
    )
    return serve(settings, address, identity, plan)
