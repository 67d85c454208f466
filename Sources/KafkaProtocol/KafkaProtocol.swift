// KafkaProtocol
