"""Which WebSocket handshakes are admitted: by key, origin and capacity, before the upgrade and without I/O."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from ..addresses import is_beyond_public_dns, is_loopback, is_same_place, read_host, read_origin
from ..errors import WIRE_ERRORS
from ..http_answers import error_answer, own_error_body
from .admission import RETRY_AFTER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..addresses import Origin
    from ..errors import ClientFault, OverQuota
    from ..http_answers import ErrorBody, Headers, HttpAnswer
    from .admission import Refusal
    from .tenants import Caller, Directory


class Manners(Protocol):
    """How a dialect refuses: what of ``dialects.dialect.Dialect`` and ``dialects.http.HttpDialect`` is needed here."""

    @property
    def takes_key_later(self) -> bool:
        """A client may show its key in its first message."""
        ...

    @property
    def busy_status(self) -> HTTPStatus:
        """What a client is told if the server has no room for it."""
        ...

    @property
    def error_body(self) -> Callable[[HTTPStatus, str, str], ErrorBody]:
        """Words an error, from status, code and message."""
        ...


@dataclass(frozen=True, slots=True)
class HandshakeRequest:
    """The fields of a client's handshake that decide whether it is admitted.

    Attributes:
        keys: that the client shows, wherever its dialect has them.
        origin: where a browser's page came from; None for other clients.
        host: the ``Host`` header.
    """

    keys: Sequence[str]
    origin: str | None
    host: str | None


@dataclass(frozen=True, slots=True)
class Address:
    """Where clients may find the server.

    Attributes:
        bound_to: the host on which it listens.
        public_url: where browsers find it, if that is another address: behind a proxy, or by a name.
    """

    bound_to: str = "0.0.0.0"  # noqa: S104 - a value to compare with; nothing is bound here
    public_url: str | None = None


@dataclass(frozen=True, slots=True)
class Admitted:
    """A handshake that is let in.

    Attributes:
        caller: who the client is, by the key that it showed. None: it has still to show its key, in its first message.
    """

    caller: Caller | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A handshake that is not let in.

    Attributes:
        answer: what its sender is told.
        reason: what metrics and log call it.
        message: what its sender is told, in words.
    """

    answer: HttpAnswer
    reason: str
    message: str


def judge(
    request: HandshakeRequest,
    directory: Directory,
    allow_origins: Sequence[str],
    refusal: Refusal | None,
    dialect: Manners,
    *,
    fault: ClientFault | None = None,
    address: Address = Address(),
) -> Admitted | Refused:
    """Let a handshake in, or refuse it in the dialect's words; ``fault`` is what the client asks for and cannot get."""
    if stranger := judge_place(
        request, tuple(allow_origins), address, has_keys=bool(directory), error_body=dialect.error_body
    ):
        return stranger
    caller = directory.find(request.keys)
    if caller is None and (request.keys or not dialect.takes_key_later):
        message, headers = "a valid API key is required", (("WWW-Authenticate", "Bearer"),)
        return refuse(HTTPStatus.UNAUTHORIZED, "key", message, headers, dialect.error_body)
    if fault is not None:
        wrong = WIRE_ERRORS[type(fault)].code
        return refuse(HTTPStatus.BAD_REQUEST, wrong, str(fault), error_body=dialect.error_body)
    if refusal is not None:
        status = dialect.busy_status if refusal.is_busy else HTTPStatus.SERVICE_UNAVAILABLE
        code, headers = refusal.reason.replace(" ", "_"), (("Retry-After", str(refusal.retry_after_s)),)
        return refuse(status, code, refusal.reason, headers, dialect.error_body)
    return Admitted(caller)


def refuse(
    status: HTTPStatus,
    code: str,
    message: str,
    headers: Headers = (),
    error_body: Callable[[HTTPStatus, str, str], ErrorBody] = own_error_body,
) -> Refused:
    """Refuse a handshake in a dialect's words."""
    return Refused(error_answer(status, code, message, headers, error_body), code.replace("_", " "), message)


