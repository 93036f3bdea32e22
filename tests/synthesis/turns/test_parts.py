"""Parts of a segment that different engines speak."""

import numpy as np
import pytest

from sayline.synthesis.interface import EngineUnavailable, PcmChunk, WordMark
from sayline.synthesis.turns.parts import ends_sentence, moved, why_not


@pytest.mark.parametrize(
    "text", ["Go. ", "去吧。", "他说：“去吧！”", "「行く？」\n", "وہ گیا۔", "वह गया।", "(Really?) "]
)
def test_a_sentence_ends_before_closing_marks_in_every_script(text):
    assert ends_sentence(text)


@pytest.mark.parametrize("text", ["", " ", "Say ", "你好，", "“quoted”"])
def test_no_sentence_ends_elsewhere(text):
    assert not ends_sentence(text)


def test_words_of_a_part_count_from_the_segment_s_beginning():
    chunk = PcmChunk(np.zeros(9, np.int16), (WordMark(0, 2, 0), WordMark(3, 5, 7)), {"made": 1.5})

    later = moved(chunk, 10, 1_000)

    assert later.words == (WordMark(10, 12, 1_000), WordMark(13, 15, 1_007))
    assert (later.samples is chunk.samples, later.stages_ms) == (True, {"made": 1.5})
    assert moved(chunk, 0, 0) is chunk


async def test_an_engine_that_does_not_run_here_says_why():
    class Engine:
        def __init__(self, fault):
            self.fault = fault

        async def start(self):
            if self.fault:
                raise EngineUnavailable(self.fault)

    assert await why_not(Engine("")) == ""
    assert await why_not(Engine("no such library")) == "no such library"
