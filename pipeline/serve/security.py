"""Who may ask, and what every answer carries. The desk trusts nothing but a browser that was let in at this start.

- Host must be one of the desk's own names: another site that resolves to this address (DNS rebinding) is refused.
- Origin, where the browser sends one, must be the desk itself; a request that writes must send one.
- A cookie holds the token of this start; it is set by the address that `hebao serve` opens, or for the password.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.serve.words import LANGUAGES, say

ENTRANCE = "/enter"
SAFE_METHODS = ("GET", "HEAD")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
WRONG_PASSWORD_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Access:
    """How to get in: the host names (with port) that the desk answers to, the token, and a password or none."""

    hosts: frozenset[str]
    token: str
    password: str | None = None

    @property
    def cookie(self) -> str:
        """The cookie's name. Cookies do not tell ports apart: two desks on one machine must not share it."""
        return "hebao_" + min(self.hosts).rpartition(":")[2]


def host_names(address: str, port: int) -> frozenset[str]:
    """What a browser may write in Host to reach this address; every name of loopback for a loopback address."""
    loopback = {"127.0.0.1", "localhost", "[::1]"}
    shown = f"[{address}]" if ":" in address else address.lower()
    return frozenset(f"{name}:{port}" for name in (loopback if shown in loopback else {shown}))


class Guard:
    """ASGI middleware around the whole desk, static files included."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a stranger with 401 or 403, let everybody else through."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        refusal = self.refusal(scope) if scope["type"] == "http" else Response(status_code=403)
        await (refusal or self.app)(scope, receive, guarded)

    def refusal(self, scope: Scope) -> Response | None:
        """The answer to a request that may not pass; None for one that may."""
        headers, access = Headers(scope=scope), self.access
        hosts = headers.getlist("host")
        if len(hosts) != 1 or hosts[0].lower() not in access.hosts:
            return _refuse("host")
        origins = headers.getlist("origin")
        if any(not _is_own(origin, hosts[0].lower()) for origin in origins):
            return _refuse("origin")
        if scope["method"] not in SAFE_METHODS and len(origins) != 1:
            return _refuse("origin")
        if scope["path"] == ENTRANCE or same(HTTPConnection(scope).cookies.get(access.cookie, ""), access.token):
            return None
        return entrance(access, 401)


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _is_own(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host


def _refuse(reason: str) -> Response:
    return _plain(f"refused.{reason}", 403)


def _plain(key: str, status: int, form: str = "") -> HTMLResponse:
    """A page without style sheet or script, since whoever sees it may have neither."""
    said = "".join(f'<p lang="{language}">{escape(say(language, key))}</p>' for language in LANGUAGES)
    head = '<!doctype html><html lang="zh"><meta charset="utf-8"><title>核报 Hebao</title><main><h1>核报 Hebao</h1>'
    return HTMLResponse(f"{head}{said}{form}</main></html>", status)


def entrance(access: Access, status: int, key: str = "refused.token") -> Response:
    """The page that says how to get in, with a field for the password where one is set."""
    if access.password is None:
        return _plain(key, status)
    label = " ".join(escape(say(language, "refused.password")) for language in LANGUAGES)
    form = (
        f'<form method="post" action="{ENTRANCE}"><label>{label} '
        '<input type="password" name="password" autocomplete="current-password" required></label> '
        "<button>→</button></form>"
    )
    return _plain(key, status, form)


def enter(request: Request) -> Response:
    """GET /enter?token=…: the address that `hebao serve` opens. Without token: the password page."""
    access: Access = request.app.state.access
    if same(request.query_params.get("token", ""), access.token):
        return _admit(access)
    return entrance(access, 401)


async def enter_by_password(request: Request) -> Response:
    """POST /enter with the password. A wrong one costs a second."""
    from starlette.concurrency import run_in_threadpool

    access: Access = request.app.state.access
    async with request.form(max_files=0, max_fields=4) as form:
        given = form.get("password")
    if access.password is not None and isinstance(given, str) and same(given, access.password):
        return _admit(access)
    await run_in_threadpool(time.sleep, WRONG_PASSWORD_SECONDS)
    return entrance(access, 401, "refused.wrong_password")


def _admit(access: Access) -> Response:
    answer = RedirectResponse("/", 303)
    answer.set_cookie(access.cookie, access.token, path="/", httponly=True, samesite="strict")
    return answer


ROUTES: Iterable[Route] = (
    Route(ENTRANCE, enter, methods=["GET"]),
    Route(ENTRANCE, enter_by_password, methods=["POST"]),
)
