"""Lesson 09: what the models know. Confusion, honest intervals, shuffled inputs (UDL 8.1, 10.1)."""

from __future__ import annotations

import numpy as np

from mnist1d_edu.course.exercise import exercise


def _answers(rng: np.random.RandomState) -> list[tuple]:
    """Right and predicted labels (N,), and the number of classes; in the last, no 8 and no 9."""
    return [(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 1]), 3),
            (rng.randint(0, 5, 40), rng.randint(0, 5, 40), 5),
            (rng.randint(0, 8, 60), rng.randint(0, 8, 60), 10)]


def _counted(answer, true, predicted, classes):
    """Counts may come as floats."""
    result = answer(true, predicted, classes)
    if isinstance(result, np.ndarray) and result.dtype.kind == "f" and (result % 1 == 0).all():
        return result.astype(int)
    return result


@exercise(
    "09.confusion_matrix", "Which digit is taken for which", probes=_answers,
    drive=_counted,
    hints=(
        "Begin with `np.zeros((classes, classes), int)`, and add 1 to one cell for each pair of a "
        "true and a predicted label. Which of the two chooses the row?",
        "A loop over `zip(true, predicted)` with `matrix[t, p] += 1` is fine. Without a loop: "
        "`np.add.at(matrix, (true, predicted), 1)`, which counts repeated pairs, too.",
    ))
def confusion_matrix(true, predicted, classes):
    matrix = np.zeros((classes, classes), int)
    np.add.at(matrix, (true, predicted), 1)
    return matrix


@confusion_matrix.mistake("your matrix is the wrong way round: the true label chooses the row, the "
                          "predicted one the column")
def _(true, predicted, classes):
    return confusion_matrix(predicted, true, classes)


@confusion_matrix.mistake("`matrix[true, predicted] += 1` with whole arrays reads first and writes "
                          "then, so a pair that occurs several times counts once: loop, or use "
                          "np.add.at")
def _(true, predicted, classes):
    matrix = np.zeros((classes, classes), int)
    matrix[true, predicted] += 1
    return matrix


@confusion_matrix.mistake("you divided each row by its sum (an empty one gives nan): what is asked "
                          "for here are the counts")
def _(true, predicted, classes):
    matrix = confusion_matrix(true, predicted, classes)
    return matrix / matrix.sum(axis=1, keepdims=True)


@confusion_matrix.mistake("these are shares of all answers: what is asked for here are the counts")
def _(true, predicted, classes):
    return confusion_matrix(true, predicted, classes) / len(true)


@confusion_matrix.mistake("you counted the right answers only: the mistakes belong beside the "
                          "diagonal")
def _(true, predicted, classes):
    return np.diag(np.diag(confusion_matrix(true, predicted, classes)))


@confusion_matrix.mistake("you counted the mistakes only: the right answers belong on the diagonal")
def _(true, predicted, classes):
    matrix = confusion_matrix(true, predicted, classes)
    return matrix - np.diag(np.diag(matrix))


@confusion_matrix.mistake("your matrix is as large as the largest label you saw; it has a row and "
                          "a column for each of the classes, also for one that does not occur")
def _(true, predicted, classes):
    return confusion_matrix(true, predicted, 1 + max(true.max(), predicted.max()))


@confusion_matrix.must("the matrix has `classes` rows and `classes` columns")
def _(result, true, predicted, classes):
    return np.shape(result) == (classes, classes)


@confusion_matrix.must("every answer counts once, so the sum over the matrix is their number")
def _(result, true, predicted, classes):
    return np.sum(result) == len(true)


@confusion_matrix.variant("a loop")
def _(true, predicted, classes):
    matrix = np.zeros((classes, classes), int)
    for t, p in zip(true, predicted, strict=True):
        matrix[t, p] += 1
    return matrix


@confusion_matrix.variant("counting numbers of two digits")
def _(true, predicted, classes):
    return np.bincount(classes * true + predicted, minlength=classes**2).reshape(classes, classes)


@confusion_matrix.variant("a product of one-hot rows, in floats")
def _(true, predicted, classes):
    return np.eye(classes)[true].T @ np.eye(classes)[predicted]


def _matrices(rng: np.random.RandomState) -> list[tuple]:
    empty_row = rng.randint(1, 9, (4, 4))
    empty_row[2] = 0
    return [(np.array([[2, 0], [1, 3]]),), (rng.randint(1, 20, (10, 10)),), (empty_row,)]


