"""The page in a real headless Chromium on a real gateway: what is heard is what goes to the sound card."""

import asyncio
import json
import math
import re
import socket
from html import unescape
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
from page_listener import (
    AUDIBLE,
    HOLE,
    PATIENCE_S,
    RATE_HZ,
    assert_mostly_same_sound,
    assert_same_sound,
    page_gateway,
    page_url,
)

from sayline.gateway.http_answers import HttpAnswer

pytestmark = pytest.mark.asyncio(loop_scope="module")  # that of the browser

TEXT = "Hello there, listener. This is a tone."
LONG = "This sentence is long enough to be interrupted somewhere in its middle, as people do. " * 3


def milliseconds(samples):
    return samples * 1000 / RATE_HZ


# -- the page ----------------------------------------------------------------------------------------------------------


async def test_the_page_loads_from_the_gateway_alone_and_says_nothing_to_the_console(gateway, listener):
    host = urlsplit(page_url(gateway)).netloc

    assert {urlsplit(url).netloc for url in listener.requested} == {host}
    assert listener.complaints == []


async def test_pickers_are_filled_by_the_gateway(start, new_listener):
    espeak = await start(page_gateway())
    listener = await new_listener(page_url(espeak))

    assert await listener.voices.locator("b").all_inner_texts() == ["espeak", "espeak-female", "espeak-male"]
    assert await listener.language.locator("option[value=de]").inner_text() == "German"
    formats = await listener.format.locator("option").evaluate_all("all => all.map(each => each.value)")
    assert formats == ["opus", "ogg_opus", "pcm_s16le"]
    await listener.shows(listener.healthEngine, "espeak")
    await listener.shows(listener.healthStatus, "ok")


# -- sound -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", ["opus", "ogg_opus", "pcm_s16le"])
async def test_a_typed_text_is_heard_as_the_engine_made_it(tones, listener, format_name):
    await listener.choose(format=format_name)
    await listener.is_connected()
    await listener.wake()
    await listener.write(TEXT)
    await listener.is_finished()

    assert_same_sound(await listener.heard(), tones.sound())  # a pause that a busy machine makes is none of its faults
    wished = [json.loads(each).get("format") for _, each in listener.sent if "session.update" in each]
    assert [each for each in wished if each][-1] == format_name


async def test_text_that_is_still_being_written_is_heard(listener):
    await listener.wake()
    await listener.choose(pace="8")  # a hundred tokens a second
    await listener.text.fill(LONG)
    await listener.speak.click()
    await listener.shows(listener.firstRemark, "before the last word was|still writing")
    deltas = [json.loads(each)["text"] for _, each in listener.sent if '"type":"text"' in each]
    assert len(deltas) > 5
    await listener.interrupt.click()


async def test_without_webcodecs_the_same_text_is_heard_as_pcm(tones, gateway, new_listener):
    listener = await new_listener(page_url(gateway), before="delete globalThis.AudioDecoder")
    assert await listener.format.input_value() == "pcm_s16le"
    await listener.shows(listener.limits, "PCM")
    await listener.wake()
    await listener.write(TEXT)
    await listener.is_finished()

    assert_same_sound(await listener.heard(), tones.sound(), least=0.999)


async def test_a_decoder_that_fails_on_its_first_packet_is_not_used(gateway, new_listener):
    listener = await new_listener(
        page_url(gateway), before="AudioDecoder.prototype.decode = () => { throw new Error('not really'); }"
    )
    assert await listener.format.input_value() == "pcm_s16le"


async def test_a_text_that_is_sent_before_the_page_knows_its_formats_is_spoken_then(tones, gateway, new_listener):
    """The first seconds belong to finding out what this browser decodes; a person may be faster."""
    listener = await new_listener()
    may_answer = asyncio.Event()

    async def hold(route):
        await may_answer.wait()
        await route.continue_()

    await listener.page.route("**/v1/voices", hold)
    await listener.page.goto(page_url(gateway))
    await listener.write("This one is taken back.")
    await listener.page.keyboard.press("Escape")
    await listener.write(TEXT)
    await listener.shows(listener.status, "Waiting")
    may_answer.set()
    await listener.is_finished()

    assert await listener.page.locator(".turn").count() == 1
    assert "".join(tones.made).strip() == TEXT


