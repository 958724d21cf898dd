"""What is said of a wrong answer that is no registered mistake as it stands: part by part, by its
relation to the right one, by a slip; and that nothing is said which is not so."""

import numpy as np
import pytest

from mnist1d_edu.course import edits, relations
from mnist1d_edu.course.evidence import Cell
from mnist1d_edu.course.exercise import Exercise
from mnist1d_edu.course.verdict import judge


def layers(rng):
    return [(rng.randn(n, o), rng.randn(n, i), rng.randn(o, i)) for n, o, i in
            ((2, 3, 4), (5, 2, 3), (3, 4, 2))]


def backward(g, x, weight):
    return g @ weight, g.T @ x, g.sum(axis=0)


linear = Exercise(
    "99.linear", "Back", backward, probes=layers, parts=("g_x", "g_weight", "g_bias"),
    mistakes={
        "you averaged all gradients": lambda g, x, weight: (
            g @ weight / len(x), g.T @ x / len(x), g.mean(axis=0)),
        "you forgot to transpose": lambda g, x, weight: (g @ weight, x.T @ g, g.sum(axis=0)),
    },
)


def only_the_last(g, x, weight):
    for n in range(len(x)):
        g_weight = np.outer(g[n], x[n])
    return g @ weight, g_weight, g.sum(axis=0)


TOLD = [
    (lambda g, x, weight: (g @ weight, x.T @ g, g.sum(axis=0)), "mistake",
     "you forgot to transpose"),
    (lambda g, x, weight: (g @ weight, g.T @ x / len(x), g.sum(axis=0)), "mistake",
     "in your g_weight: you averaged all gradients"),
    (lambda g, x, weight: (g @ weight, x.T @ g, g.mean(axis=0)), "mistake",
     "in your g_weight: you forgot to transpose; and in your g_bias: you averaged all gradients"),
    (lambda g, x, weight: (-g @ weight, g.T @ x, g.sum(axis=0)), "relation",
     "your g_x is minus what it should be: a sign is turned"),
    (only_the_last, "relation", "your g_weight is as if only the last example counted: is "
                                "something overwritten, where it is to be added up?"),
    (lambda g, x, weight: (g @ weight, g.T @ x), "relation",
     "g_bias is missing; your other results are right"),
    (lambda g, x, weight: (g.T @ x, g @ weight, g.sum(axis=0)), "relation",
     "your results are right, but in another order: yours are g_weight, g_x, g_bias"),
    (lambda g, x, weight: (g @ weight, g.T @ x, g.sum(axis=0, keepdims=True)), "relation",
     "your g_bias holds the right numbers, with an axis of length 1 too many: it is of shape "
     "(1, 3) where (3,) is wanted"),
    (lambda g, x, weight: (g @ weight, g.T @ x, g), "relation", "your g_bias is `g` itself"),
    (lambda g, x, weight: (g @ weight, g.T @ x, np.cos(g.sum(axis=0))), "value", "your g_bias is"),
]


@pytest.mark.parametrize(("answer", "told", "sentence"), TOLD)
def test_a_wrong_part_is_told_by_its_name(answer, told, sentence):
    verdict = judge(linear, answer)
    assert verdict.told == told
    if told in ("mistake", "value") or "itself" in sentence:
        assert verdict.sentence.startswith(sentence)
    else:
        assert verdict.sentence == sentence


RNG = np.random.RandomState(0)
WANT = [RNG.randn(3, 4), RNG.randn(2, 5)]
GIVEN = [{"x": np.ones((3, 7)), "bias": RNG.randn(4), "step": 0.25},
         {"x": np.ones((2, 7)), "bias": RNG.randn(5), "step": 0.5}]


