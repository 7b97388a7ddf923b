#include "check.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "options.hpp"
#include "sparsity.hpp"

namespace edgecc {
namespace {

using Place = std::string;

// CallOptions.subgraph, IfOptions.then_subgraph_index, StablehloCaseOptions.branch_subgraph_indices…
bool namesSubgraphs(const char *option) {
  return std::strstr(option, "subgraph") != nullptr ||
         std::strcmp(option, "called_computations") == 0;
}

// A flatbuffer may point to one list from many tables, so walking all lists could take far longer
// than the file is long. Nothing that writes models does so on a large scale.
class Checker {
 public:
  explicit Checker(const edgecc_tflite_model &model)
      : model(model), root(*model.root), budget(2 * model.size + (1u << 20)) {}

  void checkModel();

 private:
  const edgecc_tflite_model &model;
  const schema::Model &root;
  size_t budget;
  std::vector<std::vector<size_t>> calls;  // subgraphs that each subgraph runs

  void charge(size_t elements, const Place &place) {
    if (elements > budget) throw Fault(place + ": lists and names add up to more than the file");
    budget -= elements;
  }

  void check(int64_t index, size_t limit, int64_t lowest, const Place &place, const char *what) {
    if (index >= lowest && index < static_cast<int64_t>(limit)) return;
    throw Fault(place + " names " + what + " " + std::to_string(index) + ", but there are " +
                std::to_string(limit));
  }

  void checkAll(const flatbuffers::Vector<int32_t> *indices, size_t limit, int64_t lowest,
                const Place &place, const char *role) {
    charge(count(indices), place);
    for (size_t i = 0; i < count(indices); i++) {
      const int32_t index = indices->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (index >= lowest && index < static_cast<int64_t>(limit)) continue;
      check(index, limit, lowest, place + ": " + role + " " + std::to_string(i), "tensor");
    }
  }

  void checkName(const flatbuffers::String *name, const Place &place) {
    charge(count(name), place);
  }

  void checkRange(uint64_t offset, uint64_t size, const Place &place) {
    if (offset <= 1 || (offset <= model.size && size <= model.size - offset)) return;
    throw Fault(place + ": its bytes at " + std::to_string(offset) + " pass the end of the file");
  }

