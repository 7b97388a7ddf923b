"""A short way to write an ONNX graph: constants and nodes are added in order."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper


class Graph:
    """Inputs, constants and nodes; names count up, so the same calls give the same bytes."""

    def __init__(self, name, seed, opset=17):
        self.name, self.opset = name, opset
        self.rng = np.random.default_rng(seed)
        self.inputs, self.outputs, self.nodes, self.initializers = [], [], [], []
        self.values = []
        self.domains = {"": opset}

    def input(self, name, shape, element=TensorProto.FLOAT):
        self.inputs.append(helper.make_tensor_value_info(name, element, shape))
        return name

    def output(self, name, shape, element=TensorProto.FLOAT):
        self.outputs.append(helper.make_tensor_value_info(name, element, shape))

    def declare(self, name, shape, element=TensorProto.FLOAT):
        """The type of a value in between, which a file may hold."""
        self.values.append(helper.make_tensor_value_info(name, element, shape))
        return name

    def constant(self, array, name=None):
        name = name or f"constant_{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def random(self, *shape, low=-1.0, high=1.0):
        return self.constant(self.rng.uniform(low, high, shape).astype(np.float32))

    def ints(self, *values):
        return self.constant(np.array(values, np.int64))

    def node(self, op, *inputs, output=None, domain="", **attributes):
        name = f"{op}_{len(self.nodes)}"
        output = output or f"{name}_out"
        if domain:
            self.domains.setdefault(domain, 1)
        self.nodes.append(helper.make_node(op, list(inputs), [output], name=name,
                                           domain=domain, **attributes))
        return output

    def norm(self, x, channels):
        return self.node("BatchNormalization", x, self.random(channels, low=0.5, high=1.5),
                         self.random(channels), self.random(channels, low=-0.3, high=0.3),
                         self.random(channels, low=0.5, high=2.0), epsilon=1e-5)

    def model(self):
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs,
                                  self.initializers, value_info=self.values)
        opsets = [helper.make_opsetid(*pair) for pair in self.domains.items()]
        return helper.make_model(graph, producer_name="edgecc-tests", ir_version=8,
                                 opset_imports=opsets)

    def sample(self, *shapes, scale=1.0):
        return [(self.rng.standard_normal(shape) * scale).astype(np.float32) for shape in shapes]
