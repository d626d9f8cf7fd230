"""Runs one test of the suite in this process, against a server of our choice and with packets compared by meaning.

Usage: judge.py emqxd|mosquitto|none PROGRAM TEST PORT…

The suite's own module mosq_test makes the packets; what in it starts a server, reads and compares is replaced before
the test is loaded. Ends with 0 when the test has passed, with 75 when its server could not be had.
"""

import os
import runpy
import signal
import socket
import subprocess
import sys
import types

import packets
import server

CANNOT_SERVE = 75

raw_socket = socket.socket


class JudgedSocket(raw_socket):
    """Knows which version its client speaks, and reads whole packets."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.version, self.buffer, self.has_ended = 3, b"", False

    def send(self, data, *flags):
        self.version = packets.connect_version(bytes(data)) or self.version
        return super().send(data, *flags)

    def recv(self, count, *flags):
        """For tests that read by themselves: a failure that announces the end is the end (rule 6), and a CONNACK is
        as mosquitto would say it."""
        if self.fill(1):
            if packets.is_failure(self.peek_packet(), self.version) and self.ends_after_packet():
                self.buffer = b""
            elif self.version == 5 and self.buffer[0] >> 4 == packets.CONNACK:
                connack = self.next_packet()
                self.buffer = packets.as_mosquitto_would(connack) + self.buffer
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def fill(self, count):
        """Waits until so many bytes are here; whether they are."""
        while len(self.buffer) < count and not self.has_ended:
            try:
                more = super().recv(65536)
            except ConnectionResetError:
                more = b""
            self.has_ended = not more
            self.buffer += more
        return len(self.buffer) >= count

    def peek_packet(self):
        """The next packet, or what there is of it before the end."""
        size = 2
        while self.fill(size) and (total := packets.length(self.buffer)) is None:
            size += 1
        if len(self.buffer) < size:
            return self.buffer
        self.fill(total)
        return self.buffer[:total]

    def next_packet(self):
        packet = self.peek_packet()
        self.buffer = self.buffer[len(packet):]
        return packet

    def ends_after_packet(self):
        after = len(self.peek_packet()) + 1
        return not self.fill(after)


def explain(name, problem, received, expected, version):
    print(f"FAIL: {name}: {problem}")
    print(f"Received: {packets.describe(received, version)}")
    print(f"Expected: {packets.describe(expected, version)}")


def replacements(suite, start):
    """What takes the place of functions of the suite's module mosq_test."""

    def start_broker(filename, cmd=None, port=0, use_conf=False, expect_fail=False):
        if cmd is not None:
            raise server.CannotServe(f"the test wants {cmd}")
        with_file = use_conf or port == 0
        return start(port or 1888, filename.replace(".py", ".conf") if with_file else None)

    def expect_packet(sock, name, expected):
        if not expected:
            received = sock.next_packet() if sock.fill(1) else b""
            if not received or (packets.is_failure(received, sock.version) and not sock.fill(1)):
                return True
            explain(name, "the connection should be closed", received, expected, sock.version)
            raise suite.TestError
        for wanted in packets.split(expected):
            received = sock.next_packet()
            problem = packets.difference(received, wanted, sock.version) if received else "the connection is closed"
            if problem is not None:
                explain(name, problem, received, wanted, sock.version)
                raise suite.TestError
        return True

    def receive_unordered(sock, recv1_packet, recv2_packet, error_string):
        first, second = packets.split(recv1_packet), packets.split(recv2_packet)
        received = [sock.next_packet() for _ in first + second]
        for expected in (first + second, second + first):
            if all(got and packets.difference(got, want, sock.version) is None
                   for got, want in zip(received, expected)):
                return
        for got, want in zip(received, first + second):
            explain(error_string, "in no order as expected", got, want, sock.version)
        raise ValueError(error_string)

    def packet_matches(name, recvd, expected):
        for version in (5, 3):
            if packets.difference(recvd, expected, version) is None:
                return True
        explain(name, "it means something else", recvd, expected, 5)
        return False

    return {"start_broker": start_broker, "expect_packet": expect_packet, "receive_unordered": receive_unordered,
            "packet_matches": packet_matches}


def memory_of_what_a_server_holds():
    """The one test that measures memory asks for address space, which says nothing where a runtime reserves some.
    It gets what is resident, above what it was when the server had started."""

    class Process:
        def __init__(self, pid):
            self.pid = pid

        def memory_info(self):
            began = next(one.resident_at_start for one in server.running if one.pid == self.pid)
            return types.SimpleNamespace(vms=server.resident(self.pid) - began)

    return types.SimpleNamespace(Process=Process)


def judged_helpers(popen):
    """A script of the suite that a test starts as its helper is judged in the same way, not by its bytes."""

    def start(command, *arguments, **named):
        if isinstance(command, list) and command[0].endswith(".py"):
            script = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), os.path.basename(command[0]))
            command = [sys.executable, __file__, "none", "", script, *command[1:]]
        return popen(command, *arguments, **named)

    return start


def no_server(*_):
    raise server.CannotServe("a helper starts no server")


STARTERS = {"emqxd": server.start_emqxd, "mosquitto": server.start_mosquitto, "none": no_server}


def main():
    kind, program, test, *ports = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    sys.dont_write_bytecode = True
    broker_tests = os.path.dirname(os.path.abspath(test))
    sys.path[:0] = [broker_tests, os.path.dirname(broker_tests)]
    import mosq_test

    for name, function in replacements(mosq_test, lambda *what: STARTERS[kind](program, *what)).items():
        setattr(mosq_test, name, function)
    socket.socket = JudgedSocket
    subprocess.Popen = judged_helpers(subprocess.Popen)
    sys.modules["psutil"] = memory_of_what_a_server_holds()
    sys.argv = [test, *ports]
    try:
        runpy.run_path(test, run_name="__main__")
    except server.CannotServe as error:
        print(f"CANNOT SERVE: {error}")
        sys.exit(CANNOT_SERVE)
    finally:
        server.clean_up()


main()
