"""Being told to end, at any moment and by anybody."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

from seawall.cli.told import Told

_ASKING = """
import os, signal, threading, time
from seawall.cli.told import Told

told = Told().listen()
done = threading.Event()

def tell():
    while not done.is_set():
        os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=tell, daemon=True).start()
until = time.monotonic() + 1
while time.monotonic() < until:
    told.wait(0.001)
    assert told.is_set() or time.monotonic() < until
signal.signal(signal.SIGTERM, signal.SIG_IGN)
done.set()
print("ended")
"""


def test_it_may_be_told_while_it_asks() -> None:
    done = subprocess.run([sys.executable, "-c", _ASKING], capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout == "ended\n", done.stderr


def test_what_was_said_stays_said_for_everybody() -> None:
    told = Told()
    assert not told.is_set()
    assert not told.wait(0.01)
    waiting = [threading.Thread(target=told.wait, args=(30,)) for _ in range(3)]
    for thread in waiting:
        thread.start()
    for _ in range(100_000):  # more than a pipe holds
        told.set()
    for thread in waiting:
        thread.join(5)
    assert not any(thread.is_alive() for thread in waiting)
    assert told.is_set()
    assert told.wait(30)


def test_both_signals_say_it() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            told = Told().listen()
            signal.raise_signal(number)
            assert told.wait(5)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
