"""Four pages fetched at once from a server on the same loop. The counterpart of fetch_all.cpp."""

from __future__ import annotations

import asyncio

from support.pattern import create_task, run, say

#: path: how long the server takes to answer, and what it answers
PAGES = {
    "/ocean": (0.9, "wide, deep, and in no hurry"),
    "/brook": (0.15, "quick"),
    "/river": (0.6, "on its way to the ocean"),
    "/pond": (0.35, "it has all day"),
}
HEAD_END = "\r\n\r\n"


def response_text(status: str, text: str) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(text)}\r\nConnection: close"
    return (head + HEAD_END + text).encode()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    request = (await reader.readuntil(HEAD_END.encode())).decode()
    path = request.split(" ")[1]
    if path in PAGES:
        delay, text = PAGES[path]
        await asyncio.sleep(delay)
        writer.write(response_text("200 OK", text))
    else:
        writer.write(response_text("404 Not Found", ""))
    await writer.drain()
    writer.close()


async def fetch(port: int, path: str) -> str:
    """What is at the path."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close{HEAD_END}".encode())
    head, _, text = (await reader.read()).decode().partition(HEAD_END)
    writer.close()
    say(f"{path}: status {head.split(' ')[1]} after {loop.time() - start:.2f} s")
    return text


async def main() -> None:
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]

    say(f"fetching {len(PAGES)} pages at once")
    loop = asyncio.get_running_loop()
    start = loop.time()
    texts = await asyncio.gather(*(create_task(fetch(port, path), f"fetch {path}") for path in PAGES))
    took = loop.time() - start
    for path, text in zip(PAGES, texts):
        say(f"{path}: {len(text)} characters")
    server.close()
    await server.wait_closed()
    in_turn = sum(delay for delay, _ in PAGES.values())
    say(f"fetched {len(texts)} pages in {took:.2f} s; one after another they take {in_turn:.2f} s")


if __name__ == "__main__":
    run(main)
