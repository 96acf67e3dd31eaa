"""Work on papers in this process or in several, with the same outcome."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Protocol, TypeAlias, TypeVar

from kg.errors import KGError

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with the name of a step, the papers done in it, and all its papers."""

_BATCH = 100
_Task = TypeVar("_Task")
_Outcome = TypeVar("_Outcome")


class Run(Protocol):
    """Maps a function over tasks, in order; somewhere."""

    def __call__(  # noqa: D102
        self, function: Callable[[_Task], _Outcome], tasks: Iterable[_Task], /
    ) -> Iterator[_Outcome]: ...


@contextmanager
def workers(jobs: int) -> Iterator[Run]:
    """Give a `map` that keeps the order, in this process or in `jobs` others."""
    if jobs < 1:
        raise KGError(f"{jobs} processes cannot work; give 1 or more")
    if jobs == 1:
        # Not `map`, which takes a StopIteration of the function for the end of the tasks.
        yield lambda function, tasks: (function(task) for task in tasks)
        return
    # Started afresh, not forked: a copy of a process with threads (as ours has, once a store was used) can hang.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        try:
            with _signals_put_off():
                pool.submit(int)  # starts the processes; one that is left half started complains
            yield pool.map
        except BrokenProcessPool as error:
            message = f"one of {jobs} processes was ended from outside, perhaps for want of memory; try with fewer"
            raise KGError(message) from error
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def _signals_put_off() -> Iterator[None]:
    """Let signals that end the program wait until the end of the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    names = (name for name in ("SIGTERM", "SIGHUP", "SIGINT") if hasattr(signal, name))  # Windows knows no SIGHUP
    numbers = [number for number in map(signal.Signals.__getitem__, names) if callable(signal.getsignal(number))]
    before = {number: signal.signal(number, lambda number, _: came.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for each in came:
            signal.raise_signal(each)


def batches(items: Sequence[_Task]) -> list[Sequence[_Task]]:
    """Cut items into batches, of one size whatever the number of processes: the outcome cannot depend on it."""
    return [items[start : start + _BATCH] for start in range(0, len(items), _BATCH)]
