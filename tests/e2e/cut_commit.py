#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: cut_commit.py MYSQL_SOCKET PORT_FILE LOG

A proxy before a MySQL server that loses answers to COMMIT: of every four, it cuts one before the
server has seen it and one after the server has done it.  Writes the port it listens on, and a line
for each cut.
"""
import os
import socket
import sys
import threading

lock = threading.Lock()
n_commits = 0


def choose(log):
    global n_commits
    with lock:
        n_commits += 1
        what = {2: "before", 0: "after"}.get(n_commits % 4)
        if what:
            with open(log, "a") as file:
                file.write(what + "\n")
        return what


def read_packet(s, rest):
    """A packet of the protocol with its head of four bytes."""
    while len(rest) < 4 or len(rest) < 4 + int.from_bytes(rest[:3], "little"):
        more = s.recv(65536)
        if not more:
            return None, rest
        rest += more
    n = 4 + int.from_bytes(rest[:3], "little")
    return rest[:n], rest[n:]


def serve(client, path, log):
    server = socket.socket(socket.AF_UNIX)
    server.connect(path)
    muted = threading.Event()

    def back():
        while data := server.recv(65536):
            if muted.is_set():  # done, but nobody will hear of it
                break
            client.sendall(data)
        for s in client, server:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    threading.Thread(target=back, daemon=True).start()
    rest = b""
    try:
        while True:
            packet, rest = read_packet(client, rest)
            if packet is None:
                break
            what = choose(log) if packet[4:] == b"\x03COMMIT" else None
            if what == "before":
                break
            if what == "after":
                muted.set()
            server.sendall(packet)
    except OSError:
        pass
    if not muted.is_set():
        for s in client, server:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def main():
    path, port_file, log = sys.argv[1:]
    open(log, "w").close()
    listener = socket.create_server(("127.0.0.1", 0))
    with open(port_file + ".new", "w") as file:
        file.write(str(listener.getsockname()[1]))
    os.rename(port_file + ".new", port_file)
    while True:
        client, _ = listener.accept()
        threading.Thread(target=serve, args=(client, path, log), daemon=True).start()


main()
