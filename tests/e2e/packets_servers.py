#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A web server that asks for a login and sets a cookie, and an FTP server that asks for a password.

usage: packets_servers.py ADDRESS      prints "ready" when both listen; ends when standard input
does.
"""
import http.server
import socket
import sys
import threading

FILM = b"\0\0\0\x18ftypisom" + b"EVIDENCE-OF-A-FILM\n" * 500


class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "session=hunter2-set; HttpOnly")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(FILM, "video/mp4")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b'{"access_token":"hunter2-token"}', "application/json")

    def log_message(self, *_):
        pass


def serve_ftp(client, address):
    data = None
    client.sendall(b"220 films here\r\n")
    for line in client.makefile("rb"):
        word = line.split()[0].upper()
        if word == b"USER":
            client.sendall(b"331 password?\r\n")
        elif word == b"PASS":
            client.sendall(b"230 welcome\r\n")
        elif word == b"EPSV":
            data = socket.create_server((address, 0))
            client.sendall(b"229 go (|||%d|)\r\n" % data.getsockname()[1])
        elif word == b"RETR":
            client.sendall(b"150 here it comes\r\n")
            with data.accept()[0] as out:
                out.sendall(FILM)
            client.sendall(b"226 done\r\n")
        elif word == b"QUIT":
            client.sendall(b"221 bye\r\n")
            break
        else:
            client.sendall(b"200 fine\r\n" if word in (b"TYPE", b"CWD") else b"502 no\r\n")
    client.close()


def run_ftp(server, address):
    while True:
        serve_ftp(server.accept()[0], address)


def main():
    address = sys.argv[1]
    web = http.server.ThreadingHTTPServer((address, 80), Web)
    ftp = socket.create_server((address, 21))
    threading.Thread(target=web.serve_forever, daemon=True).start()
    threading.Thread(target=run_ftp, args=(ftp, address), daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


main()
