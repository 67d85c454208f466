# `make help` lists the targets.
SWIFT ?= swift
PYTHON ?= python3
VENV = .venv
DEBIAN_PACKAGES = liblz4-dev libzstd-dev libsnappy-dev zlib1g-dev librdkafka-dev kcat python3-venv
GENERATED = Sources/KafkaProtocol/Messages Sources/KafkaProtocol/Structures Tests/KafkaProtocolTests/Generated
SWIFT_CODE = Package.swift Sources Tests Benchmarks
DEBUG_BINARY = .build/debug/martlet
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.DEFAULT_GOAL := help
.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

.PHONY: deps
deps: $(VENV)/.done ## Install what is missing: Debian packages, Python clients for the tests
	@missing=$$(for package in $(DEBIAN_PACKAGES); do dpkg -s $$package >/dev/null 2>&1 || echo $$package; done); \
	if [ -n "$$missing" ]; then \
		$(SUDO) apt-get update && $(SUDO) apt-get install -y --no-install-recommends $$missing; \
	fi

# The virtual environment is made anew when the list of clients changes.
$(VENV)/.done: Tests/clients/requirements.txt
	$(PYTHON) -m venv $(VENV) || { $(SUDO) apt-get update && $(SUDO) apt-get install -y python3-venv && $(PYTHON) -m venv $(VENV); }
	$(VENV)/bin/pip install --quiet --upgrade -r Tests/clients/requirements.txt
	touch $@

.PHONY: run
run: release ## Build and run the broker on port 9092 with data in ./martlet-data
	bin/martlet serve

.PHONY: build
build: ## Build everything for debugging
	$(SWIFT) build

# Debug builds, and with them all tests, check at run time that accesses do not overlap; release builds do without: see
# docs/decisions/007-what-a-heartbeat-costs.md.
RELEASE_FLAGS = -c release --static-swift-stdlib -Xswiftc -enforce-exclusivity=unchecked --scratch-path .build-release

.PHONY: release
release: ## Build bin/martlet, optimised, with the Swift runtime linked in
	$(SWIFT) build $(RELEASE_FLAGS) --product martlet
	mkdir -p bin
	strip -o bin/martlet .build-release/release/martlet

.PHONY: test
test: deps lint check-generated test-swift test-clients fuzz-small demo-small ## Run every test: Swift, real clients, fuzzers, a small demo

.PHONY: test-swift
test-swift: ## Run the Swift tests
	$(SWIFT) test

.PHONY: test-schedules
test-schedules: ## Run 1,000 random schedules of consumer groups
	MARTLET_GROUP_SCHEDULES=1000 $(SWIFT) test --filter GroupScheduleTests

.PHONY: test-clients
test-clients: deps ## Run the tests with kcat, confluent-kafka, kafka-python and aiokafka against the debug build
	$(SWIFT) build --product martlet
	MARTLET_BIN=$(DEBUG_BINARY) $(VENV)/bin/python -m pytest -q Tests/clients

.PHONY: test-librdkafka
test-librdkafka: release ## Run librdkafka's own tests; needs LIBRDKAFKA_DIR=(a checkout of librdkafka)
	MARTLET_BIN=bin/martlet $(PYTHON) Tests/librdkafka/run.py --librdkafka "$(LIBRDKAFKA_DIR)"

# The long forms of proofs that `make test` runs briefly; docs/durability.md says what each shows.
CYCLES ?= 200
CUTS ?= 500
FLIPS ?= 5000
STEPS ?= 250000
SECONDS_PER_TARGET ?= 600

.PHONY: torture-kill
torture-kill: deps ## Kill the broker CYCLES times under producers and a group, check every record (SEED=n repeats)
	$(SWIFT) build --product martlet
	MARTLET_BIN=$(DEBUG_BINARY) $(VENV)/bin/python Tests/torture/kill.py --cycles $(CYCLES) $(if $(SEED),--seed $(SEED))

.PHONY: torture-power
torture-power: ## Cut the power CUTS times, open what may be left on the disk in five ways each (SEED=n repeats)
	MARTLET_POWER_CUTS=$(CUTS) MARTLET_TEST_SEED=$(or $(SEED),$$$$) $(SWIFT) test --filter PowerCutTests

.PHONY: torture-flips
torture-flips: ## Flip FLIPS single bits in files of a data directory (SEED=n repeats)
	MARTLET_BIT_FLIPS=$(FLIPS) MARTLET_TEST_SEED=$(or $(SEED),$$$$) $(SWIFT) test --filter BitFlipTests

.PHONY: torture-model
torture-model: ## Run a log against a model, STEPS steps for each of four seeds
	MARTLET_MODEL_STEPS=$(STEPS) $(SWIFT) test --filter ModelTests