async def test_a_page_that_did_not_get_the_list_of_voices_asks_for_what_its_browser_plays(tones, gateway, new_listener):
    """The gateway may be away just when the page asks; the list is asked for again once there is a connection."""
    listener = await new_listener(before="delete globalThis.AudioDecoder", tolerates=["ERR_FAILED"])
    await listener.page.route("**/v1/voices", lambda route: route.abort(), times=1)
    await listener.visit(page_url(gateway))
    await listener.voices.locator("input").first.wait_for(state="attached")

    assert await listener.format.input_value() == "pcm_s16le"
    await listener.wake()
    await listener.write(TEXT)
    await listener.is_finished()
    assert_same_sound(await listener.heard(), tones.sound(), least=0.999)


async def test_a_worklet_that_did_not_load_costs_no_speech_and_the_next_has_it(own_tones, start, new_listener):
    """The gateway may be away, or behind a proxy that fails, just when the page asks for it."""
    gateway = await start(page_gateway(own_tones))
    worklet = gateway._pages._files.pop("/client/playback_worklet.js")
    noted = """globalThis.AudioWorkletNode = class extends AudioWorkletNode {
      constructor(context, name, options) { super(context, name, options); (globalThis.nodes ??= []).push(name); }
    };"""
    listener = await new_listener(page_url(gateway), before=noted, tolerates=["404"])
    await listener.wake()
    await listener.write(TEXT)
    await listener.is_finished()
    assert_same_sound(await listener.heard(), own_tones.sound())
    assert "sayline-playback" not in await listener.evaluate("nodes")

    gateway._pages._files["/client/playback_worklet.js"] = worklet
    await listener.write(LONG)
    await listener.is_sounding()
    assert "sayline-playback" in await listener.evaluate("nodes")


async def test_over_plain_http_the_text_is_heard_from_scheduled_buffers_and_https_is_explained(
    own_tones, start, new_listener
):
    """The name is no localhost, so this is what a page on a LAN address has: neither WebCodecs nor worklets."""
    gateway = await start(page_gateway(own_tones, allow_origins=("*",)))  # to a server on loopback it is a stranger's
    # A script processor, the only recorder there, is itself deprecated and says so.
    listener = await new_listener(f"http://plain.test:{gateway.port}", tolerates=["ScriptProcessorNode"])
    assert not await listener.evaluate("isSecureContext")
    await listener.shows(listener.limits, "https")
    await listener.wake()
    await listener.write(TEXT)
    await listener.is_finished()

    # A script processor overwrites a block of 85 ms that a busy page fetches too late; the player's own is not touched.
    assert_mostly_same_sound(await listener.heard(), own_tones.sound())
    await listener.write(LONG)
    await listener.is_sounding()
    await listener.interrupt.click()
    clicked = (await listener.evaluate("tap.clicks")).pop()
    assert await last_audible_after(listener, clicked, quiet_ms=500) < 100


async def test_two_tabs_do_not_disturb_each_other(tones, gateway, new_listener):
    texts = ["The first tab says this sentence.", "Another one says something else."]
    tabs = [await new_listener(page_url(gateway)) for _ in texts]
    for tab in tabs:
        await tab.wake()
    await asyncio.gather(*(tab.write(text) for tab, text in zip(tabs, texts, strict=True)))
    await asyncio.gather(*(tab.is_finished() for tab in tabs))

    for tab, text in zip(tabs, texts, strict=True):
        assert_same_sound(await tab.heard(), tones.sound(text[:10]))


async def test_the_number_that_leads_is_from_sentence_to_sound(start, new_listener):
    """With the embedded voice. Half a second tells it from the whole sentence having been waited for."""
    espeak = await start(page_gateway())
    listener = await new_listener(page_url(espeak))
    await listener.wake()
    figures = []
    for _ in range(5):
        await listener.write("Good morning.")
        await listener.is_sounding()
        figures.append(int(await listener.firstSound.inner_text()))
        await listener.is_finished()
        parts = [int(part.split()[0]) for part in await listener.page.locator("#parts b").all_inner_texts()]
        whole = int(re.search(r"From press to sound: (\d+)", await listener.firstRemark.inner_text())[1])
        assert abs(sum(parts) - whole) <= len(parts)  # each is rounded by itself
        assert abs(sum(parts[2:]) - figures[-1]) <= 3  # what comes after the writing is the gateway's

    assert min(figures) < 500, figures


