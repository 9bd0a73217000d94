"""Checks for notebook 6: several seeds, which difference is real, and a test set that is opened once."""

import itertools

import numpy as np

from hwd_lib.checks.exercise import exercise
from hwd_lib.checks.handing_in import hand_in_for

hand_in = hand_in_for("06_experiments.ipynb")


def _accuracies(seed, n, mean=0.93, sd=0.006):
    return mean + sd * np.random.default_rng(seed).normal(size=n)


def _number(returned, *_):
    return float(returned)


# 6.1 Mean and standard deviation ----------------------------------------------------------------------------


def _seeds():
    return {
        "five seeds": (_accuracies(1, 5),),
        "three seeds": (_accuracies(2, 3),),
        "twenty seeds": (_accuracies(3, 20),),
    }


@exercise(
    "6.1",
    cases=_seeds,
    result=lambda returned, *_: [float(number) for number in returned],
    tested="three, five and twenty seeds",
    hints=(
        "Take three numbers that you can do in your head: 1, 2 and 3. Their mean is 2, and their standard "
        "deviation is 1.",
        "Subtract the mean, square, add up, divide by n - 1, take the root.",
        "`return np.mean(accuracies), np.std(accuracies, ddof=1)`",
    ),
)
def mean_and_sd(accuracies):
    """Mean and standard deviation (divided by n - 1) of accuracies (n,)."""
    return np.mean(accuracies), np.std(accuracies, ddof=1)


@mean_and_sd.mistake(
    "divided by n instead of n - 1",
    "What does your function say of 1, 2 and 3? The standard deviation should be 1.",
    "The mean was found from the same few numbers, so it lies closer to them than the true one does. "
    "Dividing by n - 1 makes up for that. NumPy divides by n unless you say otherwise.",
    "`np.std(accuracies, ddof=1)`",
)
def _by_n(accuracies):
    return np.mean(accuracies), np.std(accuracies)


@mean_and_sd.mistake(
    "the root is missing",
    "Accuracies are spread over some tenths of a per cent. Is your number of that size?",
    "You found the variance: the mean of the squares. The standard deviation is its root.",
    "`np.std` instead of `np.var`; or take `np.sqrt` of what you have.",
)
def _variance(accuracies):
    return np.mean(accuracies), np.var(accuracies, ddof=1)


@mean_and_sd.mistake(
    "the error of the mean",
    "With four times as many seeds, does your second number get smaller? Should the spread of the runs?",
    "You divided by the root of n. That says how well you know the mean. It comes in the next exercise.",
    "Leave out the division by `np.sqrt(n)`.",
)
def _of_mean(accuracies):
    return np.mean(accuracies), np.std(accuracies, ddof=1) / np.sqrt(len(accuracies))


@mean_and_sd.mistake(
    "half of the range",
    "Of all your runs, how many have a say in your second number?",
    "The range depends on the two most extreme runs alone, and it grows with the number of runs.",
    "`np.std(accuracies, ddof=1)`",
)
def _range(accuracies):
    return np.mean(accuracies), (np.max(accuracies) - np.min(accuracies)) / 2


@mean_and_sd.mistake(
    "the mean distance",
    "How do you get rid of the minus signs: by squaring, or by taking the absolute value?",
    "The mean of the absolute distances is a measure of spread as well, but it is another one.",
    "`np.std(accuracies, ddof=1)`: squares, divided by n - 1, then the root.",
)
def _absolute(accuracies):
    return np.mean(accuracies), np.abs(accuracies - np.mean(accuracies)).mean()


@mean_and_sd.mistake(
    "the other way round",
    "In which order do you return the two?",
    "The task asks for the mean first, and then for the standard deviation.",
    "`return mean, sd`",
)
def _swapped(accuracies):
    return np.std(accuracies, ddof=1), np.mean(accuracies)


# 6.2 How far apart, counted in standard errors --------------------------------------------------------------


