"""A small chat endpoint that is compatible with OpenAI's: streams answers word by word, and keeps what it was asked."""

import asyncio
import contextlib
import json

from aiohttp import web

# Words of an answer come so far apart, in seconds: the pace of a quick model.
PACE_S = 0.01


class ChatEndpoint:
    """Answers with one text after the other, the last one for ever.

    Attributes:
        url: what ``OPENAI_BASE_URL`` names.
        asked: the messages of each request, in order.
    """

    def __init__(self, *answers):
        self.asked = []
        self._answers = list(answers)
        self._news = asyncio.Condition()

    async def __aenter__(self):
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_):
        await self._runner.cleanup()

    @property
    def environment(self):
        """Variables that lead a program here."""
        return {"OPENAI_BASE_URL": self.url, "OPENAI_API_KEY": "any", "CHAT_MODEL": "small"}

    async def request(self, number):
        """Wait for a request, counted from 1; its messages."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.asked) >= number)
        return self.asked[number - 1]

    async def _answer(self, request):
        body = await request.json()
        assert body["model"] == "small"
        assert body["stream"] is True
        assert request.headers["Authorization"] == "Bearer any"
        async with self._news:
            self.asked.append(body["messages"])
            self._news.notify_all()
        text = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        with contextlib.suppress(ConnectionResetError):  # who is interrupted asks for no more
            for number, word in enumerate(text.split(" ")):
                await self._event(answer, {"content": f" {word}" if number else word})
                await asyncio.sleep(PACE_S)
            await self._event(answer, {}, "stop")
            await answer.write(b"data: [DONE]\n\n")
        return answer

    async def _event(self, answer, delta, reason=None):
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "small", "choices": [choice]}
        await answer.write(f"data: {json.dumps(event)}\n\n".encode())
