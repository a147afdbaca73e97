"""Casse-croûte with nothing but Python: installs what it needs into this folder, then runs.

    python3 start.py demo           the offline demo, in your browser (--port N, --no-browser)
    python3 start.py test           the tests (pytest's own arguments may follow)
    python3 start.py run            the bot itself (put DISCORD_TOKEN in .env first, see .env.example)
    python3 start.py COMMAND ...    any other command: check, read, ... (--help after it explains it)

Nothing outside this folder changes: packages go to .venv, and uv, when the machine has none, to .uv.
"""

# This file must be readable by old Pythons, so that they can say what is wrong: nothing newer than 3.6 in here.
import os
import re
import shutil
import subprocess
import sys
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


def main(arguments):
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python than the project's is who reads this line
        version = ".".join(map(str, sys.version_info[:3]))
        return f"Casse-croûte needs Python 3.11 or newer, and this is Python {version}: run start.py with a newer one."
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    try:
        install(find_uv(), arguments[0])
    except KeyboardInterrupt:
        return 130
    return hand_over(command_for(arguments))


def install(uv, command):
    """Bring .venv in line with uv.lock, for the Python that runs this file, and never download another one."""
    first = not (VENV / "pyvenv.cfg").exists()
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
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(VENV)}
    environment.pop("VIRTUAL_ENV", None)
    with subprocess.Popen([*sync, "--compile-bytecode" if first else "--quiet"], env=environment) as process:
        try:
            status = process.wait(None if first else FIRST_SECONDS)
        except subprocess.TimeoutExpired:
            say("Bringing .venv up to date.")
            status = process.wait()
    if status:
        sys.exit("The packages could not be installed: uv says why above. Nothing was started.")


def packages_for(command):
    if command == "test":
        return ["--all-extras", "--group", "dev"]
    return ["--extra", "demo" if command == "demo" else "postgres"]


def command_for(arguments):
    scripts = VENV / ("Scripts" if os.name == "nt" else "bin")
    if arguments[0] != "test":
        return [str(scripts / "casse-croute"), *arguments]
    os.chdir(str(ROOT))
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
        complaints.append(attempt())
        uv = own_uv()
        if uv and recent_enough(uv):
            return uv
    shutil.rmtree(str(OWN_UV), ignore_errors=True)
    say("\n".join(filter(None, complaints)))
    return sys.exit(NO_UV)


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
    return [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]


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