.PHONY: torture-files
torture-files: ## Write to 10,000 partitions under a limit of 1,024 descriptors, read them, restart, kill
	$(SWIFT) build --product martlet
	MARTLET_BIN=$(DEBUG_BINARY) MARTLET_PARTITIONS=10000 MARTLET_OPEN_FILES=1024 \
		$(VENV)/bin/python -m pytest -q Tests/clients/test_open_files.py

.PHONY: fuzz
fuzz: ## Fuzz every decoder with libFuzzer and AddressSanitizer, SECONDS_PER_TARGET each
	Tests/Fuzz/fuzz.sh $(SECONDS_PER_TARGET)

# Exit code 3 says that the toolchain has no libFuzzer.
.PHONY: fuzz-small
fuzz-small:
	Tests/Fuzz/fuzz.sh 8 || [ $$? = 3 ]

# ThreadSanitizer knows nothing of the slow path of Swift's Mutex: the script tells what it reports because of that from races.
.PHONY: test-tsan
test-tsan: ## Run the tests of the broker, the storage and the server under ThreadSanitizer
	mkdir -p .build-tsan
	MARTLET_POWER_CUTS=4 MARTLET_BIT_FLIPS=3 TSAN_OPTIONS="exitcode=0 report_thread_leaks=0" \
		$(SWIFT) test --sanitize=thread --scratch-path .build-tsan --filter 'BrokerTests|LogStorageTests|ServerTests' \
		> .build-tsan/test.log 2>&1 || { tail -100 .build-tsan/test.log; exit 1; }
	$(PYTHON) Tests/torture/tsan_report.py .build-tsan/test.log

.PHONY: demo
demo: deps release ## Stream 100 MB of real text through kcat and back, with every codec
	MARTLET_BIN=bin/martlet $(VENV)/bin/python Tests/clients/demo.py --megabytes 100

.PHONY: demo-small
demo-small: deps
	$(SWIFT) build --product martlet
	MARTLET_BIN=$(DEBUG_BINARY) $(VENV)/bin/python Tests/clients/demo.py --megabytes 10

# Load generators and the floor; bench.py and the others are told where they are.
TOOLS = .build-tools
PEERS_VENV = .build-peers/venv
# With RESULTS=docs/benchmarks they keep what they have measured where `make bench-report` finds it.
keep = $(if $(RESULTS),--json $(RESULTS)/$(1).json)
# BENCH_ARGS go to the script: --help lists them.
BENCH_ARGS ?=

.PHONY: bench
bench: deps release bench-tools ## Measure start, memory, throughput and CPU cost of bin/martlet, and what a program without a broker needs
	$(PYTHON) Benchmarks/bench.py --martlet bin/martlet --producer $(TOOLS)/rdkafka_produce --floor $(TOOLS)/floor \
		--client $(TOOLS)/raw_client $(call keep,bench) $(BENCH_ARGS)

.PHONY: bench-groups
bench-groups: release bench-tools ## Measure what heartbeats of 1,000 groups cost, against the floor
	$(PYTHON) Benchmarks/bench_groups.py --martlet bin/martlet --floor $(TOOLS)/floor $(call keep,groups) $(BENCH_ARGS)

.PHONY: bench-full
bench-full: release ## Sweep sizes, producers, partitions, codecs, batches, consumers, connections; takes about 25 minutes
	$(PYTHON) Benchmarks/sweep.py --martlet bin/martlet $(call keep,sweep) $(BENCH_ARGS)

.PHONY: bench-peers
bench-peers: release bench-tools bench-peers-deps ## Compare with NATS JetStream, Tansu, Redis and RabbitMQ Streams, and Apache Kafka if KAFKA_HOME is given
	$(PYTHON) Benchmarks/peers/compare.py --martlet bin/martlet --tools $(TOOLS) --environment $(PEERS_VENV)/bin \
		$(call keep,peers) $(BENCH_ARGS)

