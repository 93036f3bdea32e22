"""What the gateway may not have taken is known by count, and sent again in its order."""

import json

from sayline.gateway.client.ledger import Ledger
from sayline.gateway.client.wire.messages import Resumption


def ledger():
    return Ledger("s1", Resumption(token="t0", seconds=10.0))  # noqa: S106 - no secret


def unsent(of):
    return [of.message(place) for place in range(of.unsent)]


def test_the_wish_to_resume_says_how_much_came():
    of = ledger()
    of.received += 2
    wish = {"type": "session.resume", "session_id": "s1", "token": "t0", "received": 3}
    assert json.loads(of.resume()) == wish


def test_what_the_gateway_has_not_taken_is_sent_again():
    of = ledger()
    for message in "abcd":
        of.send(message)
    of.resumed(3)
    assert unsent(of) == ["d"]
    of.send("e")
    of.resumed(3)  # it broke again before any of it arrived
    assert unsent(of) == ["d", "e"]


def test_the_answer_to_a_ping_lets_what_went_before_be_forgotten():
    of = ledger()
    of.send("a")
    of.ping(1, "ping 1")
    of.send("b")
    of.ping(2, "ping 2")
    of.pong(1)
    assert unsent(of) == ["b", "ping 2"]
    of.resumed(3)
    assert unsent(of) == ["ping 2"]
    of.pong(2)
    assert unsent(of) == []
