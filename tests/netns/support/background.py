# SPDX-License-Identifier: GPL-2.0-only
"""What a test does beside itself. Knows no traffic."""
import contextlib
import threading


@contextlib.contextmanager
def background(work):
    """Runs work(stop) meanwhile, which ends when the event `stop` is set."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