# -- interrupting ------------------------------------------------------------------------------------------------------


async def last_audible_after(listener, frame, quiet_ms):
    """How long after a frame something was audible, in milliseconds; listens on for ``quiet_ms``."""
    await listener.has_rendered(quiet_ms)
    start, samples = await listener.recorded()
    after = np.flatnonzero(np.abs(samples[max(0, frame - start) :]) > AUDIBLE)
    return milliseconds(after[-1]) if len(after) else 0.0


async def press_interrupt(listener):
    await listener.interrupt.click()


async def press_escape(listener):
    await listener.page.keyboard.press("Escape")


async def begin_to_type(listener):
    await listener.text.focus()
    await listener.page.keyboard.type("N")


@pytest.mark.parametrize("act", [press_interrupt, press_escape, begin_to_type])
async def test_interrupting_is_silence_within_100_ms_and_for_good(listener, act):
    await listener.wake()
    await listener.write(LONG)
    await listener.is_sounding()
    await listener.has_rendered(300)
    await act(listener)
    acted = (await listener.evaluate("tap.clicks")).pop()

    await listener.shows(listener.page.locator(".verdict"), "Interrupted")
    assert await last_audible_after(listener, acted, quiet_ms=1500) < 100
    assert await listener.interrupt.is_disabled()
    cancels = [json.loads(each) for _, each in listener.sent if "context.cancel" in each]
    assert len(cancels) == 1
    assert cancels[0]["played_ms"] >= 200


async def test_what_was_heard_and_what_was_not_is_shown_and_the_rest_can_be_said(listener):
    await listener.wake()
    await listener.write(LONG)
    await listener.is_sounding()
    await listener.has_rendered(1000)
    await press_escape(listener)
    await listener.shows(listener.page.locator(".verdict"), r"Heard [1-9]\d* words?, not heard [1-9]\d* words?")

    heard = await listener.page.locator(".turn .heard").text_content()
    not_heard = await listener.page.locator(".turn .pending").text_content()
    assert heard + not_heard == LONG.strip()
    played_ms = next(json.loads(each)["played_ms"] for _, each in listener.sent if "context.cancel" in each)
    assert abs(len(heard) - played_ms / 60) < 15  # the tone engine's 60 ms a character, and whole words

    await listener.page.get_by_role("button", name="Say the rest").click()
    await listener.is_sounding()
    started = [json.loads(each)["text"] for _, each in listener.sent if '"type":"text"' in each]
    assert started[-1] == not_heard.strip()


async def test_typing_does_not_interrupt_unless_the_box_is_ticked(listener):
    await listener.wake()
    await listener.typingInterrupts.uncheck()
    await listener.write(TEXT)
    await listener.is_sounding()
    await begin_to_type(listener)
    await listener.is_finished()
    assert not any("context.cancel" in each for _, each in listener.sent)


async def test_the_next_text_interrupts_and_nothing_of_the_last_is_heard_in_it(tones, listener):
    await listener.wake()
    await listener.write(LONG)
    await listener.is_sounding()
    await listener.typingInterrupts.uncheck()
    await listener.text.fill(TEXT)
    await listener.speak.click()
    clicked = (await listener.evaluate("tap.clicks")).pop()
    await listener.is_finished()

    start, samples = await listener.recorded()
    after = samples[clicked - start :]
    audible = np.flatnonzero(np.abs(after) > AUDIBLE)
    begins = audible[np.argmax(np.diff(audible, prepend=0) > HOLE)]
    assert begins < RATE_HZ * PATIENCE_S  # behind the first silence: the next has begun; how soon is a benchmark's
    assert_same_sound(after[begins : audible[-1] + 1], tones.sound("Hello", "This is"))


# -- seeing ------------------------------------------------------------------------------------------------------------


