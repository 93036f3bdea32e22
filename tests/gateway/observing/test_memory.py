"""Used memory, of a container or of the machine."""

import psutil
import pytest

from sayline.gateway.observing.memory import used_share


def test_a_container_s_limit_counts_and_what_the_kernel_can_drop_does_not(tmp_path):
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("900\n")
    (tmp_path / "memory.stat").write_text("anon 600\ninactive_file 250\n")

    assert used_share(tmp_path) == 0.65


@pytest.mark.parametrize("limit", ["max\n", "0\n", "nonsense", None])
def test_without_a_limit_the_machine_counts(tmp_path, limit):
    if limit is not None:
        (tmp_path / "memory.max").write_text(limit)
        (tmp_path / "memory.stat").write_text("anon 600\n")
        (tmp_path / "memory.current").write_text("900\n")
    machine = psutil.virtual_memory()

    assert used_share(tmp_path) == pytest.approx(1 - machine.available / machine.total, abs=0.2)
    assert 0 < used_share(tmp_path) < 1
