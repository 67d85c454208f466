# `make help` lists the targets.
SWIFT ?= swift
GENERATED = Sources/KafkaProtocol/Messages Tests/KafkaProtocolTests/Generated

.PHONY: generate check-generated
generate: ## Write the protocol codecs from the schema
	$(SWIFT) build --product ProtocolGenerator
	.build/debug/ProtocolGenerator .
	$(SWIFT) format --in-place --recursive $(GENERATED)

check-generated: generate ## Fail if the committed codecs differ from the schema
	git diff --exit-code --stat -- $(GENERATED)