@pytest.mark.parametrize(("change", "words"), [
    (lambda w, a: -w, "minus what it should be"),
    (lambda w, a: 2 * w, "exactly twice"),
    (lambda w, a: w * len(w), "the number of rows of `x` = 3 times too large: is there a mean"),
    (lambda w, a: w / len(w), "times too small: is a sum wanted"),
    (lambda w, a: w * a["step"], "exactly `step` = 0.25 times what it should be"),
    (lambda w, a: w * a["step"]**2, "exactly `step`² times what it should be"),
    (lambda w, a: w / np.log(2), "by a factor of 1 / log 2"),
    (lambda w, a: w - a["bias"], "lacks a term: `bias`"),
    (lambda w, a: w - 2 * a["bias"], "has `bias` subtracted"),
    (lambda w, a: w + 1, "too large by 1 everywhere"),
    (lambda w, a: w.T, "the transpose"),
    (lambda w, a: w.ravel(), "in the right order, but in another shape"),
    (lambda w, a: w.T.ravel().reshape(w.shape), "their axes are poured together"),
    (lambda w, a: w[:, ::-1], "is in reverse"),
    (lambda w, a: np.roll(w, 1, axis=1), "one place late"),
    (lambda w, a: w[:, :-1], "lacks the last column"),
    (lambda w, a: w[0], "only the first row"),
    (lambda w, a: np.abs(w), "has lost its signs"),
    (lambda w, a: w**2, "is the square"),
    (lambda w, a: np.trunc(w).astype(int), "decimals cut off"),
    (lambda w, a: np.where(w < 0, 0, w), "0 in place of every negative value"),
    (lambda w, a: w.sum(axis=1), "went through a sum over axis 1 too many"),
    (lambda w, a: w[:, :, None] * [0.25, 0.75], "is not summed up"),
    (lambda w, a: np.vstack([w[:-1], w[-1:] + w[:1]]), "is right except in the last row"),
    (lambda w, a: w.tolist(), "is a list"),
    (lambda w, a: np.zeros_like(w), "is 0 everywhere"),
    (lambda w, a: w * (1 + 1e-5 * np.cos(w)), "is nearly right"),
    (lambda w, a: np.cos(w), None),
    (lambda w, a: w * np.nan, None),
])
def test_a_relation_is_said_if_it_holds_on_all_probes_and_only_then(change, words):
    cells = [Cell(i, (), change(w, a), w) for i, (w, a) in enumerate(zip(WANT, GIVEN, strict=True))]
    setting = relations.Setting(GIVEN)
    said = relations.find(cells, setting)
    assert said is None if words is None else words in said
    broken = [cells[0], Cell(1, (), np.cos(WANT[1]), WANT[1])]
    assert relations.find(broken, setting) is None


def test_one_number_proves_no_relation():
    assert relations.find([Cell(0, (), 3.7, 1.0)], relations.Setting([{}])) is None
    assert relations.find([Cell(0, (), np.ceil(0.3), 0.3)], relations.Setting([{}])) is None


def test_where_a_condition_is_told_it_is_the_only_one():
    both = [{"n": 0, "k": 0}, {"n": 3, "k": 2}]
    assert relations.when([0], both) is None        # n is 0, and k is as well
    assert relations.when([0], [{"n": 0, "k": 5}, {"n": 3, "k": 5}]) == "`n` is 0"


def norms(rng):
    return [(rng.randn(3, 4), 2.0), (rng.randn(2, 5), 0.5)]


def scaled_norm(x, scale):
    total = (x**2).sum(axis=1)
    if scale > 1:
        total = total + 1
    return scale * np.sqrt(total)


@pytest.mark.parametrize(("answer", "words"), [
    (lambda x, scale: scale * (x**2).sum(axis=1)**0.5 + 0 * x[:, 0], "a case is not treated"),
    (lambda x, scale: scale * np.sqrt((x**2).sum(axis=1) - (scale > 1)), "a term is subtracted"),
    (lambda x, scale: scale * np.sqrt(np.abs(x.sum(axis=1) + (scale > 1))), None),
])
def test_a_slip_is_told_in_words(answer, words):
    exercise = Exercise("99.norm", "Norms", scaled_norm, probes=norms)
    verdict = judge(exercise, answer)
    assert (words is None) == (verdict.told != "relation")
    assert words is None or words in verdict.sentence


def test_slips_change_what_a_helper_does_and_leave_the_course_as_it_is():
    exercise = Exercise("99.slips", "Norms", scaled_norm, probes=norms)
    x = np.random.RandomState(1).randn(3, 4)
    before = scaled_norm(x, 2.0)
    found = list(edits.slips(exercise))
    assert 20 < len(found) <= edits.SLIPS and found == list(edits.slips(exercise))
    assert (scaled_norm(x, 2.0) == before).all()
    assert not any("scaled_norm" in slip.words or "np." in slip.words for slip in found)


def test_the_first_step_that_goes_wrong_is_told():
    def pipeline(x, args):
        x = np.sin(x) * args["a"]
        return np.cos(x + args["b"])

    exercise = Exercise(
        "99.pipeline", "Two steps", pipeline,
        probes=lambda rng: [(rng.randn(5), {"a": 2.0, "b": 1.0})],
        stages=[("the first step", lambda x, args: (x, {**args, "b": 0.0})),
                ("the second step", lambda x, args: (x, args))])
    verdict = judge(exercise, lambda x, args: np.cos(np.sin(x) * args["a"] + np.exp(args["b"]) - 1))
    assert verdict.told == "relation"
    assert "up to the first step all is right, and the second step is the first step that" \
        in verdict.sentence


def test_a_slip_that_would_run_on_for_ever_ends():
    def with_columns(x, scale):
        rows = []
        for row in np.c_[x, x * scale]:
            rows.append(row.sum())
        return np.array(rows)

    exercise = Exercise("99.endless", "Sums", with_columns, probes=norms)
    assert judge(exercise, lambda x, scale: np.cos(x[:, 0])).told == "value"
