"""What a run is known by, and how its work is shared out; what `train` refuses stands in test_training."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from hwd_lib.mnist import Split
from hwd_lib.network import Network
from hwd_lib.runs import History, settings_of, sharing


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_shared_calls_come_back_in_order(workers, n):
    seen = set()

    def add(a, b):
        seen.add(threading.get_ident())
        return a + b

    with ThreadPoolExecutor(max(1, workers - 1)) as pool:
        assert list(sharing(pool, workers)(add, range(n), [10] * n)) == [10 + i for i in range(n)]
    assert len(seen) <= workers


def test_a_run_is_known_by_its_options_and_its_data():
    data = Split(np.zeros((4, 3), np.float32), np.zeros(4, np.int64))
    other = Split(data.images + 1, data.labels)
    network, options = Network([3, 2]), {"epochs": 5, "seed": 1, "augment": lambda x, rng: x}
    known = settings_of(options, network, data)
    assert known == settings_of(options | {"epochs": 9}, network, data)  # more epochs may follow
    assert known != settings_of(options | {"seed": 2}, network, data)
    assert known != settings_of(options | {"augment": lambda x, rng: 2 * x}, network, data)
    assert known != settings_of(options, network, other)
    assert all(isinstance(value, str) for value in known.values())


def test_a_new_history_is_empty():
    assert History().epochs == 0 and History().loss is not History().loss