  void checkBuffers();
  void checkTensor(const schema::Tensor &tensor, size_t tensorCount, const Place &place);
  void checkQuantization(const schema::QuantizationParameters &parameters, size_t tensorCount,
                         const Place &place);
  void checkSparsity(const schema::SparsityParameters &sparsity, const Place &place);
  void checkOperator(const schema::Operator &operation, size_t subgraph, const Place &place);
  void checkOptions(const schema::Operator &operation, size_t subgraph, const Place &place);
  void checkSubgraph(size_t index);
  void checkSignatures();
  void checkCalls();
};

void Checker::checkModel() {
  if (root.version() != 3) {
    throw Fault("the file has schema version " + std::to_string(root.version()) +
                ", only 3 is known");
  }
  if (count(root.subgraphs()) == 0) throw Fault("the model has no subgraph");
  checkName(root.description(), "the description");
  checkBuffers();
  for (size_t i = 0; i < count(root.operator_codes()); i++) {
    checkName(element(root.operator_codes(), i)->custom_code(),
              "operator code " + std::to_string(i));
  }
  calls.resize(count(root.subgraphs()));
  for (size_t i = 0; i < count(root.subgraphs()); i++) checkSubgraph(i);
  checkSignatures();
  checkCalls();
}

void Checker::checkBuffers() {
  for (size_t i = 0; i < count(root.buffers()); i++) {
    const schema::Buffer &buffer = *element(root.buffers(), i);
    checkRange(buffer.offset(), buffer.size(), "buffer " + std::to_string(i));
  }
  for (size_t i = 0; i < count(root.metadata()); i++) {
    const schema::Metadata &entry = *element(root.metadata(), i);
    const Place place = "metadata entry " + std::to_string(i);
    checkName(entry.name(), place);
    check(entry.buffer(), count(root.buffers()), 0, place, "buffer");
  }
}

void Checker::checkQuantization(const schema::QuantizationParameters &parameters,
                                size_t tensorCount, const Place &place) {
  const auto *zeroPoints = parameters.zero_point();
  charge(count(parameters.scale()) + count(zeroPoints), place);
  charge(count(parameters.min()) + count(parameters.max()), place);
  // The library aligns a list by its length field only.
  if (zeroPoints != nullptr && reinterpret_cast<uintptr_t>(zeroPoints->data()) % 8 != 0) {
    throw Fault(place + ": its zero points are not aligned");
  }
  if (const auto *blocks = parameters.details_as_BlockwiseQuantization()) {
    check(blocks->scales(), tensorCount, -1, place + ": its scales", "tensor");
    check(blocks->zero_points(), tensorCount, -1, place + ": its zero points", "tensor");
  }
  if (const auto *axes = parameters.details_as_MultiAxisQuantization()) {
    check(axes->scales(), tensorCount, -1, place + ": its scales", "tensor");
    check(axes->zero_points(), tensorCount, -1, place + ": its zero points", "tensor");
    charge(count(axes->quantized_dimensions()), place);
  }
}

void Checker::checkSparsity(const schema::SparsityParameters &sparsity, const Place &place) {
  charge(count(sparsity.traversal_order()) + count(sparsity.block_map()), place);
  for (size_t i = 0; i < count(sparsity.dim_metadata()); i++) {
    const schema::DimensionMetadata &level = *element(sparsity.dim_metadata(), i);
    charge(sparseList(level.array_segments_type(), level.array_segments()).count, place);
    charge(sparseList(level.array_indices_type(), level.array_indices()).count, place);
  }
}

void Checker::checkTensor(const schema::Tensor &tensor, size_t tensorCount, const Place &place) {
  checkName(tensor.name(), place);
  charge(count(tensor.shape()) + count(tensor.shape_signature()), place);
  // Buffer 0 means "no data", also in a file without any buffer.
  if (tensor.buffer() != 0) check(tensor.buffer(), count(root.buffers()), 0, place, "buffer");
  if (tensor.quantization() != nullptr) {
    checkQuantization(*tensor.quantization(), tensorCount, place);
  }
  if (tensor.sparsity() != nullptr) checkSparsity(*tensor.sparsity(), place);
}

void Checker::checkOptions(const schema::Operator &operation, size_t subgraph,
                           const Place &place) {
  const OptionsTable options = optionsOf(operation);
  for (size_t i = 0; i < options.fieldCount(); i++) {
    const bool isPresent = options.field(i) != nullptr;
    edgecc_tflite_option option{};
    if (isPresent) option = readOption(options, i);
    charge(option.integers.count + option.floats.count, place);
    if (option.string != nullptr) charge(std::strlen(option.string), place);

    const char *name = options.type->names[i];
    if (!namesSubgraphs(name)) continue;
    // A number that is absent is 0, and so names a subgraph too; a list that is absent is empty.
    std::vector<int64_t> targets(option.integers.count);
    edgecc_tflite_integers_read(option.integers, targets.data(), targets.size());
    if (!options.type->type_codes[i].is_repeating) targets.push_back(option.integer);
    for (const int64_t target : targets) {
      check(target, calls.size(), 0, place + ": its " + name, "subgraph");
      calls[subgraph].push_back(static_cast<size_t>(target));
    }
  }
}

void Checker::checkOperator(const schema::Operator &operation, size_t subgraph,
                            const Place &place) {
  const size_t tensors = count(element(root.subgraphs(), subgraph)->tensors());
  check(operation.opcode_index(), count(root.operator_codes()), 0, place, "operator code");
  checkAll(operation.inputs(), tensors, -1, place, "input");
  checkAll(operation.outputs(), tensors, 0, place, "output");
  checkAll(operation.intermediates(), tensors, -1, place, "intermediate");
  charge(count(operation.mutating_variable_inputs()) + count(operation.custom_options()), place);
  checkRange(operation.large_custom_options_offset(), operation.large_custom_options_size(),
             place + ": custom options");
  checkOptions(operation, subgraph, place);
}

void Checker::checkSubgraph(size_t index) {
  const schema::SubGraph &graph = *element(root.subgraphs(), index);
  const Place place = "subgraph " + std::to_string(index);
  const size_t tensors = count(graph.tensors());
  checkName(graph.name(), place);
  for (size_t i = 0; i < tensors; i++) {
    checkTensor(*element(graph.tensors(), i), tensors, place + ", tensor " + std::to_string(i));
  }
  checkAll(graph.inputs(), tensors, 0, place, "input");
  checkAll(graph.outputs(), tensors, 0, place, "output");
  for (size_t i = 0; i < count(graph.operators()); i++) {
    checkOperator(*element(graph.operators(), i), index, place + ", operator " + std::to_string(i));
  }
}

void Checker::checkSignatures() {
  for (size_t i = 0; i < count(root.signature_defs()); i++) {
    const schema::SignatureDef &signature = *element(root.signature_defs(), i);
    const Place place = "signature " + std::to_string(i);
    checkName(signature.signature_key(), place);
    check(signature.subgraph_index(), count(root.subgraphs()), 0, place, "subgraph");
    const size_t tensors =
        count(element(root.subgraphs(), signature.subgraph_index())->tensors());
    for (const auto *names : {signature.inputs(), signature.outputs()}) {
      for (size_t j = 0; j < count(names); j++) {
        checkName(element(names, j)->name(), place);
        check(element(names, j)->tensor_index(), tensors, 0, place, "tensor");
      }
    }
  }
}

// Depth-first over the calls, without recursion: a subgraph that is met again while it is still
// open calls itself, and no reader of the program would ever come to an end.
void Checker::checkCalls() {
  enum class State { unseen, open, done };
  struct Step {
    size_t subgraph;
    size_t next;
  };
  std::vector<State> states(calls.size(), State::unseen);
  for (size_t start = 0; start < calls.size(); start++) {
    if (states[start] != State::unseen) continue;
    std::vector<Step> path = {{start, 0}};
    states[start] = State::open;
    while (!path.empty()) {
      Step &step = path.back();
      if (step.next == calls[step.subgraph].size()) {
        states[step.subgraph] = State::done;
        path.pop_back();
        continue;
      }
      const size_t target = calls[step.subgraph][step.next++];
      if (states[target] == State::open) {
        throw Fault("subgraph " + std::to_string(target) + " calls itself, by way of subgraph " +
                    std::to_string(step.subgraph));
      }
      if (states[target] == State::done) continue;
      states[target] = State::open;
      path.push_back({target, 0});
    }
  }
}

}  // namespace

void checkIndices(const edgecc_tflite_model &model) { Checker(model).checkModel(); }

}  // namespace edgecc
