"""A disk that is really full: a small tmpfs, filled by real clients, freed again, without and with a kill in between.

Mounting needs root, or a namespace of one's own, in which these tests then run a second time.
"""

import os
import subprocess
import sys
from pathlib import Path

import confluent_kafka as ck
import confluent_kafka.admin as cka
import pytest

import wire
from client_aiokafka import AIOKafka
from client_confluent import Confluent
from client_kafka_python import KafkaPython
from harness import Broker, eventually, martlet_binary, run

MIB = 1 << 20
DISK_BYTES = 24 * MIB
BALLAST_BYTES = 12 * MIB
VALUE_BYTES = 8_000
STORAGE_ERROR = 56
NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]
SETTINGS = {
    "log.disk.min.free.bytes": "-1", "log.segment.bytes": str(MIB), "log.cleaner.backoff.ms": "100",
    "offsets.topic.num.partitions": "2", "group.initial.rebalance.delay.ms": "0", "auto.create.topics.enable": "false",
}
TARGETS = [("plain", 0), ("plain", 1), ("other", 0)]

is_root = os.geteuid() == 0


def has_namespaces() -> bool:
    try:
        return subprocess.run([*NAMESPACE, "true"], capture_output=True, timeout=10).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(is_root, reason="root mounts without a namespace")
def test_in_a_namespace_of_ones_own(tmp_path):
    if not has_namespaces():
        pytest.skip("a tmpfs can be mounted neither as root nor in a namespace (unshare --user --mount)")
    command = [
        *NAMESPACE, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'inside'}",
        __file__]
    done = subprocess.run(command, capture_output=True, timeout=55, cwd=Path(__file__).parent)
    assert done.returncode == 0, done.stdout.decode()


