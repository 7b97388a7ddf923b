/// The operations that every build knows; plugins register more.
let coreOperations: [any Operation.Type] = [
  // Convolution and products
  Conv2D.self, DepthwiseConv2D.self, FullyConnected.self, MatMul.self,
  // Pooling and reduction
  MaxPool2D.self, AveragePool2D.self, ReduceMean.self, ReduceSum.self, ReduceMax.self,
  ReduceMin.self, ReduceProduct.self,
  // Elementwise
  Add.self, Subtract.self, Multiply.self, Divide.self, Maximum.self, Minimum.self, Power.self,
  Clamp.self, Absolute.self, Negate.self, Exponential.self, Logarithm.self, SquareRoot.self,
  ReciprocalSquareRoot.self, Reciprocal.self, Sigmoid.self, Tanh.self, ErrorFunction.self,
  Floor.self, Ceil.self, HardSwish.self, HardSigmoid.self, Gelu.self, Softplus.self,
  LeakyRelu.self, Elu.self, Prelu.self,
  // Normalisation
  Softmax.self, BatchNorm.self, LayerNorm.self,
  // Movement
  Reshape.self, Transpose.self, Concat.self, Slice.self, Pad.self, Gather.self,
  BroadcastTo.self,
  // Quantisation and conversion
  Quantize.self, Dequantize.self, Rescale.self, Table.self, StorageCast.self,
  Cast.self,
  // Control flow
  If.self,
]