.PHONY: bench-peers-deps
bench-peers-deps: $(PEERS_VENV)/.done ## Install the peers from PyPI and Debian, and what draws the plots
	Benchmarks/peers/install.sh
	mkdir -p $(TOOLS)
	for program in rdkafka_produce rdkafka_consume; do \
		library=$$(ls $(CURDIR)/$(PEERS_VENV)/lib/*/site-packages/confluent_kafka.libs/librdkafka-*.so*) || exit 1; \
		cc -O2 -Wall -Wextra -o $(TOOLS)/$${program}_new Benchmarks/$$program.c "$$library" \
			-Wl,-rpath,"$$(dirname "$$library")" -Wl,--disable-new-dtags || exit 1; \
	done
	for peer in nats redis rabbitmq; do \
		cc -O2 -Wall -Wextra -o $(TOOLS)/$${peer}_load Benchmarks/peers/$${peer}_load.c || exit 1; \
	done
	cc -O2 -Wall -Wextra -DSUB_ENTRIES -o $(TOOLS)/rabbitmq_sub_load Benchmarks/peers/rabbitmq_load.c

$(PEERS_VENV)/.done: Benchmarks/requirements.txt
	$(PYTHON) -m venv $(PEERS_VENV)
	$(PEERS_VENV)/bin/pip install --quiet --upgrade -r Benchmarks/requirements.txt
	touch $@

.PHONY: bench-tools
bench-tools:
	mkdir -p $(TOOLS)
	cc -O2 -Wall -Wextra -o $(TOOLS)/rdkafka_produce Benchmarks/rdkafka_produce.c -lrdkafka
	for program in floor raw_client; do \
		cc -O2 -Wall -Wextra -ISources/CChecksum/include -o $(TOOLS)/$$program \
			Benchmarks/$$program.c Sources/CChecksum/crc32c.c || exit 1; \
	done

# MARTLET_BENCHMARKS adds the targets and the package that they need; no other build knows them.
MEASURING = MARTLET_BENCHMARKS=1 $(SWIFT)

.PHONY: bench-micro
bench-micro: ## Measure the time of single paths: codecs, checksum, validation, append, lookup, whole requests
	$(MEASURING) package --scratch-path .build-micro --disable-sandbox benchmark --no-progress --target Micro $(BENCH_ARGS)

.PHONY: bench-instructions
bench-instructions: ## Fail if a path takes 3 % more instructions than is committed; UPDATE=1 writes down what it takes now
	command -v valgrind >/dev/null || $(SUDO) apt-get install -y --no-install-recommends valgrind
	$(MEASURING) build $(RELEASE_FLAGS:.build-release=.build-benchmarks) --product Instructions
	strip -g -o .build-benchmarks/instructions .build-benchmarks/release/Instructions
	$(PYTHON) Benchmarks/instructions.py --binary .build-benchmarks/instructions --committed Benchmarks/instructions.json \
		$(if $(UPDATE),--update) $(BENCH_ARGS)

.PHONY: bench-report
bench-report: $(PEERS_VENV)/.done ## Write docs/benchmarks.md and its plots anew from docs/benchmarks/*.json
	$(PYTHON) Benchmarks/report.py --page docs/benchmarks.md --results docs/benchmarks --instructions Benchmarks/instructions.json
	$(PEERS_VENV)/bin/python Benchmarks/plot.py --results docs/benchmarks --images docs/images

.PHONY: bench-offsets
bench-offsets: release ## Measure how soon 100,000 committed offsets are known after a start
	$(PYTHON) Benchmarks/bench_offsets.py --martlet bin/martlet $(BENCH_ARGS)

.PHONY: bench-all
bench-all: ## Measure everything, keep it in docs/benchmarks and write the page; an hour of a quiet machine
	$(MAKE) bench bench-groups bench-full bench-peers RESULTS=docs/benchmarks
	$(MAKE) bench-instructions
	$(MAKE) bench-report

.PHONY: bench-tail
bench-tail: release ## Measure what a consumer of old records costs the latency of others; BEFORE=(another binary) compares
	$(PYTHON) Benchmarks/bench_tail.py --martlet bin/martlet $(if $(BEFORE),--before $(BEFORE))

.PHONY: bench-recovery
bench-recovery: release ## Measure how long bin/martlet recovers 1.2 GB that no checkpoint covers, after a kill
	cc -O2 -Wall -Wextra -ISources/CChecksum/include -o .build-release/recovery_floor \
		Benchmarks/recovery_floor.c Sources/CChecksum/crc32c.c
	$(PYTHON) Benchmarks/bench_recovery.py --martlet bin/martlet --floor .build-release/recovery_floor --cold

.PHONY: generate
generate: ## Write the protocol codecs from the schema
	$(SWIFT) build --product ProtocolGenerator
	.build/debug/ProtocolGenerator .
	$(SWIFT) format --in-place --recursive $(GENERATED)

.PHONY: check-generated
check-generated: generate ## Fail if the committed codecs differ from the schema
	git diff --exit-code --stat -- $(GENERATED)

.PHONY: format
format: ## Format the Swift sources
	$(SWIFT) format --in-place --recursive $(SWIFT_CODE)

.PHONY: lint
lint: ## Check the format of the Swift sources
	$(SWIFT) format lint --strict --recursive $(SWIFT_CODE)