def _pairs():
    return {
        "three seeds against three": (_accuracies(4, 3, 0.93), _accuracies(5, 3, 0.94, 0.002)),
        "ten against five": (_accuracies(6, 10, 0.95, 0.004), _accuracies(7, 5, 0.94, 0.009)),
        "twenty against twenty": (_accuracies(8, 20, 0.96, 0.003), _accuracies(9, 20, 0.96, 0.004)),
    }


@exercise(
    "6.2",
    cases=_pairs,
    result=_number,
    tested="3 seeds against 3, 10 against 5, and two settings that are nearly alike",
    hints=(
        "Three steps: the standard error of a, that of b, and from both that of the difference.",
        "Errors of two independent things add up as squares do: the square of the whole is the sum of their "
        "squares. Then divide the difference of the means by it.",
        "`error = np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b))`, then "
        "`return abs(np.mean(a) - np.mean(b)) / error`.",
    ),
)
def errors_apart(a, b):
    """How many standard errors lie between the means of accuracies a (n,) and b (m,)."""
    error = np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b))
    return abs(np.mean(a) - np.mean(b)) / error


@errors_apart.mistake(
    "the number of seeds does not count",
    "With a hundred seeds instead of three, would you be surer? Does your number know?",
    "You divide by the spread of single runs. Means of n runs are spread less, by the root of n.",
    "Divide each variance by its n: `np.var(a, ddof=1) / len(a)`.",
)
def _spread(a, b):
    return abs(np.mean(a) - np.mean(b)) / np.sqrt(np.var(a, ddof=1) + np.var(b, ddof=1))


@errors_apart.mistake(
    "errors added up straight",
    "Will a be too high and b too low in the same experiment? Every time?",
    "Two lucky accidents do not always point opposite ways, so the errors add up as squares.",
    "`np.sqrt(error_a**2 + error_b**2)` instead of `error_a + error_b`.",
)
def _straight(a, b):
    error = np.std(a, ddof=1) / np.sqrt(len(a)) + np.std(b, ddof=1) / np.sqrt(len(b))
    return abs(np.mean(a) - np.mean(b)) / error


@errors_apart.mistake(
    "the root is missing",
    "In which unit is your denominator: in accuracy, or in its square?",
    "A variance is a square. Take the root of the sum before you divide by it.",
    "`error = np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b))`",
)
def _no_root(a, b):
    error = np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)
    return abs(np.mean(a) - np.mean(b)) / error


@errors_apart.mistake(
    "divided by n instead of n - 1",
    "What does NumPy divide by when you do not say anything?",
    "With three seeds, dividing by 3 instead of 2 makes the error too small by a fifth.",
    "`ddof=1` in `np.var`, or in `np.std`, for a and for b.",
)
def _by_n_again(a, b):
    return abs(np.mean(a) - np.mean(b)) / np.sqrt(np.var(a) / len(a) + np.var(b) / len(b))


@errors_apart.mistake(
    "a negative distance",
    "Can two things be less than nothing apart?",
    "Which of the two is called a should make no difference.",
    "Take the absolute value: `abs(np.mean(a) - np.mean(b))`.",
)
def _signed(a, b):
    error = np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b))
    return (np.mean(a) - np.mean(b)) / error


@errors_apart.mistake(
    "only the error of one of the two",
    "Is b known exactly?",
    "Both means are uncertain, and both uncertainties go into the difference.",
    "Add `np.var(b, ddof=1) / len(b)` under the root.",
)
def _one_error(a, b):
    return abs(np.mean(a) - np.mean(b)) / (np.std(a, ddof=1) / np.sqrt(len(a)))


@errors_apart.mistake(
    "the number of seeds of the one, for both",
    "Ten seeds of a and five of b: by which number do you divide the variance of b?",
    "Each of the two has a number of seeds of its own.",
    "`np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b)`",
)
def _one_length(a, b):
    error = np.sqrt((np.var(a, ddof=1) + np.var(b, ddof=1)) / len(a))
    return abs(np.mean(a) - np.mean(b)) / error