async def test_words_are_highlighted_when_they_are_heard_and_not_when_they_arrive(listener):
    """All word times come in the first moments; each word must wait for its sound, by the sound card's own clock."""
    words = re.findall(r"\w+", TEXT)
    await listener.evaluate(
        """() => {
          window.seen = [];
          new MutationObserver(() => {
            const word = document.querySelector(".word")?.textContent;
            if (word && window.seen.at(-1)?.[0] !== word) window.seen.push([word, tap.frameNow()]);
          }).observe(transcript, { childList: true, subtree: true, characterData: true });
        }"""
    )
    await listener.wake()
    await listener.write(TEXT)
    await listener.is_finished()
    seen = await listener.evaluate("window.seen")

    assert [word for word, _ in seen] == [word for word in words if any(word == each for each, _ in seen)]
    assert len(seen) >= len(words) - 1  # a slow machine may draw too late for the shortest
    start, samples = await listener.recorded()
    begins = start + np.flatnonzero(np.abs(samples) > AUDIBLE)[0]
    due_ms = [re.search(rf"\b{word}\b", TEXT).start() * 60 for word, _ in seen]  # the tone engine's pace
    late_ms = [milliseconds(at - begins) - due for (_, at), due in zip(seen, due_ms, strict=True)]
    assert min(late_ms) > -250, late_ms
    assert min(late_ms) < 250, late_ms  # a busy machine draws some late, and never all of them


async def test_playback_is_reported_every_250_ms(listener):
    await listener.wake()
    await listener.write(LONG)
    await listener.is_sounding()
    await listener.has_rendered(3000)
    await listener.interrupt.click()
    reports = [(at, json.loads(each)) for at, each in listener.sent if '"playback"' in each]

    gaps = np.diff([at for at, _ in reports])
    assert len(reports) >= 8
    assert 0.2 < np.median(gaps) < 0.35
    positions = [report["played_ms"] for _, report in reports]
    assert positions == sorted(positions)
    # It is the listener's own position that is told: it moves as time does, on a busy machine's sound card more slowly.
    assert 0.5 < (positions[-1] - positions[0]) / (1000 * (reports[-1][0] - reports[0][0])) < 1.2
    assert all(report["buffered_ms"] > 0 for _, report in reports)


async def test_everything_can_be_reached_and_named_by_keyboard_and_screen_reader(listener):
    unnamed = await listener.evaluate(
        """() => [...document.querySelectorAll("button, input, select, textarea, canvas, [tabindex]")].filter(
          (each) => !(each.labels?.length || each.textContent.trim() || each.ariaLabel || each.title)
        ).map((each) => each.outerHTML)"""
    )
    assert unnamed == []
    assert await listener.status.get_attribute("role") == "status"
    assert await listener.notice.get_attribute("role") == "alert"
    reached = set()
    for _ in range(50):
        await listener.page.keyboard.press("Tab")
        reached.add(await listener.evaluate("document.activeElement.id"))
    assert {"text", "speak", "typingInterrupts", "pace", "language", "speed", "format"} <= reached
    assert {"raceAct", "interruptAct", "share", "copy"} <= reached

    await listener.choose(pace="10")
    await listener.text.fill(TEXT)
    await listener.text.press("Shift+Enter")
    assert await listener.text.input_value() == TEXT + "\n"
    await listener.text.press("Enter")
    await listener.shows(listener.status, "Speaking")
    await listener.text.press("Escape")
    await listener.shows(listener.status, "Interrupted")


@pytest.mark.parametrize("width", [320, 390, 768])
async def test_nothing_sticks_out_of_a_narrow_screen(gateway, new_listener, width):
    listener = await new_listener(page_url(gateway), viewport={"width": width, "height": 700}, is_mobile=True)
    await listener.wake()
    await listener.page.locator("#samples button").first.click()
    await listener.is_sounding()
    assert await listener.evaluate("document.documentElement.scrollWidth") <= width
    await listener.interrupt.click()


# -- bad networks ------------------------------------------------------------------------------------------------------


