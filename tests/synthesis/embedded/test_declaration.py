"""What ``sayline doctor`` hears of the embedded voice."""

import pytest

from sayline.synthesis.embedded.declaration import ENGINE


def test_doctor_names_who_speaks_what():
    english, others = ENGINE.examine(None)

    assert (english.part, english.state) == ("English", "ok")
    assert "hibari, voice heart (hibari-tts 0.2" in english.detail
    assert (others.part, others.state) == ("other languages", "ok")
    assert "espeak-ng" in others.detail


@pytest.mark.usefixtures("no_hibari")
def test_doctor_says_why_espeak_speaks_english():
    english, _ = ENGINE.examine(None)

    assert english.state == "optional"
    assert "because hibari's process 1 does not start" in english.detail
    assert "pip install" in english.detail
