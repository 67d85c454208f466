"""What arrives at the port, and what stands on the disk, that should not: an answer or a sentence, and nobody else minds."""

import gzip
import os
import socket
import ssl
import struct
import threading
import urllib.error
import urllib.request
from pathlib import Path

import cramjam
import pytest
from aiokafka.record.util import calc_crc32c

import wire
from harness import Broker, eventually, free_port, martlet_binary, run

# Everything that is advertised, with its first flexible version.
FIND_COORDINATOR, FLEXIBLE_API_VERSIONS = 10, 3


@pytest.fixture(autouse=True)
def bystander(request):
    """A well-behaved client that works on a connection of its own all the while; memory stays bounded."""
    if "shared" not in request.fixturenames:
        yield
        return
    broker = request.getfixturevalue("shared")
    topic = f"bystander-{request.node.name.split('[')[0]}"
    if topic not in [each["topic"] for each in broker.martlet_json("topic", "list")]:
        broker.create_topic(topic)
    done, failures, rounds = threading.Event(), [], [0]

    def work():
        try:
            with wire.Connection(broker.port) as connection:
                while not done.is_set():
                    value = b"round %d" % rounds[0]
                    answer = connection.produce(topic, wire.batch([value]))
                    assert answer.error == wire.NONE
                    assert value in connection.fetch(topic, answer.base_offset).records
                    rounds[0] += 1
        except BaseException as error:
            failures.append(error)

    process = broker.process
    thread = threading.Thread(target=work)
    thread.start()
    eventually(lambda: rounds[0] >= 2 or failures, "the bystander works")
    yield
    reached = rounds[0]
    eventually(lambda: rounds[0] >= reached + 2 or failures, "the bystander still works")
    done.set()
    thread.join(10)
    assert not failures, failures
    assert broker.process is process and process.poll() is None
    assert broker.anonymous_bytes() < 200 << 20, f"{broker.anonymous_bytes() >> 20} MB of memory of its own"


@pytest.fixture(scope="module", autouse=True)
def memory(shared):
    before = shared.anonymous_bytes()
    yield
    print(f"memory of its own: {before >> 20} MB before, {shared.anonymous_bytes() >> 20} MB after")


def assert_closed(connection: wire.Connection) -> None:
    assert connection.is_closed_by_peer(), "the stream is lost, so the connection is closed"


def assert_logged(broker: Broker, *words: str) -> None:
    eventually(lambda: all(word in broker.log() for word in words), f"{words} in the log\n{broker.log()}", 3)


# Frames


@pytest.mark.parametrize("key", [999, -1, 32767, 4, 7])
def test_unknown_api(shared, key):
    with wire.Connection(shared.port) as connection:
        connection.send(key, 0, b"")
        assert_closed(connection)


def test_unsupported_versions(shared):
    """ApiVersions is answered with error 35 and the list in format 0 (KIP-511); nothing else can be."""
    with wire.Connection(shared.port) as connection:
        served = connection.api_versions()
    assert len(served) >= 18
    for key, (low, high) in served.items():
        for version in {low - 1, high + 1, 32767, -1}:
            with wire.Connection(shared.port) as connection:
                correlation = connection.send(key, version, b"\0" * 8)
                if key == wire.API_VERSIONS:
                    answer = connection.receive()
                    assert answer.unpack("ih") == (correlation, wire.UNSUPPORTED_VERSION)
                    listed = answer.array(lambda: answer.unpack("hhh"))
                    assert (wire.API_VERSIONS, low, high) in listed
                    assert connection.api_versions() == served, "and the connection goes on"
                else:
                    assert_closed(connection)


