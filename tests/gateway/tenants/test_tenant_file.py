"""The file of tenants: what it may hold, and what becomes of a change."""

import asyncio

import pytest

from sayline.gateway.capacity.tenants import Tenant, hash_key
from sayline.gateway.errors import BadSettings
from sayline.gateway.tenants.tenant_file import MAX_BYTES, TenantFile, read_tenants

KEY = hash_key("geheim")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tenants.toml"


def test_a_tenant_has_what_its_table_says(path):
    path.write_text(
        f"""
        [acme]
        keys = ["{KEY}", "{hash_key("new")}"]
        voices = ["tone"]
        contexts = 3
        connects_a_minute = 60
        characters_a_minute = 5_000
        characters_a_month = 1_000_000
        priority = 1

        [globex]
        keys = ["{hash_key("globex")}"]
        """
    )

    assert read_tenants(path).tenants == {
        "acme": Tenant("acme", (KEY, hash_key("new")), ("tone",), 3, 60, 5000, 1_000_000, 1),
        "globex": Tenant("globex", (hash_key("globex"),)),
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "holds no key"),
        ("acme = 3", "acme: is no table"),
        ("[acme]", "acme: keys: is a list"),
        ('[acme]\nkeys = ["geheim"]', "acme: keys: is a list of sha256"),
        ("[acme]\nkeys = []", "holds no key"),
        (f'["1"]\nkeys = ["{KEY}"]', "a name is a letter"),
        (f'[acme]\nkeys = ["{KEY}"]\ncontext = 1', "there is no field 'context'"),
        (f'[acme]\nkeys = ["{KEY}"]\ncontexts = 0', "contexts: is a whole number"),
        (f'[acme]\nkeys = ["{KEY}"]\ncontexts = true', "contexts: is a whole number"),
        (f'[acme]\nkeys = ["{KEY}"]\ncharacters_a_minute = 1.5', "characters_a_minute: is a whole number"),
        (f'[acme]\nkeys = ["{KEY}"]\nvoices = []', "voices: is a list of names"),
        (f'[acme]\nkeys = ["{KEY}"]\npriority = 1000', "priority: is a whole number"),
        (f'[a]\nkeys = ["{KEY}"]\n[b]\nkeys = ["{KEY}"]', "b has a key of a"),
        ("[acme", "is not TOML"),
    ],
)
def test_a_file_with_a_mistake_is_refused_in_one_line_that_shows_no_key(path, text, fault):
    path.write_text(text)

    with pytest.raises(BadSettings) as refused:
        read_tenants(path)
    assert str(refused.value).startswith("tenants: ")
    assert fault in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "geheim" not in str(refused.value)
    assert KEY not in str(refused.value)


def test_what_cannot_be_read_is_refused(path):
    with pytest.raises(BadSettings, match="cannot read"):
        read_tenants(path)
    path.write_bytes(b"\xff")
    with pytest.raises(BadSettings, match="is not UTF-8"):
        read_tenants(path)
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(BadSettings, match="is larger than"):
        read_tenants(path)


async def test_a_change_is_read_once_and_told(path):
    path.write_text(f'[acme]\nkeys = ["{KEY}"]')
    told = asyncio.Queue()
    file = TenantFile(path, told.put_nowait)
    file.look()
    assert file.loading is None
    path.write_text(f'[globex]\nkeys = ["{KEY}"]\ncontexts = 1')
    file.look()
    file.look()
    assert set((await told.get()).tenants) == {"globex"}
    assert set(file.directory.tenants) == {"globex"}
    file.look()
    assert file.loading is None


@pytest.mark.parametrize("break_it", [lambda path: path.write_text("["), lambda path: path.unlink()])
async def test_a_file_that_breaks_changes_nothing_and_is_logged(path, caplog, break_it):
    path.write_text(f'[acme]\nkeys = ["{KEY}"]')
    told = []
    file = TenantFile(path, told.append)
    break_it(path)
    file.look()
    with pytest.raises(BadSettings):
        await file.loading
    assert not told
    assert set(file.directory.tenants) == {"acme"}
    assert "the tenants stay what they were" in caplog.text
