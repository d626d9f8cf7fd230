"""Runs the list of tests against one or more servers, several at a time, and prints a table.

Usage: run.py --suite FOLDER [--emqxd PROGRAM] [--mosquitto PROGRAM] [--jobs N] [--all] [TEST…]

FOLDER is what fetch.py prints. TEST is the name of a file without `.py`; without any, those that list.toml runs. Ends
with 0 only when exactly those tests have passed on emqxd that list.toml says pass.
"""

import argparse
import concurrent.futures
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import tomllib

HERE = os.path.dirname(os.path.abspath(__file__))
CANNOT_SERVE = 75
TEST_S = 120
# Below the range from which the system takes ports for connections.
PORTS = range(20000, 32000)
# Files beside the tests that are no tests by themselves.
HELPERS = {"02-subpub-qos2-receive-maximum-helper", "08-ssl-bridge-helper", "mosq_test_helper", "prop_subpub_helper", "test"}

lock = threading.Lock()
given_out = set()
started = set()


def free_ports(count):
    """Ports that nobody listens on, and that no other test of this run was given."""
    with lock:
        found = []
        while len(found) < count:
            port = random.choice(PORTS)
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    continue
            if port not in given_out:
                given_out.add(port)
                found.append(str(port))
        return found


def listeners_of(source):
    """How many ports a test asks for."""
    for count in (2, 3, 4):
        if f"get_port({count})" in source:
            return count
    return 1


def run_test(suite, name, kind, program):
    """Whether it passed, what it printed, and how long it took."""
    path = os.path.join(suite, name + ".py")
    with open(path) as file:
        ports = listeners_of(file.read())
    began = time.monotonic()
    for _ in range(3):
        code, said = run_once(suite, path, name, [kind, program], free_ports(ports))
        # Somebody else may have taken a port in between.
        if code != CANNOT_SERVE or "in use" not in said:
            break
    return code == 0, said, time.monotonic() - began


def run_once(suite, path, name, what, ports):
    """Runs a test in a folder of its own that looks to it like the folder of the suite."""
    with tempfile.TemporaryDirectory(prefix="judge-") as work:
        folder = os.path.join(work, "broker")
        os.mkdir(folder)
        os.symlink(os.path.join(os.path.dirname(suite), "ssl"), os.path.join(work, "ssl"))
        for file in os.listdir(suite):
            if file.startswith(name + ".") and file != name + ".py":
                shutil.copy(os.path.join(suite, file), folder)
        command = [sys.executable, os.path.join(HERE, "judge.py"), *what, path, *ports]
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True)
        started.add(process)
        try:
            said, _ = process.communicate(timeout=TEST_S)
            return process.returncode, said
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
            return 1, said + f"\nit did not end within {TEST_S} s"
        finally:
            started.discard(process)


def read_list():
    with open(os.path.join(HERE, "list.toml"), "rb") as file:
        listed = tomllib.load(file)
    left_out = {name: group["reason"] for group in listed["left_out"] for name in group["tests"]}
    return listed["run"], listed["deviation"], left_out


def problems_of_list(run, deviation, left_out, there):
    """What makes the list untrue for this version of the suite."""
    for name in sorted(there - set(run) - set(left_out)):
        yield f"{name} is in the suite and not in list.toml"
    for name in sorted((set(run) | set(left_out)) - there):
        yield f"{name} is in list.toml and not in the suite"
    for name in sorted(set(run) & set(left_out)):
        yield f"{name} is both run and left out"
    for name in sorted(set(deviation) - set(run)):
        yield f"{name} has a deviation and is not run"


def stop(*_):
    for process in list(started):
        os.killpg(process.pid, signal.SIGKILL)
    os._exit(1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--suite", required=True)
    parser.add_argument("--emqxd")
    parser.add_argument("--mosquitto")
    parser.add_argument("--jobs", type=int, default=4)
    parser.add_argument("--all", action="store_true", help="also those that list.toml leaves out")
    parser.add_argument("tests", nargs="*")
    asked = parser.parse_args()
    asked.suite = os.path.abspath(asked.suite)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)

    run, deviation, left_out = read_list()
    there = {file[:-3] for file in os.listdir(asked.suite) if file.endswith(".py")} - HELPERS
    problems = list(problems_of_list(run, deviation, left_out, there))
    names = asked.tests or (sorted(there) if asked.all else [name for name in run if name in there])
    programs = {"mosquitto": asked.mosquitto, "emqxd": asked.emqxd}
    servers = [(kind, program) for kind, program in programs.items() if program]

    results = {}
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        for name in names:
            for kind, program in servers:
                results[name, kind] = pool.submit(run_test, asked.suite, name, kind, os.path.abspath(program))
        results = {what: result.result() for what, result in results.items()}
    # The suite has timeouts and compares durations: what failed beside others is tried once more alone.
    for name, kind in [what for what, (passed, *_) in results.items() if not passed and what[0] not in deviation]:
        results[name, kind] = run_test(asked.suite, name, kind, os.path.abspath(programs[kind]))

    width = max(map(len, names), default=0)
    print(f"{'TEST':<{width}}" + "".join(f"  {kind:<9}" for kind, _ in servers))
    for name in names:
        cells = ["pass" if results[name, kind][0] else "FAIL" for kind, _ in servers]
        print((f"{name:<{width}}" + "".join(f"  {cell:<9}" for cell in cells)).rstrip())
    portable = [name for name in names if name not in deviation]
    for kind, _ in servers:
        passed = sum(results[name, kind][0] for name in names)
        of_portable = sum(results[name, kind][0] for name in portable)
        print(
            f"{kind}: {passed} of {len(names)} pass,"
            f" {of_portable} of the {len(portable)} that ask for nothing that the specification forbids"
        )
    if not asked.tests:
        print(f"{len(left_out)} of {len(there)} are left out; tests/mosquitto/list.toml says why")

    for name in names if asked.emqxd else []:
        passed, said, _ = results[name, "emqxd"]
        if passed and name in deviation:
            problems.append(f"{name} passes; its deviation is no longer true")
        elif not passed and name in deviation:
            print(f"\n{name}: {deviation[name]}")
        elif not passed:
            problems.append(f"{name} fails")
            print(f"\n{name}:\n{said.strip()[-3000:]}")
    for problem in problems:
        print(f"PROBLEM: {problem}")
    sys.exit(1 if problems else 0)


main()
