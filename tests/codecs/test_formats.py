"""The list of formats: every name, number and coding stands in it once."""

import subprocess
import sys
from typing import get_args

import pytest

from sayline.codecs.formats import FORMATS, Codec, FormatName
from sayline.codecs.opus import OpusSettings


def test_every_name_that_may_be_asked_for_has_its_own_number_and_its_coding():
    assert set(FORMATS) == set(get_args(FormatName))
    assert sorted(form.codec for form in FORMATS.values()) == sorted(Codec)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("opus", [OpusSettings(), OpusSettings(fec=True), OpusSettings(application="voip")])
def test_the_pre_skip_that_is_promised_is_the_encoder_s(name, opus):
    coding = FORMATS[name].coding()
    rate_hz = coding.rate_hz(16_000)

    assert coding.preskip(rate_hz, opus) == coding.new_encoder(rate_hz, 20, opus).preskip


def test_the_list_itself_loads_no_codec():
    code = "import sys, sayline.codecs.formats; sys.exit(bool({'numpy', 'opuslib', 'av'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
