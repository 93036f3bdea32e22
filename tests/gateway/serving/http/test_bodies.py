"""Bodies of requests, as clients send them to a real server."""

import asyncio
import io

import pytest
from aiohttp import ClientSession, FormData, web
from raw_http import RawPeer

from sayline.gateway.serving.http.bodies import Refusal, read_body, read_form

MOST = 150_000
PAUSE_S = 1.0
FILE = bytes(range(256)) * 200 + b"\r\n--x--\r\n\r"


@pytest.fixture
async def server():
    """Answers with what it read, or with the code of what is wrong."""

    async def form(request):
        return await answer(read_form(request, MOST, PAUSE_S), describe)

    async def body(request):
        return await answer(read_body(request, MOST, PAUSE_S), lambda content: {"length": len(content)})

    async def answer(reading, describing):
        try:
            return web.json_response(describing(await reading))
        except Refusal as refusal:
            return web.json_response({"code": refusal.fault.code}, status=refusal.fault.status)

    def describe(parts):
        return {
            name: [part.content.hex() if part.filename else part.text, part.filename, part.content_type]
            for name, part in parts.items()
        }

    app = web.Application()
    app.router.add_post("/form", form)
    app.router.add_post("/body", body)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


def form_of(**fields):
    form = FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    return form


async def post(port, path, **options):
    async with ClientSession() as client, client.post(f"http://127.0.0.1:{port}{path}", **options) as answer:
        return answer.status, await answer.json()


async def test_a_form_has_words_and_a_file_to_the_byte(server):
    form = form_of(name="ada", words="Grüß Gott")
    form.add_field("audio", FILE, filename="ada.wav", content_type="audio/wav")

    status, told = await post(server, "/form", data=form)

    assert status == 200
    assert told["words"][:2] == ["Grüß Gott", None]
    assert told["audio"] == [FILE.hex(), "ada.wav", "audio/wav"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/json", b"{}"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=y", b"x"),
        ("multipart/form-data; boundary=y", b"--y\r\n\r\nx\r\n--y--"),
    ],
)
async def test_what_is_no_form_is_refused(server, content_type, body):
    answer = await post(server, "/form", data=body, headers={"Content-Type": content_type})
    assert answer == (400, {"code": "bad_message"})


async def test_a_form_with_too_much_is_refused(server):
    assert (await post(server, "/form", data=form_of(**{f"f{n}": "x" for n in range(40)})))[0] == 400
    assert await post(server, "/form", data=form_of(audio=io.BytesIO(b"x" * MOST))) == (413, {"code": "body_too_large"})


async def pieces(sizes, pause_s):
    for size in sizes:
        yield b"x" * size
        await asyncio.sleep(pause_s)


async def test_a_body_may_take_its_time_as_long_as_it_keeps_the_pace(server):
    sizes = [70_000, 70_000]  # with a pause after each, and the two are longer than one may be
    assert await post(server, "/body", data=pieces(sizes, 0.6 * PAUSE_S)) == (200, {"length": 140_000})


async def test_a_body_without_a_length_is_cut_at_the_cap(server):
    assert await post(server, "/body", data=pieces([80_000, 80_000], 0)) == (413, {"code": "body_too_large"})


async def test_a_body_that_pauses_is_given_up(server):
    async with RawPeer.connect(server) as peer:
        peer.say("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n1")
        assert (await peer.answer()).status == 408
