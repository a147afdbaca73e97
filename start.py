"""Casse-croûte with nothing but Python: installs what it needs into this folder, then runs.

    python3 start.py demo           the offline demo, in your browser (--port N, --no-browser)
    python3 start.py test           the tests (pytest's own arguments may follow)
    python3 start.py run            the bot itself (put DISCORD_TOKEN in .env first, see .env.example)
    python3 start.py COMMAND ...    any other command: check, read, ... (--help after it explains it)

Packages go to .venv in this folder, and uv, when the machine has none, to .uv; what was downloaded stays in uv's cache.
"""

# This file must be readable by old Pythons, so that they can say what is wrong: nothing newer than 3.6 in here.
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent
OWN_UV = ROOT / ".uv"
VENV = ROOT / ".venv"
OLDEST_UV = (0, 8)
UV_REQUIREMENT = "uv>=0.8,<1"
FIRST_SECONDS = 2
MOST_WORKERS = 4
NO_UV = (
    "Casse-croûte could not get uv, which installs its packages. Install uv, or pip and venv for this Python "
    "(on Debian and Ubuntu: sudo apt install python3-venv), then give the same command again."
)
NO_NETWORK = (
    "Casse-croûte could not download what it needs: the network does not answer. "
    "Check this machine's connection, then give the same command again."
)
NO_ROOM = (
    "Casse-croûte cannot write in {}, where it installs what it needs. "
    "Clone it into a folder of yours, then give the same command again."
)
NOT_INSTALLED = "The packages could not be installed: uv says why above. Nothing was started."
SIGNS_OF_NO_NETWORK = (
    "dns error",
    "client error (Connect)",
    "error sending request",
    "operation timed out",
    "NewConnectionError",
    "ConnectTimeoutError",
    "ReadTimeoutError",
    "ProxyError",
)


def main(arguments):
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python than the project's is who reads this line
        version = ".".join(map(str, sys.version_info[:3]))
        return f"Casse-croûte needs Python 3.11 or newer, and this is Python {version}: run start.py with a newer one."
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    command = command_for(arguments)
    if writable(VENV):
        try:
            install(find_uv(), arguments[0])
        except KeyboardInterrupt:
            return 130
    elif not Path(command[0]).exists():
        return NO_ROOM.format(ROOT)
    if arguments[0] == "test":
        os.chdir(str(ROOT))
    return hand_over(command)


def install(uv, command):
    """Bring .venv in line with uv.lock, for the Python that runs this file, and never download another one."""
    first = not Path(command_for(["check"])[0]).exists()
    sync = [
        uv,
        "sync",
        "--locked",
        "--inexact",
        "--project",
        str(ROOT),
        "--python",
        sys.executable,
        *packages_for(command),
    ]
    if first:
        say("Installing what Casse-croûte needs into .venv; the first time takes a minute or two.")
    environment = {
        **trust(),
        **cache(uv),
        **os.environ,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_PROJECT_ENVIRONMENT": str(VENV),
    }
    environment.pop("VIRTUAL_ENV", None)
    command_line = [*sync, "--compile-bytecode" if first else "--quiet"]
    with subprocess.Popen(command_line, env=environment, stderr=subprocess.PIPE) as process:
        timer = threading.Timer(FIRST_SECONDS, say, ["Bringing .venv up to date."])
        timer.daemon = True
        if not first:
            timer.start()
        try:
            complaint = relay(process.stderr)
            status = process.wait()
        finally:
            timer.cancel()
    if status:
        give_up([complaint], NOT_INSTALLED, most_lines=8)


def relay(stream):
    """Show what uv does, without its list of packages; what it complains of, unshown."""
    complaint = []
    for raw in stream:
        line = raw.decode(errors="replace").rstrip()
        if complaint or line.startswith("error"):
            complaint.append(line)
        elif not line.startswith((" + ", " - ", " ~ ")):
            say(line)
    return "\n".join(complaint)


def give_up(complaints, sentence, most_lines):
    """End with one sentence; the end of each complaint comes first where the sentence does not say it all."""
    if no_network(complaints):
        sys.exit(NO_NETWORK)
    for complaint in filter(None, complaints):
        say("\n".join(complaint.splitlines()[-most_lines:]))
    sys.exit(sentence)


