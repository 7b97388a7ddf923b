"""Compares edgecc's operation counts with ONNX Runtime's and writes Docs/optimizations.md's tables.

For each ONNX model: the nodes of ONNX Runtime's graph at the extended level (CPU provider, one
node per operator, nodes of subgraphs counted, constants not), and edgecc's operations after the
default pipeline. For each TFLite model: edgecc's operations before and after.

usage: optimization_table.py EDGECC SHARED [--write Docs/optimizations.md]
Exit status 1 where a model has more operations than ONNX Runtime leaves, or where a second run of
the pipeline still changes something.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import onnx
import onnxruntime

BEGIN = "<!-- table: written by `make optimization-table` -->"
END = "<!-- end of table -->"


def count_nodes(graph):
    """The nodes of `graph` and of its subgraphs that are no constants."""
    total = 0
    for node in graph.node:
        total += node.op_type != "Constant"
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                total += count_nodes(attribute.g)
            for graph_item in attribute.graphs:
                total += count_nodes(graph_item)
    return total


def runtime_graph(path, folder):
    """The graph that ONNX Runtime's extended optimisations leave of the model at `path`."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = str(folder / "optimized.onnx")
    options.log_severity_level = 3
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return onnx.load(options.optimized_model_filepath, load_external_data=False).graph


def edgecc_count(edgecc, path, pipeline, output=None):
    """The operations that `edgecc opt` leaves of the model at `path`; None where it is refused."""
    command = [edgecc, "opt", str(path), "--json", "--pass-pipeline", pipeline]
    if output:
        command += ["--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode and "is not supported" in done.stderr:
        return None
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)["operations"]


def rows(edgecc, shared, pipeline, suffix):
    """(name, before, after, runtime's or None, idempotent) of each model with `suffix`."""
    roots = [shared / "models", shared / "conformance" / "onnx" / "light"]
    paths = sorted(path for root in roots for path in root.rglob("*" + suffix))
    for path in paths:
        name = path.parent.name if path.stem == "model" else path.stem
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            before = edgecc_count(edgecc, path, "")
            if before is None:
                yield name, None, None, None, True
                continue
            after = edgecc_count(edgecc, path, pipeline, folder / "once.eir")
            edgecc_count(edgecc, folder / "once.eir", pipeline, folder / "twice.eir")
            same = (folder / "once.eir").read_bytes() == (folder / "twice.eir").read_bytes()
            runtime = None
            if suffix == ".onnx":
                runtime = count_nodes(runtime_graph(path, folder))
        yield name, before, after, runtime, same


def table(edgecc, shared, pipeline):
    """The text of both tables, and what is wrong."""
    lines, faults = [], []
    version = onnxruntime.__version__
    lines += [
        f"| ONNX model | imported | edgecc | ONNX Runtime {version} |", "| --- | ---: | ---: | ---: |"
    ]
    for name, before, after, runtime, same in rows(edgecc, shared, pipeline, ".onnx"):
        lines.append(f"| {name} | {before} | {after} | {runtime} |")
        if after > runtime:
            faults.append(f"{name}: {after} operations, ONNX Runtime leaves {runtime}")
        if not same:
            faults.append(f"{name}: a second run changes something")
    lines += ["", "| TFLite model | imported | edgecc |", "| --- | ---: | ---: |"]
    for name, before, after, _, same in rows(edgecc, shared, pipeline, ".tflite"):
        if before is None:
            lines.append(f"| {name} | refused: operators unknown to edgecc | |")
            continue
        lines.append(f"| {name} | {before} | {after} |")
        if after > before:
            faults.append(f"{name}: {after} operations, {before} as imported")
        if not same:
            faults.append(f"{name}: a second run changes something")
    return "\n".join(lines), faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("edgecc")
    parser.add_argument("shared", type=pathlib.Path)
    parser.add_argument("--pipeline", default="default")
    parser.add_argument("--write", type=pathlib.Path)
    arguments = parser.parse_args()
    text, faults = table(arguments.edgecc, arguments.shared, arguments.pipeline)
    if arguments.write:
        page = arguments.write.read_text()
        head, rest = page.split(BEGIN)
        tail = rest.split(END)[1]
        arguments.write.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}")
    else:
        print(text)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
