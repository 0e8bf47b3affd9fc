"""python -m deploy.local up | down | status | logs | reset: the stack on this machine."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psutil

from deploy.local import daemon, follow, provision
from deploy.local.place import ROOT, CannotStart, Place

USAGE = "usage: python -m deploy.local up | down | status | logs [PART…] | reset\n"
PATIENCE = 300.0


def say(text: str) -> None:
    """Write a line for people, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def here() -> Place:
    """The place that the environment asks for, by default `.local/` of this checkout."""
    folder = Path(os.environ.get("CHORALE_LOCAL") or ROOT / ".local")
    numbers = {}
    for name, default, least, most in (("PORT", 8080, 1, 65535), ("INGEST", 1, 1, 64)):
        text = os.environ.get(f"CHORALE_{name}") or str(default)
        if not text.isdigit() or not least <= int(text) <= most:
            raise CannotStart(f"CHORALE_{name} is {text!r}; it must be a number, {least} to {most}")
        numbers[name] = int(text)
    return Place(folder, public_port=numbers["PORT"], ingest=numbers["INGEST"])


def up() -> None:
    """Start everything and print addresses; what runs already stays as it is."""
    place = here()
    state = daemon.State.read(place.folder)
    if daemon.is_running(place.folder):
        if state and state.state == "ready":
            say("The stack runs already; nothing changed.")
            return announce(place.folder, state)
        say("The stack is being started already; waiting for it.")
        return wait(place.folder, None)
    provision.provide(say)
    return wait(place.folder, daemon.launch(place))


def wait(folder: Path, child: subprocess.Popen[bytes] | None) -> None:
    """Report each part as it becomes ready, until all are or one has failed."""
    began, told = time.monotonic(), set[str]()
    while time.monotonic() - began < PATIENCE:
        state = daemon.State.read(folder)
        for part in state.parts if state else ():
            if part["state"] == "ready" and part["name"] not in told:
                told.add(part["name"])
                say(f"  {part['name']:<14} ready after {time.monotonic() - began:.1f} s")
        if state and state.state == "ready":
            return announce(folder, state)
        if state and state.state == "failed":
            if child:
                child.wait(60)
            raise CannotStart(state.why)
        if child and child.poll() is not None:
            raise CannotStart(f"the supervisor ended\n  To do: read {folder}/log/supervisor.log")
        time.sleep(0.1)
    raise CannotStart(f"not ready after {PATIENCE:.0f} s\n  To do: make status, make logs")


def announce(folder: Path, state: daemon.State) -> None:
    """Print the addresses and the demo's logins."""
    say(f"\nChorale answers at {state.base_url}\n  API pages          {state.base_url}/docs")
    path = folder / "demo.json"
    if not path.exists():
        return
    demo = json.loads(path.read_text())
    say(f"  mails sent         {demo['mailbox_url']}")
    for role in ("seller", "buyer", "operator"):
        person = demo[role]
        say(f"  {role:<10}         {person['email']}  password {person['password']}")
    say(f"  keys for programs  {path}")


def down() -> None:
    """Stop everything in reverse order and wait."""
    say("Stopped." if daemon.stop(here().folder) else "Nothing was running.")


def status() -> None:
    """A line per part; fails when something is not ready."""
    folder = here().folder
    state = daemon.State.read(folder)
    if state is None or not daemon.is_running(folder):
        raise CannotStart("the stack is not running\n  To do: make up")
    say(f"{'part':<14} {'state':<9} {'port':>6} {'pid':>8} {'memory':>8} {'up':>9} restarts")
    for part in state.parts:
        memory, age = "", ""
        if part["pid"] and psutil.pid_exists(part["pid"]):
            process = psutil.Process(part["pid"])
            memory = f"{process.memory_info().rss >> 20} MB"
            age = str(timedelta(seconds=int(time.time() - process.create_time())))
        say(
            f"{part['name']:<14} {part['state']:<9} {part['port'] or '':>6} {part['pid'] or '':>8}"
            f" {memory:>8} {age:>9} {part['restarts']}"
        )
    if any(part["state"] != "ready" for part in state.parts) or state.state != "ready":
        raise CannotStart(f"the stack is {state.state}, not every part is ready")


def reset() -> None:
    """Stop everything and forget the local data."""
    folder = here().folder
    daemon.stop(folder)
    shutil.rmtree(folder, ignore_errors=True)
    say(f"Forgotten: {folder}")


def provide() -> None:
    """Install what is missing, and start nothing."""
    provision.provide(say)


def provide_tests() -> None:
    """The same with the browser, which only tests need."""
    provision.provide(say, (*provision.NEEDS, *provision.TESTS))


def run() -> None:
    """Be the supervisor, in the foreground."""
    place = here()
    with daemon.held(place.folder):
        asyncio.run(daemon.run(place))


def logs(names: list[str]) -> None:
    """Follow the logs, one colour a part."""
    follow.follow(here().room("log"), names)


def main(arguments: list[str]) -> int:
    """Do what the first word says; 0 when it is done."""
    actions = {"up": up, "down": down, "status": status, "reset": reset}
    actions |= {"provide": provide, "provide-tests": provide_tests, "run": run}
    try:
        match arguments:
            case ["logs", *names]:
                logs(names)
            case [word] if word in actions:
                actions[word]()
            case _:
                sys.stderr.write(USAGE)
                return 2
    except CannotStart as error:
        sys.stderr.write(f"chorale: {error}\n")
        return 1
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
