"""Remakes every test model and its recorded inputs and outputs. See README.md."""

import composite_onnx_models
import onnx_models
import quantised_onnx_models
import runtime_onnx_models
import tflite_models
import tflite_operator_models

if __name__ == "__main__":
    onnx_models.make()
    composite_onnx_models.make()
    quantised_onnx_models.make()
    runtime_onnx_models.make()
    tflite_models.make()
    tflite_operator_models.make()
