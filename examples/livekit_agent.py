"""A LiveKit agent whose voice is a Sayline gateway: `python livekit_agent.py dev`, with LiveKit's own variables.

OPENAI_BASE_URL and OPENAI_API_KEY name the chat endpoint, CHAT_MODEL its model. It hears what is typed into the room's
chat; with a recogniser (`stt=`) it hears speech too. A new message interrupts, and the history keeps what was heard.
"""

import os

from livekit.agents import Agent, AgentSession, JobContext, WorkerOptions, cli
from livekit.plugins import openai

from sayline.gateway.integrations import livekit as sayline


def new_session():
    voice = sayline.TTS(url=os.environ.get("SAYLINE_URL", "ws://127.0.0.1:8080"), api_key=os.environ.get("SAYLINE_KEY"))
    voice.prewarm()
    return AgentSession(
        llm=openai.LLM(model=os.environ["CHAT_MODEL"]),
        tts=voice,
        use_tts_aligned_transcript=True,  # what was heard, and no more, goes into the history
    )


async def answer(job: JobContext):
    await new_session().start(agent=Agent(instructions="Answer in a few spoken sentences."), room=job.room)


if __name__ == "__main__":
    cli.run_app(WorkerOptions(entrypoint_fnc=answer))