@errors_apart.mistake(
    "the difference alone",
    "Is 0.005 much? Compared with what?",
    "A difference means something only beside the error with which it is known.",
    "Divide by `np.sqrt(np.var(a, ddof=1) / len(a) + np.var(b, ddof=1) / len(b))`.",
)
def _no_error(a, b):
    return abs(np.mean(a) - np.mean(b))


# 6.3 One thing at a time ------------------------------------------------------------------------------------


def _plans():
    return {
        "two settings, two values each": (
            {"learning_rate": 0.1, "batch_size": 32},
            {"learning_rate": [0.03, 0.3], "batch_size": [8, 128]},
        ),
        "a setting that stays as it is": (
            {"learning_rate": 0.1, "batch_size": 32, "epochs": 2},
            {"batch_size": [8, 64, 512], "learning_rate": [1.0]},
        ),
        "a single setting with two values": ({"learning_rate": 0.5, "epochs": 3}, {"epochs": [1, 9]}),
    }


def _listed(returned, base, _):
    """The base first; the others in any order."""
    settings = [dict(setting) for setting in returned]
    others = settings[1:] if settings and settings[0] == base else settings
    others = sorted(others, key=lambda setting: str(sorted(setting.items())))
    return [*settings[: len(settings) - len(others)], *others]


@exercise(
    "6.3",
    cases=_plans,
    result=_listed,
    tested="two settings with two values, one with three and one with one, and one that nobody touches",
    hints=(
        "How many experiments should come out for two settings with two other values each? One for the base, "
        "and one for each other value.",
        "Begin with a copy of the base. For each name, for each of its values: a new dict, which is the base "
        "with that one entry replaced.",
        "`base | {name: value}` is a new dict like the base, but for one entry. Put it into the list in two "
        "loops, one within the other.",
    ),
)
def one_at_a_time(base, options):
    """The base, and for each value in `options` {name: values} the base with that one entry replaced."""
    changed = [base | {name: value} for name, values in options.items() for value in values]
    return [dict(base), *changed]


@one_at_a_time.mistake(
    "all combinations",
    "Your second-best run differs from the base in two things. Which of them did the good?",
    "Every combination is a grid. It has its uses, but here each run differs from the base in one entry.",
    "`base | {name: value}` for each name and each of its values, in two loops.",
)
def _combinations(base, options):
    products = itertools.product(*options.values())
    return [base | dict(zip(options, values, strict=True)) for values in products]


@one_at_a_time.mistake(
    "the base, and all combinations",
    "Look at your second setting: in how many entries does it differ from the base?",
    "Every combination is a grid. Here each run differs from the base in one entry, and only in one.",
    "`base | {name: value}` for each name and each of its values, in two loops.",
)
def _base_and_combinations(base, options):
    return [dict(base), *_combinations(base, options)]


@one_at_a_time.mistake(
    "the base is not the first",
    "Which setting stands at the head of your list?",
    "The base comes first: everything after it is compared with it.",
    "`[dict(base), ...]`",
)
def _base_last(base, options):
    return [base | {name: value} for name, values in options.items() for value in values] + [dict(base)]


@one_at_a_time.mistake(
    "the base is missing",
    "What will you compare the others with?",
    "Without the base you see how the others differ from each other, but not what a change has brought.",
    "Put a copy of the base in front: `[dict(base), ...]`.",
)
def _no_base(base, options):
    return [base | {name: value} for name, values in options.items() for value in values]


@one_at_a_time.mistake(
    "changes pile up",
    "Look at your last setting: in how many entries does it differ from the base?",
    "You go on changing the same dict, so each change is still there when the next one comes.",
    "Start from the base each time: `base | {name: value}` makes a new dict.",
)
def _piled(base, options):
    settings, current = [dict(base)], dict(base)
    for name, values in options.items():
        for value in values:
            current = current | {name: value}
            settings.append(current)
    return settings


