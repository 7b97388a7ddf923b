"""A short way to write a TFLite flatbuffer with the schema's object classes."""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

ELEMENTS = {"float32": schema.TensorType.FLOAT32, "int8": schema.TensorType.INT8,
            "int32": schema.TensorType.INT32, "int16": schema.TensorType.INT16,
            "bool": schema.TensorType.BOOL}


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


class Graph:
    """Tensors and operators in order; a tensor is its index."""

    def __init__(self, name, seed):
        self.name, self.rng = name, np.random.default_rng(seed)
        self.tensors, self.operators, self.codes = [], [], []
        self.buffers = [Buffer()]  # buffer 0 is the empty one by the format's rule

    def tensor(self, name, shape, element="int8", scale=None, zero=0, axis=0, data=None):
        t = schema.TensorT()
        t.name, t.shape, t.type = name, list(shape), ELEMENTS[element]
        t.hasRank = True
        if scale is not None:
            scales = np.atleast_1d(np.asarray(scale, np.float32))
            t.quantization = schema.QuantizationParametersT()
            t.quantization.scale = scales
            t.quantization.zeroPoint = np.full(len(scales), zero, np.int64)
            t.quantization.quantizedDimension = axis
        if data is not None:
            buffer = Buffer()
            buffer.data = np.ascontiguousarray(data, element).tobytes()
            t.buffer = len(self.buffers)
            self.buffers.append(buffer)
        self.tensors.append(t)
        return len(self.tensors) - 1

    def scale(self, tensor):
        return np.asarray(self.tensors[tensor].quantization.scale, np.float32)

    def operator(self, code, inputs, outputs, options=None, version=1):
        key = (code, version)
        if key not in self.codes:
            self.codes.append(key)
        op = schema.OperatorT()
        op.opcodeIndex = self.codes.index(key)
        op.inputs, op.outputs = list(inputs), list(outputs)
        if options is not None:
            kind = type(options).__name__[:-1]
            op.builtinOptionsType = getattr(schema.BuiltinOptions, kind)
            op.builtinOptions = options
        self.operators.append(op)

    def operator_codes(self):
        codes = []
        for builtin, version in self.codes:
            code = schema.OperatorCodeT()
            code.builtinCode, code.version = builtin, version
            code.deprecatedBuiltinCode = min(builtin, 127)
            codes.append(code)
        return codes

    def content(self, inputs, outputs):
        """The file's bytes."""
        subgraph = schema.SubGraphT()
        subgraph.name, subgraph.tensors, subgraph.operators = "main", self.tensors, self.operators
        subgraph.inputs, subgraph.outputs = list(inputs), list(outputs)
        model = schema.ModelT()
        model.version, model.description = 3, f"edgecc-tests {self.name}"
        model.operatorCodes, model.subgraphs = self.operator_codes(), [subgraph]
        model.buffers = self.buffers
        builder = flatbuffers.Builder(4096)
        builder.Finish(model.Pack(builder), b"TFL3")
        return bytes(builder.Output())
