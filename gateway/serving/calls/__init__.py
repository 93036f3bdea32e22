"""Phone calls and those who write for them: a writer is led to the conversation of its call.

In: writers' WebSockets and requests. Out: what they write, to the runner of the call's conversation.

May import: gateway.capacity, gateway.conversation, gateway.dialects, gateway.dialects.tts_v1,
gateway.dialects.twilio, gateway.errors, gateway.http_answers, gateway.serving.
"""
