/// The operations that every build knows; plugins register more.
let coreOperations: [any Operation.Type] = [
  // Convolution and products
  Conv2D.self, DepthwiseConv2D.self, FullyConnected.self, MatMul.self, Attention.self,
  Determinant.self, MatrixInverse.self,
  // Pooling and reduction
  MaxPool2D.self, AveragePool2D.self, ReduceMean.self, ReduceSum.self, ReduceMax.self,
  ReduceMin.self, ReduceProduct.self, ArgMax.self, ArgMin.self, CumulativeSum.self,
  CumulativeProduct.self,
  // Elementwise
  Add.self, Subtract.self, Multiply.self, Divide.self, Maximum.self, Minimum.self, Power.self,
  Clamp.self, Absolute.self, Negate.self, Exponential.self, Logarithm.self, SquareRoot.self,
  ReciprocalSquareRoot.self, Reciprocal.self, Sigmoid.self, Tanh.self, ErrorFunction.self,
  Floor.self, Ceil.self, HardSwish.self, HardSigmoid.self, Gelu.self, Softplus.self,
  LeakyRelu.self, Elu.self, Prelu.self, Round.self, Sign.self, Modulo.self, SquaredDifference.self,
  ApproximateGelu.self, Silu.self, ArcTangent2.self, Sine.self,
  Cosine.self, Tangent.self, ArcSine.self, ArcCosine.self, ArcTangent.self, HyperbolicSine.self,
  HyperbolicCosine.self, AreaSine.self, AreaCosine.self, AreaTangent.self,
  // Comparison and bits
  Equal.self, Less.self, LessOrEqual.self, IsNaN.self, Select.self, BitwiseAnd.self,
  BitwiseOr.self, BitwiseXor.self, BitwiseNot.self, ShiftLeft.self, ShiftRight.self,
  // Normalisation
  Softmax.self, LogSoftmax.self, BatchNorm.self, LayerNorm.self, RMSNorm.self, L2Normalize.self,
  // Recurrent layers
  QuantizedLSTM.self, QuantizedSVDF.self,
  // Movement
  Reshape.self, Transpose.self, Concat.self, Slice.self, Pad.self, Gather.self,
  BroadcastTo.self, GatherElements.self, GatherND.self, ScatterElements.self, ScatterND.self,
  TopK.self, NonZero.self, ArithmeticRange.self, ResizeBilinear.self,
  UpdateSlice.self,
  // Quantisation and conversion
  Quantize.self, Dequantize.self, Rescale.self, Table.self, StorageCast.self,
  Cast.self, BitCast.self,
  // Sampling and selection
  GridSample.self, RegionAlign.self, RegionMaxPool.self, NonMaxSuppression.self, Unique.self,
  NgramCounts.self, MaxPoolIndices.self, SoftBoxSelection.self, DetectionPostprocess.self,
  // Strings
  StringConcat.self, StringSplit.self, StringNormalize.self, RegexFullMatch.self,
  // Trees, tables and votes
  TreeEnsemble.self, FindKey.self, PairwiseCoupling.self,
  // Random numbers
  RandomUniform.self, RandomNormal.self,
  // Control flow
  If.self, While.self,
]
