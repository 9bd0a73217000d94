"""How a gradient becomes a step: SGD, momentum, Adam - and how the learning rate changes on the way."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy import ndarray as Array


@dataclass(kw_only=True)
class Optimizer:
    """What the optimizers share: the walk through all parameters, which they see as one vector.

    Parameters
    ----------
    weight_decay : float
        Each step draws every parameter towards 0 by ``learning_rate * weight_decay`` of its value, apart from
        the gradient (Loshchilov, Hutter 2019).
    ema : float
        Decay, such as 0.999, of a running mean of the parameters, which is kept in ``average``; 0 for none.
    """

    weight_decay: float = 0.0
    ema: float = 0.0
    steps = 0
    threads = 1  # that `share` of `step` has
    n_sums = 0  # how many vectors as long as the parameters it keeps in `sums`
    update: ClassVar[Any]  # a subclass's own: (p, g, learning_rate, *sums), all of them changed in place

    def start(self, parameters: Array) -> None:
        """Forget what was before, and be ready for `parameters` (n,). The first step does it by itself."""
        self.steps = 0
        self.sums = [np.zeros_like(parameters) for _ in range(self.n_sums)]
        self.average: Any = parameters.copy() if self.ema else None

    def step(self, parameters: Array, gradients: list[Array], learning_rate: float, share: Any = map) -> None:
        """Change `parameters` (n,) in place by one step along the sum of the `gradients`, which are used up.

        `gradients` is a list of vectors (n,); `share` may be a `map` that has several threads.
        """
        if not self.steps:
            self.start(parameters)
        self.steps += 1
        fading = min(self.ema, self.steps / (self.steps + 10))  # at first less, to forget the random start

        size = math.ceil(len(parameters) / self.threads)

        def step_part(first: int) -> None:
            part = slice(first, first + size)
            p, g = parameters[part], gradients[0][part]
            for other in gradients[1:]:
                g += other[part]
            if self.weight_decay:
                p *= 1 - learning_rate * self.weight_decay
            self.update(p, g, learning_rate, *(s[part] for s in self.sums))
            if self.ema:
                np.subtract(p, self.average[part], out=g)
                g *= 1 - fading
                self.average[part] += g

        list(share(step_part, range(0, len(parameters), size)))


class SGD(Optimizer):
    """p -= learning_rate * g, the gradient's own direction."""

    def update(self, p: Array, g: Array, learning_rate: float) -> None:
        if learning_rate != 1:  # `train` has it in the gradient already: see `learn` there
            g *= learning_rate
        p -= g


@dataclass(kw_only=True)
class Momentum(Optimizer):
    """A sum of gradients that fades: v = momentum * v + g; p -= learning_rate * v (Polyak 1964).

    With `nesterov`, the step is along ``g + momentum * v``, where v goes next (Sutskever et al. 2013).
    """

    momentum: float = 0.9
    nesterov: bool = False
    n_sums = 1

    def update(self, p: Array, g: Array, learning_rate: float, v: Array) -> None:
        v *= self.momentum
        v += g
        if self.nesterov:
            g *= learning_rate
            p -= g
        np.multiply(v, learning_rate * (self.momentum if self.nesterov else 1), out=g)
        p -= g


@dataclass(kw_only=True)
class Adam(Optimizer):
    """Each step is the mean gradient, divided by how large the gradients have been (Kingma, Ba 2015).

    m and v are sums of g and g² that fade. Divided by what the fading weights 1, beta, beta², … add up to,
    they are means: ``p -= learning_rate * mean(g) / (sqrt(mean(g²)) + epsilon)``.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    n_sums = 2

    def update(self, p: Array, g: Array, learning_rate: float, m: Array, v: Array) -> None:
        m *= self.beta1
        m += g
        g *= g
        v *= self.beta2
        v += g
        m_weights, v_weights = ((1 - beta**self.steps) / (1 - beta) for beta in (self.beta1, self.beta2))
        np.multiply(v, 1 / v_weights, out=g)
        np.sqrt(g, out=g)
        g += self.epsilon
        np.divide(m, g, out=g)
        g *= learning_rate / m_weights
        p -= g


OPTIMIZERS: dict[str, Any] = {
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": partial(Momentum, nesterov=True),
    "adam": Adam,
    "adamw": partial(Adam, weight_decay=0.01),
}


def cosine(done: float, warm_up: float = 0.02, start: float = 0.0) -> float:
    """Up in a straight line from `start` to 1, then down along half a cosine to 0."""
    if done < warm_up:
        return start + (1 - start) * done / warm_up
    return 0.5 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up)))


SCHEDULES: dict[str, Any] = {  # from how far training has come, 0…1, to a factor for the learning rate
    "constant": lambda done: 1.0,
    "step": lambda done: 1.0 if done < 0.5 else 0.1 if done < 0.75 else 0.01,
    "cosine": cosine,  # Loshchilov, Hutter 2017
    "one_cycle": partial(cosine, warm_up=0.3, start=0.1),  # Smith, Topin 2019
}
