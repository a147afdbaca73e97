"""The HTTP front: reads a request, judges it, lets faults and rate limits have their say, then has it answered."""

from __future__ import annotations

import asyncio
import json
import re
import time
from typing import Any

from aiohttp import web

from tests.fakes.discord_wire import (
    limits,
    rest_server,
)  # importing rest_server, and interactions below, fills HANDLERS
from tests.fakes.discord_wire.components import COMPONENTS_V2
from tests.fakes.discord_wire.description import ApiDescription
from tests.fakes.discord_wire.faults import RULE, Fault
from tests.fakes.discord_wire.interactions import CHOICES, MODAL
from tests.fakes.discord_wire.messages import Message
from tests.fakes.discord_wire.ratelimits import RateLimits
from tests.fakes.discord_wire.requests import Refused, Request, invalid_form, unauthorised
from tests.fakes.discord_wire.routes import HANDLERS
from tests.fakes.discord_wire.state import State

__all__ = ("Front", "rest_server")

_NO_TOKEN_NEEDED = re.compile(r"/(interactions/.*|webhooks/\d+/.+)")
_MESSAGE_BODIES = re.compile(
    r"(POST|PATCH) (/channels/\{channel_id\}/(messages(/\{message_id\})?|threads)|/webhooks/.*)"
)

_HALF_AN_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"id": "1'


