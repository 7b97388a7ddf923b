# Each target is one command; `make demo` and `make test` set up what they need by themselves.

SWIFT_FLAGS := -c release -Xswiftc -enable-testing
EDGECC := .build/release/edgecc

.PHONY: all build setup demo test bench regenerate format clean

all: build

# Installs missing system packages; quick when there is nothing to do.
setup:
	@Scripts/setup.sh

build: setup
	swift build $(SWIFT_FLAGS) --product edgecc

# Takes the digits model to three targets, runs the test set on each and prints one table.
demo: build
	@Scripts/demo.sh $(EDGECC)

test: setup
	swift test $(SWIFT_FLAGS)

bench: setup
	swift build $(SWIFT_FLAGS) --product InterpreterBenchmark
	.build/release/InterpreterBenchmark

# Rebuilds the generated readers of Sources/CProto/generated.
regenerate: setup
	Sources/CProto/regenerate.sh

format:
	swift format --in-place --recursive --configuration .swift-format Sources Tests Benchmarks Package.swift

clean:
	rm -rf .build out
