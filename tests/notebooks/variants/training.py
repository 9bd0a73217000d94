"""Other right answers to the exercises of notebook 5: the check must take each of them."""

import numpy as np

from hwd_lib.exercises.training import loss_and_gradients
from hwd_lib.network import Network


def step_in_place(parameters, gradients, learning_rate):
    for i in range(len(parameters)):
        parameters[i] -= learning_rate * gradients[i]
    return parameters


def step_new_list(parameters, gradients, learning_rate):
    return [p - learning_rate * g for p, g in zip(parameters, gradients, strict=True)]


def step_slices(parameters, gradients, learning_rate):
    for p, g in zip(parameters, gradients, strict=True):
        p[...] = p + -learning_rate * g
    return tuple(parameters)


def step_double_precision(parameters, gradients, learning_rate):
    rate = np.float64(learning_rate)
    return [p - rate * g for p, g in zip(parameters, gradients, strict=True)]


def accuracy_loop(probabilities, labels):
    right = 0
    for row, label in zip(probabilities, labels, strict=True):
        if list(row).index(max(row)) == label:
            right += 1
    return right / len(labels)


def accuracy_divided(probabilities, labels):
    return np.sum(np.argmax(probabilities, 1) == labels) / len(labels)


def accuracy_counted(probabilities, labels):
    return 1 - np.count_nonzero(probabilities.argmax(axis=-1) - labels) / labels.size


def batches_generator(n, batch_size, rng):
    order = rng.permutation(n)
    for first in range(0, n, batch_size):
        yield order[first : first + batch_size]


def batches_shuffle(n, batch_size, rng):
    order = list(range(n))
    rng.shuffle(order)
    batches = []
    while order:
        batches.append(order[:batch_size])
        order = order[batch_size:]
    return batches


def batches_split(n, batch_size, rng):
    order = rng.choice(n, size=n, replace=False)
    return np.split(order, range(batch_size, n, batch_size))


def batches_argsort(n, batch_size, rng):
    order = np.argsort(rng.random(n))
    whole = n // batch_size
    batches = [order[i * batch_size : (i + 1) * batch_size] for i in range(whole)]
    if n % batch_size:
        batches.append(order[whole * batch_size :])
    return batches


def epoch_new_arrays(parameters, images, labels, batches, learning_rate):
    losses, sizes = [], []
    for batch in batches:
        loss, gradients = loss_and_gradients(parameters, images[batch], labels[batch])
        parameters = [p - learning_rate * g for p, g in zip(parameters, gradients, strict=True)]
        losses.append(loss)
        sizes.append(len(batch))
    return parameters, np.average(losses, weights=sizes)


def epoch_in_place(parameters, images, labels, batches, learning_rate):
    total = seen = 0
    for batch in batches:
        x, y = np.take(images, batch, axis=0), np.take(labels, batch)
        loss, gradients = loss_and_gradients(parameters, x, y)
        for p, g in zip(parameters, gradients, strict=True):
            p -= learning_rate * g
        total += loss * len(y)
        seen += len(y)
    return [parameters, total / seen]


def epoch_by_example(parameters, images, labels, batches, learning_rate):
    everything = 0.0
    for k in range(len(batches)):
        batch = list(batches[k])
        loss, gradients = loss_and_gradients(parameters, images[batch, :], labels[batch])
        for i, g in enumerate(gradients):
            parameters[i] = parameters[i] - learning_rate * g
        everything += sum(loss / len(images) for _ in batch)
    return parameters, everything


def rate_by_sorting(rates, training_loss, validation_accuracy, test_accuracy):
    return sorted(zip(validation_accuracy, rates, strict=True))[-1][1]


def rate_by_loop(rates, training_loss, validation_accuracy, test_accuracy):
    best = None
    for rate, value in zip(rates, validation_accuracy, strict=True):
        if best is None or value > best[1]:
            best = (rate, value)
    return best[0]


def rate_by_mask(rates, training_loss, validation_accuracy, test_accuracy):
    return np.array(rates)[validation_accuracy == validation_accuracy.max()][0]


def momentum_new_lists(parameters, gradients, velocities, learning_rate, momentum):
    velocities = [momentum * v + g for v, g in zip(velocities, gradients, strict=True)]
    parameters = [p - learning_rate * v for p, v in zip(parameters, velocities, strict=True)]
    return parameters, velocities


def momentum_by_index(parameters, gradients, velocities, learning_rate, momentum):
    for i in range(len(parameters)):
        velocities[i] = momentum * velocities[i] + gradients[i]
        parameters[i] = parameters[i] - learning_rate * velocities[i]
    return parameters, velocities


def momentum_negative_velocity(parameters, gradients, velocities, learning_rate, momentum):
    for p, g, v in zip(parameters, gradients, velocities, strict=True):
        v[:] = v * momentum + g
        p += -learning_rate * v
    return [parameters, velocities]


def stop_by_counting(accuracies, patience):
    best, since = -1.0, 0
    for accuracy in accuracies:
        if accuracy > best:
            best, since = accuracy, 0
        else:
            since += 1
    return since >= patience


def stop_by_comparing(accuracies, patience):
    if len(accuracies) <= patience:
        return False
    return max(accuracies[-patience:]) <= max(accuracies[:-patience])


def stop_by_index(accuracies, patience):
    return accuracies.index(max(accuracies)) < len(accuracies) - patience


def network_by_name(parameters):
    w1, b1, w2, b2 = parameters
    network = Network([w1.shape[0], w1.shape[1], w2.shape[1]], activation="relu", seed=5)
    network.weights[0][:], network.weights[1][:] = w1, w2
    network.biases[0][:], network.biases[1][:] = b1, b2
    return network


def network_one_vector(parameters):
    network = Network([len(parameters[0]), len(parameters[1]), len(parameters[3])])
    network.parameters[:] = np.concatenate([p.ravel() for p in parameters])
    return network


def network_copyto(parameters):
    network = Network([6, 4, 3])
    for ours, theirs in zip(network.weights, parameters[::2], strict=True):
        np.copyto(ours, theirs)
    for ours, theirs in zip(network.biases, parameters[1::2], strict=True):
        np.copyto(ours, theirs)
    return network


VARIANTS = {
    "sgd_step": [step_in_place, step_new_list, step_slices, step_double_precision],
    "accuracy": [accuracy_loop, accuracy_divided, accuracy_counted],
    "minibatches": [batches_generator, batches_shuffle, batches_split, batches_argsort],
    "train_epoch": [epoch_new_arrays, epoch_in_place, epoch_by_example],
    "best_rate": [rate_by_sorting, rate_by_loop, rate_by_mask],
    "momentum_step": [momentum_new_lists, momentum_by_index, momentum_negative_velocity],
    "should_stop": [stop_by_counting, stop_by_comparing, stop_by_index],
    "into_network": [network_by_name, network_one_vector, network_copyto],
}