@exercise(
    "09.class_accuracies", "How many of each digit are recognised", probes=_matrices,
    hints=(
        "Of the signals that *are* a 4, how many were called 4? Row 4 holds them all.",
        "The right ones stand on the diagonal, `np.diag(matrix)`; how many there are of each is "
        "the sum of its row, `matrix.sum(axis=1)`.",
        "0 / 0 gives nan, which is what is asked for; `with np.errstate(invalid=\"ignore\"):` "
        "keeps NumPy from warning about it.",
    ))
def class_accuracies(matrix):
    with np.errstate(invalid="ignore"):
        return 100 * np.diag(matrix) / matrix.sum(axis=1)


@class_accuracies.mistake("you divided by the sums of the columns: that says how far an answer can "
                          "be trusted (the precision). How many of a class are recognised is a "
                          "share of its row")
def _(matrix):
    return 100 * np.diag(matrix) / matrix.sum(axis=0)


@class_accuracies.mistake("these are shares from 0 to 1: percent are a hundred times as many")
def _(matrix):
    return np.diag(matrix) / matrix.sum(axis=1)


@class_accuracies.mistake("you divided by the number of all signals: each class has its own, the "
                          "sum of its row")
def _(matrix):
    return 100 * np.diag(matrix) / matrix.sum()


@class_accuracies.mistake("this is the accuracy over all classes together: give one number per "
                          "class")
def _(matrix):
    return 100 * np.trace(matrix) / matrix.sum()


@class_accuracies.mistake("these are the shares of mistakes: the right answers stand on the "
                          "diagonal")
def _(matrix):
    return 100 - 100 * np.diag(matrix) / matrix.sum(axis=1)


@class_accuracies.mistake("a class without a signal has no accuracy: leave it nan, for 0 would say "
                          "that all of its signals were missed")
def _(matrix):
    return 100 * np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)


@class_accuracies.mistake("you divided every cell by the sum of its row: of that matrix, the "
                          "diagonal is asked for, one number per class")
def _(matrix):
    return 100 * matrix / matrix.sum(axis=1, keepdims=True)


@class_accuracies.variant("a loop")
def _(matrix):
    return np.array([100 * row[k] / row.sum() if row.any() else np.nan
                     for k, row in enumerate(matrix)])


@class_accuracies.variant("the diagonal of the matrix of shares, in single precision")
def _(matrix):
    return 100 * (matrix / matrix.sum(axis=1, keepdims=True)).astype(np.float32).diagonal()


def _scores(rng: np.random.RandomState) -> list[tuple]:
    """Right answers, questions, z: also all right and none right."""
    return [(3, 4, 1.0), (19, 20, 1.96), (383, 400, 1.96), (20, 20, 1.96), (0, 7, 1.645)]


@exercise(
    "09.wilson", "An interval for the true accuracy", points=2, probes=_scores,
    hints=(
        "Compute three things, each in a line of its own: the share p = right / n, the middle of "
        "the interval, and half of its width. Then return middle − half and middle + half.",
        "With `shrink = 1 + z**2 / n`, the middle is `(p + z**2 / (2 * n)) / shrink`.",
        "Half the width is `z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / shrink`.",
    ))
def wilson(right, n, z):
    p, shrink = right / n, 1 + z**2 / n
    middle = (p + z**2 / (2 * n)) / shrink
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2)) / shrink
    return middle - half, middle + half


def _wald(right, n, z):
    p = right / n
    half = z * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


wilson.mistake("this is the textbook's p ± z √(p(1 − p)/n): with 20 of 20 right its width is 0, as "
               "if you could never err. Wilson's has a shifted middle and another width")(_wald)


@wilson.mistake("this is the textbook's interval cut off at 0 and 1: where all are right it still "
                "has no width. Wilson's never leaves 0 to 1 by itself")
def _(right, n, z):
    low, high = _wald(right, n, z)
    return max(low, 0.0), min(high, 1.0)


@wilson.mistake("your width is right, but the interval stands around p: its middle is pulled "
                "towards 1/2, (p + z²/2n) / (1 + z²/n)")
def _(right, n, z):
    low, high = wilson(right, n, z)
    p, half = right / n, (high - low) / 2
    return p - half, p + half


@wilson.mistake("you did not divide by 1 + z²/n: middle and width both need it")
def _(right, n, z):
    low, high = wilson(right, n, z)
    return low * (1 + z**2 / n), high * (1 + z**2 / n)


@wilson.mistake("under your root, z²/(4n²) is missing: without it the width is 0 where all answers "
                "are right")
