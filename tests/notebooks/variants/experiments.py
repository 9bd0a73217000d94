"""Other right answers to the exercises of notebook 6: the check must take each of them."""

import math
import statistics

import numpy as np


def sd_by_hand(accuracies):
    mean = sum(accuracies) / len(accuracies)
    squares = [(a - mean) ** 2 for a in accuracies]
    return [mean, math.sqrt(sum(squares) / (len(squares) - 1))]


def sd_from_statistics(accuracies):
    return statistics.fmean(accuracies), statistics.stdev(accuracies.tolist())


def sd_corrected(accuracies):
    n = len(accuracies)
    return np.array([accuracies.mean(), accuracies.std() * np.sqrt(n / (n - 1))])


def apart_by_standard_errors(a, b):
    error_a, error_b = (np.std(x, ddof=1) / np.sqrt(len(x)) for x in (a, b))
    return np.abs(a.mean() - b.mean()) / np.hypot(error_a, error_b)


def apart_by_hand(a, b):
    def variance_of_mean(x):
        return ((x - x.mean()) ** 2).sum() / (len(x) - 1) / len(x)

    return max(a.mean() - b.mean(), b.mean() - a.mean()) / (variance_of_mean(a) + variance_of_mean(b)) ** 0.5


def apart_from_statistics(a, b):
    a, b = a.tolist(), b.tolist()
    error = math.sqrt(statistics.variance(a) / len(a) + statistics.variance(b) / len(b))
    return math.fabs(statistics.mean(a) - statistics.mean(b)) / error


def plan_by_copy(base, options):
    settings = [base.copy()]
    for name in options:
        for value in options[name]:
            setting = base.copy()
            setting[name] = value
            settings.append(setting)
    return settings


def plan_by_unpacking(base, options):
    return [base] + [{**base, name: value} for name in options for value in options[name]]


def plan_as_generator(base, options):
    yield base
    for name, values in options.items():
        yield from (dict(base, **{name: value}) for value in values)


def rates_by_logspace(low, high, n):
    return np.logspace(np.log10(low), np.log10(high), n)


def rates_by_factor(low, high, n):
    factor = (high / low) ** (1 / (n - 1))
    return [low * factor**k for k in range(n)]


def rates_by_exp(low, high, n):
    return np.exp(np.linspace(np.log(low), np.log(high), n))


def contenders_loop(means, errors):
    best, found = int(np.argmax(means)), []
    for i in range(len(means)):
        if means[best] - means[i] <= 2 * math.hypot(errors[i], errors[best]):
            found.append(i)
    return found


def contenders_squares(means, errors):
    best = means.argmax()
    return np.where((means[best] - means) ** 2 <= 4 * (errors**2 + errors[best] ** 2))[0]


def contenders_range(means, errors):
    error = np.hypot(errors, errors[means.argmax()])
    return np.arange(len(means))[means >= means.max() - 2 * error]


def report_by_sorting(validation, test):
    return sorted(zip(validation, test, strict=True))[-1][1]


def report_by_loop(validation, test):
    best = 0
    for i in range(len(validation)):
        if validation[i] > validation[best]:
            best = i
    return test[best]


def report_by_mask(validation, test):
    return float(test[validation == validation.max()][0])


VARIANTS = {
    "mean_and_sd": [sd_by_hand, sd_from_statistics, sd_corrected],
    "errors_apart": [apart_by_standard_errors, apart_by_hand, apart_from_statistics],
    "one_at_a_time": [plan_by_copy, plan_by_unpacking, plan_as_generator],
    "rates_to_try": [rates_by_logspace, rates_by_factor, rates_by_exp],
    "contenders": [contenders_loop, contenders_squares, contenders_range],
    "accuracy_to_report": [report_by_sorting, report_by_loop, report_by_mask],
}
