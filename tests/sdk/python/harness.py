"""Starts the programs under test, and talks to them."""

import json
import queue
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request

# How long anything may take that should take no time at all, in seconds.
PATIENCE = 30


class SimServer:
    """The simulated providers, in a process of their own.

    It is told what to do line by line; see tests/src/bin/sim_server.
    """

    def __init__(self, binary, sims):
        self._process = subprocess.Popen(
            [binary, json.dumps(sims)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.urls = self._read()["sims"]

    def counts(self, name):
        """What has become of the requests so far."""
        return self._ask({"counts": name})

    def wait(self, name, **least):
        """The counts, as soon as they are at least as given, such as `cancelled=1`."""
        within = PATIENCE * 1000
        return self._ask({"wait": name, "for": least, "within_ms": within})

    def requests(self, name):
        """The requests that came, oldest first."""
        return self._ask({"requests": name})

    def release(self, name):
        """Lets the requests go on that the sim holds."""
        return self._ask({"release": name})

    def close(self):
        self._process.stdin.close()
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def _ask(self, command):
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self):
        line = self._process.stdout.readline()
        assert line, "sim_server has ended, see its complaint above"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer


class Gateway:
    """The gateway, listening on a port of its own choice."""

    def __init__(self, binary, config, env, others):
        """`others` are URLs that it may print, but that are not its own."""
        self._process = subprocess.Popen(
            [binary, "--config", config, "--host", "127.0.0.1", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
        )
        self.log = []
        self._addresses = queue.Queue()
        # It must be read to the end, or the gateway would block on a full pipe.
        self._reader = threading.Thread(target=self._drain, args=[set(others)])
        self._reader.start()
        try:
            self.url = self._address()
            self._until_ready()
        except BaseException:
            self.close()
            raise

    def close(self):
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._reader.join(PATIENCE)

    def _drain(self, others):
        for line in self._process.stdout:
            self.log.append(line)
            for url in re.findall(r"http://127\.0\.0\.1:[1-9][0-9]*", line):
                if url not in others:
                    self._addresses.put(url)
        # Its end, for whoever waits for an address.
        self._addresses.put(None)

    def _address(self):
        try:
            url = self._addresses.get(timeout=PATIENCE)
        except queue.Empty:
            url = None
        assert url, "the gateway did not say where it listens:\n" + "".join(self.log)
        return url

    def _until_ready(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(self.url + "/health/readiness", timeout=5):
                    return
            except (urllib.error.URLError, OSError) as error:
                ended = self._process.poll() is not None
                if ended or time.monotonic() > deadline:
                    log = "".join(self.log)
                    raise AssertionError(f"the gateway is not ready: {error}\n{log}") from error
            time.sleep(0.02)
