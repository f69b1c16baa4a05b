# SPDX-License-Identifier: Apache-2.0
"""A MariaDB server of a test's own, on a socket."""
import os
import shutil
import subprocess
import time

for place in ("/usr/sbin", "/usr/local/sbin"):
    os.environ["PATH"] += ":" + place


def found():
    return all(shutil.which(name) for name in ("mariadbd", "mariadb-install-db", "mariadb"))


class MariaDb:
    """With a database `nta` and a user for it, ended with the block."""

    def __init__(self, folder):
        self.folder, self.socket = folder, folder / "sock"
        folder.mkdir()
        subprocess.run(["mariadb-install-db", "--no-defaults", "--user=root",
                        f"--datadir={folder}/data", "--auth-root-authentication-method=normal",
                        "--skip-test-db", "--skip-name-resolve"], check=True, capture_output=True)
        self.start()
        self.sql("CREATE DATABASE nta; "
                 "GRANT SELECT, INSERT, CREATE ON nta.* TO nta@localhost IDENTIFIED BY 'sesame'; "
                 "GRANT CREATE, UPDATE ON nta.chain TO nta@localhost")

    def config(self):
        return (f'mysql = {{ hosts = "{self.socket}"; user = "nta"; password = "sesame"; '
                'database = "nta"; };')

    def client(self, sql):
        return subprocess.run(["mariadb", "--no-defaults", f"--socket={self.socket}",
                               "--user=root", f"--execute={sql}"], capture_output=True, text=True,
                              check=False)

    def sql(self, sql):
        run = self.client(sql)
        if run.returncode:
            raise SystemExit(f"{sql}: {run.stderr}")

    def start(self):
        with open(self.folder / "err", "ab") as err:
            self.process = subprocess.Popen(
                ["mariadbd", "--no-defaults", "--user=root", f"--datadir={self.folder}/data",
                 f"--socket={self.socket}", f"--pid-file={self.folder}/pid", "--skip-networking",
                 "--innodb-buffer-pool-size=64M", "--skip-log-bin"],
                stdout=subprocess.DEVNULL, stderr=err)
        for _ in range(600):
            if self.client("SELECT 1").returncode == 0:
                return
            time.sleep(.1)
        raise SystemExit("MariaDB did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
