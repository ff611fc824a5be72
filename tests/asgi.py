"""A browser of sorts: speaks HTTP to an application in this process, without a socket.

Starlette's own test client asks for a library the program does not use; httpx, which it uses, is enough.
"""

import asyncio
from collections.abc import AsyncIterator

import httpx
from starlette.types import ASGIApp


class InProcess(httpx.BaseTransport):
    """Hands each request to the application and gives its whole answer back; errors of the application are raised
    unless `raises` is False."""

    def __init__(self, app: ASGIApp, *, raises: bool = True) -> None:
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=raises)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        body = request.read()

        async def again() -> AsyncIterator[bytes]:
            yield body

        asked = httpx.Request(request.method, request.url, headers=request.headers, content=again())
        answer = await self._transport.handle_async_request(asked)
        raw = b"".join([part async for part in answer.aiter_raw()])
        return httpx.Response(answer.status_code, headers=answer.headers, content=raw, request=request)


def client(app: ASGIApp, base_url: str = "http://127.0.0.1:8000", *, raises: bool = True) -> httpx.Client:
    """A client whose posts come from the site itself, as a browser's would; it keeps cookies and follows nothing."""
    return httpx.Client(transport=InProcess(app, raises=raises), base_url=base_url, headers={"Origin": base_url})
