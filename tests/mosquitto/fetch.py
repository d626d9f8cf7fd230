"""Gets the source package of mosquitto from the Debian archive that this machine installs from.

Usage: fetch.py FOLDER. Prints the folder with the tests of the broker. Nothing outside FOLDER is changed: apt runs with
a list of sources and a state of its own, so neither root nor a `deb-src` entry of the machine is needed. What is
there already is not fetched again. When it cannot be had, it says why and ends with 75.
"""

import os
import shutil
import subprocess
import sys
import tempfile

CANNOT_BE_HAD = 75
COMMAND_S = 120
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def give_up(reason):
    print(reason)
    sys.exit(CANNOT_BE_HAD)


def run(command, **named):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=COMMAND_S, check=False, **named)
    except OSError as error:
        give_up(f"{command[0]}: {error.strerror}")
    except subprocess.TimeoutExpired:
        give_up(f"{command[0]} took longer than {COMMAND_S} s")
    if done.returncode != 0:
        give_up(f"{command[0]}: " + (done.stderr.strip().splitlines() or ["failed"])[-1])
    return done.stdout


def suite_of_this_machine():
    with open("/etc/os-release") as file:
        lines = dict(line.strip().split("=", 1) for line in file if "=" in line)
    return lines.get("VERSION_CODENAME", "").strip('"')


def sources():
    """A `deb-src` line for each of the machine's own `deb` lines of its Debian suite."""
    codename = suite_of_this_machine()
    form = "$(REPO_URI)\t$(RELEASE)\t$(COMPONENT)"
    # Where it is missing, apt takes the keys that it trusts for everything.
    option = f"[signed-by={KEYRING}] " if os.path.exists(KEYRING) else ""
    lines = set()
    for target in run(["apt-get", "indextargets", "--format", form, "Created-By: Packages"]).splitlines():
        address, release, component = target.split("\t")
        if component == "main" and (release == codename or release.startswith(codename + "-")):
            lines.add(f"deb-src {option}{address} {release} {component}\n")
    if not lines:
        give_up("this machine has no entry for a Debian archive")
    return "".join(sorted(lines))


def fetch(folder):
    """Leaves the unpacked source in `folder`, or ends."""
    for program in ("apt-get", "dpkg-source"):
        if shutil.which(program) is None:
            give_up(f"{program} is not installed")
    os.makedirs(folder, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="fetch-") as work:
        for state in ("lists/partial", "cache/archives/partial"):
            os.makedirs(os.path.join(work, state))
        with open(os.path.join(work, "sources.list"), "w") as file:
            file.write(sources())
        apt = ["apt-get", "--quiet"]
        for option in (
            f"Dir::Etc::SourceList={work}/sources.list", "Dir::Etc::SourceParts=/dev/null",
            f"Dir::State::Lists={work}/lists", f"Dir::Cache={work}/cache", "APT::Sandbox::User=",
            "Acquire::Retries=2", "Acquire::http::Timeout=15", "Acquire::https::Timeout=15",
        ):
            apt += ["-o", option]
        run(apt + ["update"])
        run(apt + ["--download-only", "source", "mosquitto"], cwd=work)
        found = [name for name in os.listdir(work) if name.endswith(".dsc")]
        if len(found) != 1:
            give_up("the archive has no source package of mosquitto")
        # apt has checked the signature of the archive and the sums of the files.
        run(["dpkg-source", "--no-check", "-x", found[0], "source"], cwd=work)
        try:
            os.rename(os.path.join(work, "source"), os.path.join(folder, "source"))
        except OSError:
            # Somebody else was faster; one copy is as good as the other.
            if not os.path.isdir(os.path.join(folder, "source")):
                raise


def main():
    folder = os.path.abspath(sys.argv[1])
    tests = os.path.join(folder, "source", "test", "broker")
    if not os.path.isdir(tests):
        fetch(folder)
    if not os.path.isdir(tests):
        give_up("the source package has no test/broker")
    print(tests)


main()
