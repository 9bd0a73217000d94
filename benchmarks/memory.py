"""How much memory does a training run take, at its peak?

    python benchmarks/memory.py [--json FILE]

Each network is trained for one epoch in a process of its own, and the operating system says how large that
process ever was. Beside it stands what has to be there: Python with NumPy and MNIST loaded, before training
begins; the parameters; and what `train` allocates on top, by Python's own count (targets, buffers, sums).
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

NETWORKS = ("784-10", "784-100-10", "784-500-150-10", "784-800-10", "784-2000-10")
BATCH = 128

CHILD = """
import json, resource, sys, tracemalloc
from hwd_lib.mnist import load_mnist
from hwd_lib.network import Network
from hwd_lib.training import train

def peak():  # MiB; Linux counts in KiB, macOS in bytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)

layers, batch, counted = [int(n) for n in sys.argv[1].split("-")], int(sys.argv[2]), sys.argv[3] == "counted"
data, network = load_mnist(), Network(layers)
before = peak()
if counted:
    tracemalloc.start()
train(network, data.train, validation=data.validation, epochs=1, batch_size=batch, learning_rate=1e-3,
      optimizer="adam", progress=False)
print(json.dumps({"before": before, "peak": peak(), "parameters": network.parameters.nbytes / 2**20,
                  "allocated": tracemalloc.get_traced_memory()[1] / 2**20 if counted else 0.0}))
"""


def measure(layers, counted):
    """Train in a new process, and return its figures in MiB. Counting takes time and memory itself."""
    command = [sys.executable, "-c", CHILD, layers, str(BATCH), "counted" if counted else ""]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    arguments = parser.parse_args()
    rows = []
    print("MiB             process at its peak   with MNIST loaded   parameters   allocated by train")
    for layers in NETWORKS:
        row = measure(layers, counted=False) | {"allocated": measure(layers, counted=True)["allocated"]}
        rows.append({"network": layers, "batch": BATCH, **row})
        print(f"{layers:14}  {row['peak']:19.0f}   {row['before']:17.0f}   {row['parameters']:10.1f}"
              f"   {row['allocated']:18.1f}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
