#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Both ends of a tunnel through WebSocket, with the library `websockets`.

usage: websocket_ends.py serve ADDRESS PORT            binary messages go to port 80 or 443 of
ADDRESS, by path, and back
       websocket_ends.py tls|http|text|packed URL NAME  what goes through: a TLS session, a request,
                                                        chat; NAME is asked for
"""
import asyncio
import ssl
import sys

import websockets

PIECE = 900  # less than a hello with many shares: a message does not end where a record does


async def relay(reader, ws):
    while data := await reader.read(PIECE):
        await ws.send(data)
    await ws.close()


async def serve(address, port):
    async def tunnel(ws, path):
        if path == "/chat":
            async for message in ws:
                await ws.send(message)
            return
        reader, writer = await asyncio.open_connection(address, 443 if path == "/443" else 80)
        task = asyncio.create_task(relay(reader, ws))
        async for message in ws:
            writer.write(message)
            await writer.drain()
        writer.close()
        await task

    async with websockets.serve(tunnel, "0.0.0.0", port, close_timeout=1):
        await asyncio.Future()


async def tls(ws, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    into, out = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(into, out, server_hostname=name)

    async def turn(call):
        while True:
            try:
                return call()
            except ssl.SSLWantReadError:
                await flush()
                into.write(await ws.recv())

    async def flush():
        data = out.read()
        for at in range(0, len(data), PIECE // 3):
            await ws.send(data[at:at + PIECE // 3])

    await turn(session.do_handshake)
    session.write(f"GET /film.mkv HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
    await flush()
    print(len(await turn(lambda: session.read(4096))))


async def http(ws, name):
    # one message, two fragments
    await ws.send([f"GET /tool.exe HTTP/1.0\r\nHo".encode(), f"st: {name}\r\n\r\n".encode()])
    n = 0
    try:
        while True:
            n += len(await ws.recv())
    except websockets.ConnectionClosed:
        print(n)


async def text(ws, name):
    for i in range(20):
        await ws.send(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n" + "x" * i * 100)
        await ws.ping()
        await ws.recv()


async def client(kind, url, name):
    packed = "deflate" if kind == "packed" else None
    secret = {"Authorization": "Basic aHVudGVyMjpz"}
    async with websockets.connect(url, compression=packed, close_timeout=1, host="192.0.2.80",
                                  extra_headers=secret) as ws:
        await {"tls": tls, "http": http, "packed": http, "text": text}[kind](ws, name)


if sys.argv[1] == "serve":
    asyncio.run(serve(sys.argv[2], int(sys.argv[3])))
else:
    asyncio.run(client(*sys.argv[1:4]))
