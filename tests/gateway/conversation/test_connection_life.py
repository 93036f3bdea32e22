"""The life of a connection: when its peer is pinged, and when it is closed. No session, no socket, no clock."""

import pytest

from sayline.gateway.conversation.actions import Close, SendPing
from sayline.gateway.conversation.connection_life import ConnectionLife
from sayline.gateway.errors import CloseCode

NEVER_S = 1e9
DOES_NOT_READ = Close(CloseCode.SLOW_OR_IDLE, "the client does not read", at_once=True)
ANSWERS_NO_PINGS = Close(CloseCode.SLOW_OR_IDLE, "the client does not answer pings", at_once=True)
IDLE = Close(CloseCode.SLOW_OR_IDLE, "idle")
GOING_AWAY = Close(CloseCode.DRAIN, "the server is going away")


def life(idle_s=NEVER_S, quiet_s=NEVER_S, slow_client_s=10, ping_interval_s=NEVER_S):
    return ConnectionLife(
        0.0, idle_s=idle_s, quiet_s=quiet_s, slow_client_s=slow_client_s, ping_interval_s=ping_interval_s
    )


def next_due(connection, *, is_busy=False):
    """What comes next if nothing happens, and when; deadlines at which nothing was due are passed over."""
    for _ in range(10):
        now = connection.next_deadline
        if (due := connection.tick(now, is_busy=is_busy)) is not None:
            return now, due
    pytest.fail("there is always another deadline, and nothing is ever due")


def test_nothing_is_due_before_the_deadline():
    connection = life(idle_s=50, ping_interval_s=20)

    assert connection.next_deadline == 20
    assert connection.tick(19.9, is_busy=False) is None


def test_a_peer_is_pinged_and_let_go_if_it_does_not_answer():
    connection = life(ping_interval_s=20)

    assert next_due(connection) == (20, SendPing())
    assert next_due(connection) == (30, ANSWERS_NO_PINGS)


@pytest.mark.parametrize("sign", [ConnectionLife.pong_received, ConnectionLife.message_received])
def test_a_pong_or_a_message_answers_a_ping(sign):
    connection = life(ping_interval_s=20)
    next_due(connection)
    sign(connection, 29.0)

    assert connection.next_deadline == 40
    assert next_due(connection) == (40, SendPing())


def test_a_second_ping_does_not_give_the_peer_more_time_for_the_first():
    connection = life(slow_client_s=30, ping_interval_s=20)

    assert [next_due(connection) for _ in range(3)] == [(20, SendPing()), (40, SendPing()), (50, ANSWERS_NO_PINGS)]


def test_no_pong_is_awaited_while_the_socket_is_not_read():
    connection = life(ping_interval_s=20)
    next_due(connection)
    connection.reading_paused()
    assert connection.next_deadline == 40
    assert connection.tick(40.0, is_busy=True) is None
    assert connection.next_deadline == 60

    connection.reading_resumed(50.0)
    assert next_due(connection) == (60, SendPing())


def test_a_socket_that_takes_no_bytes_is_given_up():
    connection = life()
    connection.write_blocked(5.0)
    connection.write_resumed()
    assert connection.next_deadline == NEVER_S
    connection.write_blocked(7.0)

    assert next_due(connection) == (17, DOES_NOT_READ)


def test_an_idle_connection_is_closed_and_a_busy_one_is_not():
    assert next_due(life(idle_s=50)) == (50, IDLE)
    busy = life(idle_s=50)
    assert busy.tick(50.0, is_busy=True) is None
    assert busy.next_deadline == NEVER_S

    busy.slot_released()
    assert busy.next_deadline == 50
    busy.context_over(80.0)
    assert next_due(busy) == (130, IDLE)


@pytest.mark.parametrize("sign", [ConnectionLife.message_received, ConnectionLife.reading_resumed])
def test_idleness_is_counted_from_the_last_message_and_from_when_messages_are_read_again(sign):
    connection = life(idle_s=50)
    sign(connection, 40.0)

    assert next_due(connection) == (90, IDLE)


def test_pongs_keep_an_idle_connection_until_it_has_been_quiet_for_long():
    connection = life(idle_s=50, quiet_s=200)
    for now in range(10, 160, 10):
        assert connection.tick(float(now), is_busy=False) is None
        connection.pong_received(float(now))

    assert next_due(connection) == (200, IDLE)


def test_a_check_for_idleness_that_finds_none_does_not_hide_what_else_is_due():
    connection = life(idle_s=20, ping_interval_s=20)
    connection.pong_received(10.0)

    assert next_due(connection) == (20, SendPing())


def test_draining_ends_at_its_deadline():
    connection = life()
    assert not connection.is_draining
    connection.drain(until=30.0)

    assert connection.is_draining
    assert next_due(connection, is_busy=True) == (30, GOING_AWAY)
