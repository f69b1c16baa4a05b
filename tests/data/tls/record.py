#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Record real TLS handshakes on loopback: openssl s_client against openssl s_server, through a
relay.

usage: record.py OUTPUT_FOLDER

For each session it writes NAME.client and NAME.server: the first bytes that each side sent.  The
certificate is made new each time, so the files differ from run to run; the tests say what must be
found in them.
"""
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

KEEP = 8192
SUBJECT = "/O=Example Users/CN=www.example.com"
NAMES = "subjectAltName=DNS:www.example.com,DNS:*.example.net,IP:192.0.2.1"
CIPHER12 = ["-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"]
SESSIONS = {
    "tls13": ["-tls1_3", "-servername", "www.example.com", "-alpn", "h2,http/1.1"],
    "tls12": ["-tls1_2", "-servername", "www.example.com", "-alpn", "h2,http/1.1", *CIPHER12],
    "noname": ["-tls1_2", "-noservername", *CIPHER12],
    "retry": ["-servername", "www.example.com", "-groups", "X25519:P-384"],
}


def relay(listener, port, kept):
    client, _ = listener.accept()
    server = socket.create_connection(("127.0.0.1", port))

    def pump(source, sink, side):
        while True:
            try:
                data = source.recv(65536)
            except OSError:
                break
            if not data:
                break
            kept[side] += data
            sink.sendall(data)

    threads = [threading.Thread(target=pump, args=args, daemon=True)
               for args in ((client, server, "client"), (server, client, "server"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2)
    client.close()
    server.close()


def main():
    out = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        key, cert = os.path.join(folder, "key"), os.path.join(folder, "cert")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", cert, "-days", "3650", "-subj", SUBJECT, "-addext",
                        NAMES],
                       check=True, stderr=subprocess.DEVNULL)
        for n, (name, options) in enumerate(SESSIONS.items()):
            port = 44300 + n
            extra = ["-groups", "P-384"] if name == "retry" else []
            server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:%d" % port,
                                       "-key", key, "-cert", cert,
                                       "-alpn", "h2", "-quiet", *extra], stdin=subprocess.DEVNULL)
            time.sleep(0.5)
            listener = socket.create_server(("127.0.0.1", 0))
            kept = {"client": b"", "server": b""}
            relaying = threading.Thread(target=relay, args=(listener, port, kept))
            relaying.start()
            subprocess.run(["openssl", "s_client", "-connect",
                            "127.0.0.1:%d" % listener.getsockname()[1], *options],
                           input=b"", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           check=False, timeout=10)
            relaying.join()
            server.terminate()
            server.wait()
            for side, data in kept.items():
                with open(os.path.join(out, "%s.%s" % (name, side)), "wb") as file:
                    file.write(data[:KEEP])


main()
