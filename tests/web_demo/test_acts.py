"""What a visitor can do with one press: the race, interrupting, a voice, a link, a file, and code that runs."""

import asyncio
import io
import json
import os
import re
import sys

import av
import numpy as np
import pytest
from page_listener import PATIENCE_S, assert_same_sound, page_gateway, page_url

from sayline.gateway.http_answers import HttpAnswer

pytestmark = pytest.mark.asyncio(loop_scope="module")  # that of the browser

# Once from the checkout's modules and once as a wheel carries the page.
both_ways = pytest.mark.parametrize("demo", ["modules", "bundle"], indirect=True, scope="module")

# From a press to its first sound, the writer's time for a sentence included: a second on a quiet machine, and several
# on one that others use (benchmarks/page_acts.py measures). That nothing waits for the whole is the race's to tell.
SOON_MS = 10_000

TEXT = 'It\'s "quoted" here, and that is all.'


async def seconds(locator):
    return float((await locator.inner_text()).split()[0])


@both_ways
async def test_the_race_is_won_by_what_is_spoken_while_it_is_written(listener):
    await listener.wake()
    await listener.raceAct.click()
    await listener.shows(listener.page.locator(".race-verdict"), r"Heard [\d.]+ s sooner")
    waiting, streaming = [await seconds(each) for each in await listener.page.locator(".stopwatch").all()]

    contexts = {json.loads(each)["context_id"] for _, each in listener.sent if '"type":"text"' in each}
    assert len(contexts) == 2  # both are real
    written = [each for _, each in listener.sent if '"type":"text"' in each]
    assert json.loads(written[-1])["text"].startswith("Sunlight looks white")  # whole
    assert await listener.first_sound_ms() < SOON_MS
    assert waiting - streaming > 2  # 110 tokens at 25 a second, of which the first sentence has 20
    await listener.interrupt.click()


async def test_a_race_that_is_interrupted_stops_both_stopwatches(listener):
    await listener.wake()
    await listener.raceAct.click()
    await listener.is_sounding()
    await listener.page.keyboard.press("Escape")
    await listener.shows(listener.page.locator(".lane-state").first, "stopped")
    assert len({json.loads(each)["context_id"] for _, each in listener.sent if "context.start" in each}) == 1


@both_ways
async def test_interrupt_me_is_one_button_and_nothing_jumps(listener):
    await listener.wake()
    place = await listener.composer.bounding_box()
    await listener.interruptAct.click()
    await listener.is_sounding()
    assert await listener.first_sound_ms() < SOON_MS
    await listener.has_rendered(1500)
    await listener.shows(listener.interruptAct, "Interrupt now")
    await listener.interruptAct.click()
    await listener.shows(listener.page.locator(".verdict"), r"Heard [1-9]\d* words?, not heard [1-9]\d* words")

    heard = await listener.page.locator(".turn .heard").text_content()
    quoted = re.search("heard up to “(.+)”", await listener.page.locator(".verdict").inner_text())[1]
    assert heard.strip().endswith(quoted)
    struck = listener.page.locator(".broken .pending")
    assert "line-through" in await struck.evaluate("each => getComputedStyle(each).textDecorationLine")
    assert await listener.composer.bounding_box() == place
    await listener.shows(listener.interruptAct, "Interrupt me")
    await listener.page.get_by_role("button", name="Say the rest").click()
    await listener.is_sounding()
    assert await listener.composer.bounding_box() == place


@both_ways
async def test_a_voice_is_a_card_with_a_sentence_to_hear(start, demo, new_listener):
    espeak = await start(page_gateway(demo=demo))
    listener = await new_listener(page_url(espeak))
    await listener.wake()
    await listener.page.get_by_role("button", name="Hear espeak-female").click()
    await listener.is_sounding()
    assert await listener.first_sound_ms() < SOON_MS
    started = next(json.loads(each) for _, each in listener.sent if "context.start" in each)
    assert (started["voice"], started["language"]) == ("espeak-female", "en")
    assert await listener.page.get_by_role("radio", name="espeak-female").is_checked()

    await listener.language.select_option("de")
    await listener.page.get_by_role("button", name="Hear espeak-male").click()
    await listener.shows(listener.page.locator(".answer").last, "Hallo, so klinge ich")
    await listener.interrupt.click()


