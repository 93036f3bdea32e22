"""A release is fetched once, resumed where it broke off, and never taken for complete when it is not."""

import hashlib
import re
import shutil
from collections import namedtuple

import pytest

pytest.importorskip("huggingface_hub", reason="the CosyVoice3 engine is not installed")

from hub_stand_in import running_hub

from sayline.synthesis.cosyvoice3.release.download import (
    RELEASE,
    REPOSITORY,
    REVISION,
    DownloadFailed,
    ReleasedFile,
    download,
    verify,
)

FILES = {"cosyvoice3.yaml": b"model: tiny", "CosyVoice-BlankEN/vocab.json": b"{}", "llm.pt": b"\x01" * 300_000}
OTHERS = {"README.md": b"read me", "llm.rl.pt": b"\x02" * 1000}


def published(files=FILES):
    return {name: ReleasedFile(len(data), hashlib.sha256(data).hexdigest()[:8]) for name, data in files.items()}


@pytest.fixture(autouse=True)
def _online(monkeypatch):
    """Tests of vLLM in the same process may have told the hub's client, once and for all, that there is no hub."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)


@pytest.fixture
def hub():
    with running_hub(REPOSITORY, FILES | OTHERS) as hub:
        yield hub


def test_the_needed_files_are_fetched_and_nothing_else(hub, tmp_path):
    download(tmp_path / "model", files=published(), endpoint=hub.url)
    for name, data in FILES.items():
        assert (tmp_path / "model" / name).read_bytes() == data
    assert sorted(name for name, _ in hub.fetched) == sorted(FILES)


def test_the_release_is_fetched_at_the_commit_that_was_checked(hub, tmp_path):
    download(tmp_path, files=published(), endpoint=hub.url)
    assert re.fullmatch("[0-9a-f]{40}", REVISION)
    assert hub.revisions == {REVISION}


def test_another_revision_can_be_named(hub, tmp_path):
    download(tmp_path, files=published(), revision="v2", endpoint=hub.url)
    assert "v2" in hub.revisions  # the client may go on with the commit that it was told this is
    assert REVISION not in hub.revisions


def test_a_second_run_fetches_nothing_and_checks_again(hub, tmp_path):
    download(tmp_path, files=published(), endpoint=hub.url)
    hub.fetched.clear()
    lines = []
    download(tmp_path, files=published(), endpoint=hub.url, report=lines.append)
    assert (hub.fetched, lines) == ([], ["checking 3 files"])


def test_only_what_is_missing_is_fetched_again(hub, tmp_path):
    download(tmp_path, files=published(), endpoint=hub.url)
    hub.fetched.clear()
    (tmp_path / "cosyvoice3.yaml").unlink()
    (tmp_path / "llm.pt").write_bytes(b"short")
    download(tmp_path, files=published(), endpoint=hub.url)
    assert sorted(name for name, _ in hub.fetched) == ["cosyvoice3.yaml", "llm.pt"]
    assert (tmp_path / "llm.pt.replaced").read_bytes() == b"short", "it may be somebody's own"


def test_a_transfer_that_breaks_off_goes_on_where_it_stopped(tmp_path):
    """The client keeps what it has in steps of 10 MiB, and asks for the rest by itself."""
    large = {"llm.pt": bytes(range(256)) * 50_000}  # 12.8 MB
    with running_hub(REPOSITORY, large) as hub:
        hub.breaks_off_after = 11_000_000
        download(tmp_path, files=published(large), endpoint=hub.url)
    assert (tmp_path / "llm.pt").read_bytes() == large["llm.pt"]
    assert [wanted for _, wanted in hub.fetched][-1].startswith("bytes=10485760-")


@pytest.mark.thorough
def test_no_connection_says_what_to_check_and_that_it_resumes(tmp_path):
    with running_hub(REPOSITORY, FILES) as hub:
        url = hub.url
    with pytest.raises(DownloadFailed, match=r"cannot be reached .* goes on where it stopped"):
        download(tmp_path, files=published(), endpoint=url)


def test_a_hub_without_the_model_is_told_apart_from_no_hub(hub, tmp_path):
    with pytest.raises(DownloadFailed, match="does not give out FunAudioLLM"):
        download(tmp_path, files=published(), endpoint=f"{hub.url}/mirror")


def test_a_disk_that_cannot_be_written_is_named_as_the_cause(hub, tmp_path):
    (tmp_path / ".cache").write_text("in the way")
    with pytest.raises(DownloadFailed, match="broke off"):
        download(tmp_path, files=published(), endpoint=hub.url)


def test_too_little_room_is_told_before_anything_is_fetched(hub, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil's own
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 300_000))
    with pytest.raises(DownloadFailed, match=r"0\.0 GB free and the model needs 0\.0 GB; make room"):
        download(tmp_path / "not" / "made" / "yet", files=published(), endpoint=hub.url)
    assert not hub.fetched


@pytest.mark.parametrize("changed", [b"\x01" * 299_999 + b"\x02", b"\x01" * 299_999])
def test_a_hub_with_another_model_is_found_out(tmp_path, changed):
    with (
        running_hub(REPOSITORY, FILES | {"llm.pt": changed}) as hub,
        pytest.raises(DownloadFailed, match=r"llm\.pt has"),
    ):
        download(tmp_path, files=published(), endpoint=hub.url)


def test_a_file_that_the_hub_lacks_is_named(tmp_path):
    with running_hub(REPOSITORY, OTHERS) as hub, pytest.raises(DownloadFailed, match=r"llm\.pt is missing"):
        download(tmp_path, files=published(), endpoint=hub.url)


def test_every_fault_of_a_directory_is_named_at_once(tmp_path):
    (tmp_path / "cosyvoice3.yaml").write_bytes(b"model: tony")
    (tmp_path / "llm.pt").write_bytes(b"short")
    with pytest.raises(DownloadFailed) as caught:
        verify(tmp_path, published())
    for fault in ("cosyvoice3.yaml has other content", "vocab.json is missing", "llm.pt has 5 bytes, not 300000"):
        assert fault in str(caught.value)


def test_the_release_is_all_that_the_engine_reads():
    assert sum(file.size_bytes for file in RELEASE.values()) == 4_438_931_279
    assert all(not name.endswith(".safetensors") for name in RELEASE)