class Stall:
    """A network between page and gateway that can hold what the gateway sends, and hang up."""

    def __init__(self, port):
        self._port = port
        self._websockets = []
        self._passes = math.inf  # so many bytes before it holds
        self._flows = asyncio.Event()
        self._flows.set()
        self.is_holding = asyncio.Event()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.hang_up()
        self._server.close()

    async def _carry(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        opening = await reader.read(65536)
        back.write(opening)
        is_websocket = b"Upgrade: websocket" in opening
        if is_websocket:
            self._websockets += [writer, back]
        async with asyncio.TaskGroup() as both:
            both.create_task(self._pump(reader, back))
            both.create_task(self._pump(there, writer, may_stall=is_websocket))

    async def _pump(self, reader, writer, *, may_stall=False):
        try:
            while piece := await reader.read(65536):
                if may_stall:
                    piece = await self._stall(piece, writer)
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass  # hung up, or the browser did
        finally:
            writer.close()

    async def _stall(self, piece, writer):
        """Let through what may still pass, wait if that was not all, and return the rest."""
        cut = int(min(self._passes, len(piece)))
        self._passes -= cut
        if cut < len(piece):
            writer.write(piece[:cut])
            self._flows.clear()
            self.is_holding.set()
            await self._flows.wait()
            return piece[cut:]
        return piece

    def hold_after(self, count):
        """Hold what the gateway sends on its WebSocket once so many more bytes have passed."""
        self._passes = count

    def release(self):
        self._passes = math.inf
        self._flows.set()

    def hang_up(self):
        """Cut all WebSockets off, without a word."""
        for writer in self._websockets:
            writer.transport.abort()
        self._websockets.clear()


async def test_packets_held_for_500_ms_are_one_rebuffering_and_nothing_is_lost(own_tones, start, new_listener):
    gateway = await start(page_gateway(own_tones, allow_origins=("*",)))
    network = await start(Stall(gateway.port))
    listener = await new_listener(f"http://127.0.0.1:{network.port}")
    await listener.wake()
    # Opus at 32 kbit/s is 100 bytes a packet with its headers, so at most 500 ms of sound come through and, beside the
    # messages, at least the 80 ms of a start. With the full lead of two seconds the stall would not be heard at all.
    network.hold_after(2500)
    await listener.write(LONG[: LONG.index(".") + 1])
    await network.is_holding.wait()
    await listener.has_rendered(500)
    await listener.shows(listener.underruns, "1")
    network.release()
    await listener.is_finished()
    heard = await listener.heard()

    assert await listener.underruns.inner_text() == "1"
    silence = longest_silence(heard)
    assert milliseconds(silence.stop - silence.start) > 50
    # Without the hole it is what was made; the 5 ms fades around it are all that is missing.
    made = own_tones.sound()
    assert abs(len(heard) - (silence.stop - silence.start) - len(made)) <= 2 * 960
    assert_same_sound(heard[: silence.start], made[: silence.start])
    tail = len(heard) - silence.stop
    assert_same_sound(heard[-tail:], made[-tail:])


def longest_silence(samples):
    edges = np.flatnonzero(np.abs(samples) > AUDIBLE)
    widest = np.argmax(np.diff(edges))
    return slice(edges[widest] + 1, edges[widest + 1])


async def test_a_connection_that_is_lost_in_mid_speech_is_made_again_and_the_speech_goes_on(
    own_tones, start, new_listener
):
    gateway = await start(page_gateway(own_tones, allow_origins=("*",)))
    network = await start(Stall(gateway.port))
    listener = await new_listener(f"http://127.0.0.1:{network.port}")
    await listener.wake()
    await listener.write(TEXT)
    await listener.is_sounding()
    network.hang_up()
    await listener.is_finished()
    await listener.is_connected()

    await listener.write(TEXT)
    await listener.is_finished()
    assert await listener.notice.is_hidden()


async def test_a_gateway_that_comes_back_is_found_again(own_tones, new_listener):
    async with page_gateway(own_tones) as gateway:
        port = gateway.port
        # What the network refuses is the browser's own console line; no page can keep it from being written.
        listener = await new_listener(page_url(gateway), tolerates=["net::ERR_"])
        await listener.wake()
    await listener.shows(listener.notice, "does not answer")
    await listener.write(TEXT)
    async with page_gateway(type(own_tones)(), port=port):
        await listener.is_connected()
        await listener.is_finished()
        # The outage is not held against the sentence, which was written before it ended.
        await listener.shows(listener.firstAfter, "after the connection was back")
        assert await listener.parts.locator(".of-online").count() == 1


@pytest.mark.parametrize(("locale", "words"), [("en-US", "does not let this page in"), ("zh-CN", "例如经过反向代理")])
async def test_a_page_that_is_not_let_in_says_which_setting_decides_that(own_tones, start, new_listener, locale, words):
    """By a name that nobody told the gateway, as behind a proxy; a browser says 1006 of it and no more."""
    gateway = await start(page_gateway(own_tones))
    listener = await new_listener(tolerates=["403"], locale=locale)
    await listener.page.goto(f"http://plain.test:{gateway.port}")
    await listener.shows(listener.notice, f"{words}.*public_url")


async def test_a_key_is_asked_for_in_words_and_kept_nowhere(own_tones, start, new_listener):
    gateway = await start(page_gateway(own_tones, api_keys=("open-sesame",)))
    listener = await new_listener(tolerates=["401", "WebSocket connection"])
    await listener.page.goto(page_url(gateway))
    await listener.shows(listener.notice, "key")
    await listener.page.get_by_role("button", name="Enter the key").click()
    await listener.page.keyboard.type("open-sesame")
    await listener.page.keyboard.press("Enter")
    await listener.is_connected()
    assert await stored(listener) == "/"


async def stored(listener):
    """Everything that a page could have left behind."""
    return await listener.evaluate(
        """[...Object.values(localStorage), ...Object.values(sessionStorage), document.cookie,
          location.pathname + location.search + location.hash].join("")"""
    )


# -- a chat endpoint ---------------------------------------------------------------------------------------------------

ANSWER = "I am a language model. I write one word after the other, and I could go on for a long time. " * 4


class ChatEndpoint:
    """A small OpenAI-compatible server: streams ``ANSWER`` word by word, and keeps what it was asked."""

    def __init__(self, *, is_mute=False):
        self.requests = []  # (headers, body)
        self.was_asked = asyncio.Event()
        self.was_left = asyncio.Event()
        self._is_mute = is_mute

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        cors = (
            "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: *, authorization\r\nConnection: close\r\n"
        )
        try:
            if head.startswith("OPTIONS"):
                writer.write(f"HTTP/1.1 204 No Content\r\n{cors}\r\n".encode())
            else:
                body = json.loads(await reader.readexactly(int(headers["content-length"])))
                self.requests.append((headers, body))
                self.was_asked.set()
                if self._is_mute:
                    await reader.read()  # until the asker hangs up
                    self.was_left.set()
                else:
                    await self._stream(writer, cors)
            await writer.drain()
        except ConnectionError:
            pass  # the asker has hung up
        finally:
            writer.close()

    async def _stream(self, writer, cors):
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{cors}\r\n".encode())
        for word in ANSWER.split(" "):
            event = {"choices": [{"delta": {"content": word + " "}}]}
            writer.write(f"data: {json.dumps(event)}\n\n".encode())
            await writer.drain()
        writer.write(b"data: [DONE]\n\n")


async def ask(listener, question):
    await listener.text.fill(question)
    await listener.speak.click()


async def test_a_chat_endpoint_is_spoken_and_remembers_only_what_was_heard(listener):
    async with ChatEndpoint() as chat:
        await listener.wake()
        await listener.page.get_by_text("Speak with your own language model").click()
        await listener.chatUrl.fill(chat.url)
        await listener.chatModel.fill("small")
        await listener.chatKey.fill("sk-secret")
        await ask(listener, "Who are you?")
        await listener.is_sounding()
        await listener.has_rendered(1500)
        await ask(listener, "Go on.")
        await listener.shows(listener.page.locator(".verdict"), "Interrupted")
        heard = await listener.page.locator(".turn .heard").first.text_content()
        await listener.is_sounding()
        await press_escape(listener)
        headers, body = chat.requests[1]
        assert headers["authorization"] == "bearer sk-secret"  # header names and values were lowered above
        assert body == {
            "model": "small",
            "messages": [
                {"role": "user", "content": "Who are you?"},
                {"role": "assistant", "content": heard},
                {"role": "user", "content": "Go on."},
            ],
            "stream": True,
        }
        assert 0 < len(heard) < len(ANSWER)
        assert await stored(listener) == "/"
        assert not any("sk-secret" in url for url in listener.requested)
        assert not any("sk-secret" in each for _, each in listener.sent)


RECOGNISER = """globalThis.SpeechRecognition = class {
  constructor() { globalThis.recogniser = this; this.starts = 0; }
  start() { this.starts += 1; }
  stop() { this.onend(); }
  hear(transcript, isFinal) {
    this.onresult({ resultIndex: 0, results: [Object.assign([{ transcript }], { isFinal })] });
  }
}"""


async def test_talking_over_the_voice_interrupts_it_and_what_was_said_is_asked(gateway, new_listener):
    """By a stand-in for the browser's recognition, which needs its vendor's service."""
    listener = await new_listener(page_url(gateway), before=RECOGNISER)
    async with ChatEndpoint() as chat:
        await listener.wake()
        await listener.talkAct.click()
        await listener.shows(listener.status, "name a chat endpoint first")
        await listener.chatUrl.fill(chat.url)
        await listener.talkAct.click()
        await listener.evaluate("recogniser.onend()")  # as it does after a silence
        assert await listener.evaluate("recogniser.starts") == 2
        await listener.evaluate("recogniser.hear('Who are', false)")
        await listener.evaluate("recogniser.hear('Who are you?', true)")
        await listener.is_sounding()
        await listener.has_rendered(1500)
        await listener.evaluate("recogniser.hear('Sto', false)")
        await listener.shows(listener.page.locator(".verdict"), "Interrupted")
        heard = await listener.page.locator(".turn .heard").text_content()
        await listener.evaluate("recogniser.hear('Stop it.', true)")
        await listener.is_sounding()
        assert chat.requests[1][1]["messages"] == [
            {"role": "user", "content": "Who are you?"},
            {"role": "assistant", "content": heard},
            {"role": "user", "content": "Stop it."},
        ]
        await listener.talkAct.click()
        assert await listener.talkAct.get_attribute("aria-pressed") == "false"
        assert await listener.evaluate("recogniser.starts") == 2
        await press_escape(listener)


async def test_a_browser_that_may_not_listen_says_why(gateway, new_listener):
    listener = await new_listener(page_url(gateway), before=RECOGNISER)
    await listener.page.get_by_text("Speak with your own language model").click()
    await listener.chatUrl.fill("http://localhost:1/v1")
    await listener.talkAct.click()
    await listener.evaluate("recogniser.onerror({ error: 'not-allowed' })")
    await listener.shows(listener.notice, "Allow the microphone")
    assert await listener.talkAct.get_attribute("aria-pressed") == "false"


async def test_a_browser_without_recognition_offers_no_talk(gateway, new_listener):
    without = "delete globalThis.SpeechRecognition; delete globalThis.webkitSpeechRecognition"
    listener = await new_listener(page_url(gateway), before=without)
    assert await listener.talkAct.is_hidden()


async def test_a_chat_endpoint_that_thinks_for_long_can_be_interrupted_too(listener):
    async with ChatEndpoint(is_mute=True) as chat:
        await listener.page.get_by_text("Speak with your own language model").click()
        await listener.chatUrl.fill(chat.url)
        await ask(listener, "Hello?")
        await chat.was_asked.wait()
        await press_escape(listener)
        await listener.shows(listener.page.locator(".verdict"), "Interrupted")
        async with asyncio.timeout(PATIENCE_S):
            await chat.was_left.wait()


async def test_a_chat_endpoint_that_is_not_there_is_said_to_be_so(gateway, new_listener):
    listener = await new_listener(page_url(gateway), tolerates=["ERR_CONNECTION_REFUSED"])
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: refused
        await listener.page.get_by_text("Speak with your own language model").click()
        await listener.chatUrl.fill(f"http://127.0.0.1:{closed.getsockname()[1]}/v1")
        await ask(listener, "Hello?")
        await listener.shows(listener.notice, "cannot be reached")


# -- a front end of somebody else's ------------------------------------------------------------------------------------

FRONT_END = """<!doctype html><link rel="icon" href="data:,"><h1>A chatbot</h1><button id="go">go</button>
<script type="module">
import { GatewayClient, Player } from "%(origin)s/gateway_client.js";
const player = new Player();
addEventListener("pointerdown", () => player.prepare());
const gateway = new GatewayClient({ url: "%(origin)s", ...(await Player.bestSession()) });
async function* model() { for (const word of "One two three. Four five six.".split(" ")) yield word + " "; }
go.onclick = async () => {
  player.prepare();
  const speech = gateway.speak();
  const track = player.play(speech);
  track.addEventListener("over", async () => (document.title = JSON.stringify(await speech.done)));
  await speech.writeAll(model());
};
go.dataset.ready = "yes";
</script>"""


async def test_a_page_of_another_origin_can_import_the_client_and_speak(own_tones, start, new_listener):
    chatbot = await start(page_gateway())  # only serves the chatbot's page here, as any web server would
    origin = page_url(chatbot)
    gateway = await start(page_gateway(own_tones, allow_origins=(origin,)))
    html = FRONT_END % {"origin": page_url(gateway)}
    chatbot._pages._files["/chatbot"] = HttpAnswer(HTTPStatus.OK, html.encode(), "text/html")
    listener = await new_listener()
    page = listener.page
    await page.goto(f"{origin}/chatbot")
    await page.locator("#go[data-ready]").wait_for()
    await listener.wake()
    await page.locator("#go").click()

    from playwright.async_api import expect  # where there is no playwright, the fixtures have skipped this test

    await expect(page).not_to_have_title("", timeout=PATIENCE_S * 1000)
    done = json.loads(await page.title())
    assert done["reason"] == "end"
    assert done["text_spoken"] == "One two three. Four five six. "
    assert_same_sound(await listener.heard(), own_tones.sound())


ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "web_demo/page/index.html").read_text()
PUBLISHED = {
    "docs/WEB_DEMO.md": re.search(r"```js\n(.*?)```", (ROOT / "docs/WEB_DEMO.md").read_text(), re.DOTALL)[1],
    # The first comment of the file, of which the lines with code are indented further.
    "web_demo/client/gateway_client.js": "\n".join(
        re.findall(
            r"^ \*     (.*)$", (ROOT / "web_demo/client/gateway_client.js").read_text().partition("*/")[0], re.MULTILINE
        )
    ),
    # The foot of the page, which fills in its own origin.
    "web_demo/page/index.html": re.sub(
        r'<span id="origin2?"></span>',
        "https://gateway.example",
        unescape(re.search(r'<pre tabindex="0"><code>(.*?)</code>', PAGE, re.DOTALL)[1]),
    ),
}
SNIPPET_PAGE = """<!doctype html><link rel="icon" href="data:,"><h1>A chatbot</h1>
<button id="speak">speak</button><button id="stop">stop</button>
<script type="module">
async function* tokensOfYourModel() { for (const word of "One two three. ".repeat(200).split(" ")) yield word + " "; }
%(snippet)s
const speak = gateway.speak.bind(gateway);
gateway.speak = (...options) => {
  const speech = speak(...options);
  speech.addEventListener("audio", () => (speakButton.dataset.sounds = "yes"));
  speech.done.then((done) => (document.title = JSON.stringify(done)));
  return speech;
};
speakButton.dataset.ready = "yes";
</script>"""


@pytest.mark.parametrize("where", PUBLISHED)
async def test_the_published_snippet_speaks_and_its_stop_button_stops(own_tones, start, new_listener, where):
    chatbot = await start(page_gateway())  # only serves the chatbot's page here, as any web server would
    origin = page_url(chatbot)
    gateway = await start(page_gateway(own_tones, allow_origins=(origin,)))
    snippet = PUBLISHED[where]
    assert snippet.count("https://gateway.example") == 2
    html = SNIPPET_PAGE % {"snippet": snippet.replace("https://gateway.example", page_url(gateway))}
    chatbot._pages._files["/chatbot"] = HttpAnswer(HTTPStatus.OK, html.encode(), "text/html")
    listener = await new_listener()
    page = listener.page
    await page.goto(f"{origin}/chatbot")
    await page.locator("#speak[data-ready]").click()
    await page.locator("#speak[data-sounds]").wait_for()
    await page.locator("#stop").click()

    from playwright.async_api import expect  # where there is no playwright, the fixtures have skipped this test

    await expect(page).not_to_have_title("", timeout=PATIENCE_S * 1000)
    done = json.loads(await page.title())
    assert done["reason"] == "cancel"
    assert done["text_remaining"]