def test_produce_below_version_3(shared, topic):
    """0 to 2 are advertised (librdkafka wants to see them) and refused."""
    shared.create_topic(topic)
    with wire.Connection(shared.port) as connection:
        assert connection.api_versions()[wire.PRODUCE][0] == 0
        data = struct.pack(">ii", 0, 61) + wire.batch([b"v"])[:61]
        connection.send(wire.PRODUCE, 2, struct.pack(">hi", 1, 1000) + wire.array([wire.string(topic) + wire.array([data])]))
        try:
            answer = connection.receive()
            answer.unpack("i")
            [(_, [(_, error, _, _)])] = answer.array(
                lambda: (answer.string(), answer.array(lambda: answer.unpack("ihqq"))))
            assert error == wire.UNSUPPORTED_VERSION
        except ConnectionError:
            pass
    assert shared.end_offset(topic) == 0


@pytest.mark.parametrize("size", [-1, -(2**31), 2**31 - 1, 200 << 20, 0, 1, 7])
def test_frame_sizes(shared, size):
    """Negative, far too large, too small for a header: closed at once, without waiting for the rest."""
    with wire.Connection(shared.port) as connection:
        connection.send_raw(struct.pack(">i", size) + b"\0" * max(0, min(size, 16)))
        assert_closed(connection)


def test_huge_frames_that_never_come(shared):
    """Sizes under the limit do not reserve memory before there are bytes."""
    connections = [wire.Connection(shared.port) for _ in range(40)]
    for connection in connections:
        connection.send_raw(struct.pack(">i", 100_000_000) + b"\0\0")
    with wire.Connection(shared.port) as other:
        other.api_versions()
        assert shared.anonymous_bytes() < 200 << 20
    for connection in connections:
        connection.socket.close()


def test_truncated_requests(shared, topic):
    """Every prefix of good requests, sent as a whole frame."""
    shared.create_topic(topic)
    data = struct.pack(">ii", 0, 70) + wire.batch([b"123456789"])[:70]
    produce = wire.string(None) + struct.pack(">hi", -1, 1000) + wire.array([wire.string(topic) + wire.array([data])])
    fetch = struct.pack(">iiiib", -1, 0, 1, 1 << 20, 0) + wire.array(
        [wire.string(topic) + wire.array([struct.pack(">iqi", 0, 0, 1 << 20)])])
    for key, version, body in [(wire.PRODUCE, 8, produce), (wire.FETCH, 4, fetch), (wire.METADATA, 1, wire.array([wire.string(topic)]))]:
        request = struct.pack(">hhi", key, version, 1) + wire.string("x") + body
        for length in range(8, len(request) - 1):
            with wire.Connection(shared.port) as connection:
                connection.send_raw(struct.pack(">i", length) + request[:length])
                assert_closed(connection)


LENGTHS_IN = {
    # What stands in front of an array, for the requests with the deepest ones.
    "metadata": (wire.METADATA, 1, b""),
    "produce-topics": (wire.PRODUCE, 8, wire.string(None) + struct.pack(">hi", 1, 1000)),
    "produce-partitions": (
        wire.PRODUCE, 8, wire.string(None) + struct.pack(">hii", 1, 1000, 1) + wire.string("t")),
    "produce-records": (
        wire.PRODUCE, 8, wire.string(None) + struct.pack(">hii", 1, 1000, 1) + wire.string("t") + struct.pack(">ii", 1, 0)),
    "fetch-topics": (wire.FETCH, 4, struct.pack(">iiiib", -1, 0, 1, 1 << 20, 0)),
    "fetch-partitions": (wire.FETCH, 4, struct.pack(">iiiibi", -1, 0, 1, 1 << 20, 0, 1) + wire.string("t")),
    "list-offsets-topics": (wire.LIST_OFFSETS, 1, struct.pack(">i", -1)),
    "create-topics": (wire.CREATE_TOPICS, 0, b""),
}


@pytest.mark.parametrize("where", LENGTHS_IN)
@pytest.mark.parametrize("count", [-2, 2**31 - 1, 1_000_000, -(2**31)])
def test_array_lengths_that_lie(shared, where, count):
    """No memory for what is not there."""
    key, version, front = LENGTHS_IN[where]
    before = shared.anonymous_bytes()
    with wire.Connection(shared.port) as connection:
        connection.send(key, version, front + struct.pack(">i", count))
        assert_closed(connection)
    assert shared.anonymous_bytes() < before + (16 << 20)


