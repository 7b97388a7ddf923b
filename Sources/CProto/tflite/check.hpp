// Checks of a verified flatbuffer that the flatbuffers library cannot know about.
#pragma once

#include <stdexcept>

#include "model.hpp"

namespace edgecc {

// A model that cannot be used; what() is a sentence with the place.
struct Fault : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws a Fault unless every index in the model names something, data behind the flatbuffer lie
// inside the file, calls between subgraphs have no cycle, and parts that are shared do not add up
// to far more than the file.
void checkIndices(const edgecc_tflite_model &model);

}  // namespace edgecc