def _(right, n, z):
    p, shrink = right / n, 1 + z**2 / n
    middle, half = (p + z**2 / (2 * n)) / shrink, z * np.sqrt(p * (1 - p) / n) / shrink
    return middle - half, middle + half


@wilson.mistake("the root has to be multiplied by z: 1.96 of such standard deviations make 95 %")
def _(right, n, z):
    low, high = wilson(right, n, z)
    middle, half = (low + high) / 2, (high - low) / 2
    return middle - half / z, middle + half / z


@wilson.mistake("in the middle it is z²/(2n): you added z²/n, and the interval moves up too far")
def _(right, n, z):
    low, high = wilson(right, n, z)
    shift = z**2 / (2 * n) / (1 + z**2 / n)
    return low + shift, high + shift


@wilson.mistake("your interval is in percent: give shares, from 0 to 1")
def _(right, n, z):
    low, high = wilson(right, n, z)
    return 100 * low, 100 * high


@wilson.mistake("your interval is the wrong way round: the lower end comes first")
def _(right, n, z):
    return wilson(right, n, z)[::-1]


@wilson.must("the share right / n must lie inside")
def _(result, right, n, z):
    return result[0] - 1e-9 <= right / n <= result[1] + 1e-9


@wilson.must("an accuracy cannot be below 0 or above 1")
def _(result, right, n, z):
    return result[0] >= -1e-9 and result[1] <= 1 + 1e-9


@wilson.variant("in counts")
def _(right, n, z):
    middle = (right + z**2 / 2) / (n + z**2)
    half = z / (n + z**2) * np.sqrt(right * (n - right) / n + z**2 / 4)
    return [middle - half, middle + half]


@wilson.variant("the two roots of the quadratic equation")
def _(right, n, z):
    p = right / n
    return tuple(np.sort(np.roots([1 + z**2 / n, -(2 * p + z**2 / n), p**2]).real))


def _inputs(rng: np.random.RandomState) -> list[tuple]:
    """Training signals (N, L), test signals (M, L), a seed; N and M both below and above L."""
    return [(np.arange(12.0).reshape(2, 6), np.arange(6.0, 0, -1).reshape(1, 6), rng.randint(1000)),
            (rng.randn(15, 12), rng.randn(14, 12), rng.randint(1000))]


def _drawn(answer, x, x_test, seed):
    """The answer gets a fresh stream of random numbers."""
    return answer(x, x_test, np.random.RandomState(seed))


def _same_form(got, want) -> bool:
    """Any draw will do; the properties below say whether it is consistent."""
    return (isinstance(got, (tuple, list)) and len(got) == 3
            and all(np.shape(g) == np.shape(w) for g, w in zip(got, want, strict=True)))


@exercise(
    "09.shuffle_inputs", "One shuffling for all signals", points=2, probes=_inputs,
    drive=_drawn, same=_same_form,
    hints=(
        "Draw one order of the L positions, `rng.permutation(L)`. How often do you have to draw?",
        "`x[order]` picks *rows*. The positions lie along axis 1: `x[:, order]`.",
        "Draw once, use it twice: `x[:, order]`, `x_test[:, order]`, and return `order` as well.",
    ))
def shuffle_inputs(x, x_test, rng):
    order = rng.permutation(x.shape[1])
    return x[:, order], x_test[:, order], order


@shuffle_inputs.mistake("you drew one order for the training and another for the test signals: "
                        "what a model learns about position 7 would be asked at another place. "
                        "Draw once, use it for both")
def _(x, x_test, rng):
    order = rng.permutation(x.shape[1])
    return x[:, order], x_test[:, rng.permutation(x.shape[1])], order


@shuffle_inputs.mistake("you shuffled the training signals only: the test signals need the same "
                        "order")
def _(x, x_test, rng):
    order = rng.permutation(x.shape[1])
    return x[:, order], x_test, order


@shuffle_inputs.mistake("every signal got an order of its own: then no position means anything any "
                        "more. One order serves all signals")
def _(x, x_test, rng):
    orders = [rng.permutation(x.shape[1]) for _ in range(len(x) + len(x_test))]
    rows = np.array([row[order] for row, order in zip([*x, *x_test], orders, strict=True)])
    return rows[:len(x)], rows[len(x):], orders[0]


@shuffle_inputs.mistake("you shuffled the signals among each other (axis 0), so that they no "
                        "longer belong to their labels: it is the positions, axis 1, that change "
                        "places")
def _(x, x_test, rng):
    order = rng.permutation(len(x))
    return x[order], x_test[rng.permutation(len(x_test))], order


@shuffle_inputs.mistake("`x[order]` picks rows, that is signals: the positions lie along axis 1, "
                        "`x[:, order]`")
