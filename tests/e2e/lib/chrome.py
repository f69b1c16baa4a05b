# SPDX-License-Identifier: Apache-2.0
"""Headless Chromium over the DevTools protocol on a pipe: nothing but Python's own modules.

    with Chrome() as page:
        page.open("file:///tmp/x.html")
        page.js("document.title")
"""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time


# what scrolls is there at once
STILL = {"name": "prefers-reduced-motion", "value": "reduce"}


class Chrome:
    def __init__(self, width=1360, height=900):
        self.program = shutil.which("chromium") or shutil.which("google-chrome")
        self.size = width, height
        self.profile = tempfile.mkdtemp(prefix="nta-chrome-")
        self.last = 0
        self.left = b""
        self.answers = {}
        # addresses asked for (data: is none); what came on the console
        self.requests, self.messages = [], []

    def __enter__(self):
        # away from 3 and 4, which are the browser's ends
        to_read, self.to = map(high, os.pipe())
        self.come, come_write = map(high, os.pipe())

        def wire():
            os.dup2(to_read, 3)
            os.dup2(come_write, 4)

        self.process = subprocess.Popen(
            [self.program, "--headless=new", "--no-sandbox", "--disable-gpu",
             "--remote-debugging-pipe", "--no-first-run",
             "--disable-background-networking", "--disable-dev-shm-usage",
             "--disable-component-update", "--lang=en",
             "--hide-scrollbars", f"--window-size={self.size[0]},{self.size[1]}",
             f"--user-data-dir={self.profile}",
             "about:blank"],
            preexec_fn=wire, pass_fds=(3, 4), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(come_write)
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self._call("Target.attachToTarget", targetId=target,
                                  flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Network", "Log":
            self.call(f"{domain}.enable")
        self.resize(*self.size)
        self.call("Emulation.setEmulatedMedia", features=[STILL])
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)

    def _receive(self, seconds):
        while b"\0" not in self.left:
            if not select.select([self.come], [], [], seconds)[0]:
                return None
            part = os.read(self.come, 1 << 20)
            if not part:
                raise EOFError("the browser ended")
            self.left += part
        text, self.left = self.left.split(b"\0", 1)
        message = json.loads(text)
        self._note(message.get("method"), message.get("params", {}))
        return message

    def _note(self, method, params):
        if method == "Network.requestWillBeSent" and params["type"] != "Document" and not params[
            "request"]["url"].startswith("data:"):
            self.requests.append(params["request"]["url"])
        elif method == "Runtime.consoleAPICalled":
            self.messages.append(params["type"] + ": "
                                 + " ".join(str(a.get("value", a.get("description")))
                                            for a in params["args"]))
        elif method == "Runtime.exceptionThrown":
            self.messages.append("exception: "
                                 + params["exceptionDetails"].get("exception", {}).get(
                                     "description", "?"))
        elif method == "Log.entryAdded":
            self.messages.append(params["entry"]["level"] + ": " + params["entry"]["text"])

    def _call(self, method, session=None, **params):
        self.last += 1
        number = self.last
        message = {"id": number, "method": method, "params": params,
                   **({"sessionId": session} if session else {})}
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive(60)
            if answer is None:
                raise TimeoutError(method)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def call(self, method, **params):
        return self._call(method, self.session, **params)

    def open(self, url, settle=0.5):
        self.call("Page.navigate", url=url)
        until = time.time() + 30
        while self.js("document.readyState") != "complete" and time.time() < until:
            self._receive(0.1)
        self.wait(settle)

    def new_tab(self, url):
        """One more page in front of the others; set `session` to it, or back, to speak with it."""
        target = self._call("Target.createTarget", url=url)["targetId"]
        return self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def wait(self, seconds):
        until = time.time() + seconds
        while (left := until - time.time()) > 0:
            self._receive(left)

    def js(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(
                result["exceptionDetails"].get("exception", {}).get("description", expression))
        return result["result"].get("value")

    def processor_ms(self):
        """What the page's program took of a processor, once Performance is enabled so."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return 1000 * next(m["value"] for m in metrics if m["name"] == "ScriptDuration")

    def key(self, name):
        code = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "End": 35,
                "Home": 36}[name]
        text = {"text": "\r"} if name == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=name, code=name,
                  windowsVirtualKeyCode=code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=name, code=name,
                  windowsVirtualKeyCode=code)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def click(self, selector):
        """A real click in the middle of the element."""
        at = self.js(f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
                     " e.scrollIntoView({block: 'center', behavior: 'instant'});"
                     "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + "
                     "b.height / 2]; })()")
        for kind in "mousePressed", "mouseReleased":
            self.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], button="left",
                      clickCount=1)
        self.wait(0.2)

    def resize(self, width, height, mobile=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=mobile)

    def dark(self, on=True):
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if on else "light"},
                            STILL])

    def screenshot(self, path, whole=False):
        data = self.call("Page.captureScreenshot", format="png",
                         captureBeyondViewport=whole)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def pdf(self, path):
        data = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))


def high(fd):
    """The same file at a number of 10 or more."""
    new = fcntl.fcntl(fd, fcntl.F_DUPFD, 10)
    os.close(fd)
    return new
