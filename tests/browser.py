"""A page of a real browser, driven by the DevTools protocol: what it shows, clicks of the mouse, and pictures."""

import base64
import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)

PATIENCE = 300.0
"""Seconds after which something that should be on a page is given up."""

_KEYS = {"Enter": 13, "Escape": 27, "End": 35, "ArrowLeft": 37, "ArrowDown": 40}
"""The numbers of the keys that are pressed."""

_FIND = """
((wanted, exact, inside) => {
    const tidy = text => text.replace(/\\u200b/g, "").replace(/\\s+/g, " ").trim();
    const fits = text => exact ? tidy(text) === wanted : tidy(text).includes(wanted);
    const isShown = element => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
    const boxOf = element => {
        const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            if (!tidy(node.data)) continue;
            range.selectNodeContents(node);
            if (fits(node.data) && !exact) {
                const start = node.data.indexOf(wanted);
                if (start >= 0) range.setStart(node, start), range.setEnd(node, start + wanted.length);
            }
            if (range.getClientRects().length) return range.getClientRects()[0];
        }
        return element.getClientRects()[0];
    };
    const reach = element => {
        const box = boxOf(element);
        const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
        const hit = document.elementFromPoint(x, y);
        return hit && (element.contains(hit) || hit.contains(element)) ? [x, y] : null;
    };
    const candidates = [...document.querySelectorAll(inside)].filter(element =>
        isShown(element) && fits(element.innerText ?? element.textContent)
        && ![...element.children].some(child => isShown(child) && fits(child.innerText ?? child.textContent))
        && !element.closest(":disabled, [aria-disabled=true]"));
    let found = null;
    if (candidates.some(element => found = reach(element))) return JSON.stringify(found);
    for (const element of candidates) {
        element.scrollIntoView({block: "center"});
        if (found = reach(element)) return JSON.stringify(found);
    }
    return null;
})
"""
"""Finds where the mouse reaches an innermost element with a text, which is scrolled into view if none is; a button must be enabled."""


class Browser:
    """A page of a browser, by the DevTools protocol."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = count(1)
        self.clicks = 0
        """The clicks of the mouse so far."""
        self.size = (0, 0)
        """Width and height of the window, once it has been resized."""
        self.events: list[dict[str, Any]] = []
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (message := json.loads(self._connection.recv(timeout=PATIENCE))).get("id") != number:
            self.events.append(message)
        assert "error" not in message, message
        return dict(message["result"])

    def open(self, url: str) -> None:
        """Open a page and wait until it has loaded."""
        before = len(self.events)
        self.do("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events[before:]):
            self.events.append(json.loads(self._connection.recv(timeout=PATIENCE)))

    def resize(self, width: int, height: int, *, mobile: bool = False) -> None:
        self.size = width, height
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def value(self, expression: str) -> Any:
        """The value of an expression on the page; None while the page is being replaced by another."""
        return self.do("Runtime.evaluate", expression=expression)["result"].get("value")

    def called(self, method: str) -> list[Any]:
        return [event["params"] for event in self.events if event["method"] == method]

    def text(self) -> str:
        """What a person reads on the page."""
        return " ".join(str(self.value("document.body.innerText") or "").split())

    def sees(self, *texts: str) -> bool:
        """Whether a person reads all of these on the page."""
        shown = self.text()
        return all(text in shown for text in texts)

    def wait_for(self, *texts: str) -> None:
        """Wait until a person reads all of these on the page."""
        end = time.monotonic() + PATIENCE
        while not self.sees(*texts):
            if time.monotonic() > end:
                pytest.fail(f"the page does not show {texts} within {PATIENCE} s, but: {self.text()[:2000]}")
            time.sleep(0.3)

    def until(self, expression: str) -> None:
        """Wait until an expression is true on the page."""
        end = time.monotonic() + PATIENCE
        while not self.value(expression):
            if time.monotonic() > end:
                pytest.fail(f"{expression} is not true within {PATIENCE} s; the page shows: {self.text()[:2000]}")
            time.sleep(0.3)

    def find(
        self, text: str, *, exact: bool = True, inside: str = "body *", below: str | None = None
    ) -> tuple[float, float]:
        """Wait until a text is where a person sees it and the mouse reaches it, and no longer moves; give its position.

        Args:
            text: What an element shows, or a part of it that is in one piece.
            exact: Whether it shows nothing else.
            inside: A CSS selector of the elements that are considered.
            below: The text of a heading; what is below it is scrolled to its end with the wheel until the text is there.
        """
        end = time.monotonic() + PATIENCE
        before = None
        while time.monotonic() < end:
            found = self._look(text, exact=exact, inside=inside)
            if found is not None and found == before:
                return found
            if found is None and below and (heading := self._look(below, exact=True, inside="body *")):
                x, y = heading
                self.do("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y + 100, deltaX=0, deltaY=100_000)
            before = found
            time.sleep(0.3)
        return pytest.fail(f"nobody sees {text!r} within {PATIENCE} s; the page shows: {self.text()[:2000]}")

    def _look(self, text: str, *, exact: bool, inside: str) -> tuple[float, float] | None:
        found = self.value(f"{_FIND}({json.dumps(text)}, {json.dumps(exact)}, {json.dumps(inside)})")
        if found is None:
            return None
        x, y = json.loads(found)
        return x, y

    def click(self, text: str, *, exact: bool = True, inside: str = "body *", below: str | None = None) -> None:
        """Click what shows a text, with the mouse; the arguments are those of `find`."""
        x, y = self.find(text, exact=exact, inside=inside, below=below)
        self.clicks += 1
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            buttons = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
            self.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, **buttons)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.do("Input.insertText", text=text)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            for kind in ("keyDown", "keyUp"):
                self.do("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=_KEYS[key])

    def picture(self) -> bytes:
        """What the window shows, as a PNG."""
        return base64.b64decode(self.do("Page.captureScreenshot", format="png")["data"])


@contextlib.contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """Start a browser with a new profile, and give its page."""
    options = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
    )
    with subprocess.Popen(
        [str(CHROMIUM), *options, "about:blank"], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stderr is not None
            address = next(line.split()[-1] for line in process.stderr if "DevTools listening on" in line)
            with connect(address, max_size=None, ping_interval=None) as connection:
                connection.send(json.dumps({"id": 0, "method": "Target.getTargets"}))
                targets = json.loads(connection.recv(timeout=30))["result"]["targetInfos"]
            target = next(each["targetId"] for each in targets if each["type"] == "page")
            host = address.removeprefix("ws://").partition("/")[0]
            page = f"ws://{host}/devtools/page/{target}"
            # The page may say much while nobody reads it: a full queue would keep back the answer to a ping.
            with connect(page, max_size=None, max_queue=None, ping_interval=None) as connection:
                yield Browser(connection)
        finally:
            process.terminate()
            process.wait(timeout=30)
            assert process.stderr is not None
            process.stderr.close()
