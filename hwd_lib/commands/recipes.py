"""How each network in ``saved_nn`` is made: one table, and `hwd train NAME` follows it.

A recipe holds what differs from `DEFAULTS`. Most keys are arguments of `hwd_lib.training.train`; the others:

layers, activation, biases
    Of the network.
start
    The name of a network in ``saved_nn``, of the same layers, to go on from; None for random weights.
augment
    Arguments of `hwd_lib.augmentation.Augmentation`, None for no augmentation.
styles
    The share of the training examples, 0 to below 1, that `hwd_lib.stroke_styles.make_dataset` draws.
others
    The share that `hwd_lib.stroke_styles.make_others` draws: what is no digit.
seeds
    How many networks to train, with seeds 0, 1, …: the best on validation is kept, and all are measured.
"""

DEFAULTS = {
    "layers": [784, 100, 10],
    "activation": "relu",
    "biases": True,
    "start": None,
    "epochs": 5,
    "batch_size": 32,
    "learning_rate": 0.1,
    "optimizer": "sgd",
    "schedule": "constant",
    "weight_decay": None,
    "dropout": 0.0,
    "label_smoothing": 0.0,
    "ema": 0.0,
    "patience": None,
    "workers": 1,
    "augment": None,
    "styles": 0.0,
    "others": 0.0,
    "seeds": 1,
}

RECIPES = {
    "784-10": {
        "layers": [784, 10],
        "epochs": 20,
        "batch_size": 128,
        "learning_rate": 2e-3,
        "optimizer": "adam",
        "schedule": "cosine",
        "seeds": 5,
    },
    "784-100-10": {
        "layers": [784, 100, 10],
        "epochs": 20,
        "batch_size": 64,
        "learning_rate": 0.05,
        "optimizer": "nesterov",
        "schedule": "one_cycle",
        "dropout": 0.1,
        "seeds": 5,
    },
    "784-500-150-10": {
        "layers": [784, 500, 150, 10],
        "epochs": 20,
        "batch_size": 128,
        "learning_rate": 1e-3,
        "optimizer": "adam",
        "schedule": "cosine",
        "dropout": 0.3,
        "label_smoothing": 0.05,
        "workers": 2,
        "seeds": 5,
    },
    "784-800-10": {
        "layers": [784, 800, 10],
        "epochs": 20,
        "batch_size": 128,
        "learning_rate": 1e-3,
        "optimizer": "adam",
        "schedule": "cosine",
        "dropout": 0.4,
        "label_smoothing": 0.05,
        "workers": 2,
        "seeds": 5,
    },
    "784-2000-10": {
        "layers": [784, 2000, 10],
        "epochs": 12,
        "batch_size": 128,
        "learning_rate": 1e-3,
        "optimizer": "adam",
        "schedule": "cosine",
        "dropout": 0.4,
        "label_smoothing": 0.05,
        "workers": 2,
        "seeds": 5,
    },
    "default": {
        "layers": [784, 450, 250, 10],
        "epochs": 50,
        "batch_size": 128,
        "learning_rate": 2e-3,
        "optimizer": "adam",
        "schedule": "cosine",
        "label_smoothing": 0.02,
        "augment": {"rotation": 15, "paper": 0.1},
        "styles": 0.35,
        "others": 0.15,
        "workers": 2,
        "seeds": 1,
    },
    "best": {
        "layers": [784, 800, 800, 800, 10],
        "start": "best-mnist",
        "epochs": 110,
        "batch_size": 256,
        "learning_rate": 5e-4,
        "optimizer": "adam",
        "schedule": "cosine",
        "label_smoothing": 0.05,
        "augment": {"rotation": 12, "paper": 0.05},
        "styles": 0.25,
        "others": 0.12,
        "workers": 2,
        "seeds": 1,
    },
    "best-mnist": {
        "layers": [784, 800, 800, 800, 10],
        "epochs": 400,
        "batch_size": 256,
        "learning_rate": 2e-3,
        "optimizer": "adam",
        "schedule": "cosine",
        "label_smoothing": 0.05,
        "augment": {},
        "workers": 2,
        "seeds": 3,
    },
    "record": {
        "layers": [784, 2500, 2000, 1500, 1000, 500, 10],
        "epochs": 800,
        "batch_size": 512,
        "learning_rate": 1e-3,
        "optimizer": "adam",
        "schedule": "cosine",
        "label_smoothing": 0.05,
        "augment": {},
        "workers": 2,
        "seeds": 1,
    },
}
