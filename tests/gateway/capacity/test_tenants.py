"""Who shows which key."""

import sayline
from sayline.gateway.capacity.tenants import ANYBODY, Caller, Directory, Tenant, hash_key, is_hash

ACME = Tenant("acme", (hash_key("old"), hash_key("new")))
GLOBEX = Tenant("globex", (hash_key("globex"),))
BOTH = Directory([ACME, GLOBEX])


def test_each_of_a_tenant_s_keys_lets_it_in_and_is_told_apart():
    assert BOTH.find(("new",)) == Caller("acme", hash_key("new"))
    assert BOTH.find(("old",)) == Caller("acme", hash_key("old"))
    assert BOTH.find(("wrong", "globex")).tenant == "globex"


def test_neither_a_hash_nor_a_strange_text_is_a_key():
    for shown in (hash_key("new"), hash_key("new").removeprefix("sha256:"), "", "New", "new ", "\udcff"):
        assert BOTH.find((shown,)) is None


def test_without_tenants_anybody_comes_in():
    assert not Directory()
    assert Directory().find(()) is ANYBODY


def test_a_key_is_known_while_it_is_this_tenant_s():
    caller = BOTH.find(("old",))
    assert BOTH.knows(caller)
    assert not Directory([Tenant("acme", (hash_key("new"),))]).knows(caller)
    assert not Directory([Tenant("other", ACME.keys)]).knows(caller)


def test_a_call_s_token_is_made_of_a_key_in_plain_or_of_the_hash_in_the_file():
    plain = Directory.of_keys(("geheim",))
    assert plain.find((sayline.call_token("geheim", "CA1"),), "CA1").tenant == "1"
    assert plain.find((sayline.call_token("geheim", "CA1"),), "CA2") is None
    assert BOTH.find((sayline.call_token(hash_key("old"), "CA1"),), "CA1") == Caller("acme", hash_key("old"))
    assert BOTH.find((sayline.call_token("old", "CA1"),), "CA1") is None


def test_the_settings_may_name_keys_and_give_their_hashes():
    directory = Directory.of_keys((f"acme={hash_key('old')}", "geheim", f"acme={hash_key('new')}"))
    assert directory.find(("new",)) == Caller("acme", hash_key("new"))
    assert directory.find(("old",)).tenant == "acme"
    assert directory.find(("geheim",)).tenant == "2"
    assert directory.find((f"acme={hash_key('old')}",)) is None


def test_a_hash_is_told_from_a_key():
    assert is_hash(hash_key("x"))
    for text in ("x", "sha256:", hash_key("x").upper(), hash_key("x") + "0", "md5:" + "0" * 64):
        assert not is_hash(text)
