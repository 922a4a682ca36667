#!/usr/bin/env python3
"""Plays videos from the server in a real browser without a screen, and checks the picture that the browser shows.

    browsers.py SERVER MEDIA_DIR chromium|firefox BROWSER

The page has another origin than the videos, so the script also tests CORS. The page plays the clip to its end. Then it
opens two long films, and seeks to five points in each film. One film has its index (the MP4 box moov) at its beginning,
the other film at its end. Each frame shows its time as a white bar (see make-clip). The page reads the time from the
pixels of the bar. Both browsers block requests to hosts other than 127.0.0.1.
"""

import http.server
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

BROWSER_SECONDS = 60
HERE = os.path.dirname(os.path.abspath(__file__))

CHROMIUM_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
    "--no-first-run", "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-extensions", "--disable-default-apps", "--disable-domain-reliability",
    "--metrics-recording-only", "--mute-audio", "--autoplay-policy=no-user-gesture-required", "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

# Videos play without a click. The proxy settings send requests for hosts other than 127.0.0.1 to the closed port 9.
FIREFOX_PREFS = {
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1",
    "network.proxy.allow_bypass": False,
    "network.proxy.failover_direct": False,
    "network.trr.mode": 5,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.dns.disablePrefetch": True,
    "network.prefetch-next": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.region.update.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.push.connection.enabled": False,
    "extensions.blocklist.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "toolkit.telemetry.unified": False,
}


class Listener:
    """Serves the page, and collects the results that the page sends."""

    def __init__(self):
        self.reports = queue.Queue()
        self.page = ""
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                content = listener.page.encode() if self.path == "/" else b""
                self.send_response(200 if content else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                listener.reports.put(json.loads(self.rfile.read(length)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def start_server(program, media, origin, errors):
    """Starts the server on a free port; returns the process and its URL."""
    server = subprocess.Popen(
        [program, "--dir", media, "--port", "0", "--bind", "127.0.0.1", "--cors-origin", origin,
         "--print-url"],
        stdout=subprocess.PIPE, stderr=errors, env={**os.environ, "RUST_LOG": "info"})
    url = server.stdout.readline().decode().rstrip("/\n")
    if not url:
        raise RuntimeError("the server printed no URL")
    return server, url


def start_browser(kind, program, home, url):
    """Starts the browser with a new profile, in a process group of its own. `end` ends all processes of this group."""
    profile = os.path.join(home, "profile")
    os.mkdir(profile)
    if kind == "chromium":
        command = [program, *CHROMIUM_FLAGS, f"--user-data-dir={profile}", url]
    else:
        with open(os.path.join(profile, "user.js"), "w") as prefs:
            for name, value in FIREFOX_PREFS.items():
                prefs.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
        command = [program, "--headless", "--no-remote", "--profile", profile, url]
    with open(os.path.join(home, "browser.log"), "w") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True,
                                env={**os.environ, "HOME": home, "MOZ_CRASHREPORTER_DISABLE": "1",
                                     # Without this variable, Firefox ignores its setting services.settings.server.
                                     "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1"})


def end(process, whole_group=False):
    """Ends a process that this script started. Returns its exit code, or None if SIGTERM did not end it."""
    send = (lambda number: os.killpg(process.pid, number)) if whole_group else process.send_signal
    for number, seconds in ((signal.SIGTERM, 12), (signal.SIGKILL, 5)):
        try:
            send(number)
        except ProcessLookupError:
            pass
        try:
            code = process.wait(seconds)
            return code if number == signal.SIGTERM else None
        except subprocess.TimeoutExpired:
            pass
    return None


def period_of(media):
    """Returns the duration of one repetition of the clip, in seconds. The long film repeats the clip 250 times."""
    film = os.path.join(media, "moov-first.mp4")
    seconds = subprocess.check_output(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", film])
    return float(seconds) / 250


def main():
    program, media, kind, browser_program = sys.argv[1:]
    failed = 0
    home = tempfile.mkdtemp(prefix="videoserve-browser.")
    listener = Listener()
    server = browser = None
    with open(os.path.join(home, "server.log"), "wb+") as errors:
        try:
            server, base = start_server(program, media, listener.origin, errors)
            with open(os.path.join(HERE, "player.html"), encoding="utf-8") as page:
                settings = {"stream": f"{base}/api/stream", "period": period_of(media)}
                listener.page = page.read().replace("SETTINGS", json.dumps(settings))
            browser = start_browser(kind, browser_program, home, listener.origin + "/")

            deadline = time.monotonic() + BROWSER_SECONDS
            while True:
                try:
                    report = listener.reports.get(timeout=max(0.01, deadline - time.monotonic()))
                except queue.Empty:
                    report = {"name": "ends", "ok": False, "seen": f"no report within {BROWSER_SECONDS} s", "last": True}
                failed += not report["ok"]
                word = "ok  " if report["ok"] else "FAIL"
                print(f"  {word}  {kind} {report['name']}: {report['seen']}", flush=True)
                if report.get("last"):
                    break
        finally:
            if browser:
                end(browser, whole_group=True)
            code = end(server) if server else None
            failed += code != 0
            print(f"  {'FAIL' if code else 'ok  '}  SIGTERM ends the server after {kind}: exit code {code}")
            if failed:
                errors.seek(0)
                print(errors.read().decode(errors="replace")[-4000:], file=sys.stderr)
            shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