class Front:
    def __init__(
        self, state: State, rate_limits: RateLimits, faults: list[RULE], *, check_own_answers: bool = False
    ) -> None:
        self._state = state
        self._rate_limits = rate_limits
        self._faults = faults
        self._description = ApiDescription()
        self._check_own_answers = check_own_answers
        self.too_many: list[Request] = []
        """Requests that earned a 429 (not those that a fault made up)."""
        self.own_faults: list[str] = []
        """Where our answers are not what Discord would say; only with `check_own_answers`."""
        self.under_way = 0
        """Requests that were received and may still take effect, whether or not anybody waits for the answer."""

    async def handle(self, raw: web.Request) -> web.StreamResponse:
        self.under_way += 1
        try:
            return await self._handle(raw)
        finally:
            self.under_way -= 1

    async def _handle(self, raw: web.Request) -> web.StreamResponse:
        request = await _read(raw)
        self._state.requests.append(request)
        request.operation = self._description.find(request.method, request.path)
        fault = next((fault for rule in self._faults if (fault := rule(request))), None)
        if fault and fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault and not fault.took_effect and fault.spoils_answer:
            return self._fail(raw, request, fault)
        status, body, headers = await self._answer(request)
        if fault and fault.spoils_answer:
            return self._fail(raw, request, fault)
        request.status, request.answer = status, body
        return _response(status, body, headers)

    def _fail(self, raw: web.Request, request: Request, fault: Fault) -> web.StreamResponse:
        request.status = fault.status
        if fault.status is None:
            if raw.transport and fault.cut:
                raw.transport.write(_HALF_AN_ANSWER)
                raw.transport.close()
            elif raw.transport:
                raw.transport.abort()
            return web.Response()
        if fault.html:
            page = f"<html><head><title>{fault.status}</title></head><body>cloudflare</body></html>"
            return web.Response(status=fault.status, text=page, content_type="text/html", headers=fault.headers())
        return _response(fault.status, fault.body(), fault.headers())

    async def _answer(self, request: Request) -> tuple[int, Any, dict[str, str]]:
        headers: dict[str, str] = {}
        try:
            if not _NO_TOKEN_NEEDED.fullmatch(request.path):
                self._check_sender(request)
            if request.operation is None:
                self._violation(request, "no such path and method in Discord's API description")
                raise Refused(404, 0, "404: Not Found")
            verdict = self._rate_limits.ask(request.operation, request.operation.values.get("webhook_token", ""))
            headers = verdict.headers
            if verdict.retry_after is not None:
                self.too_many.append(request)
                headers |= {"Via": "1.1 google", "Retry-After": str(verdict.retry_after)}
                body = {
                    "message": "You are being rate limited.",
                    "retry_after": verdict.retry_after,
                    "global": verdict.is_global,
                }
                return 429, body, headers
            lines = self._description.judge_request(request.operation, request.query, request.body)
            lines = lines or list(self._judge_limits(request))
            for line in lines:
                self._violation(request, line)
            if lines:
                raise invalid_form(lines)
            handler = HANDLERS.get(request.name)
            if handler is None:
                self._violation(request, "this Discord does not model it: add it to tests/fakes/discord_wire/rest_*.py")
                raise Refused(501, 0, "not modelled")
            status, body = await handler(self._state, request)
        except Refused as refusal:
            return refusal.status, refusal.body, headers
        if self._check_own_answers:
            self.own_faults += [
                f"{request.name}: {line}" for line in self._description.judge_answer(request.operation, status, body)
            ]
        return status, body, headers

    def _check_sender(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bot {self._state.token}":
            raise unauthorised()
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            self._violation(request, "User-Agent does not start with DiscordBot")

    def _violation(self, request: Request, line: str) -> None:
        request.violations.append(line)
        self._state.violations.append(f"{request.method} {request.path}: {line}")

    def _judge_limits(self, request: Request) -> list[str]:
        body = request.body
        if request.name.startswith("PUT /applications/{application_id}/"):
            return list(limits.judge_commands(body)) if isinstance(body, list) else []
        if request.name.startswith("POST /interactions/"):
            data = body.get("data") or {}
            if body["type"] == MODAL:
                return list(limits.judge_modal(data))
            if body["type"] == CHOICES:
                return []
            if body["type"] in (4, 7):
                found = self._judge_message(request, data, partial=body["type"] == 7, in_interaction=True)
                return [line.replace("body", "body.data", 1) for line in found]
            return []
        if not _MESSAGE_BODIES.fullmatch(request.name) or body is None:
            return []
        if request.name.endswith("/threads"):
            inner = body.get("message")
            return self._judge_message(request, inner, partial=False) if inner is not None else []
        return self._judge_message(
            request, body, partial=request.method == "PATCH", in_interaction=request.path.startswith("/webhooks")
        )

    def _judge_message(
        self, request: Request, body: dict[str, Any], *, partial: bool, in_interaction: bool = False
    ) -> list[str]:
        flags = body.get("flags") or 0
        edited = self._edited(request) if partial else None
        is_v2 = bool((flags | (edited.flags if edited else 0)) & COMPONENTS_V2)
        found = list(limits.judge_flags(flags, in_interaction=in_interaction))
        uploads = list(request.uploads)
        if edited:
            uploads += [entry["filename"] for entry in edited.data["attachments"]]
        return found + list(limits.judge_message(body, is_v2=is_v2, uploads=uploads, partial=partial))

    def _edited(self, request: Request) -> Message | None:
        """The message that an edit is about."""
        assert request.operation
        values = request.operation.values
        if interaction := self._state.interaction_tokens.get(
            values.get("webhook_token") or values.get("interaction_token") or ""
        ):
            if "message_id" not in values:
                return interaction.original or interaction.source
            return next(
                (each for each in interaction.followups if str(each.id) == values["message_id"]), interaction.original
            )
        for guild in self._state.guilds.values():
            channel = guild.channels.get(int(values.get("channel_id", 0)))
            if channel and int(values["message_id"]) in channel.messages:
                return channel.messages[int(values["message_id"])]
        return None


async def _read(raw: web.Request) -> Request:
    body: Any = None
    uploads: list[str] = []
    arrived = time.monotonic()
    if raw.content_type.startswith("multipart/"):
        async for part in await raw.multipart():
            if part.name == "payload_json":  # type: ignore[union-attr]
                body = json.loads(await part.text())  # type: ignore[union-attr]
            else:
                await part.read()  # type: ignore[union-attr]
                uploads.append(part.filename or part.name or "file")  # type: ignore[union-attr]
    elif raw.can_read_body:
        text = await raw.text()
        body = json.loads(text) if text else None
    path = raw.path.removeprefix("/api/v10")
    return Request(raw.method, path, dict(raw.query), body, uploads, dict(raw.headers), arrived)


def _response(status: int, body: Any, headers: dict[str, str]) -> web.Response:
    """discord.py reads JSON only when the content type is exactly this, without a charset."""
    if body is None:
        return web.Response(status=status, headers=headers)
    return web.Response(
        status=status, body=json.dumps(body).encode(), headers={"Content-Type": "application/json", **headers}
    )
