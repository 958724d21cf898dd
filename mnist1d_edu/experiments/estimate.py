"""How long a sweep still takes: learned from the runs that are finished here, and from those whose
times are stored in `results/`.

A run's `cost` compares it with the other runs of its experiment. Seconds for each unit of cost come
from the finished runs of the same experiment; where there is none yet, from the stored results,
times how much slower this machine was in what it has finished so far. What is left is the time at
which the last process would end if each took the next run of the queue when it is free, as the
sweep does it; and a run takes longer than its processor time where it shares its core.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable

from mnist1d_edu import experiments
from mnist1d_edu.experiments import Run


class Clock:
    """What is known of the speed of the runs of a sweep. `saw` tells it of finished ones.

    An experiment that was never timed is guessed to take as long, in all, as the others do in the
    mean: nothing is known of it before its first run is finished.
    """

    def __init__(self, runs: Iterable[Run]):
        self.cost: dict[str, float] = {}  # of all runs of an experiment
        for run in runs:
            self.cost[run.experiment] = self.cost.get(run.experiment, 0.0) + run.cost
        self.stored = {name: rate for name in self.cost if (rate := stored_rate(name))}
        self.finished: dict[str, tuple[float, float]] = {}  # experiment -> (seconds, cost)
        self.waited = self.computed = 0.0

    def saw(self, run: Run, seconds: float, waited: float | None = None) -> None:
        """A run took so many seconds of processor time, and was waited for as long as `waited`
        (None: it was finished before)."""
        time, cost = self.finished.get(run.experiment, (0.0, 0.0))
        self.finished[run.experiment] = (time + seconds, cost + run.cost)
        if waited is not None:
            self.waited += waited
            self.computed += seconds

    def seconds(self, run: Run) -> float | None:
        """The processor time that a run will take; None if nothing is known of any."""
        rate = self._rate(run.experiment)
        if rate is None:
            known = [found * cost for name, cost in self.cost.items()
                     if (found := self._rate(name)) is not None]
            whole = self.cost.get(run.experiment, 0.0)
            rate = sum(known) / len(known) / whole if known and whole else None
        return None if rate is None else run.cost * rate

    def guesses(self, runs: Iterable[Run]) -> bool:
        """Is one of the runs of an experiment that was never timed?"""
        return any(self._rate(run.experiment) is None for run in runs)

    def _rate(self, name: str) -> float | None:
        """Seconds for a unit of cost; None if the experiment was never timed."""
        time, cost = self.finished.get(name, (0.0, 0.0))
        if cost > 0 and time > 0:
            return time / cost
        rate = self.stored.get(name)
        return None if rate is None else rate * self.slower()

    def slower(self) -> float:
        """How much longer finished runs took here than the stored ones say (1 if none did yet)."""
        both = [name for name in self.finished if name in self.stored]
        expected = sum(self.finished[name][1] * self.stored[name] for name in both)
        return sum(self.finished[name][0] for name in both) / expected if expected else 1.0

    def left(self, queue: Iterable[Run], width: int,
             flying: Iterable[tuple[Run, float]] = ()) -> float | None:
        """Seconds until all runs of the queue are finished, `width` at a time; None if of some
        nothing is known. flying: the runs that are being computed, and for how long they were."""
        shared = max(1.0, self.waited / self.computed) if self.computed else 1.0
        ends = []
        for run, since in flying:
            expected = self.seconds(run)
            if expected is None:
                return None
            ends.append(max(shared * expected - since, 0.0))
        ends = heapq.nlargest(width, ends + [0.0] * width)
        heapq.heapify(ends)
        for run in queue:
            expected = self.seconds(run)
            if expected is None:
                return None
            heapq.heappush(ends, heapq.heappop(ends) + shared * expected)
        return max(ends)


def stored_rate(name: str) -> float | None:
    """Seconds of processor time for a unit of cost, of the stored result of an experiment; None if
    there is none, or its runs were planned otherwise."""
    try:
        stored = experiments.load_result(name)
    except ValueError:
        return None
    costs = {(run.experiment, _key(run.arguments)): run.cost
             for run in experiments.load(name).runs("paper", stored.get("seeds"))}
    seconds = cost = 0.0
    for run in stored["runs"]:
        known = costs.get((run["experiment"], _key(run["arguments"])))
        if known is not None and run["experiment"] == name:
            seconds, cost = seconds + run["made"]["seconds"], cost + known
    return seconds / cost if cost else None


def _key(arguments: dict) -> str:
    return json.dumps(arguments, sort_keys=True)


def told(clock: Clock, queue: list[Run], width: int,
         flying: list[tuple[Run, float]] | None = None) -> str:
    """What is left in words, "" if nothing is known of it; "perhaps" where it is partly a guess."""
    flying = flying or []
    left = clock.left(queue, width, flying)
    if left is None:
        return ""
    guess = clock.guesses([*queue, *(run for run, _ in flying)])
    return f"{'perhaps' if guess else 'about'} {in_words(left)}"


def in_words(seconds: float) -> str:
    """A duration, no more exact than an estimate is.

    >>> [in_words(s) for s in (7, 100, 3600, 17000)]
    ['under a minute', '2 min', '60 min', '4 h 43 min']
    """
    minutes = round(seconds / 60)
    if seconds < 60:
        return "under a minute"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
