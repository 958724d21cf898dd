"""The explorer's sliders: the generator's arguments, each with its range and what it does.

The ranges are narrower than those of `make_dataset`, so that every answer takes less than a second
or two. Padding has two sliders, "padding[0]" and "padding[1]".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mnist1d_edu.arguments import boolean, integer, mapping, one_of, real
from mnist1d_edu.transform import DEFAULTS, checked_args


class _Control(NamedTuple):
    says: str       # what the argument does, in a few words
    low: float
    high: float
    step: float


GROUPS: dict[str, dict[str, _Control]] = {
    "Size and place": {
        "scale_coeff": _Control("how much digits differ in height", 0, 2, 0.05),
        "padding[0]": _Control("fewest zeros after a digit", 0, 96, 1),
        "padding[1]": _Control("most zeros: they make the digit narrow", 0, 96, 1),
        "max_translation": _Control("how far a digit may be moved", 1, 96, 1),
        "template_len": _Control("finer steps: shifts shorter, noise rougher", 6, 48, 1)},
    "Noise and slope": {
        "corr_noise_scale": _Control("smooth noise, where the digit is not", 0, 1, 0.01),
        "iid_noise_scale": _Control("rough noise, everywhere", 0, 0.5, 0.01),
        "shear_scale": _Control("how far a signal may lean", 0, 3, 0.05)},
    "What a model sees": {
        "final_seq_length": _Control("numbers in a signal", 8, 120, 1),
        "shuffle_seq": _Control("the numbers in another order, one for all signals", 0, 1, 1)},
    "How many, and which": {
        "num_samples": _Control("signals in all", 100, 10_000, 100),
        "train_split": _Control("the part to train on", 0.1, 0.9, 0.05),
        "seed": _Control("other draws, nothing else", 0, 200, 1)}}
CONTROLS = {name: control for group in GROUPS.values() for name, control in group.items()}


def listed() -> list[dict]:
    """The groups for the page: title, and for each slider name, says, low, high, step and
    its default (True or False: a box to tick)."""
    return [{"title": title, "controls": [{"name": name, "default": _default(name),
                                           **control._asdict()}
                                          for name, control in group.items()]}
            for title, group in GROUPS.items()]


def checked(settings: Mapping) -> dict[str, Any]:
    """The arguments of `make_dataset` that sliders' values (name -> value) stand for; a slider that
    is missing has its default.

    Raises ValueError or TypeError naming the slider, its range, and what it was.
    """
    values = {name: _default(name) for name in CONTROLS}
    for name, value in mapping("settings", settings).items():
        one_of("name of a setting in settings", name, CONTROLS)
        values[name] = _in_range(name, value)
    args = {name: value for name, value in values.items() if "[" not in name}
    args["padding"] = [values["padding[0]"], values["padding[1]"]]
    kept = vars(checked_args(args))
    return {name: kept[name] for name in DEFAULTS if name != "url"}


def changed(settings: Mapping) -> dict[str, Any]:
    """Those of the arguments that are not the defaults."""
    return {name: value for name, value in checked(settings).items() if value != DEFAULTS[name]}


def in_python(settings: Mapping) -> str:
    """The line that makes these data.

    >>> in_python({"padding[0]": 0, "seed": 1})
    "from mnist1d_edu import make_dataset; data = make_dataset({'padding': [0, 60], 'seed': 1})"
    """
    return ("from mnist1d_edu import make_dataset; "
            f"data = make_dataset({changed(settings) or ''})")


def in_shell(settings: Mapping) -> str:
    """The command that writes these data to a file.

    >>> in_shell({"padding[0]": 0, "shuffle_seq": True})
    'mnist1d-edu data --out data.npz --set padding=0,60 --set shuffle_seq=true'
    """
    return " ".join(["mnist1d-edu data --out data.npz",
                     *(f"--set {name}={_plain(value)}" for name, value in
                       changed(settings).items())])


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower()


def _default(name: str) -> Any:
    name, _, place = name.partition("[")
    return DEFAULTS[name][int(place[0])] if place else DEFAULTS[name]


def _in_range(name: str, value: object) -> Any:
    control, default = CONTROLS[name], _default(name)
    if isinstance(default, bool):
        return boolean(name, value)
    if isinstance(default, int):
        return integer(name, value, int(control.low), int(control.high))
    return real(name, value, control.low, control.high)
