"""20.attack: many small steps, never far from where they began (UDL 20.4.6; nb 20.4)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import Exercise, codings


def attack(slope, x, epsilon, step, steps):
    moved = x
    for _ in range(steps):
        moved = moved + step * np.sign(slope(moved))
        moved = np.clip(moved, x - epsilon, x + epsilon)
    return moved


def landscapes(rng: np.random.RandomState) -> list[tuple]:
    """slope, x (N, L), epsilon, step, steps: one step to read, then several, with steps that leave
    the box and slopes whose signs change on the way."""
    phase = 2 * rng.randn(3, 4)

    def hilly(x):
        return np.cos(9 * x + phase)

    def away(x):
        return x + 0.05

    return [(away, np.array([[2.0, -1.0]]), 0.5, 0.2, 1), (away, rng.randn(2, 3), 0.5, 0.2, 4),
            (hilly, rng.randn(3, 4), 0.3, 0.08, 6), (hilly, rng.randn(3, 4), 0.4, 0.17, 5),
            (hilly, 3 + rng.randn(3, 4), 0.2, 0.13, 7)]


# ---- what students write
def slope_of_the_start(slope, x, epsilon, step, steps):
    moved, direction = x, np.sign(slope(x))
    for _ in range(steps):
        moved = np.clip(moved + step * direction, x - epsilon, x + epsilon)
    return moved


def never_clipped(slope, x, epsilon, step, steps):
    for _ in range(steps):
        x = x + step * np.sign(slope(x))
    return x


def clipped_at_the_end(slope, x, epsilon, step, steps):
    return np.clip(never_clipped(slope, x, epsilon, step, steps), x - epsilon, x + epsilon)


def box_moves_along(slope, x, epsilon, step, steps):
    for _ in range(steps):
        x = np.clip(x + step * np.sign(slope(x)), x - epsilon, x + epsilon)
    return x


def box_around_zero(slope, x, epsilon, step, steps):
    for _ in range(steps):
        x = np.clip(x + step * np.sign(slope(x)), -epsilon, epsilon)
    return x


def whole_epsilon(slope, x, epsilon, step, steps):
    return attack(slope, x, epsilon, epsilon, steps)


def one_step_only(slope, x, epsilon, step, steps):
    return attack(slope, x, epsilon, step, 1)


def one_too_few(slope, x, epsilon, step, steps):
    return attack(slope, x, epsilon, step, steps - 1)


def one_too_many(slope, x, epsilon, step, steps):
    return attack(slope, x, epsilon, step, steps + 1)


def downhill(slope, x, epsilon, step, steps):
    return attack(lambda z: -slope(z), x, epsilon, step, steps)


def no_sign(slope, x, epsilon, step, steps):
    moved = x
    for _ in range(steps):
        moved = np.clip(moved + step * slope(moved), x - epsilon, x + epsilon)
    return moved


def from_the_start_each_time(slope, x, epsilon, step, steps):
    moved = x
    for _ in range(steps):
        moved = np.clip(x + step * np.sign(slope(moved)), x - epsilon, x + epsilon)
    return moved


def in_place(slope, x, epsilon, step, steps):
    start = x.copy()
    for _ in range(steps):
        x += step * np.sign(slope(x))
        np.clip(x, start - epsilon, start + epsilon, out=x)
    return x


def in_place_with_its_box(slope, x, epsilon, step, steps):
    moved = x
    for _ in range(steps):
        moved += step * np.sign(slope(moved))
        moved = np.clip(moved, x - epsilon, x + epsilon)
    return moved


# ---- other right answers
def the_change_by_itself(slope, x, epsilon, step, steps):
    change = np.zeros_like(x)
    for _ in range(steps):
        change = change + step * np.sign(slope(x + change))
        change = np.minimum(np.maximum(change, -epsilon), epsilon)
    return x + change


EXERCISE = Exercise(
    "20.attack", "Many small steps", attack, probes=landscapes, points=2,
    hints=(
        "Keep two things: where you began, which never changes, and where you are.",
        "In each step ask for the slope where you *are*, move by step times its sign, and come "
        "back into the box around where you began.",
        "`moved = np.clip(moved + step * np.sign(slope(moved)), x - epsilon, x + epsilon)`.",
    ),
    mistakes={
        "you asked for the slope only once, at the start: after a step the loss has another slope, "
        "so ask again where you are":
            slope_of_the_start,
        "nothing holds your signals within epsilon of where they *began*: clip after each step, "
        "around x as it was at the start":
            codings(never_clipped, box_moves_along, in_place_with_its_box),
        "you clipped once, at the end: clip after each step, so that the next slope is taken "
        "inside the box":
            clipped_at_the_end,
        "your box lies around 0: it lies around the signal, from x - epsilon to x + epsilon":
            box_around_zero,
        "your steps have the size epsilon: they have the size `step`": whole_epsilon,
        "you took one step only, whatever `steps` says": one_step_only,
        "you took one step too few": one_too_few,
        "you took one step too many": one_too_many,
        "you went down the loss: the attack goes up": downhill,
        "you moved by the slope itself: take its sign": no_sign,
        "each of your steps begins at x again, so the steps do not add up":
            from_the_start_each_time,
        "this is the change alone: return the changed signals":
            lambda slope, x, *rest: attack(slope, x, *rest) - x,
        "your result is right, but you wrote it into x itself: make a new array": in_place,
    },
    variants={"the change kept by itself": the_change_by_itself},
)