@one_at_a_time.mistake(
    "the same dict again and again",
    "Print your list. Why are all of its entries alike?",
    "You appended one and the same dict each time. The list shows it as it is in the end.",
    "Append a new dict each time: `base | {name: value}`.",
)
def _same_dict(base, options):
    current = dict(base)
    settings = [current]
    for name, values in options.items():
        for value in values:
            current[name] = value
            settings.append(current)
    return settings


@one_at_a_time.mistake(
    "only what was changed",
    "With which batch size would your second run be trained?",
    "Each setting must be complete: what is not changed is as in the base.",
    "`base | {name: value}` instead of `{name: value}`.",
)
def _only_changed(base, options):
    return [dict(base), *({name: value} for name, values in options.items() for value in values)]


@one_at_a_time.mistake(
    "the whole list as a value",
    "What is the learning rate of your second setting: a number, or a list?",
    "`options[name]` is a list of values. Each of them makes a setting of its own.",
    "A second loop: `for value in options[name]:`.",
)
def _whole_list(base, options):
    return [dict(base), *(base | {name: values} for name, values in options.items())]


# 6.4 Rates to try -------------------------------------------------------------------------------------------


@exercise(
    "6.4",
    cases=lambda: {"0.01 to 1 in five": (0.01, 1.0, 5), "0.001 to 0.4 in four": (0.001, 0.4, 4)},
    result=lambda returned, *_: np.asarray(returned, float),
    tested="five rates from 0.01 to 1, and four from 0.001 to 0.4",
    hints=(
        "From 0.01 to 1 in three: the middle one is 0.1, ten times the first, and a tenth of the last.",
        "Every rate is the same *factor* larger than the one before. NumPy has a function for that.",
        "`np.geomspace(low, high, n)`",
    ),
)
def rates_to_try(low, high, n):
    """n learning rates (n,) from low to high, each larger than the one before by the same factor."""
    return np.geomspace(low, high, n)


@rates_to_try.mistake(
    "equal differences instead of equal factors",
    "Of your rates from 0.01 to 1, how many are below 0.1?",
    "The step from 0.01 to 0.03 matters as much as that from 0.3 to 1. What should be equal is the factor.",
    "`np.geomspace` instead of `np.linspace`.",
)
def _linear(low, high, n):
    return np.linspace(low, high, n)


@rates_to_try.mistake(
    "the rates were taken for exponents",
    "What is your first rate? Should it not be `low`?",
    "`np.logspace` wants the exponents of ten: -2 for 0.01.",
    "`np.geomspace(low, high, n)`, which wants the rates themselves.",
)
def _exponents(low, high, n):
    return np.logspace(low, high, n)


@rates_to_try.mistake(
    "exponents of another base",
    "What is your first rate? Should it not be `low`?",
    "`np.logspace` raises 10 to the powers that it is given, and `np.log` has the base e.",
    "`np.log10`; or `np.geomspace(low, high, n)`, which wants the rates themselves.",
)
def _natural(low, high, n):
    return np.logspace(np.log(low), np.log(high), n)


@rates_to_try.mistake(
    "the last one is missing",
    "Is `high` among your rates?",
    "n points have n - 1 steps between them, so the factor is (high / low) to the power of 1 / (n - 1).",
    "`low * (high / low) ** (np.arange(n) / (n - 1))`, or `np.geomspace(low, high, n)`.",
)
def _no_last(low, high, n):
    return np.geomspace(low, high, n, endpoint=False)


@rates_to_try.mistake(
    "always ten times as much",
    "Is your last rate `high`?",
    "The factor depends on how far it is from low to high, and on how many rates there shall be.",
    "`np.geomspace(low, high, n)`",
)
def _tens(low, high, n):
    return low * 10.0 ** np.arange(n)


# 6.5 Who is still in the race -------------------------------------------------------------------------------