class SmallDisk:
    """A tmpfs with a file that takes up half of it, so that there is something to free."""

    def __init__(self, path: Path):
        self.path = path
        self.path.mkdir()
        run("mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", self.path)

    def add_ballast(self, size: int = BALLAST_BYTES) -> None:
        with open(self.path / "ballast", "wb") as file:
            os.posix_fallocate(file.fileno(), 0, size)

    def remove_ballast(self) -> None:
        os.unlink(self.path / "ballast")

    def fill_up(self) -> None:
        """Takes every byte that is left, as another process may."""
        with open(self.path / f"filler-{os.urandom(4).hex()}", "ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass
        assert self.free_bytes() == 0

    def free_bytes(self) -> int:
        status = os.statvfs(self.path)
        return status.f_bavail * status.f_frsize

    def close(self) -> None:
        run("umount", self.path, check=False)
        if os.path.ismount(self.path):
            run("umount", "--lazy", self.path)


@pytest.fixture
def disk(tmp_path):
    if not is_root:
        pytest.skip("a tmpfs cannot be mounted; see test_in_a_namespace_of_ones_own")
    try:
        disk = SmallDisk(tmp_path / "disk")
    except AssertionError as error:
        pytest.skip(f"a tmpfs cannot be mounted: {error}")
    try:
        yield disk
    finally:
        disk.close()


@pytest.fixture
def start(disk):
    """Starts a broker on the small disk, with three topics, a committed offset and a member of a group."""
    brokers = []

    def start(**settings):
        more = {name.replace("_", "."): value for name, value in settings.items()}
        broker = Broker({**SETTINGS, **more}, data_directory=disk.path / "data")
        brokers.append(broker)
        return broker.start()

    try:
        yield start
    finally:
        for broker in brokers:
            broker.close()


class Writer:
    """Writes records of every `acks` to every target, and remembers which were acknowledged where."""

    def __init__(self, broker, rng):
        self.broker, self.rng = broker, rng
        self.acknowledged = {target: {} for target in TARGETS}
        self.producers = [
            ck.Producer({
                "bootstrap.servers": broker.address, "acks": acks, "message.send.max.retries": 0, "linger.ms": 0,
                "message.timeout.ms": 10_000, "reconnect.backoff.max.ms": 100, "log_level": 0})
            for acks in ("all", "1")]

    def write(self) -> set[int]:
        """One record to every target with every producer. Returns the codes of the errors."""
        errors = set()

        def delivered(error, message, value):
            if error is not None:
                errors.add(error.code())
                return
            found = self.acknowledged[(message.topic(), message.partition())]
            assert message.offset() not in found, "an offset was given out twice"
            found[message.offset()] = value

        for producer in self.producers:
            for topic, partition in TARGETS:
                value = self.rng.randbytes(VALUE_BYTES)
                producer.produce(
                    topic, value, partition=partition,
                    on_delivery=lambda error, message, value=value: delivered(error, message, value))
            assert producer.flush(20) == 0
        return errors

    def fill(self) -> None:
        """Until nothing is taken any more: by any partition, with any acks, three times in a row."""
        refused, taken = 0, self.count()
        for _ in range(2_000):
            errors = self.write()
            assert errors <= {STORAGE_ERROR}, errors
            refused = refused + 1 if self.count() == taken else 0
            taken = self.count()
            if refused == 3:
                return
        raise AssertionError("the disk does not become full")

    def works(self) -> bool:
        return not self.write()

    def count(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    def check(self, client=None) -> None:
        """Everything acknowledged is there, once, and the offsets have no gaps."""
        for (topic, partition), sent in self.acknowledged.items():
            client = client or Confluent()
            low, high = client.watermarks(self.broker.address, topic, partition)
            found = {
                record.offset: record.value
                for record in client.read(self.broker.address, topic, high - low, partition, low)}
            assert sorted(found) == list(range(low, high))
            assert {offset: value for offset, value in sent.items() if offset >= low} == {
                offset: value for offset, value in found.items() if offset in sent}
            # One that was refused is not there: whatever is there was acknowledged.
            assert len(found) == sum(offset >= low for offset in sent)


def create_topics(broker):
    broker.create_topic("plain", partitions=2)
    broker.create_topic("other")
    broker.create_topic("compacted", cleanup_policy="compact", segment_bytes=65_536, min_cleanable_dirty_ratio="0.01")


def write_keys(broker, rng, count=100):
    """Records of ten keys; returns the last value of each."""
    last = {}
    producer = ck.Producer({"bootstrap.servers": broker.address, "batch.size": 4_000, "log_level": 0})
    for number in range(count):
        last[b"key %d" % (number % 10)] = value = rng.randbytes(2_000)
        producer.produce("compacted", value, b"key %d" % (number % 10))
    assert producer.flush(20) == 0
    return last


def keys(broker):
    client = Confluent()
    low, high = client.watermarks(broker.address, "compacted")
    found, records = {}, client.stream(broker.address, "compacted", 0, low)
    for record in records:
        found[record.key] = record.value
        if record.offset == high - 1:
            records.close()
            return found


def member(broker):
    consumer = Confluent.consumer(
        broker.address, **{"group.id": "live", "auto.offset.reset": "earliest", "session.timeout.ms": 6_000})
    consumer.subscribe(["plain"])
    eventually(lambda: consumer.poll(0.2) and len(consumer.assignment()) == 2, "the member has its partitions")
    return consumer


def commit(consumer, offset) -> int:
    """Returns the offset that was committed before."""
    partition = ck.TopicPartition("plain", 0, offset)
    before = consumer.committed([partition], timeout=10)[0].offset
    assert consumer.commit(offsets=[partition], asynchronous=False)[0].error is None
    return before


def create_error(broker, topic="new") -> ck.KafkaError:
    admin = cka.AdminClient({"bootstrap.servers": broker.address, "log_level": 0})
    [future] = admin.create_topics([cka.NewTopic(topic, 1, 1)], request_timeout=10).values()
    return future.exception(10).args[0]


@pytest.fixture
def full_disk(start, disk, rng):
    """Without a reserve and without a byte: a broker, and what was written to it."""
    broker = start(log_disk_min_free_bytes="0")
    create_topics(broker)
    writer = Writer(broker, rng)
    assert writer.works()
    disk.add_ballast()
    writer.fill()
    disk.fill_up()
    assert writer.write() == {STORAGE_ERROR}
    return broker, writer


def test_a_topic_is_deleted_without_a_byte(full_disk, disk):
    broker, writer = full_disk
    admin = cka.AdminClient({"bootstrap.servers": broker.address})
    admin.delete_topics(["other"], request_timeout=10)["other"].result(10)
    assert disk.free_bytes() > 0
    eventually(lambda: broker.martlet("topic", "create", "other", check=False).returncode == 0, "topics are created again")
    writer.acknowledged[("other", 0)] = {}
    eventually(writer.works, "records are taken again")
    writer.check()
    # What the first deletion has used up is there again for the next one.
    eventually(lambda: (broker.data_directory / "spare").exists(), "space is set aside")
    writer.fill()
    disk.fill_up()
    admin.delete_topics(["other"], request_timeout=10)["other"].result(10)
    del writer.acknowledged[("other", 0)]
    broker.kill9()
    disk.fill_up()
    broker.start()
    assert "other" not in {each["topic"] for each in broker.martlet_json("topic", "list")}
    writer.check()


def test_retention_without_a_byte(full_disk, disk):
    broker, writer = full_disk
    broker.kill9()
    disk.fill_up()
    broker.settings |= {"log.retention.bytes": str(MIB), "log.retention.check.interval.ms": "100"}
    broker.start()
    eventually(lambda: disk.free_bytes() > 0, "what has expired makes room")
    eventually(writer.works, "records are taken again")
    writer.check()
    broker.restart()
    writer.check()
    run(martlet_binary(), "log", "check", broker.data_directory)


def test_what_is_kept_free(start, disk, rng):
    """The default: the broker stops taking records before the disk is full, and goes on with everything else."""
    broker = start()
    create_topics(broker)
    writer = Writer(broker, rng)
    assert writer.works()
    latest = write_keys(broker, rng)
    consumer = member(broker)
    assert commit(consumer, 1) < 0
    disk.add_ballast()
    writer.fill()
    limit = DISK_BYTES // 20
    assert limit // 2 < disk.free_bytes() < limit, "records have left most of the reserve alone"
    with wire.Connection(broker.port) as connection:
        answer = connection.produce("other", wire.batch([b"x"]))
        assert answer.error == STORAGE_ERROR and "log.disk.min.free.bytes" in answer.message
    error = create_error(broker)
    assert error.code() == STORAGE_ERROR and "log.disk.min.free.bytes" in error.str()
    assert broker.martlet("topic", "create", "new", check=False).returncode != 0
    # What takes no room goes on, and commits may use the reserve.
    for client in (Confluent(), KafkaPython(), AIOKafka()):
        writer.check(client)
    assert commit(consumer, 2) == 1
    assert consumer.poll(5) is not None and len(consumer.assignment()) == 2, "the member is still one"
    assert keys(broker) == latest
    begin = "records and new topics are refused"
    assert broker.log().count(begin) == 1, broker.log()
    # Room: first by another process, then by deleting what is stored.
    disk.remove_ballast()
    eventually(writer.works, "records are taken again")
    eventually(lambda: broker.log().count("everything is taken again") == 1, "it is logged")
    broker.create_topic("new")
    disk.add_ballast(disk.free_bytes() - 2 * MIB)
    writer.fill()
    admin = cka.AdminClient({"bootstrap.servers": broker.address})
    admin.delete_topics(["other"], request_timeout=10)["other"].result(10)
    eventually(lambda: Confluent().metadata(broker.address) is not None, "the broker answers")
    del writer.acknowledged[("other", 0)]
    eventually(lambda: disk.free_bytes() > 3 * MIB, "what was deleted makes room")
    eventually(lambda: broker.martlet("topic", "create", "other", check=False).returncode == 0, "topics are created again")
    writer.acknowledged[("other", 0)] = {}
    eventually(writer.works, "records are taken again")
    assert broker.log().count(begin) == 2, broker.log()
    writer.check()
    assert commit(consumer, 3) == 2
    consumer.close()
    broker.kill9()
    broker.start()
    writer.check()
    broker.restart()
    writer.check()
    assert keys(broker) == latest
    run(martlet_binary(), "log", "check", broker.data_directory)


def test_not_a_byte_is_free(start, disk, rng):
    """Without a reserve: what the kernel refuses is refused, by nobody's fault or another process'."""
    broker = start(log_disk_min_free_bytes="0")
    create_topics(broker)
    writer = Writer(broker, rng)
    assert writer.works()
    latest = write_keys(broker, rng)
    consumer = member(broker)
    commit(consumer, 1)
    disk.add_ballast()
    writer.fill()
    disk.fill_up()
    assert writer.write() == {STORAGE_ERROR}
    assert create_error(broker).code() == STORAGE_ERROR
    writer.check()
    assert keys(broker) == latest
    assert len(consumer.assignment()) == 2 and consumer.poll(5) is not None
    assert commit(consumer, 2) == 1, "there is room in what the log had reserved"
    eventually(lambda: broker.log().count("takes no more") == 1, "it is logged")
    # A kill, and a start on the full disk: everything is there.
    for _ in range(2):
        broker.kill9()
        disk.fill_up()
        broker.start()
        writer.check()
        assert keys(broker) == latest
        assert writer.write() <= {STORAGE_ERROR}
    # Deleting records makes the room that it needs itself.
    disk.fill_up()
    _, end = Confluent().watermarks(broker.address, "plain", 0)
    admin = cka.AdminClient({"bootstrap.servers": broker.address})
    [future] = admin.delete_records([ck.TopicPartition("plain", 0, end)], request_timeout=10).values()
    assert future.result(10).low_watermark == end
    assert disk.free_bytes() > 0
    eventually(writer.works, "records are taken again")
    disk.remove_ballast()
    latest |= write_keys(broker, rng)
    assert keys(broker) == latest
    eventually(lambda: commit(consumer, 3) in (2, 3), "commits are taken again", 20)
    consumer.close()
    broker.restart()
    writer.check()
    assert keys(broker) == latest
    run(martlet_binary(), "log", "check", broker.data_directory)
