"""Servers for one test: a fresh emqxd, or mosquitto itself, on a port and with the options that the test wants."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

START_S = 20

# What mosquitto does when nothing is configured, and what the suite takes for granted.
DEFAULTS = {
    "EMQXD_LOG_LEVEL": "warn",
    "EMQXD_SESSION_INFLIGHT_MAX": "20",
    "EMQXD_SESSION_RECEIVE_MAXIMUM": "20",
    "EMQXD_SESSION_TOPIC_ALIAS_MAXIMUM": "10",
}

# Options of mosquitto, and what is the same in emqxd. `{}` is the value.
SAME = {
    "allow_anonymous": {"EMQXD_ALLOW_ANONYMOUS": "{}"},
    # In mosquitto it is also the Receive Maximum that the client is told.
    "max_inflight_messages": {"EMQXD_SESSION_INFLIGHT_MAX": "{}", "EMQXD_SESSION_RECEIVE_MAXIMUM": "{}"},
    "max_queued_messages": {"EMQXD_SESSION_QUEUE_MESSAGES_MAX": "{}"},
    "max_queued_bytes": {"EMQXD_SESSION_QUEUE_BYTES_MAX": "{}"},
    "max_packet_size": {"EMQXD_LIMITS_MAXIMUM_PACKET_SIZE": "{}"},
    "max_keepalive": {"EMQXD_LIMITS_KEEP_ALIVE_MAX": "{}s"},
    "max_connections": {"EMQXD_LIMITS_MAX_CONNECTIONS": "{}"},
    "retain_available": {"EMQXD_CAPABILITIES_RETAIN_AVAILABLE": "{}"},
    "max_qos": {"EMQXD_SESSION_MAXIMUM_QOS": "{}"},
    "maximum_qos": {"EMQXD_SESSION_MAXIMUM_QOS": "{}"},
    # Nothing that a client sees.
    "sys_interval": {},
    "log_type": {},
    "max_inflight_bytes": {},
    "per_listener_settings": {},
}

running = []


class CannotServe(Exception):
    """The server does not have what the test asks for, or does not start."""


class Server:
    """What the suite does with the process that it started by itself."""

    def __init__(self, command, environment, folder):
        self.folder = folder
        self.log = open(os.path.join(folder, "log"), "w+b")
        self.process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.pid = self.process.pid
        running.append(self)

    def wait_for(self, ports):
        deadline = time.monotonic() + START_S
        for port in ports:
            while True:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise CannotServe(f"the server did not start: {self.said()}")
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.01)
        self.resident_at_start = resident(self.pid)

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def send_signal(self, number):
        self.process.send_signal(number)

    def terminate(self):
        """Nothing is kept on disk, so there is nothing to wait for. A server that has ended by itself has crashed."""
        code = self.process.poll()
        if code is not None:
            raise RuntimeError(f"the server ended by itself with {code}: {self.said()}")
        self.process.send_signal(signal.SIGKILL)

    def wait(self):
        return self.process.wait()

    def communicate(self, timeout=None):
        self.process.wait(timeout)
        return b"", self.said().encode()

    def clean_up(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def resident(pid):
    """Memory of a process, bytes."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def options(path):
    """(option, value) of a configuration file of mosquitto."""
    with open(path) as file:
        lines = [line.split(None, 1) for line in file]
    return [(line[0], line[1].strip() if len(line) > 1 else "") for line in lines
            if line and not line[0].startswith("#")]


def start_mosquitto(program, port, configuration):
    folder = tempfile.mkdtemp(prefix="judge-")
    if configuration is None:
        command, ports = [program, "-v", "-p", str(port)], [port]
    else:
        command = [program, "-v", "-c", configuration]
        ports = [int(value) for option, value in options(configuration) if option in ("port", "listener")]
    server = Server(command, {}, folder)
    server.wait_for(ports or [port])
    return server


def start_emqxd(program, port, configuration):
    environment = dict(DEFAULTS)
    if configuration is not None:
        ports = []
        for option, value in options(configuration):
            if option in ("port", "listener"):
                ports.append(int(value))
            elif option in SAME:
                for variable, form in SAME[option].items():
                    environment[variable] = form.format(value)
            else:
                raise CannotServe(f"emqxd has nothing like {option} {value}")
        if ports != [port]:
            raise CannotServe(f"the test wants listeners on {ports}")
        # Of mosquitto 2.0 on: with a configuration file nobody without a name is let in unless that is said.
        environment.setdefault("EMQXD_ALLOW_ANONYMOUS", "false")
    folder = tempfile.mkdtemp(prefix="judge-")
    free = "127.0.0.1:0"
    server = Server(
        [program, "--node-name", "judged", "--data-dir", os.path.join(folder, "data"), "--mqtt", f"127.0.0.1:{port}",
         "--admin", free, "--http", free, "--cluster", free],
        environment, folder)
    server.wait_for([port])
    return server


def clean_up():
    while running:
        running.pop().clean_up()