def _(x, x_test, rng):
    order = rng.permutation(x.shape[1])
    return x[order], x_test[order], order


@shuffle_inputs.mistake("`rng.shuffle` works in place, and on axis 0: what you were given is "
                        "changed. Draw an order with rng.permutation and index with it")
def _(x, x_test, rng):
    order = np.arange(x.shape[1])
    rng.shuffle(order)
    x[:], x_test[:] = x[:, order], x_test[:, order]
    return x, x_test, order


@shuffle_inputs.mistake("you drew random places, some of them twice and others never: a "
                        "permutation has each position exactly once")
def _(x, x_test, rng):
    order = rng.randint(0, x.shape[1], x.shape[1])
    return x[:, order], x_test[:, order], order


@shuffle_inputs.must("the order must have each position from 0 to L − 1 exactly once")
def _(result, x, x_test, seed):
    return np.array_equal(np.sort(result[2]), np.arange(x.shape[1]))


@shuffle_inputs.must("column j of the shuffled x must be column order[j] of x")
def _(result, x, x_test, seed):
    return np.allclose(result[0], x[:, result[2]])


@shuffle_inputs.must("column j of the shuffled x_test must be column order[j] of x_test: the same "
                     "order for both")
def _(result, x, x_test, seed):
    return np.allclose(result[1], x_test[:, result[2]])


@shuffle_inputs.must("the positions must change places: they are in order still")
def _(result, x, x_test, seed):
    return not np.array_equal(result[2], np.arange(x.shape[1]))


@shuffle_inputs.variant("sorting random numbers, on the transposed signals")
def _(x, x_test, rng):
    order = np.argsort(rng.rand(x.shape[1]))
    return x.T[order].T, np.take(x_test, order, axis=1), order


@shuffle_inputs.variant("shuffling an array of positions in place, in single precision")
def _(x, x_test, rng):
    order = np.arange(x.shape[1])
    rng.shuffle(order)
    return x.astype(np.float32)[:, order], x_test.astype(np.float32)[:, order], order


def _layers(rng: np.random.RandomState) -> list[tuple]:
    """Weights (H, L) and an order (L,) that is not its own inverse; H above and below L."""
    return [(np.array([[1.0, 2.0, 3.0]]), np.array([1, 2, 0])),
            (rng.randn(9, 5), np.array([3, 0, 4, 1, 2])),
            (rng.randn(4, 7), np.array([2, 5, 0, 6, 1, 3, 4]))]


@exercise(
    "09.permute_weights", "The same answers on shuffled signals", probes=_layers,
    hints=(
        "A unit computes the sum over i of `weight[h, i] * x[i]`. Column j of the shuffled signals "
        "is column `order[j]` of the old ones: which weight does it need?",
        "Position j of the shuffled signal needs `weight[:, order[j]]`, for all j at once.",
    ))
def permute_weights(weight, order):
    return weight[:, order]


@permute_weights.mistake("this is the way back (the inverse order): column j of the shuffled "
                         "signals is column order[j] of the old ones, so it needs the weights that "
                         "stood in column order[j]")
def _(weight, order):
    return weight[:, np.argsort(order)]


@permute_weights.mistake("you permuted the rows, which are the hidden units: a weight's position "
                         "in the signal is its column")
def _(weight, order):
    return weight[order]


@permute_weights.mistake("the weights are still in the old order: the layer would multiply each "
                         "value by the weight of another position")
def _(weight, order):
    return weight.copy()


@permute_weights.mistake("your weights are right, but lie transposed: keep (H, L)")
def _(weight, order):
    return weight[:, order].T


@permute_weights.mistake("your weights are right, but you wrote them into the array that you were "
                         "given: make a new one")
def _(weight, order):
    weight[:] = weight[:, order]
    return weight


@permute_weights.must("the layer must give on shuffled signals what it gave on the ordered ones")
def _(result, weight, order):
    x = np.arange(1.0, 1 + len(order)) ** 2
    return np.allclose(result @ x[order], weight @ x)


@permute_weights.variant("a product with a permutation matrix")
def _(weight, order):
    return weight @ np.eye(len(order))[:, order]


@permute_weights.variant("column by column, in single precision")
def _(weight, order):
    return np.stack([weight[:, place] for place in order], axis=1).astype(np.float32)