@both_ways
async def test_a_link_says_the_same_in_the_same_voice(start, demo, new_listener):
    espeak = await start(page_gateway(demo=demo))
    listener = await new_listener(page_url(espeak), permissions=["clipboard-read", "clipboard-write"])
    await listener.text.fill(TEXT)
    await listener.page.get_by_role("radio", name="espeak-male").check()
    await listener.share.click()
    await listener.shows(listener.status, "Link copied")
    link = await listener.evaluate("navigator.clipboard.readText()")

    other = await new_listener(link)
    assert await other.text.input_value() == TEXT
    assert await other.page.get_by_role("radio", name="espeak-male").is_checked()
    await other.shows(other.status, "Press Speak")
    await other.wake()
    await other.speak.click()
    await other.is_sounding()
    assert await other.first_sound_ms() < SOON_MS
    started = next(json.loads(each) for _, each in other.sent if "context.start" in each)
    assert started["voice"] == "espeak-male"
    await other.interrupt.click()


@pytest.mark.parametrize(("format_name", "suffix"), [("opus", "ogg"), ("ogg_opus", "ogg"), ("pcm_s16le", "wav")])
async def test_what_was_heard_can_be_saved(tones, listener, format_name, suffix):
    await listener.choose(format=format_name)
    await listener.is_connected()
    await listener.wake()
    assert await listener.save.is_disabled()
    await listener.write("Hello there, listener.")
    await listener.is_finished()
    async with listener.page.expect_download() as saving:
        await listener.save.click()
    saved = await saving.value

    assert saved.suggested_filename == f"sayline.{suffix}"
    path = await saved.path()
    assert_same_sound(decoded(path.read_bytes()), tones.sound())


def decoded(file):
    """What is in a file, at 48 kHz, without silence at its ends."""
    with av.open(io.BytesIO(file)) as container:
        to_float = av.AudioResampler(format="flt", layout="mono", rate=48_000)
        blocks = [each.to_ndarray()[0] for frame in container.decode(audio=0) for each in to_float.resample(frame)]
    sound = np.concatenate(blocks).astype(np.float64)
    audible = np.flatnonzero(np.abs(sound) > 2e-4)
    return sound[audible[0] : audible[-1] + 1]


async def code_for(listener, kind):
    await listener.page.get_by_role("button", name=kind).click()
    await listener.copy.click()
    await listener.shows(listener.copy, "Copied")
    return await listener.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("kind", ["Python", "curl"])
async def test_the_code_that_is_copied_runs(own_tones, start, new_listener, tmp_path, kind):
    gateway = await start(page_gateway(own_tones))
    listener = await new_listener(page_url(gateway), permissions=["clipboard-read", "clipboard-write"])
    await listener.text.fill(TEXT)
    code = await code_for(listener, kind)
    box = await listener.copy.bounding_box()
    assert box["y"] + box["height"] < listener.page.viewport_size["height"]  # above the fold

    command = [sys.executable, "-c", code] if kind == "Python" else ["sh", "-c", code]
    ran = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, env=os.environ, stderr=asyncio.subprocess.PIPE)
    async with asyncio.timeout(PATIENCE_S):
        _, said = await ran.communicate()
    assert ran.returncode == 0, said
    [file] = tmp_path.iterdir()
    assert len(decoded(file.read_bytes())) > 48_000
    assert "".join(own_tones.made).strip() == TEXT


async def test_the_javascript_that_is_copied_runs_in_a_page(own_tones, start, new_listener):
    gateway = await start(page_gateway(own_tones))
    listener = await new_listener(page_url(gateway), permissions=["clipboard-read", "clipboard-write"])
    await listener.text.fill(TEXT)
    code = await code_for(listener, "JavaScript")
    html = f'<!doctype html><link rel="icon" href="data:,"><h1>mine</h1><script type="module">{code}'
    gateway._pages._files["/mine"] = HttpAnswer(200, f"{html}document.title = 'ready';</script>".encode(), "text/html")
    other = await new_listener()
    await other.page.goto(f"{page_url(gateway)}/mine")
    await other.page.wait_for_function("document.title === 'ready'")
    await other.wake()
    await other.has_rendered(2000)
    assert len(await other.heard()) > 48_000 // 2
