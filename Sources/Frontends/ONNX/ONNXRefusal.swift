/// An operator that will not be imported, with the reason and what to do instead.
struct ONNXRefusal: Sendable {
  let domain: String
  let name: String
  let reason: String
  let remedy: String

  private init(_ domain: String, _ name: String, _ reason: String, _ remedy: String) {
    self.domain = domain
    self.name = name
    self.reason = reason
    self.remedy = remedy
  }

  private static let training = "ai.onnx.preview.training"

  static let all: [ONNXRefusal] = [
    ONNXRefusal(
      ONNXOperator.learning, "ZipMap", "a list of maps is no tensor",
      "convert the model with zipmap=False, or cut it before this node"),
    ONNXRefusal(
      ONNXOperator.learning, "DictVectorizer", "a map is no tensor",
      "cut the model behind this node and feed the features as a tensor"),
    ONNXRefusal(
      ONNXOperator.learning, "CastMap", "a map is no tensor",
      "cut the model behind this node and feed the features as a tensor"),
    ONNXRefusal(
      "", "ImageDecoder", "decoding image files is left to the program around the model",
      "cut the model behind this node and feed the decoded image"),
    ONNXRefusal(training, "Adam", "training steps are not run", "export the model for inference"),
    ONNXRefusal(
      training, "Adagrad", "training steps are not run", "export the model for inference"),
    ONNXRefusal(
      training, "Momentum", "training steps are not run", "export the model for inference"),
    ONNXRefusal(
      training, "Gradient", "training steps are not run", "export the model for inference"),
  ]
}
