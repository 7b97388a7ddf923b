"""Writes TFLite flatbuffers: several subgraphs, every element type, custom operators."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

OP = schema.BuiltinOperator
ELEMENTS = {
    "f32": ("FLOAT32", np.float32), "f16": ("FLOAT16", np.float16), "f64": ("FLOAT64", np.float64),
    "i8": ("INT8", np.int8), "i16": ("INT16", np.int16), "i32": ("INT32", np.int32),
    "i64": ("INT64", np.int64), "u8": ("UINT8", np.uint8), "u16": ("UINT16", np.uint16),
    "u32": ("UINT32", np.uint32), "u64": ("UINT64", np.uint64), "bool": ("BOOL", np.bool_),
    "i4": ("INT4", np.int8), "c64": ("COMPLEX64", np.complex64),
    "resource": ("RESOURCE", None),
}


class Buffer(schema.BufferT):
    """The schema asks for buffers aligned to 16 bytes; the generated Python does not do it."""

    def Pack(self, builder):
        vector = None
        if self.data is not None:
            builder.StartVector(1, len(self.data), 16)
            builder.head -= len(self.data)
            builder.Bytes[builder.head:builder.head + len(self.data)] = self.data
            vector = builder.EndVector()
        schema.BufferStart(builder)
        if vector is not None:
            schema.BufferAddData(builder, vector)
        return schema.BufferEnd(builder)


def options(kind, **fields):
    """An options table with the given fields; a misspelt field is an error."""
    table = getattr(schema, kind + "OptionsT")()
    for key, value in fields.items():
        if not hasattr(table, key):
            raise AttributeError(f"{kind}Options has no {key}")
        setattr(table, key, value)
    return table


def packed(data, element):
    """The bytes of a constant; two elements of 4 bits share a byte, the first in its low half."""
    array = np.ascontiguousarray(data, ELEMENTS[element][1])
    if element != "i4":
        return array.tobytes()
    nibbles = array.ravel().astype(np.uint8) & 15
    nibbles = np.append(nibbles, np.zeros(nibbles.size % 2, np.uint8))
    return (nibbles[0::2] | nibbles[1::2] << 4).astype(np.uint8).tobytes()


class Graph:
    """One subgraph: tensors and operators in order; a tensor is its index."""

    def __init__(self, model, name):
        self.model, self.name = model, name
        self.tensors, self.operators = [], []
        self.inputs, self.outputs = [], []

    def tensor(self, name, shape, element="f32", scale=None, zero=0, axis=0, data=None,
               signature=None, variable=False, sparsity=None, raw=None):
        t = schema.TensorT()
        t.name, t.shape = name, [int(n) for n in shape]
        t.type = getattr(schema.TensorType, ELEMENTS[element][0])
        t.hasRank, t.isVariable, t.sparsity = True, variable, sparsity
        if signature is not None:
            t.shapeSignature = list(signature)
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale, np.float32))
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale = scales
            t.quantization.zeroPoint = np.full(len(scales), zero, np.int64)
            t.quantization.quantizedDimension = axis
        if raw is not None or data is not None:
            t.buffer = self.model.buffer(raw if raw is not None else packed(data, element))
        self.tensors.append(t)
        return len(self.tensors) - 1

    def operator(self, code, inputs, outputs, table=None, version=1, table2=None, custom=None,
                 intermediates=None):
        """`code` is a built-in operator's name, or a custom one's with its options as bytes."""
        op = schema.OperatorT()
        op.opcodeIndex = self.model.code(code, version)
        op.inputs, op.outputs = list(inputs), list(outputs)
        if intermediates is not None:
            op.intermediates = list(intermediates)
        if table is not None:
            op.builtinOptionsType = getattr(schema.BuiltinOptions, type(table).__name__[:-1])
            op.builtinOptions = table
        if table2 is not None:
            op.builtinOptions2Type = getattr(schema.BuiltinOptions2, type(table2).__name__[:-1])
            op.builtinOptions2 = table2
        if custom is not None:
            op.customOptions = np.frombuffer(custom, np.uint8)
        self.operators.append(op)


class Model:
    def __init__(self):
        self.graphs, self.codes, self.signatures = [], [], []
        self.buffers = [Buffer()]  # buffer 0 is the empty one by the format's rule

    def graph(self, name="main"):
        self.graphs.append(Graph(self, name))
        return self.graphs[-1]

    def buffer(self, content):
        buffer = Buffer()
        buffer.data = content
        self.buffers.append(buffer)
        return len(self.buffers) - 1

    def code(self, name, version):
        if (name, version) not in self.codes:
            self.codes.append((name, version))
        return self.codes.index((name, version))

    def signature(self, key, graph, inputs, outputs):
        """`inputs` and `outputs` are pairs of a name and a tensor."""
        def maps(pairs):
            result = []
            for name, tensor in pairs:
                entry = schema.TensorMapT()
                entry.name, entry.tensorIndex = name, tensor
                result.append(entry)
            return result
        definition = schema.SignatureDefT()
        definition.signatureKey, definition.subgraphIndex = key, self.graphs.index(graph)
        definition.inputs, definition.outputs = maps(inputs), maps(outputs)
        self.signatures.append(definition)

    def operator_codes(self):
        result = []
        for name, version in self.codes:
            code = schema.OperatorCodeT()
            builtin = getattr(OP, name, None)
            if builtin is None:
                builtin, code.customCode = OP.CUSTOM, name
            code.builtinCode, code.version = builtin, version
            code.deprecatedBuiltinCode = min(builtin, 127)
            result.append(code)
        return result

    def content(self):
        """The file's bytes."""
        model = schema.ModelT()
        model.version, model.description = 3, "edgecc conformance"
        model.operatorCodes, model.buffers = self.operator_codes(), self.buffers
        model.subgraphs, model.signatureDefs = [], self.signatures
        for graph in self.graphs:
            subgraph = schema.SubGraphT()
            subgraph.name, subgraph.tensors = graph.name, graph.tensors
            subgraph.operators = graph.operators
            subgraph.inputs, subgraph.outputs = list(graph.inputs), list(graph.outputs)
            model.subgraphs.append(subgraph)
        builder = flatbuffers.Builder(4096)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())
