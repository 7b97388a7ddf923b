"""Families of ONNX cases, one module each."""