def test_compact_array_lengths_that_lie(shared):
    """The same in a flexible version (Metadata 9), where a length is a varint: 2^31, 2^32 - 1, and one without an end."""
    for length in [b"\x80\x80\x80\x80\x08", b"\xff\xff\xff\xff\x0f", b"\xff" * 12]:
        with wire.Connection(shared.port) as connection:
            request = struct.pack(">hhi", wire.METADATA, 9, 1) + wire.string("x") + b"\0" + length
            connection.send_raw(struct.pack(">i", len(request)) + request)
            assert_closed(connection)


def test_half_a_frame_and_gone(shared):
    for cut in range(1, 20):
        with wire.Connection(shared.port) as connection:
            request = struct.pack(">ihhi", 14, wire.API_VERSIONS, 0, 1) + wire.string("wire")
            connection.send_raw(request[:cut])


def test_random_garbage(shared, rng):
    for round in range(60):
        with wire.Connection(shared.port, seconds=5) as connection:
            try:
                if round % 2:
                    connection.send_raw(rng.randbytes(rng.randrange(4, 4000)))
                else:
                    # A header that is believed, and noise behind it.
                    body = rng.randbytes(rng.randrange(0, 300))
                    connection.send(rng.choice([0, 1, 2, 3, 18, 19, 20, 21, 22, 23, 32, 44, 60, 75]), rng.randrange(14), body)
                connection.socket.shutdown(socket.SHUT_WR)
                assert connection.is_closed_by_peer()
            except (BrokenPipeError, ConnectionResetError):
                pass


def test_http(shared):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://{shared.address}/metrics", timeout=5)
    assert refused.value.code == 400
    assert b"Kafka" in refused.value.read()
    assert_logged(shared, "HTTP")


def test_tls(shared):
    context = ssl.create_default_context()
    with socket.create_connection(("127.0.0.1", shared.port), timeout=5) as plain:
        with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
            context.wrap_socket(plain, server_hostname="localhost")
    assert_logged(shared, "TLS")


def test_lost_streams_are_logged(broker):
    """The line says who, and what was wrong."""
    with wire.Connection(broker.port) as connection:
        connection.send(999, 0, b"")
        assert_closed(connection)
    assert_logged(broker, "127.0.0.1", "API key 999")


# Batches


def lies() -> dict[str, tuple[bytes, set[int]]]:
    good = wire.batch([b"first", b"second"])
    flipped = good[:-1] + bytes([good[-1] ^ 1])
    corrupt = {wire.CORRUPT_MESSAGE}
    invalid = {wire.CORRUPT_MESSAGE, wire.INVALID_RECORD}
    return {
        "wrong-crc": (wire.batch([b"v"], crc=1), corrupt),
        "flipped-bit": (flipped, corrupt),
        "length-too-long": (wire.batch([b"v"], length=1000), corrupt),
        # What is left over reads as a second batch, which is an invalid record.
        "length-too-short": (wire.batch([b"v" * 100], length=60), corrupt | {wire.INVALID_RECORD}),
        "length-negative": (wire.batch([b"v"], length=-1), corrupt),
        "length-zero": (wire.batch([b"v"], length=0), corrupt),
        "cut-in-the-header": (good[:40], corrupt),
        "cut-in-the-records": (good[:-3], corrupt),
        "more-records-than-there-are": (wire.batch([b"a"], count=3, last_delta=2), invalid),
        "fewer-records-than-there-are": (wire.batch([b"a", b"b"], count=1, last_delta=0), invalid),
        "count-and-last-offset-differ": (wire.batch([b"a", b"b"], last_delta=9), invalid),
        "count-negative": (wire.batch([b"a"], count=-1), invalid),
        "count-huge": (wire.batch([b"a"], count=2**31 - 1, last_delta=2**31 - 2), invalid),
        "record-length-lies": (wire.batch([b"a"], payload=wire.varint(1000) + wire.record(b"a")[1:]), invalid),
        "garbage-said-to-be-gzip": (wire.batch([b"a"], attributes=1), invalid),
        "garbage-said-to-be-zstd": (wire.batch([b"a"], attributes=4), invalid),
        "codec-7": (wire.batch([b"a"], attributes=7), invalid | {76}),
        "magic-9": (wire.batch([b"a"], magic=9), invalid | {wire.UNSUPPORTED_VERSION, 43}),
        "control-batch": (wire.batch([b"a"], attributes=0x20), invalid),
        "two-batches": (good + good, {wire.INVALID_RECORD, wire.CORRUPT_MESSAGE}),
        "no-batch": (b"", invalid),
        "no-records": (wire.batch([], count=0, last_delta=-1), invalid),
        "sequence-without-producer": (wire.batch([b"a"], producer_id=5, epoch=0, sequence=-1), invalid),
    }