def _tables():
    return {
        "five settings": (
            np.array([0.900, 0.951, 0.956, 0.9538, 0.80]),
            np.array([0.010, 0.002, 0.0012, 0.0015, 0.06]),
        ),
        "one that nobody reaches": (np.array([0.97, 0.90, 0.91]), np.array([0.002, 0.003, 0.002])),
        "one with a wide bar": (np.array([0.9550, 0.953, 0.96]), np.array([0.0005, 0.0075, 0.0005])),
        "a leader with a wide bar": (
            np.array([0.940, 0.957, 0.968, 0.9505]),
            np.array([0.002, 0.0005, 0.006, 0.0065]),
        ),
        "bars that overlap, and one in the race": (
            np.array([0.9440, 0.9500, 0.9585, 0.9540]),
            np.array([0.0030, 0.0020, 0.0025, 0.0015]),
        ),
    }


@exercise(
    "6.5",
    cases=_tables,
    result=lambda returned, *_: np.asarray(returned),
    tested="settings in and out of the race, narrow error bars and wide ones, of the leader and of others",
    hints=(
        "Take the best setting. Go through the others and ask each: is the difference between you and the "
        "best larger than twice its error?",
        "The error of a difference is the root of the sum of both squared errors. "
        "`np.flatnonzero(condition)` gives the places where a condition is true.",
        "`gap = means.max() - means`, `error = np.sqrt(errors**2 + errors[means.argmax()]**2)`, then "
        "`np.flatnonzero(gap <= 2 * error)`.",
    ),
)
def contenders(means, errors):
    """The places (k,) of the settings that cannot be told from the best; means (n,), their errors (n,)."""
    gap = means.max() - means  # (n,)
    error = np.sqrt(errors**2 + errors[means.argmax()] ** 2)  # (n,)
    return np.flatnonzero(gap <= 2 * error)


@contenders.mistake(
    "only the best",
    "Is the second one really worse, or was it less lucky?",
    "The highest mean leads. Whoever is closer to it than two errors of the difference is in the race.",
    "`np.flatnonzero(gap <= 2 * error)`",
)
def _best_only(means, errors):
    return np.array([means.argmax()])


@contenders.mistake(
    "bars that overlap",
    "The bars of two settings just touch. Must the difference be luck?",
    "Adding up both errors is too much: they rarely point opposite ways. The error of a difference is the "
    "root of the sum of the squares.",
    "`2 * np.sqrt(errors**2 + errors[means.argmax()]**2)`",
)
def _overlap(means, errors):
    best = means.argmax()
    return np.flatnonzero(means + 2 * errors >= means[best] - 2 * errors[best])


@contenders.mistake(
    "one error instead of two",
    "How many errors may two settings be apart before you call the difference real?",
    "A third of all differences are larger than one error by luck alone. The rule asks for two.",
    "`gap <= 2 * error`",
)
def _one(means, errors):
    error = np.sqrt(errors**2 + errors[means.argmax()] ** 2)
    return np.flatnonzero(means.max() - means <= error)


@contenders.mistake(
    "only the error of the best",
    "One setting has a very wide bar. Did you look at it?",
    "Both ends of the difference are uncertain: the best, and the one that you compare with it.",
    "`np.sqrt(errors**2 + errors[means.argmax()]**2)`",
)
def _of_best(means, errors):
    return np.flatnonzero(means.max() - means <= 2 * errors[means.argmax()])


@contenders.mistake(
    "only the errors of the others",
    "The leader has a wide bar. Did you look at it?",
    "Both ends of the difference are uncertain: each setting, and the best, with which you compare it.",
    "`np.sqrt(errors**2 + errors[means.argmax()]**2)`",
)
def _of_others(means, errors):
    return np.flatnonzero(means.max() - means <= 2 * errors)


@contenders.mistake(
    "the leader is left out",
    "How far is the best setting from itself?",
    "The leader is in the race, too: its difference is 0.",
    "`gap <= 2 * error` takes it in.",
)
def _without_the_leader(means, errors):
    return np.array([place for place in contenders.reference(means, errors) if place != means.argmax()])


