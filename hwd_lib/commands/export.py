"""`hwd export`: a network for other programs, in the exchange format ONNX (https://onnx.ai)."""

import json
from pathlib import Path

import numpy as np

from hwd_lib.files import written_whole
from hwd_lib.saved import class_names, load_reader, network_path

SUMMARY = "write a network as an ONNX file, which most other programs for neural networks can run"
EXAMPLES = ("hwd export default default.onnx", "hwd export my_network ../phone/digits.onnx")
OPSET, FORMAT = 17, 8  # of ONNX: of 2022, so that programs need not be new
NODES = {"relu": "Relu", "tanh": "Tanh", "sigmoid": "Sigmoid"}  # in ONNX's words
DOC = (
    "pixels (n, 784) float32: a row is an image of 28 x 28 made as MNIST's are, ink 1, paper 0, the digit "
    "in 20 x 20 pixels, its centre of mass in the middle; probabilities (n, {}) float32: of {}."
)


def add_arguments(parser):
    parser.description += ".\nIt needs the package onnx: pip install onnx"
    parser.add_argument("network", metavar="NETWORK", help="a .npz file, or a name in saved_nn")
    parser.add_argument("out", type=Path, metavar="FILE", help="the file to write, .onnx")


def run(arguments):
    path = network_path(arguments.network)
    network = load_reader(path, digits=False)
    model = to_onnx(network, path.stem)
    with written_whole(arguments.out) as file:
        file.write(model.SerializeToString())
    print(f"{arguments.out}: input pixels (n, 784), output probabilities (n, {network.layers[-1]}).")
    return 0


def to_onnx(network, name):
    """A network as an ONNX model; its metadata go along, under the same names.

    Parameters
    ----------
    network : Network
    name : str
        What the network is called.

    Returns
    -------
    onnx.ModelProto

    Raises
    ------
    ValueError
        When the package onnx is missing.
    """
    try:
        from onnx import TensorProto, checker, helper, numpy_helper
    except ImportError:
        raise ValueError("expected the package onnx, found none. Install it: pip install onnx") from None
    nodes, numbers, last = [], [], len(network.weights) - 1
    x = "pixels"
    for i, weights in enumerate(network.weights):
        numbers.append(numpy_helper.from_array(weights.astype(np.float32), f"weights_{i}"))  # (n_in, n_out)
        inputs = [x, f"weights_{i}"]
        if network.biases:
            biases = network.biases[i].astype(np.float32)  # (n_out,)
            numbers.append(numpy_helper.from_array(biases, f"biases_{i}"))
            inputs.append(f"biases_{i}")
        z, x = f"z_{i}", f"a_{i}" if i < last else "probabilities"
        nodes.append(helper.make_node("Gemm", inputs, [z]))  # a @ weights + biases
        if i < last:
            nodes.append(helper.make_node(NODES[network.activation], [z], [x]))
        else:
            nodes.append(helper.make_node("Softmax", [z], [x], axis=1))
    ends = [
        helper.make_tensor_value_info(end, TensorProto.FLOAT, ["n", width])
        for end, width in (("pixels", network.layers[0]), ("probabilities", network.layers[-1]))
    ]
    graph = helper.make_graph(nodes, name, ends[:1], ends[1:], numbers)
    model = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=FORMAT,
        producer_name="hwd_lib",
        doc_string=DOC.format(network.layers[-1], ", ".join(class_names(network))),
    )
    helper.set_model_props(model, {key: _text(value) for key, value in network.metadata.items()})
    checker.check_model(model)
    return model


def _text(value):
    """ONNX's metadata are text."""
    return value if isinstance(value, str) else json.dumps(value)