def _signals(rng: np.random.RandomState) -> list[tuple]:
    """Signals (N, L) whose mean is not 0 and differs by signal, and lags, 0 among them."""
    smooth = np.cumsum(rng.randn(6, 12), axis=1) + 3 * rng.rand(6, 1)
    return [(np.array([[1.0, 2.0, 4.0, 3.0], [2.0, 0.0, 1.0, 5.0]]), 1), (smooth, 2), (smooth, 0),
            (smooth, 5)]


@exercise(
    "09.autocorrelation", "How much values that are `lag` apart know of each other", points=2,
    probes=_signals,
    hints=(
        "Make two arrays of the same shape, so that `a[n, i]` and `b[n, i]` are the two values of "
        "a pair: all columns but the last `lag`, and all but the first `lag`.",
        "`x[:, :-lag]` is empty where lag is 0. `x[:, :x.shape[1] - lag]` always works.",
        "`np.corrcoef(a.ravel(), b.ravel())` gives a matrix of 2 x 2; the correlation of a with b "
        "is `[0, 1]`.",
    ))
def autocorrelation(x, lag):
    first, second = x[:, :x.shape[1] - lag], x[:, lag:]
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]


@autocorrelation.mistake("for lag 0 you fail: x[:, :-0] is x[:, :0], which is empty. Write "
                         "x[:, :x.shape[1] - lag]")
def _(x, lag):
    return np.corrcoef(x[:, :-lag].ravel(), x[:, lag:].ravel())[0, 1]


@autocorrelation.mistake("you wrapped around: np.roll pairs the end of a signal with its "
                         "beginning. Cut off `lag` columns at either side instead")
def _(x, lag):
    return np.corrcoef(x.ravel(), np.roll(x, lag, axis=1).ravel())[0, 1]


@autocorrelation.mistake("you made one long line first and shifted then, so that the end of each "
                         "signal is paired with the beginning of the next: shift along axis 1 "
                         "first, ravel afterwards")
def _(x, lag):
    flat = x.ravel()
    return np.corrcoef(flat[:flat.size - lag], flat[lag:])[0, 1]


@autocorrelation.mistake("you shifted along axis 0, so that you compare different signals: the "
                         "positions lie along axis 1")
def _(x, lag):
    return np.corrcoef(x[:len(x) - lag].ravel(), x[lag:].ravel())[0, 1]


@autocorrelation.mistake("this is the covariance: divide it by both standard deviations "
                         "(np.corrcoef does)")
def _(x, lag):
    first, second = x[:, :x.shape[1] - lag], x[:, lag:]
    return ((first - first.mean()) * (second - second.mean())).mean()


@autocorrelation.mistake("you did not subtract the means first: two values that are only both "
                         "large would count as related")
def _(x, lag):
    first, second = x[:, :x.shape[1] - lag], x[:, lag:]
    return (first * second).sum() / np.sqrt((first**2).sum() * (second**2).sum())


@autocorrelation.mistake("np.corrcoef gives all four correlations of two things: the one of the "
                         "first with the second is [0, 1]")
def _(x, lag):
    return np.corrcoef(x[:, :x.shape[1] - lag].ravel(), x[:, lag:].ravel())


@autocorrelation.mistake("you averaged the correlations of the single signals: here all pairs of "
                         "all signals go into one correlation")
def _(x, lag):
    return np.mean([np.corrcoef(row[:len(row) - lag], row[lag:])[0, 1] for row in x])


@autocorrelation.mistake("you used mean and spread of *all* values (the form of time-series "
                         "books): here it is the plain correlation of the pairs, each side with "
                         "its own")
def _(x, lag):
    centred = x - x.mean()
    return (centred[:, :x.shape[1] - lag] * centred[:, lag:]).sum() / (centred**2).sum()


@autocorrelation.must("a correlation lies between −1 and 1")
def _(result, x, lag):
    return -1 - 1e-9 <= result <= 1 + 1e-9


@autocorrelation.variant("written out")
def _(x, lag):
    first, second = x[:, :x.shape[1] - lag], x[:, lag:]
    first, second = first - first.mean(), second - second.mean()
    return (first * second).sum() / np.sqrt((first**2).sum() * (second**2).sum())


@autocorrelation.variant("loops over the pairs")
def _(x, lag):
    pairs = [(row[i], row[i + lag]) for row in x for i in range(len(row) - lag)]
    return np.corrcoef(np.array(pairs).T)[0, 1]


@autocorrelation.variant("standard scores, in single precision")
def _(x, lag):
    first, second = (part.astype(np.float32) for part in (x[:, :x.shape[1] - lag], x[:, lag:]))
    scores = [(part - part.mean()) / part.std() for part in (first, second)]
    return (scores[0] * scores[1]).mean()
