"""Deploys workers through Ray Serve, and ends: a process of its own, so that the board neither loads nor needs Ray."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

import ray
from ray import serve
from ray.serve.config import AutoscalingConfig, AutoscalingPolicy

from ...synthesis.processes.child import take_leash
from .link import DEPLOYING, Deployed, Unavailable
from .replica import LEAVING_S, WorkerReplica, workers_wanted

if TYPE_CHECKING:
    from .link import Plan

APPLICATION: Final = "sayline"
_HEALTH_S: Final = 1.0  # between two looks at a replica: one that has ended is replaced soon
# Speech grows within seconds and an engine takes a minute to load, so what counts is now.
_LOOK_BACK_S: Final = 5.0
_GROW_S: Final = 5.0


def deploy(plan: Plan) -> int:
    """Deploy; returns how many workers can speak at least. A rolling update, if some are there already."""
    ray.init(address=plan.ray_address, log_to_driver=False)
    serve.start(proxy_location="Disabled")  # nobody comes by HTTP
    drain_s = plan.job["settings"]["drain_s"]
    deployment = serve.deployment(
        name="worker",
        ray_actor_options={"num_cpus": plan.cpus, "num_gpus": plan.gpus},
        # Without ``initial_replicas``: each update would begin with so few, however many the speech needs.
        autoscaling_config=AutoscalingConfig(
            min_replicas=plan.least,
            max_replicas=plan.most,
            metrics_interval_s=1.0,
            look_back_period_s=_LOOK_BACK_S,
            upscale_delay_s=_GROW_S,
            downscale_delay_s=plan.surplus_s,
            policy=AutoscalingPolicy(policy_function=workers_wanted),
        ),
        graceful_shutdown_timeout_s=drain_s + 2 * LEAVING_S,
        health_check_period_s=_HEALTH_S,
    )(WorkerReplica)
    serve.run(deployment.bind(plan.job, drain_s), name=APPLICATION, route_prefix=None)
    return plan.least


def main() -> int:
    """Do the job that came over the leash; returns the exit status."""
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever Ray prints; the command's own output is for a program
    leash = take_leash()
    plan = DEPLOYING.receive(leash)
    try:
        said: Deployed | Unavailable = Deployed(deploy(plan))
    except Exception as error:  # noqa: BLE001 - the border to Ray: whatever it raises is told in a line
        said = Unavailable(str(error).strip() or type(error).__name__)
    leash.setblocking(True)
    leash.sendall(DEPLOYING.pack(DEPLOYING.hello) + DEPLOYING.pack(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
