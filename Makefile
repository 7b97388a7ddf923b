# Each target is one command; `make demo` and `make test` set up what they need by themselves.

SWIFT_FLAGS := -c release -Xswiftc -enable-testing
EDGECC := .build/release/edgecc

.PHONY: all build setup demo test bench fuzz conformance optimization-table quantization-report docs \
  api-docs regenerate format clean

all: build

# Installs missing system packages; quick when there is nothing to do.
setup:
	@Scripts/setup.sh

build: setup
	swift build $(SWIFT_FLAGS) --product edgecc

# Takes the digits model to three targets, runs the test set on each and prints one table.
demo: build
	@Scripts/demo.sh $(EDGECC)

# Built first, since then the other targets find the objects that they need.
test: setup
	swift build $(SWIFT_FLAGS) --build-tests
	swift test $(SWIFT_FLAGS) --skip-build

bench: build .venv-bench/done
	swift build $(SWIFT_FLAGS) --product InterpreterBenchmark
	.build/release/InterpreterBenchmark
	swift build $(SWIFT_FLAGS) --product PassBenchmark
	.build/release/PassBenchmark
	.venv-bench/bin/python Benchmarks/import_benchmark.py --edgecc $(EDGECC)
	.venv-bench/bin/python Benchmarks/calibration_benchmark.py --edgecc $(EDGECC)

.venv-bench/done: Benchmarks/requirements.txt
	python3 -m venv .venv-bench
	.venv-bench/bin/pip install --quiet -r $<
	touch $@

# Counts the operations that edgecc and ONNX Runtime leave of the models beside the checkout, and writes
# the table of Docs/optimizations.md.
optimization-table: build .venv-bench/done
	.venv-bench/bin/python Benchmarks/optimization_table.py $(EDGECC) ../shared \
	    --write Docs/optimizations.md

# Quantises the models beside the checkout with edgecc and with ONNX Runtime, and writes how near each
# stays to float into Docs/quantization.md.
quantization-report: build .venv-bench/done
	.venv-bench/bin/python Benchmarks/quantization_report.py --edgecc $(EDGECC)

# Runs libFuzzer on the readers and on the text parser, FUZZ_SECONDS for each.
FUZZ_SECONDS ?= 60
fuzz: setup
	Tests/Fuzz/run.sh $(FUZZ_SECONDS)

# Builds ONNX's whole node suite and a TFLite suite with their reference packages, runs both on the
# interpreter, and writes the figures into Docs/conformance.md.
conformance: build
	Scripts/conformance.sh $(EDGECC)

# Writes the pages that the binary itself knows best; what does not pass is kept from the last
# `make conformance`.
docs: build
	{ echo "# Targets"; echo; \
	  echo "Written by \`make docs\`: what each target demands of operations, in the words of its diagnostics."; \
	  echo; $(EDGECC) targets --markdown; } > Docs/targets.md
	{ echo "# Operators"; echo; echo "Written by \`make docs\`; operator sets that an operator is read from."; \
	  echo; echo "## ONNX"; echo; $(EDGECC) ops --format onnx --markdown; \
	  echo; echo "## TFLite"; echo; $(EDGECC) ops --format tflite --markdown; \
	  echo; sed 's/^# /## /' Docs/conformance.md; } > Docs/operators.md

# The pages of the API that plugins are written against, from its doc comments: out/api/index.html
# behind any web server.
api-docs: setup
	mkdir -p out/api
	swift package --allow-writing-to-directory out/api generate-documentation --target IR \
	  --output-path out/api

# Rebuilds the generated readers of Sources/CProto/generated.
regenerate: setup
	Sources/CProto/regenerate.sh

format:
	swift format --in-place --recursive --configuration .swift-format Sources Tests Benchmarks Package.swift

clean:
	rm -rf .build .build-fuzz out
