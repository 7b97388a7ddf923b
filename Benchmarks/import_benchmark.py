#!/usr/bin/env python3
"""Time and memory of import: edgecc against onnx.load, and graphs of 100 000 nodes.

    Benchmarks/import_benchmark.py [--edgecc .build/release/edgecc] [--megabytes 500]
                                   [--nodes 100000] [--runs 5] [--only NAME]

Exit status 1 where a figure passes its bound: 1.5 times onnx.load and 2.2 times the file's size in
memory for the weights; 10 s from file to canonical text for the graphs. Both sides read a file that
is in the page cache, in turn; the times are medians. What is timed of edgecc is the whole process,
with the SHA-256 of the file; of Python, the call alone. Memory is the largest resident set, mapped
pages of the model included.
"""

import argparse
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time

import import_models

LOAD = """
import sys, time, onnx
begin = time.perf_counter()
model = onnx.load(sys.argv[1])
print(time.perf_counter() - begin)
"""

TIME_BOUND, MEMORY_BOUND, GRAPH_BOUND = 1.5, 2.2, 10.0


def run(command):
    """Seconds, peak bytes and standard output of one command."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit status {process.returncode}")
    # Linux counts kilobytes, macOS bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_maxrss * unit, output


def write(make, *arguments):
    """Makes a model in another process: a child's peak counts from its parent's size on."""
    process = multiprocessing.get_context("fork").Process(target=make, args=arguments)
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit("the model could not be made")


def print_row(cells):
    print("  ".join(f"{cell:<22}" if i == 0 else f"{cell:>10}" for i, cell in enumerate(cells)),
          flush=True)


def weight_cases(folder, megabytes):
    """Name, path and bytes of each model with large weights."""
    large = max(int((megabytes * 1e6 / 5 / 4) ** 0.5), 1)
    count = max(int(megabytes * 1e6 / (160 * 160 * 4)), 1)
    makers = {
        "5 tensors, raw": lambda path: import_models.weights_model(path, 5, large, "raw"),
        f"{count} tensors, raw": lambda path: import_models.weights_model(path, count, 160, "raw"),
        "5 tensors, lists": lambda path: import_models.weights_model(path, 5, large, "list"),
        f"{count} tensors, lists":
            lambda path: import_models.weights_model(path, count, 160, "list"),
        "external data": lambda path: import_models.external_model(path, count, 160),
    }
    for name, make in makers.items():
        yield name, make, os.path.join(folder, "weights.onnx")


def measure_weights(edgecc, folder, options):
    print_row(["weights", "onnx.load", "edgecc", "ratio", "memory/file"])
    good = True
    for name, make, path in weight_cases(folder, options.megabytes):
        if options.only and options.only not in name:
            continue
        write(make, path)
        files = [path] + ([path + ".data"] if os.path.exists(path + ".data") else [])
        size = sum(os.path.getsize(file) for file in files)
        python, own, memory = [], [], 0
        for _ in range(options.runs):
            python.append(float(run([sys.executable, "-c", LOAD, path])[2]))
            seconds, peak, _ = run([edgecc, "inspect", path, "--json"])
            own.append(seconds)
            memory = max(memory, peak)
        ratio = statistics.median(own) / statistics.median(python)
        good = good and ratio <= TIME_BOUND and memory / size <= MEMORY_BOUND
        print_row([name, f"{statistics.median(python):.3f} s", f"{statistics.median(own):.3f} s",
                   f"{ratio:.2f}", f"{memory / size:.2f}"])
        for file in files:
            os.remove(file)
    return good


def measure_graphs(edgecc, folder, options):
    print_row([f"{options.nodes} nodes", "edgecc", "memory", "text"])
    good = True
    for make in import_models.GRAPHS:
        if options.only and options.only not in make.__name__:
            continue
        path, text = os.path.join(folder, "nodes.onnx"), os.path.join(folder, "nodes.eir")
        write(make, path, options.nodes)
        command = [edgecc, "opt", path, "--pass-pipeline", "canonicalize", "-o", text]
        figures = [run(command) for _ in range(min(options.runs, 3))]
        seconds = statistics.median(figure[0] for figure in figures)
        good = good and seconds < GRAPH_BOUND
        print_row([make.__name__, f"{seconds:.2f} s", f"{figures[0][1] / 1e6:.0f} MB",
                   f"{os.path.getsize(text) / 1e6:.1f} MB"])
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--edgecc", default=".build/release/edgecc")
    parser.add_argument("--megabytes", type=float, default=500)
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="a part of the names of the cases to run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        good = measure_weights(options.edgecc, folder, options)
        good = measure_graphs(options.edgecc, folder, options) and good
    if not good:
        sys.exit(f"a bound was passed: {TIME_BOUND} × onnx.load, {MEMORY_BOUND} × the file, "
                 f"{GRAPH_BOUND:.0f} s")


if __name__ == "__main__":
    main()
