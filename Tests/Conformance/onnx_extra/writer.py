"""Builds single-node models and records what the reference runtime makes of them."""

import json
import os
import pickle
import shutil
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

ML = "ai.onnx.ml"
MS = "com.microsoft"


def in_child(function):
    """What `function` returns, from a process of its own: ONNX Runtime ends with a segmentation
    fault on some models that its checks let through."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            answer = (True, function())
        except Exception as error:  # noqa: BLE001
            answer = (False, str(error))
        with os.fdopen(writer, "wb") as stream:
            pickle.dump(answer, stream)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        content = stream.read()
    _, status = os.waitpid(child, 0)
    if not content:
        raise RuntimeError(f"the reference runtime ended with status {status}")
    succeeded, result = pickle.loads(content)
    if not succeeded:
        raise RuntimeError(result)
    return result


def element_type(array):
    if array.dtype == object or array.dtype.kind in "US":
        return TensorProto.STRING
    return helper.np_dtype_to_tensor_dtype(array.dtype)


def tensor(array):
    array = np.asarray(array)
    if array.dtype.kind in "US":
        array = array.astype(object)
    if array.dtype == object:
        texts = [str(text).encode() for text in array.flatten()]
        return helper.make_tensor("", TensorProto.STRING, array.shape, texts)
    return numpy_helper.from_array(np.ascontiguousarray(array).reshape(array.shape))


class Writer:
    def __init__(self, folder, text="", names=None):
        self.folder = folder
        self.text = text
        self.names = names
        self.written = 0
        self.failed = []

    def random(self, name):
        """A generator of its own for every case, so that cases do not depend on each other."""
        return np.random.default_rng(zlib.crc32(name.encode()))

    def node(self, name, op, inputs, outputs=1, *, domain="", opset=17, version=1, constants=(),
             reference="ort", tolerance=None, attributes=None, output_types=None):
        """A case with one node. `inputs` are arrays, None for one left out; those at the places in
        `constants` become weights of the model. `outputs` is a number, or a list of names where ""
        leaves one out."""
        if isinstance(outputs, int):
            outputs = [f"y{index}" for index in range(outputs)]
        names = ["" if array is None else f"x{index}" for index, array in enumerate(inputs)]
        arrays = {n: np.asarray(a) for n, a in zip(names, inputs) if a is not None}
        weights = {names[index] for index in constants}
        node = helper.make_node(op, names, outputs, domain=domain, name=f"{op}_0",
                                **(attributes or {}))
        initializers = []
        for label in sorted(weights):
            weight = tensor(arrays[label])
            weight.name = label
            initializers.append(weight)
        graph_inputs = [
            helper.make_tensor_value_info(label, element_type(array), array.shape)
            for label, array in arrays.items() if label not in weights]
        self.graph(
            name, [node], graph_inputs, [o for o in outputs if o],
            {label: a for label, a in arrays.items() if label not in weights},
            initializers=initializers, domain=domain, opset=opset, version=version,
            reference=reference, tolerance=tolerance, output_types=output_types)

    def graph(self, name, nodes, graph_inputs, outputs, feeds, *, initializers=(), sparse=(),
              domain="", opset=17, version=1, reference="ort", tolerance=None, output_types=None):
        if self.text not in name or (self.names is not None and name not in self.names):
            return
        imports = [helper.make_opsetid("", opset)]
        if domain:
            imports.append(helper.make_opsetid(domain, version))
        types = output_types or [TensorProto.UNDEFINED] * len(outputs)
        infos = [onnx.ValueInfoProto(name=label) if kind == TensorProto.UNDEFINED
                 else helper.make_tensor_value_info(label, kind, None)
                 for label, kind in zip(outputs, types)]
        graph = helper.make_graph(list(nodes), name, list(graph_inputs), infos, list(initializers),
                                  sparse_initializer=list(sparse))
        model = helper.make_model(graph, opset_imports=imports, ir_version=8,
                                  producer_name="onnx_extra")
        try:
            results = self.run(model, feeds, outputs, reference)
        except Exception as error:  # noqa: BLE001
            self.failed.append((name, str(error).splitlines()[0][:150]))
            return
        declared = [helper.make_tensor_value_info(label, element_type(np.asarray(array)), None)
                    for label, array in zip(outputs, results)]
        del model.graph.output[:]
        model.graph.output.extend(declared)
        self.write(name, model, list(feeds.values()), results, tolerance)

    def run(self, model, feeds, outputs, reference):
        if reference == "onnx":
            return ReferenceEvaluator(model).run(list(outputs), feeds)
        if callable(reference):
            return reference(**feeds)
        return in_child(lambda: self.run_ort(model, feeds, outputs))

    def run_ort(self, model, feeds, outputs):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.intra_op_num_threads = 1
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return session.run(list(outputs), feeds)

    def write(self, name, model, inputs, outputs, tolerance):
        case = self.folder / name
        shutil.rmtree(case, ignore_errors=True)
        data = case / "test_data_set_0"
        data.mkdir(parents=True)
        (case / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
        for stem, arrays in (("input", inputs), ("output", outputs)):
            for index, array in enumerate(arrays):
                (data / f"{stem}_{index}.pb").write_bytes(
                    tensor(array).SerializeToString(deterministic=True))
        if tolerance:
            (case / "tolerance.json").write_text(json.dumps(tolerance) + "\n")
        self.written += 1
