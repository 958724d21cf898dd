"""Every figure of the course, one function each; each returns the figure or the axes it drew on.

Where to look: the figures of a lesson are in `lesson_NN`, those that several lessons show in
`several_lessons`, those of an experiment's result in `experiment_NAME`; what they are made of is in
`pieces`, and how all of them look in `style`. All are used from here: `plots.runs(...)`.
"""

from mnist1d_edu.boundary import explain_all
from mnist1d_edu.plots.experiment_benchmark import add_runs, benchmark, mnist, shuffled
from mnist1d_edu.plots.experiment_double_descent import (
    descent_by_parameters,
    double_descent,
    moving_peak,
)
from mnist1d_edu.plots.experiment_lottery import (
    lottery,
    lottery_ablations,
    lottery_adjacency,
    lottery_masks,
    lottery_pairs,
)
from mnist1d_edu.plots.experiment_metalearn_activation import activation_tests, learned_activation
from mnist1d_edu.plots.experiment_metalearn_lr import metalearned_rate, rate_landscape
from mnist1d_edu.plots.experiment_pooling import pooling
from mnist1d_edu.plots.experiment_random_data import fitting_noise, full_batch, noise_margins
from mnist1d_edu.plots.experiment_recurrent import recurrent
from mnist1d_edu.plots.experiment_regularization import augmentation, regularization
from mnist1d_edu.plots.experiment_residual import (
    residual_variances,
    shattered_gradients,
    trainable_depths,
)
from mnist1d_edu.plots.experiment_self_supervised import few_labels, probes_by_depth
from mnist1d_edu.plots.experiment_shift import accuracy_against_shift
from mnist1d_edu.plots.experiment_threshold import peaks_and_thresholds
from mnist1d_edu.plots.experiment_tickets import tickets_in_time
from mnist1d_edu.plots.experiment_tsne import tsne_pictures
from mnist1d_edu.plots.lesson_00 import signal_panels
from mnist1d_edu.plots.lesson_01 import costs, effect, moving_stages, stages, strokes
from mnist1d_edu.plots.lesson_02 import class_scores, ridges
from mnist1d_edu.plots.lesson_03 import points_and_curves, results_by_row
from mnist1d_edu.plots.lesson_04 import mlp_graph, step_sizes
from mnist1d_edu.plots.lesson_05 import derivatives, descents, tape, visits
from mnist1d_edu.plots.lesson_06 import (
    error_parts,
    first_layer,
    looking_often,
    overlaid,
    score_dots,
    signal_by_depth,
)
from mnist1d_edu.plots.lesson_07 import (
    feature_maps,
    filters,
    kernel_sliding,
    layer_matrices,
    receptive_fields,
    same_shape,
    shifted_responses,
)
from mnist1d_edu.plots.lesson_08 import over_time, seeds_over, short_on_long
from mnist1d_edu.plots.lesson_09 import (
    before_and_after,
    confusions,
    coverage,
    disorder,
    intervals,
    neighbours,
)
from mnist1d_edu.plots.lesson_10 import augmented, stopped_early
from mnist1d_edu.plots.lesson_11 import by_examples, pooled
from mnist1d_edu.plots.lesson_12 import over_stored
from mnist1d_edu.plots.lesson_13 import (
    loss_by_step,
    margins_compared,
    times_to_fit,
    waits_by_proportion,
)
from mnist1d_edu.plots.lesson_14 import (
    changed_counts,
    inside_the_descent,
    rise_and_fall,
    small_descent,
    two_thresholds,
)
from mnist1d_edu.plots.lesson_15 import pruned
from mnist1d_edu.plots.lesson_16 import neighbour_rows, points_beside
from mnist1d_edu.plots.lesson_17 import on_a_circle, probes_of_nets
from mnist1d_edu.plots.lesson_18 import (
    coming_apart,
    loss_and_slope,
    rates_learned,
    schedule_learned,
    truncation,
    zoomed,
)
from mnist1d_edu.plots.lesson_19 import learned_curves
from mnist1d_edu.plots.lesson_20 import changed_signals, clear_differences, power_by_seeds
from mnist1d_edu.plots.pieces import band
from mnist1d_edu.plots.several_lessons import (
    against,
    beside_paper_scale,
    confusion,
    differences,
    landscape,
    learning_curves,
    quiz,
    runs,
    upright,
)
from mnist1d_edu.plots.style import (
    BLUE,
    GREEN,
    GREY,
    MODEL_STYLES,
    MODEL_TITLES,
    ORANGE,
    RED,
    alternative_text,
    bare,
    described,
    label_ends,
)

__all__ = [
    "BLUE", "GREEN", "GREY", "MODEL_STYLES", "MODEL_TITLES", "ORANGE", "RED",
    "accuracy_against_shift", "activation_tests", "add_runs", "against", "alternative_text",
    "augmentation", "augmented", "band", "bare", "before_and_after", "benchmark",
    "beside_paper_scale", "by_examples", "changed_counts", "changed_signals", "class_scores",
    "clear_differences", "coming_apart", "confusion", "confusions", "costs", "coverage",
    "derivatives", "descent_by_parameters", "descents", "described", "differences", "disorder",
    "double_descent", "effect", "error_parts", "feature_maps", "few_labels", "filters",
    "first_layer", "fitting_noise", "full_batch", "inside_the_descent", "intervals",
    "kernel_sliding", "label_ends", "landscape", "layer_matrices", "learned_activation",
    "learned_curves", "learning_curves", "looking_often", "loss_and_slope", "loss_by_step",
    "lottery", "lottery_ablations", "lottery_adjacency", "lottery_masks", "lottery_pairs",
    "margins_compared", "metalearned_rate", "mlp_graph", "mnist", "moving_peak", "moving_stages",
    "neighbour_rows", "neighbours", "noise_margins", "on_a_circle", "over_stored", "over_time",
    "overlaid", "peaks_and_thresholds", "points_and_curves", "points_beside", "pooled", "pooling",
    "power_by_seeds", "probes_by_depth", "probes_of_nets", "pruned", "quiz", "rate_landscape",
    "rates_learned", "receptive_fields", "recurrent", "regularization", "residual_variances",
    "results_by_row", "ridges", "rise_and_fall", "runs", "same_shape", "schedule_learned",
    "score_dots", "seeds_over", "shattered_gradients", "shifted_responses", "short_on_long",
    "shuffled", "signal_by_depth", "signal_panels", "small_descent", "stages", "step_sizes",
    "stopped_early", "strokes", "tape", "tickets_in_time", "times_to_fit", "trainable_depths",
    "truncation", "tsne_pictures", "two_thresholds", "upright", "visits", "waits_by_proportion",
    "zoomed",
]

explain_all(globals(), chosen=__all__)