def no_network(complaints):
    return any(sign in complaint for complaint in complaints for sign in SIGNS_OF_NO_NETWORK)


def trust():
    """Trust whom this machine trusts, as pip does: uv's built-in list fails behind an office's own certificates."""
    if sys.platform.startswith("linux"):
        try:
            import ssl  # a Python may have been built without it
        except ImportError:
            return {}
        known = ssl.get_default_verify_paths()
        if not known.cafile and not (known.capath and any(Path(known.capath).iterdir())):
            return {}
    return {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}  # the second is what older uvs call the first


def cache(uv):
    """Where uv keeps what it downloads: in .uv for who has no home to write in."""
    answer = subprocess.run([uv, "cache", "dir"], stdout=subprocess.PIPE, check=False).stdout.decode().strip()
    return {} if answer and writable(Path(answer)) else {"UV_CACHE_DIR": str(OWN_UV / "cache")}


def writable(folder):
    """Whether files can be made in `folder`, which may not exist yet."""
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return os.access(str(there), os.W_OK | os.X_OK)


def packages_for(command):
    if command == "test":
        return ["--all-extras", "--group", "dev"]
    return ["--extra", "demo" if command == "demo" else "postgres"]


def command_for(arguments):
    scripts = VENV / ("Scripts" if os.name == "nt" else "bin")
    if arguments[0] != "test":
        return [str(scripts / "casse-croute"), *arguments]
    given = any(argument.startswith("-n") for argument in arguments)
    spread = [] if given else ["-n", str(min(os.cpu_count() or 1, MOST_WORKERS))]
    return [str(scripts / "python"), "-m", "pytest", *spread, *arguments[1:]]


def hand_over(command):
    """Become the command, so that its signals and its exit code are the caller's own."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execv(command[0], command)  # noqa: S606 - no shell is what we want
    with subprocess.Popen(command) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # the command heard it too, and ends in its own way


# ------------------------------------------------------------------------------------------------ uv


def find_uv():
    for candidate in (shutil.which("uv"), own_uv()):
        if candidate and recent_enough(candidate):
            return candidate
    say("Getting uv, which installs the packages, into .uv.")
    complaints = []
    for attempt in (with_venv, with_virtualenv, with_pip_target):
        shutil.rmtree(str(OWN_UV), ignore_errors=True)
        complaints.append(attempt() or "")
        if no_network(complaints):
            break
        uv = own_uv()
        if uv and recent_enough(uv):
            return uv
    shutil.rmtree(str(OWN_UV), ignore_errors=True)
    return give_up(complaints, NO_UV, most_lines=1)


def own_uv():
    places = ("bin/uv", "Scripts/uv.exe", "packages/bin/uv", "packages/bin/uv.exe", "packages/Scripts/uv.exe")
    return next((str(OWN_UV / place) for place in places if (OWN_UV / place).exists()), None)


def recent_enough(uv):
    try:
        answer = subprocess.run([uv, "--version"], stdout=subprocess.PIPE, check=True).stdout.decode()
    except (OSError, subprocess.CalledProcessError):
        return False
    version = re.search(r"(\d+)\.(\d+)", answer)
    return version is not None and tuple(map(int, version.groups())) >= OLDEST_UV


def with_venv():
    return attempt_all([sys.executable, "-m", "venv", str(OWN_UV)], pip_of(OWN_UV))


def with_virtualenv():
    return attempt_all([sys.executable, "-m", "virtualenv", "--quiet", str(OWN_UV)], pip_of(OWN_UV))


def with_pip_target():
    """Allowed where the machine's Python is externally managed, since nothing of that Python changes."""
    return attempt_all([*pip(sys.executable), "--target", str(OWN_UV / "packages"), UV_REQUIREMENT])


def pip_of(environment):
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    return [*pip(str(python)), UV_REQUIREMENT]


def pip(python):
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "2"]


def attempt_all(*commands):
    """Run commands until one fails; what that one said, or None when all went well."""
    for command in commands:
        try:
            subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
        except OSError as error:
            return str(error)
        except subprocess.CalledProcessError as error:
            return error.output.decode(errors="replace").strip()
    return None


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
