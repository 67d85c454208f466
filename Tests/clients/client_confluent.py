"""confluent-kafka: the newest librdkafka."""

from __future__ import annotations

import time

import confluent_kafka as ck

from adapter import ClientAdapter, Refused
from records import Record, crc32_partition


class Confluent(ClientAdapter):
    name = "confluent"

    def partition_of(self, key, partitions):
        return crc32_partition(key, partitions)

    def produce(self, address, topic, records, codec="none", acks="all", idempotent=False):
        producer = ck.Producer({
            "bootstrap.servers": address, "compression.type": codec, "acks": acks, "enable.idempotence": idempotent,
            "linger.ms": 5, "message.max.bytes": 20_000_000, "message.timeout.ms": 20_000})
        errors = []
        for record in records:
            extra = {} if record.timestamp is None else {"timestamp": record.timestamp}
            if record.partition is not None:
                extra["partition"] = record.partition
            producer.produce(
                topic, record.value, record.key, headers=list(record.headers),
                on_delivery=lambda error, message: error and errors.append(error), **extra)
        assert producer.flush(25) == 0, "not everything was delivered"
        if errors:
            raise Refused(errors[0].code(), errors[0].str())

    @staticmethod
    def consumer(address, **more):
        return ck.Consumer({
            "bootstrap.servers": address, "group.id": "unused", "enable.auto.commit": False, "check.crcs": True,
            "enable.partition.eof": False, **more})

    def stream(self, address, topic, partition=0, offset=0, seconds=10.0, wait_ms=500):
        consumer = self.consumer(address, **{"fetch.wait.max.ms": wait_ms})
        try:
            start = ck.OFFSET_END if offset == "latest" else offset
            consumer.assign([ck.TopicPartition(topic, partition, start)])
            deadline = time.monotonic() + seconds
            while True:
                message = consumer.poll(max(0, deadline - time.monotonic()))
                if message is None:
                    raise TimeoutError(f"no record for {seconds} s")
                if message.error():
                    raise Refused(message.error().code(), message.error().str())
                kind, timestamp = message.timestamp()
                yield Record(
                    message.key(), message.value(), tuple(message.headers() or ()), timestamp, message.partition(),
                    message.offset())
                deadline = time.monotonic() + seconds
        finally:
            consumer.close()

    def offset_for_time(self, address, topic, timestamp, partition=0):
        consumer = self.consumer(address)
        try:
            [answer] = consumer.offsets_for_times([ck.TopicPartition(topic, partition, timestamp)], timeout=10)
            assert answer.error is None, answer.error
            return None if answer.offset == ck.OFFSET_END else answer.offset
        finally:
            consumer.close()

    def watermarks(self, address, topic, partition=0):
        consumer = self.consumer(address)
        try:
            return consumer.get_watermark_offsets(ck.TopicPartition(topic, partition), timeout=10)
        finally:
            consumer.close()

    def metadata(self, address):
        consumer = self.consumer(address)
        try:
            answer = consumer.list_topics(timeout=10)
        finally:
            consumer.close()
        brokers = [f"{broker.host}:{broker.port}" for broker in answer.brokers.values()]
        return brokers, {name: len(topic.partitions) for name, topic in answer.topics.items()}