def refuse_over_quota(connections: int, most: int | None, dialect: Manners) -> Refused | None:
    """Refuse a tenant that has as many connections as it may; None: it has room, or no limit."""
    if most is None or connections < most:
        return None
    message, headers = f"this API key may have {most} connections at once", (("Retry-After", str(RETRY_AFTER_S)),)
    return refuse(HTTPStatus.TOO_MANY_REQUESTS, "quota", message, headers, dialect.error_body)


def refuse_overuse(fault: OverQuota, dialect: Manners) -> Refused:
    """Refuse a tenant that has used up what it may use, and say when it may come back."""
    headers = (("Retry-After", str(fault.retry_after_s)),)
    return refuse(HTTPStatus.TOO_MANY_REQUESTS, "quota", str(fault), headers, dialect.error_body)


def judge_place(
    request: HandshakeRequest,
    allow_origins: tuple[str, ...],
    address: Address,
    *,
    has_keys: bool,
    error_body: Callable[[HTTPStatus, str, str], ErrorBody] = own_error_body,
) -> Refused | None:
    """Refuse pages of other origins, even if they reach the server by a name that their owner pointed at this machine.

    A page of ``http://evil.example`` whose DNS server answers 127.0.0.1 (DNS rebinding) shows an ``Origin`` that equals
    its ``Host``. So equality counts only if no stranger can give this machine the name in it.
    """
    host = read_host(request.host or "")
    if host is None:
        message = "a handshake needs one Host header with a host in it"
        return refuse(HTTPStatus.BAD_REQUEST, "host", message, error_body=error_body)
    if "*" in allow_origins:
        return None
    if request.origin is None:  # not a browser: no page can have made it do this
        # One rule for every client of a loopback server: a proxy's operator learns of the setting at the first trial.
        if address.public_url is None and is_loopback(address.bound_to) and not is_loopback(host[0]):
            return _wrong_host(error_body)
        return None
    origin = read_origin(request.origin)
    if request.origin in allow_origins:  # also what is no place, such as "null"
        return None
    if origin is not None and origin in _known_origins(allow_origins, address.public_url):
        return None
    if origin is None or not is_same_place(origin, host):
        return refuse(
            HTTPStatus.FORBIDDEN,
            "origin",
            "this origin is not allowed: the server's operator names it in allow_origins (--allow-origins), or in "
            "public_url (--public-url) if it is the server's own address",
            error_body=error_body,
        )
    return None if _is_ours(host[0], address, has_keys=has_keys) else _wrong_host(error_body)


def _is_ours(host: str, address: Address, *, has_keys: bool) -> bool:
    """Tell whether a page that the server is asked for by this name can only be the server's own."""
    if address.public_url is None:
        if is_loopback(address.bound_to):
            return is_loopback(host)
        if has_keys:  # a page that rebinds a name has no key, and no browser adds one by itself
            return True
    return is_beyond_public_dns(host) or host == address.bound_to.lower()


def _wrong_host(error_body: Callable[[HTTPStatus, str, str], ErrorBody]) -> Refused:
    return refuse(
        HTTPStatus.FORBIDDEN,
        "host",
        "the Host header does not name this server: if it is reached by that name, as behind a proxy, its operator "
        "sets public_url (--public-url https://that.name)",
        error_body=error_body,
    )


@lru_cache(maxsize=16)  # by settings, not by what peers send
def _known_origins(allow_origins: tuple[str, ...], public_url: str | None) -> frozenset[Origin]:
    origins = [read_origin(text) for text in allow_origins]
    if public_url is not None:
        origins.append(public_origin(public_url))
    return frozenset(origin for origin in origins if origin is not None)


def public_origin(public_url: str) -> Origin | None:
    """Read the origin of pages that come from a public address; None if it is no address of a page."""
    scheme, separator, rest = public_url.partition("://")
    return read_origin(f"{scheme}{separator}{rest.partition('/')[0]}")


def public_path(public_url: str | None) -> str:
    """Read the path below which a proxy offers the server; empty if it is the whole host."""
    rest = (public_url or "").partition("://")[2]
    return "/".join(("", *filter(None, rest.split("/")[1:])))
