"""aiokafka. Every call has an event loop of its own."""

from __future__ import annotations

import asyncio

import aiokafka
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from adapter import ClientAdapter, Refused
from records import Record


class AIOKafka(ClientAdapter):
    name = "aiokafka"

    def produce(self, address, topic, records, codec="none", acks="all", idempotent=False):
        async def send():
            producer = aiokafka.AIOKafkaProducer(
                bootstrap_servers=address, compression_type=None if codec == "none" else codec,
                acks="all" if acks == "all" else int(acks), enable_idempotence=idempotent, linger_ms=5,
                max_request_size=20_000_000, request_timeout_ms=10_000)
            await producer.start()
            try:
                sent = [
                    await producer.send(
                        topic, record.value, record.key, record.partition, record.timestamp, list(record.headers))
                    for record in records]
                await asyncio.gather(*sent)
            finally:
                await producer.stop()

        try:
            asyncio.run(send())
        except KafkaError as error:
            raise Refused(error.errno, str(error)) from error

    def stream(self, address, topic, partition=0, offset=0, seconds=10.0, wait_ms=500):
        loop = asyncio.new_event_loop()

        async def start():
            consumer = aiokafka.AIOKafkaConsumer(
                bootstrap_servers=address, group_id=None, enable_auto_commit=False, check_crcs=True,
                fetch_max_wait_ms=wait_ms, auto_offset_reset="none")
            await consumer.start()
            where = aiokafka.TopicPartition(topic, partition)
            consumer.assign([where])
            if offset == "latest":
                await consumer.seek_to_end(where)
                await consumer.position(where)
            else:
                consumer.seek(where, offset)
            return consumer

        consumer = loop.run_until_complete(start())
        try:
            while True:
                try:
                    message = loop.run_until_complete(asyncio.wait_for(consumer.getone(), seconds))
                except asyncio.TimeoutError:
                    raise TimeoutError(f"no record for {seconds} s") from None
                yield Record(
                    message.key, message.value, tuple(message.headers), message.timestamp, message.partition,
                    message.offset)
        finally:
            loop.run_until_complete(consumer.stop())
            loop.close()

    def _asked(self, address, question):
        """The answer of a consumer to `await question(consumer)`."""
        async def ask():
            consumer = aiokafka.AIOKafkaConsumer(bootstrap_servers=address, group_id=None)
            await consumer.start()
            try:
                return await question(consumer)
            finally:
                await consumer.stop()

        return asyncio.run(ask())

    def offset_for_time(self, address, topic, timestamp, partition=0):
        where = aiokafka.TopicPartition(topic, partition)
        found = self._asked(address, lambda consumer: consumer.offsets_for_times({where: timestamp}))[where]
        return found and found.offset

    def watermarks(self, address, topic, partition=0):
        where = aiokafka.TopicPartition(topic, partition)

        async def both(consumer):
            return (await consumer.beginning_offsets([where]))[where], (await consumer.end_offsets([where]))[where]

        return self._asked(address, both)

    def metadata(self, address):
        async def ask():
            admin = AIOKafkaAdminClient(bootstrap_servers=address)
            await admin.start()
            try:
                return await admin.describe_cluster(), await admin.describe_topics()
            finally:
                await admin.close()

        cluster, topics = asyncio.run(ask())
        brokers = [f"{broker['host']}:{broker['port']}" for broker in cluster["brokers"]]
        return brokers, {topic["topic"]: len(topic["partitions"]) for topic in topics}
