"""What a client says when it connects: paths with names in them, queries, keys in headers."""

import pytest

from sayline.gateway.dialects.opening import Opening, header_keys, match_path, query_of

TEMPLATE = "/v1/voices/{voice_id}/stream"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/v1/voices/anna/stream", {"voice_id": "anna"}),
        ("/v1/voices/en%2Fus%20anna/stream", {"voice_id": "en/us anna"}),
        ("/v1/voices/%ff/stream", {"voice_id": "\ufffd"}),
        ("/v1/voices//stream", None),
        ("/v1/voices/anna/stream/", None),
        ("/v1/voices/anna", None),
        ("/v1/voices/a/b/stream", None),
        ("", None),
    ],
)
def test_a_name_in_a_template_stands_for_one_part_of_the_path(path, named):
    assert match_path(TEMPLATE, path) == named


def test_of_a_repeated_field_of_the_query_the_last_counts():
    assert query_of("/v1?a=1&b=&a=2%20x&c") == {"a": "2 x", "b": "", "c": ""}
    assert query_of("/v1") == {}


@pytest.mark.parametrize(
    ("headers", "keys"),
    [
        ({"authorization": "Bearer geheim"}, ["geheim"]),
        ({"authorization": "bearer  geheim "}, ["geheim"]),
        ({"authorization": "Token geheim"}, ["geheim"]),
        ({"xi-api-key": "geheim"}, ["geheim"]),
        ({"x-api-key": "geheim"}, ["geheim"]),
        ({"xi-api-key": "a", "authorization": "Bearer b"}, ["b", "a"]),
        ({"authorization": "Basic geheim"}, []),
        ({"authorization": "Bearer"}, []),
        ({"authorization": "geheim", "xi-api-key": ""}, []),
        ({}, []),
    ],
)
def test_a_key_is_found_in_every_header_that_clients_use(headers, keys):
    assert list(header_keys(Opening(headers=headers))) == keys
