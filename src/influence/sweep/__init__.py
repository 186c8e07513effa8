"""Sweeps: settings chosen on validation, over several data sets and worlds at once.

Every trial fits on the training rows and is judged on the validation rows, never on the test rows: the
records from the test's first moment on are hidden before anything else is done.  The criterion is the one
by which everything is chosen here (`model.calibration.recalibrated_losses`), each loss divided by the loss
that the base settings have on the same rows under the same seed, so that data sets of other difficulty
weigh alike.

The search is optuna's tree-structured Parzen estimator (Bergstra et al. 2011); a trial worse than the median
of the earlier ones after the same steps is given up (Golovin et al. 2017).  Each trial draws from a
generator of its own, and everything found is stored at once: a sweep that is killed and run again finds
what it would have found undisturbed.
"""

from influence.sweep.config import SweepConfig, read_sweep
from influence.sweep.search import SweepResult, run

__all__ = ["SweepConfig", "SweepResult", "read_sweep", "run"]
