#include <cstdio>
#include <cstring>
#include <new>

#include "check.hpp"

namespace {

// Real models nest about six tables deep and have a few thousand.
constexpr uint32_t maxDepth = 32;
constexpr uint32_t maxTables = 1000000;

// Offsets in a flatbuffer end at 2 GB; larger files carry plain data behind it.
constexpr size_t maxFlatbuffer = (size_t{1} << 31) - 2;

std::unique_ptr<edgecc_tflite_model> openModel(const void *bytes, size_t size) {
  if (bytes == nullptr || size == 0) throw edgecc::Fault("the file is empty");
  if (size < 8) throw edgecc::Fault("the file has less than 8 bytes");
  auto model = std::make_unique<edgecc_tflite_model>();
  model->bytes.reset(static_cast<uint8_t *>(std::malloc(size)));
  if (model->bytes == nullptr) throw std::bad_alloc();
  model->size = size;
  std::memcpy(model->bytes.get(), bytes, size);

  if (!edgecc::schema::ModelBufferHasIdentifier(model->bytes.get())) {
    throw edgecc::Fault("the file has no identifier TFL3 at byte 4: it is no TFLite model");
  }
  const size_t verified = size < maxFlatbuffer ? size : maxFlatbuffer;
  flatbuffers::Verifier verifier(model->bytes.get(), verified, maxDepth, maxTables);
  if (!edgecc::schema::VerifyModelBuffer(verifier)) {
    throw edgecc::Fault(
        "the flatbuffer is damaged: an offset or a length in it is wrong, or it has more than a "
        "million tables");
  }
  model->root = edgecc::schema::GetModel(model->bytes.get());
  edgecc::checkIndices(*model);
  return model;
}

}  // namespace

edgecc_tflite_model *edgecc_tflite_open(const void *bytes, size_t size, char *reason,
                                        size_t capacity) {
  if (capacity > 0) reason[0] = '\0';
  try {
    return openModel(bytes, size).release();
  } catch (const edgecc::Fault &fault) {
    std::snprintf(reason, capacity, "%s", fault.what());
  } catch (const std::bad_alloc &) {
    std::snprintf(reason, capacity, "memory ran out while opening the file");
  } catch (...) {
    std::snprintf(reason, capacity, "the file could not be checked");
  }
  return nullptr;
}

void edgecc_tflite_close(edgecc_tflite_model *model) { delete model; }
