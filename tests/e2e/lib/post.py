# SPDX-License-Identifier: Apache-2.0
"""Servers that take what nta-notify sends: exim (SMTP with TLS and login) and nginx (webhooks), on
this machine, in folders of the test's own."""
import email
import email.policy
import json
import pathlib
import pwd
import shutil
import socket
import subprocess
import time

EXIM = """
primary_hostname = mail.school.example
daemon_smtp_ports = 2525
local_interfaces = 127.0.0.1
spool_directory = {0}/spool
log_file_path = {0}/spool/%slog
pid_file_path = {0}/spool/pid
tls_advertise_hosts = *
tls_certificate = {0}/cert.pem
tls_privatekey = {0}/mail-key.pem
acl_smtp_mail = mail
acl_smtp_rcpt = rcpt
acl_smtp_data = data
host_lookup =
keep_environment =
begin acl
mail:
  require authenticated = *
  require encrypted = *
  accept
rcpt:
  deny local_parts = refused
  defer local_parts = later
        condition = ${{if exists{{{0}/later}}{{no}}{{yes}}}}
  accept domains = school.example
  deny
data:
  accept
begin routers
all:
  driver = accept
  transport = take
begin transports
take:
  driver = appendfile
  directory = {0}/mail
  maildir_format
  user = {1}
  group = {1}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and {{{{eq{{$auth2}}{{nta}}}}{{eq{{$auth3}}{{secret}}}}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""
NGINX = """
user root;
worker_processes 1;
pid {0}/nginx.pid;
error_log {0}/nginx-error.log;
events {{ worker_connections 64; }}
http {{
    log_format hooks escape=json '{{"uri":"$request_uri","key":"$http_idempotency_key",'
        '"auth":"$http_authorization","method":"$request_method","body":"$request_body"}}';
    client_body_temp_path {0}/nginx-body; proxy_temp_path {0}/nginx-proxy;
    fastcgi_temp_path {0}/nginx-f; uwsgi_temp_path {0}/nginx-u; scgi_temp_path {0}/nginx-s;
    client_body_buffer_size 256k; client_body_in_single_buffer on;
    server {{
        listen 127.0.0.1:8443 ssl;
        ssl_certificate {0}/cert.pem; ssl_certificate_key {0}/key.pem;
        access_log off;
        location / {{ proxy_pass http://127.0.0.1:8081; access_log {0}/hooks hooks; }}
        location /slow {{ proxy_pass http://127.0.0.1:8081; access_log {0}/hooks hooks;
                          limit_req zone=slow burst=100; }}
        location /busy {{ return 503; }}
    }}
    limit_req_zone $server_name zone=slow:1m rate=10r/s;
    server {{ listen 127.0.0.1:8081; access_log off; location / {{ return 200 "ok"; }} }}
}}
"""


def found():
    return all(shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin")
               for tool in ("exim4", "nginx", "openssl"))


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait(what, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(.1)
    return False


class Post:
    """Both servers; ended with the block."""

    def __init__(self, folder):
        self.folder, self.user, self.running = pathlib.Path(folder), "Debian-exim", {}
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True,
                       stderr=subprocess.DEVNULL)
        self.folder.chmod(0o755)
        shutil.copy(folder / "key.pem", folder / "mail-key.pem")
        user = pwd.getpwnam(self.user)
        for name in ("spool", "mail"):
            (folder / name).mkdir()
        for name in ("spool", "mail", "mail-key.pem"):
            shutil.chown(folder / name, user.pw_uid, user.pw_gid)
        (folder / "exim.conf").write_text(EXIM.format(folder, self.user))
        (folder / "nginx.conf").write_text(NGINX.format(folder))

    def start(self, name):
        command = {"exim4": ["/usr/sbin/exim4", "-C", self.folder / "exim.conf", "-bdf", "-q1m"],
                   "nginx": ["/usr/sbin/nginx", "-p", self.folder, "-c",
                             self.folder / "nginx.conf", "-g", "daemon off;"]}[name]
        with open(self.folder / f"{name}.out", "ab") as out:
            self.running[name] = subprocess.Popen(command, stdout=out, stderr=out)
        if not wait(lambda: listens(2525 if name == "exim4" else 8443)):
            raise SystemExit(f"{name} does not start: "
                             + (self.folder / f"{name}.out").read_text()[-500:])

    def stop(self, name):
        process = self.running.pop(name)
        process.terminate()
        process.wait(20)

    def __enter__(self):
        self.start("exim4")
        self.start("nginx")
        return self

    def __exit__(self, *_):
        for name in list(self.running):
            self.stop(name)

    def mails(self):
        """What lies in the mailbox, as Python's parser has it."""
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                for path in sorted((self.folder / "mail/new").glob("*"))]

    def hooks(self, uri=""):
        """Requests to webhooks that begin so: each with its body, taken apart."""
        path = self.folder / "hooks"
        rows = []
        for line in path.read_text().splitlines() if path.exists() else []:
            row = json.loads(line)
            if row["uri"].startswith(uri):
                rows.append({**row, "body": json.loads(row["body"])})
        return rows