@pytest.mark.parametrize("lie", lies().keys())
def test_batches_that_lie(shared, topic, lie):
    """Refused with the protocol's error, on a connection that goes on, and nothing of it stored."""
    records, errors = lies()[lie]
    shared.create_topic(topic)
    with wire.Connection(shared.port) as connection:
        answer = connection.produce(topic, records)
        assert answer.error in errors, answer
        answer = connection.produce(topic, wire.batch([b"good"]))
        assert (answer.error, answer.base_offset) == (wire.NONE, 0)
        assert connection.fetch(topic, 0).high_watermark == 1


GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4


def bomb(codec: int) -> bytes:
    """Up to a few MB that would be 4 GB; 250 MB with snappy, which cannot do more."""
    zeros = bytes(64 << 20)
    if codec == GZIP:
        return gzip.compress(zeros, 9) * 64
    if codec == LZ4:
        return bytes(cramjam.lz4.compress(zeros)) * 64
    if codec == ZSTD:
        return bytes(cramjam.zstd.compress(zeros)) * 64
    block = bytes(cramjam.snappy.compress_raw(zeros[: 1 << 20]))
    # As the Java clients frame it: a magic, two versions, blocks with their sizes in front.
    return b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1) + (struct.pack(">i", len(block)) + block) * 250


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4, ZSTD])
def test_bombs(shared, topic, codec):
    """Not unpacked beyond decompressed.batch.max.bytes where the broker has to unpack, in memory that stays below twice that."""
    shared.create_topic(topic, max_message_bytes=50_000_000, compression_type="zstd" if codec == GZIP else "gzip")
    records, peak, done = bomb(codec), [0], threading.Event()
    assert len(records) < 20 << 20
    # The checksum of Python is too slow for them.
    batch = wire.batch([], attributes=codec, payload=records, count=1, last_delta=0, crc=0)
    batch = batch[:17] + struct.pack(">I", calc_crc32c(batch[21:])) + batch[21:]

    def watch():
        while not done.wait(0.002):
            peak[0] = max(peak[0], shared.anonymous_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with wire.Connection(shared.port, seconds=60) as connection:
            answer = connection.produce(topic, batch)
            assert answer.error in {wire.CORRUPT_MESSAGE, wire.INVALID_RECORD, wire.MESSAGE_TOO_LARGE}, answer
            assert connection.produce(topic, wire.batch([b"good"])).base_offset == 0
    finally:
        done.set()
        watcher.join()
    assert peak[0] < 300 << 20, f"{peak[0] >> 20} MB"


def test_a_snappy_length_that_lies(shared, topic):
    """A raw snappy block says in front what it becomes: 4 GiB are not reserved for a few bytes."""
    shared.create_topic(topic, compression_type="lz4")
    with wire.Connection(shared.port) as connection:
        records = b"\xff\xff\xff\xff\x0f" + b"\0" * 20
        answer = connection.produce(topic, wire.batch([], attributes=SNAPPY, payload=records, count=1, last_delta=0))
        assert answer.error in {wire.CORRUPT_MESSAGE, wire.INVALID_RECORD, wire.MESSAGE_TOO_LARGE}, answer
        assert shared.anonymous_bytes() < 300 << 20


# Wrong names and places


def test_wrong_topics_and_partitions(shared, topic):
    shared.create_topic(topic)
    good = wire.batch([b"v"])
    with wire.Connection(shared.port) as connection:
        for name in ["no-such-topic", "", "a b", "../../etc", "x" * 300]:
            assert connection.produce(name, good).error in {wire.UNKNOWN_TOPIC_OR_PARTITION, 17}, name
            assert connection.fetch(name, 0).error in {wire.UNKNOWN_TOPIC_OR_PARTITION, 17}, name
        for partition in [1, -1, 2**31 - 1, -(2**31)]:
            assert connection.produce(topic, good, partition).error == wire.UNKNOWN_TOPIC_OR_PARTITION
            assert connection.fetch(topic, 0, partition).error == wire.UNKNOWN_TOPIC_OR_PARTITION
        assert connection.produce(topic, good).error == wire.NONE
        for offset in [2, -1, -2, 2**63 - 1, -(2**63)]:
            assert connection.fetch(topic, offset).error == wire.OFFSET_OUT_OF_RANGE, offset
        end = connection.fetch(topic, 1)
        assert (end.error, end.records) == (wire.NONE, b""), "the end of the log is no error"


@pytest.mark.parametrize("acks", [2, -2, 100])
def test_invalid_acks(shared, topic, acks):
    shared.create_topic(topic)
    with wire.Connection(shared.port) as connection:
        assert connection.produce(topic, wire.batch([b"v"]), acks=acks).error == 21
        assert connection.produce(topic, wire.batch([b"v"])).base_offset == 0


def test_oversized(shared, topic):
    shared.create_topic(topic, max_message_bytes=1000)
    with wire.Connection(shared.port) as connection:
        answer = connection.produce(topic, wire.batch([b"x" * 2000]))
        assert answer.error == wire.MESSAGE_TOO_LARGE
        assert connection.produce(topic, wire.batch([b"x" * 500])).error == wire.NONE


def test_refused_without_acks(shared, topic):
    """acks=0 cannot be told; the connection is closed so that the client notices (as Kafka does), or goes on."""
    shared.create_topic(topic)
    with wire.Connection(shared.port) as connection:
        body = wire.batch([b"v"], crc=1)
        data = struct.pack(">ii", 0, len(body)) + body
        connection.send(wire.PRODUCE, 8, wire.string(None) + struct.pack(">hi", 0, 1000) + wire.array(
            [wire.string(topic) + wire.array([data])]))
        assert_closed(connection)
    assert shared.end_offset(topic) == 0


def test_unknown_fetch_session(shared):
    with wire.Connection(shared.port) as connection:
        assert connection.fetch_session_error(12345, 1) == wire.FETCH_SESSION_ID_NOT_FOUND
        assert connection.fetch_session_error(0, -1) == wire.NONE


def test_reader_that_does_not_read(shared, topic):
    """Asks for megabytes again and again and never takes them: queued replies are bounded."""
    shared.create_topic(topic, max_message_bytes=2_000_000)
    with wire.Connection(shared.port) as connection:
        for _ in range(4):
            assert connection.produce(topic, wire.batch([], payload=wire.record(b"x" * 900_000), count=1, last_delta=0)).error == 0
        body = struct.pack(">iiiib", -1, 0, 1, 1 << 24, 0) + wire.array(
            [wire.string(topic) + wire.array([struct.pack(">iqi", 0, 0, 1 << 24)])])
        connection.socket.settimeout(0.5)
        try:
            for _ in range(3000):
                connection.send(wire.FETCH, 4, body)
        except TimeoutError:
            pass
        assert shared.anonymous_bytes() < 100 << 20


# Start


def serve(*arguments, seconds=15, directory: Path | None = None, port: int | None = None):
    """`martlet serve` that is expected to end by itself: (exit code, what it said)."""
    listeners = f"listeners=PLAINTEXT://127.0.0.1:{port or free_port()}"
    done = run(
        martlet_binary(), "serve", "--data-dir", directory, "--set", listeners, *arguments, check=False, seconds=seconds)
    text = done.stderr.decode()
    assert "Fatal" not in text and "crashed" not in text, text
    return done.returncode, text


def one_sentence(text: str) -> str:
    """What a person reads last: one line that begins with `error: `."""
    lines = [line for line in text.splitlines() if line.startswith(("error: ", "Error: "))]
    assert len(lines) == 1, text
    return lines[0]


def test_second_process(broker):
    code, text = serve(directory=broker.data_directory)
    assert code == 1
    assert str(broker.data_directory) in one_sentence(text) and "nother" in text
    assert broker.martlet("topic", "list").returncode == 0, "the first one goes on"


def test_port_in_use(broker, tmp_path):
    code, text = serve(directory=tmp_path / "data", port=broker.port)
    assert code == 1
    assert str(broker.port) in one_sentence(text) and "in use" in text


def test_data_directory_is_a_file(tmp_path):
    (tmp_path / "file").write_text("hello")
    for path in [tmp_path / "file", tmp_path / "file" / "below"]:
        code, text = serve(directory=path)
        assert code == 1
        assert str(tmp_path / "file") in one_sentence(text)
    assert (tmp_path / "file").read_text() == "hello"


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_read_only_directory(tmp_path):
    tmp_path.chmod(0o500)
    try:
        code, text = serve(directory=tmp_path / "data")
        assert code == 1 and str(tmp_path) in one_sentence(text)
    finally:
        tmp_path.chmod(0o700)


def test_read_only_for_root_too():
    code, text = serve(directory="/proc/martlet")
    assert code == 1 and "/proc/martlet" in one_sentence(text)


@pytest.mark.parametrize("setting, words", [
    ("num.partitions=x", ["num.partitions", "x"]),
    ("num.partitions=0", ["num.partitions", "0"]),
    ("log.retention.ms=yesterday", ["log.retention.ms", "yesterday"]),
    ("compression.type=brotli", ["compression.type", "brotli"]),
    ("no.such.setting=1", ["no.such.setting"]),
    ("listeners=http://127.0.0.1:1", ["listeners"]),
    ("listeners=PLAINTEXT://127.0.0.1:70000", ["70000"]),
    ("nothing", ["nothing"]),
])
def test_invalid_settings(tmp_path, setting, words):
    code, text = serve("--set", setting, directory=tmp_path / "data")
    assert code in {1, 2}
    assert all(word in text for word in words), text
    assert not (tmp_path / "data").exists() or not any((tmp_path / "data").iterdir()), "nothing was touched"


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "garbage"])
def test_damaged_catalogue(broker, topic, damage):
    """A start that would forget topics does not happen: it says which file, and touches nothing."""
    broker.create_topic(topic)
    broker.stop()
    catalogue = broker.data_directory / "catalogue"
    good = catalogue.read_bytes()
    bad = {
        "flipped": good[:30] + bytes([good[30] ^ 1]) + good[31:], "cut": good[:-10], "empty": b"",
        "garbage": b"\xff\0" * 100}[damage]
    catalogue.write_bytes(bad)
    code, text = serve(directory=broker.data_directory)
    assert code == 1
    assert "catalogue" in one_sentence(text)
    assert catalogue.read_bytes() == bad
    catalogue.write_bytes(good)
    broker.start()
    assert broker.martlet_json("topic", "list")[0]["topic"] == topic