@contenders.mistake(
    "the first setting taken for the best",
    "Whose error stands at place 0?",
    "The best setting is wherever the largest mean is.",
    "`errors[means.argmax()]`",
)
def _first_for_best(means, errors):
    return np.flatnonzero(means.max() - means <= 2 * np.sqrt(errors**2 + errors[0] ** 2))


@contenders.mistake(
    "True and False instead of places",
    "Do you return a number for each setting, or only the places of those that are still in?",
    "You have the condition. What is asked for are the places where it is true.",
    "Wrap it up: `np.flatnonzero(condition)`.",
)
def _mask(means, errors):
    error = np.sqrt(errors**2 + errors[means.argmax()] ** 2)
    return means.max() - means <= 2 * error


@contenders.mistake(
    "those that are out",
    "Is the best one among yours?",
    "You found the settings whose difference from the best is real. The task asks for the others.",
    "`<=` instead of `>`.",
)
def _out(means, errors):
    error = np.sqrt(errors**2 + errors[means.argmax()] ** 2)
    return np.flatnonzero(means.max() - means > 2 * error)


# 6.6 The number that you may tell others --------------------------------------------------------------------


def _measured():
    return {
        "four networks": (np.array([0.970, 0.981, 0.975, 0.979]), np.array([0.968, 0.974, 0.977, 0.971])),
        "the first one": (np.array([0.99, 0.97, 0.98]), np.array([0.95, 0.96, 0.955])),
        "twelve networks": (_accuracies(10, 12, 0.97, 0.003), _accuracies(11, 12, 0.968, 0.003)),
    }


@exercise(
    "6.6",
    cases=_measured,
    result=_number,
    tested="four networks, three, and twelve",
    hints=(
        "Two steps: which network do you take, and how good is it?",
        "The choice is made on validation. The number that you tell others must come from digits that had no "
        "say in it.",
        "`test[np.argmax(validation)]`",
    ),
)
def accuracy_to_report(validation, test):
    """The accuracy to report of the network that you choose; both (n,), an entry for each network."""
    return test[np.argmax(validation)]


@accuracy_to_report.mistake(
    "the best on the test set",
    "How did you choose the network? Did the test set have a say in it?",
    "Whoever takes the best of many test results takes the luckiest, and the test set is used up.",
    "Choose by `np.argmax(validation)`, then look up that entry of `test`.",
)
def _best_test(validation, test):
    return test.max()


@accuracy_to_report.mistake(
    "the validation accuracy",
    "You chose the network because this very number was high. Can it still be a fair one?",
    "The best of many is good in part because it was lucky, on these 5,000 digits. On others it is less so.",
    "Look up the same network in `test`: `test[np.argmax(validation)]`.",
)
def _best_validation(validation, test):
    return validation.max()


@accuracy_to_report.mistake(
    "the mean of all",
    "Which network do you hand over: all of them?",
    "You report the network that you chose, not the average of those that you tried.",
    "`test[np.argmax(validation)]`",
)
def _mean_of_all(validation, test):
    return test.mean()


@accuracy_to_report.mistake(
    "which network, instead of how good",
    "Is your number between 0 and 1?",
    "`np.argmax` gives the place of the largest number. You need what stands at that place in `test`.",
    "`test[np.argmax(validation)]`",
)
def _place(validation, test):
    return np.argmax(validation)


@accuracy_to_report.mistake(
    "chosen on the test set, reported on validation",
    "Which of the two sets may choose, and which one only measures?",
    "You have exchanged them: choosing is what validation is for.",
    "`test[np.argmax(validation)]`",
)
def _exchanged(validation, test):
    return validation[np.argmax(test)]


@accuracy_to_report.mistake(
    "the middle of both sets",
    "Half of your number comes from the digits that made the choice. Is it fair?",
    "Averaging a number that is too good with a fair one gives a number that is half as much too good.",
    "Report the test accuracy alone: `test[np.argmax(validation)]`.",
)
def _middle(validation, test):
    best = np.argmax(validation)
    return (validation[best] + test[best]) / 2
