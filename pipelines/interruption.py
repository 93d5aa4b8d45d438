"""Stop a process on Ctrl-C (SIGINT), SIGTERM or SIGHUP, at a point where nothing is half done.

A signal belongs to the process, so this state does too. ``check`` marks the points at which work can stop; the last one lies
just before the rename that publishes, so whatever raises ``Interrupted`` has published nothing.
"""

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals that stop a process: Ctrl-C and Dagster's Terminate; a scheduler; a terminal that closes."""

REPEAT_SECONDS = 0.1
"""Seconds between two calls of what ends a wait, until the work has stopped."""


NOTHING_PUBLISHED = "Interrupted. Nothing was published."
"""What is true wherever work that publishes can stop."""


class Interrupted(BaseException):
    """A signal stopped the process. Like KeyboardInterrupt it is no Exception, so no handler takes it for a failure."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number

    @property
    def exit_code(self) -> int:
        """The exit code by which shells and schedulers know the signal: 130 for SIGINT, 143 for SIGTERM."""
        return 128 + self.number


_requested = threading.Event()
_listeners: list[threading.Thread] = []
_signals: list[int] = []
_calls: list[Callable[[], None]] = []
_calls_lock = threading.RLock()


def requested() -> bool:
    """Whether a signal arrived since the outermost ``deferred`` block began."""
    return _requested.is_set()


def check(message: str = NOTHING_PUBLISHED) -> None:
    """Stop here if a signal arrived.

    Raises:
        Interrupted: a signal arrived.
    """
    if _requested.is_set():
        raise Interrupted(_signals[0], message)


def wait(seconds: float) -> None:
    """Wait, unless a signal arrives.

    Raises:
        Interrupted: a signal arrived.
    """
    _requested.wait(seconds)
    check()


@contextmanager
def on_interrupt(end_wait: Callable[[], None]) -> Iterator[None]:
    """Within the block, a signal calls ``end_wait`` from another thread, again and again until the block ends.

    Once is not enough: a statement of DuckDB may begin just after it was interrupted.
    """
    with _calls_lock:
        _calls.append(end_wait)
    try:
        yield
    finally:
        with _calls_lock:
            _calls.remove(end_wait)


@contextmanager
def deferred() -> Iterator[None]:
    """Within the block, a signal raises nothing by itself; ``check`` does.

    May be nested: an inner block takes the signals back from a library that handles them itself. Signals are the main
    thread's business; in any other thread the block changes nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.getsignal(number) for number in handled()}
    for number in former:
        signal.signal(number, _leave_to_listener)
    try:
        with _listening():
            yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def raised() -> None:
    """From here on, outside ``deferred`` blocks, the first signal raises Interrupted and later ones are ignored."""

    def interrupt(number: int, _frame: object) -> None:
        for each in handled():
            signal.signal(each, signal.SIG_IGN)
        _signals.append(number)
        _requested.set()
        raise Interrupted(number, "Interrupted.")

    for number in handled():
        signal.signal(number, interrupt)


def handled() -> list[signal.Signals]:
    """The signals that stop this process: all but a SIGHUP that ``nohup`` has switched off."""
    return [each for each in SIGNALS if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN]


def _leave_to_listener(_number: int, _frame: object) -> None:
    """Do nothing: the listener has read the signal's number already."""


@contextmanager
def _listening() -> Iterator[None]:
    """Read the numbers of signals in a thread of its own.

    Python calls a handler only when its main thread comes back from C, and a library may have put its own handler in the
    place of ours; the numbers are written immediately and in any case.
    """
    if _listeners:
        yield
        return
    inner, outer = os.pipe()
    os.set_blocking(outer, False)
    former = signal.set_wakeup_fd(outer, warn_on_full_buffer=False)
    listener = threading.Thread(target=_listen, args=(inner,), name="signals", daemon=True)
    listener.start()
    _listeners.append(listener)
    try:
        yield
    finally:
        signal.set_wakeup_fd(former)
        os.close(outer)
        listener.join()
        os.close(inner)
        _listeners.clear()
        _signals.clear()
        _requested.clear()


def _listen(inner: int) -> None:
    while numbers := os.read(inner, 64):
        _signals.extend(number for number in numbers if number in SIGNALS)
        while _signals:
            _requested.set()
            with _calls_lock:
                for end_wait in _calls:
                    with suppress(Exception):  # what is to end may have ended by itself
                        end_wait()
            if select.select([inner], [], [], REPEAT_SECONDS)[0]:
                break
