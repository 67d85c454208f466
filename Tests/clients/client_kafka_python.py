"""kafka-python."""

from __future__ import annotations

import time
from contextlib import closing

import kafka
from kafka.errors import KafkaError

from adapter import ClientAdapter, Refused
from records import Record


class KafkaPython(ClientAdapter):
    name = "kafka-python"

    def produce(self, address, topic, records, codec="none", acks="all", idempotent=False):
        producer = kafka.KafkaProducer(
            bootstrap_servers=address, compression_type=None if codec == "none" else codec,
            acks="all" if acks == "all" else int(acks), enable_idempotence=idempotent, linger_ms=5,
            max_request_size=20_000_000, delivery_timeout_ms=20_000, request_timeout_ms=10_000)
        try:
            futures = [
                producer.send(
                    topic, record.value, record.key, list(record.headers), record.partition, record.timestamp)
                for record in records]
            producer.flush(timeout=25)
            for future in futures:
                future.get(timeout=1)
        except KafkaError as error:
            raise Refused(error.errno, str(error)) from error
        finally:
            producer.close(timeout=5)

    @staticmethod
    def consumer(address, **more):
        return kafka.KafkaConsumer(
            bootstrap_servers=address, group_id=None, enable_auto_commit=False, check_crcs=True, **more)

    def stream(self, address, topic, partition=0, offset=0, seconds=10.0, wait_ms=500):
        with closing(self.consumer(
                address, fetch_max_wait_ms=wait_ms, auto_offset_reset="none", request_timeout_ms=30_000)) as consumer:
            where = kafka.TopicPartition(topic, partition)
            consumer.assign([where])
            if offset == "latest":
                consumer.seek_to_end(where)
                consumer.position(where)
            else:
                consumer.seek(where, offset)
            deadline = time.monotonic() + seconds
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"no record for {seconds} s")
                for messages in consumer.poll(timeout_ms=int(left * 1000) + 1).values():
                    for message in messages:
                        yield Record(
                            message.key, message.value, tuple(tuple(header) for header in message.headers),
                            message.timestamp, message.partition, message.offset)
                    deadline = time.monotonic() + seconds

    def offset_for_time(self, address, topic, timestamp, partition=0):
        with closing(self.consumer(address)) as consumer:
            where = kafka.TopicPartition(topic, partition)
            found = consumer.offsets_for_times({where: timestamp})[where]
            return found and found.offset

    def watermarks(self, address, topic, partition=0):
        with closing(self.consumer(address)) as consumer:
            where = kafka.TopicPartition(topic, partition)
            return consumer.beginning_offsets([where])[where], consumer.end_offsets([where])[where]

    def metadata(self, address):
        with closing(kafka.KafkaAdminClient(bootstrap_servers=address)) as admin:
            brokers = [f"{broker['host']}:{broker['port']}" for broker in admin.describe_cluster()["brokers"]]
            return brokers, {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
