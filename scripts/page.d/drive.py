#!/usr/bin/python3
"""Opens a page in headless Chromium and does to it what standard input says.

    drive.py FILE [WIDTHxHEIGHT] <ACTIONS >RESULTS

ACTIONS is a JSON array of arrays, RESULTS a JSON array with what each gave:

    ["open", "#frame=12"]     loads the page anew, with that link; null
    ["js", "return 1"]        what the function body returns
    ["key", "ArrowRight"]     a key, with modifiers: "Shift+ArrowRight"; null
    ["size", 1024, 768]       null
    ["calm"]                  reduced motion is preferred from now on; null
    ["until", "return true"]  what the function body returns, once that is true; an error after a minute
    ["sleep", 0.5]            null
    ["shot", "FILE.png"]      null
    ["axe"]                   what axe-core finds wrong with the page as it is, a line a rule and element
    ["log"]                   console messages and requests beyond the page since the last ["log"]
"""

import json
import os
import pathlib
import sys
import tempfile
import time
import zipfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

CODES = {"Space": " ", "Plus": "+", "Minus": "-"}
MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


class Page:
    def __init__(self, path, width, height):
        options = Options()
        for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars", "--disable-gpu", "--disable-dev-shm-usage"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.browser = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.address = pathlib.Path(path).resolve().as_uri()
        self.size(width, height)

    def size(self, width, height):
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def open(self, link=""):
        self.browser.get("about:blank")
        self.browser.get(self.address + link)

    def js(self, body):
        return self.browser.execute_script(body)

    def key(self, words):
        *modifiers, key = words.split("+") if len(words) > 1 else [words]
        key = CODES.get(key, key)
        event = {"key": key, "modifiers": sum(MODIFIERS[modifier] for modifier in modifiers)}
        if len(key) == 1:
            event["text"] = key
        self.browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyDown", **event})
        event.pop("text", None)
        self.browser.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": "keyUp", **event})

    def calm(self):
        self.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]})

    def until(self, body):
        return WebDriverWait(self.browser, 60).until(lambda browser: browser.execute_script(body))

    def axe(self):
        wheels = list((pathlib.Path(__file__).resolve().parents[2] / ".build/axe").glob("*.whl"))
        if not wheels:
            raise SystemExit("axe-core is not in .build/axe: scripts/test fetches it")
        self.browser.execute_script(zipfile.ZipFile(wheels[0]).read("axe_core_python/axe.min.js").decode())
        found = self.browser.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
        return [f"{rule['id']}: {node['html'][:120]}" for rule in found["violations"] for node in rule["nodes"]]

    def sleep(self, seconds):
        time.sleep(seconds)

    def shot(self, path):
        self.browser.save_screenshot(path)

    def log(self):
        found = [entry["message"] for entry in self.browser.get_log("browser")]
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith((self.address, "data:", "blob:", "about:")):
                    found.append("request: " + url)
        return found


def main():
    size = sys.argv[2] if len(sys.argv) > 2 else "1280x800"
    # Chromium leaves folders behind.
    with tempfile.TemporaryDirectory(prefix="portwatch-page-", ignore_cleanup_errors=True) as folder:
        os.environ["TMPDIR"] = folder
        page = Page(sys.argv[1], *map(int, size.split("x")))
        try:
            results = [getattr(page, action[0])(*action[1:]) for action in json.load(sys.stdin)]
        finally:
            page.browser.quit()
    json.dump(results, sys.stdout)


main()
