"""The martlet command as a person (text) and a script (--json, exit codes) use it, and with kcat on the other side."""

import json
import os
import socket
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

import wire
from client_kcat import Kcat
from harness import eventually, free_port, martlet_binary, run
from records import CODECS, Record, contents, murmur2_partition, sample

DONE, REFUSED, USAGE, CANNOT_CONNECT, TIMED_OUT = 0, 1, 2, 3, 4


def martlet(*arguments, input=None, seconds=30):
    """(exit code, standard output, standard error)"""
    done = run(martlet_binary(), *arguments, input=input, check=False, seconds=seconds)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def said(broker, *arguments, code=DONE, input=None) -> str:
    """Standard output; with another code than 0, the one sentence on standard error."""
    got, out, error = martlet(*arguments, "--bootstrap-server", broker.address, input=input)
    assert got == code, (got, out, error)
    if code == DONE:
        return out
    assert out == "" and error.startswith("error: "), (out, error)
    return error


# Topics


def test_topic_life(shared, topic):
    text = said(shared, "topic", "create", topic, "-p", 3, "-c", "retention.ms=1234567")
    assert topic in text and "3 partitions" in text
    assert topic in said(shared, "topic", "list")
    assert "TOPIC_ALREADY_EXISTS" in said(shared, "topic", "create", topic, code=REFUSED)
    said(shared, "topic", "create", topic, "--if-not-exists")
    described = said(shared, "topic", "describe", topic)
    assert "1234567" in described and "PARTITION" in described
    said(shared, "topic", "alter", topic, "--set", "retention.ms=99", "--set", "segment.bytes=1048576")
    configs = {each["name"]: each["value"] for each in shared.martlet_json("topic", "describe", topic)["configs"]}
    assert configs == {"retention.ms": "99", "segment.bytes": "1048576"}
    said(shared, "topic", "alter", topic, "--unset", "retention.ms")
    configs = {each["name"]: each["value"] for each in shared.martlet_json("topic", "describe", topic)["configs"]}
    assert configs == {"segment.bytes": "1048576"}
    said(shared, "topic", "add-partitions", topic, "-p", 5)
    assert "5" in said(shared, "topic", "add-partitions", topic, "-p", 4, code=REFUSED)
    assert len(shared.martlet_json("topic", "describe", topic)["partitions"]) == 5
    assert shared.martlet_json("topic", "delete", topic, "--yes") == {"deleted": [topic]}
    assert "UNKNOWN_TOPIC_OR_PARTITION" in said(shared, "topic", "delete", topic, "--yes", code=REFUSED)
    said(shared, "topic", "delete", topic, "--yes", "--if-exists")
    assert topic not in said(shared, "topic", "list")


def test_topic_json(shared, topic):
    created = shared.martlet_json("topic", "create", topic, "-p", "2")
    assert created["topic"] == topic and created["created"] is True and created["partitions"] == 2
    listed = {each["topic"]: each for each in shared.martlet_json("topic", "list")}
    assert listed[topic]["id"] == created["id"]
    shared.martlet("produce", topic, input=b"a\nb\nc\n")
    partitions = shared.martlet_json("topic", "describe", topic)["partitions"]
    assert [each["partition"] for each in partitions] == [0, 1]
    assert sum(each["end_offset"] for each in partitions) == 3
    assert sum(each["size_bytes"] for each in partitions) > 0


@pytest.mark.parametrize("arguments, words", [
    (["b b"], ["INVALID_TOPIC_EXCEPTION", "b b"]),
    ([".."], ["INVALID_TOPIC_EXCEPTION"]),
    (["x" * 250], ["INVALID_TOPIC_EXCEPTION", "249"]),
    (["ok", "-c", "foo=1"], ["INVALID_CONFIG", "foo"]),
    (["ok", "-c", "retention.ms=x"], ["INVALID_CONFIG", "retention.ms"]),
    (["ok", "--replication-factor", "4"], ["INVALID_REPLICATION_FACTOR"]),
])
def test_topic_refused(shared, arguments, words):
    error = said(shared, "topic", "create", *arguments, code=REFUSED)
    assert all(word in error for word in words), error
    assert "ok" not in [each["topic"] for each in shared.martlet_json("topic", "list")]


def test_validate_only(shared, topic):
    said(shared, "topic", "create", topic, "--validate-only")
    assert topic not in said(shared, "topic", "list")
    shared.create_topic(topic)
    said(shared, "topic", "alter", topic, "--set", "retention.ms=1", "--validate-only")
    assert shared.martlet_json("topic", "describe", topic)["configs"] == []
    said(shared, "topic", "add-partitions", topic, "-p", 2, "--validate-only")
    assert len(shared.martlet_json("topic", "describe", topic)["partitions"]) == 1


# Produce and consume, and kcat


@pytest.mark.parametrize("codec", CODECS)
def test_kcat_reads_what_martlet_wrote(shared, topic, rng, codec):
    shared.create_topic(topic, partitions=4)
    records = sample(rng, 200)
    lines = b"".join(record.key + b"|" + record.value + b"\n" for record in records)
    summary = shared.martlet_json("produce", topic, "-K", "|", "-z", codec, "-H", "h=1", input=lines)
    assert summary["records"] == 200
    for partition in range(4):
        expected = [
            (record.key, record.value, (("h", b"1"),))
            for record in records if murmur2_partition(record.key, 4) == partition]
        assert contents(Kcat().read(shared.address, topic, len(expected), partition)) == expected
        if expected:
            assert {batch["compression"] for batch in shared.batches(topic, partition)} <= {codec, "none"}


@pytest.mark.parametrize("codec", CODECS)
def test_martlet_reads_what_kcat_wrote(shared, topic, rng, codec):
    shared.create_topic(topic)
    records = [Record(record.key, record.value, (("h", b"1"), ("n", None))) for record in sample(rng, 200)]
    Kcat().produce(shared.address, topic, records, codec=codec)
    lines = [json.loads(line) for line in said(shared, "consume", topic, "--json").splitlines()]
    assert [line["offset"] for line in lines] == list(range(200))
    assert {(line["topic"], line["partition"]) for line in lines} == {(topic, 0)}
    assert [(line["key"].encode(), line["value"].encode()) for line in lines] == [
        (record.key, record.value) for record in records]
    assert all(line["headers"] == [{"key": "h", "value": "1"}, {"key": "n", "value": None}] for line in lines)
    found = [record.timestamp for record in Kcat().read(shared.address, topic, 200)]
    assert [line["timestamp"] for line in lines] == found


def test_consume_ranges(shared, topic):
    shared.create_topic(topic, partitions=2)
    for partition in range(2):
        with wire.Connection(shared.port) as connection:
            for number in range(10):
                connection.produce(
                    topic, wire.batch([b"p%d-%d" % (partition, number)], timestamp=1_700_000_000_000 + number * 1000),
                    partition)
    lines = lambda *arguments: said(shared, "consume", topic, *arguments).splitlines()
    assert sorted(lines()) == sorted(f"p{p}-{n}" for p in range(2) for n in range(10))
    assert lines("-p", 1) == [f"p1-{n}" for n in range(10)]
    assert lines("-p", 0, "--offset", 7) == ["p0-7", "p0-8", "p0-9"]
    assert lines("-p", 0, "-c", 2) == ["p0-0", "p0-1"]
    assert lines("-p", 0, "--offset", 3, "-c", 1) == ["p0-3"]
    assert lines("-p", 1, "--timestamp", 1_700_000_007_500) == ["p1-8", "p1-9"]
    assert lines("-p", 1, "--timestamp", "2023-11-14T22:13:29Z") == ["p1-9"]
    assert lines("-p", 0, "-c", 1, "--format", r"%t|%p|%o|%T|%D|%k|%K|%v|%V|%h|%%\n") == [
        f"{topic}|0|0|1700000000000|2023-11-14T22:13:20.000Z||-1|p0-0|4||%"]


def test_consume_follow(shared, topic):
    """--follow prints what comes, until it has its count; --from-end starts behind what is there."""
    shared.create_topic(topic)
    shared.martlet("produce", topic, input=b"old\n")
    follower = subprocess.Popen(
        [martlet_binary(), "consume", topic, "--follow", "-c", "3", "--bootstrap-server", shared.address],
        stdout=subprocess.PIPE)
    assert follower.stdout.readline() == b"old\n"
    for line in [b"one\n", b"two\n"]:
        shared.martlet("produce", topic, input=line)
        assert follower.stdout.readline() == line
    assert follower.wait(10) == 0
    follower.stdout.close()


def test_empty_and_null(shared, topic):
    shared.create_topic(topic)
    shared.martlet("produce", topic, "-K", ":", input=b"k:\n:v\nline\n\n")
    shared.martlet("produce", topic, "-K", ":", "--empty-as-null", input=b"k:\n:v\n")
    lines = [json.loads(line) for line in said(shared, "consume", topic, "--json").splitlines()]
    assert [(line["key"], line["value"]) for line in lines] == [
        ("k", ""), ("", "v"), (None, "line"), (None, ""), ("k", None), (None, "v")]


def test_bytes_that_are_no_text(shared, topic, rng):
    """Any bytes without the separators go in; JSON gives them as Base64, the plain output unchanged."""
    import base64

    shared.create_topic(topic)
    value = bytes(byte for byte in range(256) if byte not in b"\n")
    shared.martlet("produce", topic, input=value + b"\n")
    [line] = [json.loads(line) for line in said(shared, "consume", topic, "--json").splitlines()]
    assert base64.b64decode(line["value_base64"]) == value
    assert shared.martlet("consume", topic).stdout == value + b"\n"


def test_produce_from_a_file_to_a_partition(shared, topic, tmp_path):
    shared.create_topic(topic, partitions=3)
    (tmp_path / "lines").write_bytes(b"one\ntwo\nno newline at the end")
    said(shared, "produce", topic, "-f", tmp_path / "lines", "-p", 2, "--acks", "1")
    assert [shared.end_offset(topic, partition) for partition in range(3)] == [0, 0, 3]
    said(shared, "produce", topic, "-f", tmp_path / "missing", code=REFUSED)
    said(shared, "produce", topic, "-p", 9, code=REFUSED, input=b"x\n")


def test_too_large_to_produce(shared, topic):
    shared.create_topic(topic, max_message_bytes=1000)
    error = said(shared, "produce", topic, code=REFUSED, input=b"x" * 5000 + b"\n")
    assert "MESSAGE_TOO_LARGE" in error or "max.message.bytes" in error


def test_missing_topic(shared):
    assert "does not exist" in said(shared, "consume", "no-such-topic", code=REFUSED)
    said(shared, "topic", "describe", "no-such-topic", code=REFUSED)
    said(shared, "topic", "alter", "no-such-topic", "--set", "retention.ms=1", code=REFUSED)
    said(shared, "topic", "add-partitions", "no-such-topic", "-p", 3, code=REFUSED)


def test_output_into_a_closed_pipe(shared, topic):
    shared.create_topic(topic)
    shared.martlet("produce", topic, input=b"line\n" * 50_000)
    command = f"{martlet_binary()} consume {topic} --bootstrap-server {shared.address} | head -1"
    done = subprocess.run(command, shell=True, capture_output=True, timeout=30)
    assert done.stdout == b"line\n" and b"Fatal" not in done.stderr


# No broker there


@contextmanager
def listener(behave):
    """Something else that listens: `behave(socket)` is called for each connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        kept = []

        def accept():
            try:
                while True:
                    peer, _ = server.accept()
                    kept.append(peer)
                    behave(peer)
            except OSError:
                pass

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for peer in kept:
                peer.close()


COMMANDS = [["topic", "list"], ["topic", "create", "t"], ["consume", "t"], ["produce", "t"]]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: "-".join(command))
def test_nothing_listens(command):
    address = f"127.0.0.1:{free_port()}"
    code, out, error = martlet(*command, "--bootstrap-server", address, input=b"x\n")
    assert code == CANNOT_CONNECT and out == ""
    assert error.startswith(f"error: cannot connect to {address}: nothing listens there"), error


def test_unknown_host():
    code, _, error = martlet("topic", "list", "--bootstrap-server", "no-such-host.invalid:9092")
    assert code == CANNOT_CONNECT and "no-such-host.invalid" in error


def test_a_tls_port():
    """A TLS server answers plain text with an alert; the sentence says what that means."""
    with listener(lambda peer: (peer.recv(1000), peer.sendall(b"\x15\x03\x03\x00\x02\x02\x0a"))) as address:
        code, _, error = martlet("topic", "list", "--bootstrap-server", address)
    assert code == CANNOT_CONNECT and "TLS" in error, error


def test_an_http_port():
    answer = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    with listener(lambda peer: (peer.recv(1000), peer.sendall(answer))) as address:
        code, _, error = martlet("topic", "list", "--bootstrap-server", address)
    assert code == CANNOT_CONNECT and "HTTP" in error, error


def test_a_port_that_hangs_up():
    with listener(lambda peer: peer.close()) as address:
        code, _, error = martlet("topic", "list", "--bootstrap-server", address)
    assert code == CANNOT_CONNECT and address in error, error


def test_a_port_that_says_nothing():
    with listener(lambda peer: None) as address:
        code, _, error = martlet("topic", "list", "--bootstrap-server", address, "--timeout", 1)
    assert code == TIMED_OUT and address in error, error


@pytest.mark.parametrize("arguments", [
    ["topic", "create"], ["nonsense"], ["produce"], ["consume"], ["topic", "list", "--no-such-option"],
    ["topic", "list", "--bootstrap-server", "localhost:99999"], ["produce", "t", "-z", "brotli"],
    ["produce", "t", "--acks", "7"], ["consume", "t", "--offset", "x"], ["consume", "t", "--timestamp", "yesterday"],
    ["topic", "create", "t", "-c", "novalue"], ["log", "dump"], ["topic", "add-partitions", "t"],
])
def test_usage(arguments):
    code, out, error = martlet(*arguments, input=b"")
    assert code == USAGE and out == "", (code, out, error)
    assert error.startswith(("error: ", "Error: ")), error


# Settings, logs, version


def test_config_print(tmp_path):
    (tmp_path / "server.properties").write_text("# a comment\nnum.partitions=4\nlog.retention.ms = 1000\n")
    environment = {**os.environ, "MARTLET_LOG_SEGMENT_BYTES": "2000000", "MARTLET_NUM_PARTITIONS": "5"}
    command = [
        martlet_binary(), "config", "print", "--config", tmp_path / "server.properties", "--set", "node.id=7", "--json"]
    settings = {
        each["name"]: each
        for each in json.loads(subprocess.run(command, env=environment, capture_output=True, timeout=30).stdout)}
    assert settings["node.id"]["value"] == "7" and settings["node.id"]["source"] == "flag"
    assert settings["num.partitions"]["value"] == "5", "the environment goes before the file"
    assert settings["log.retention.ms"]["value"] == "1000"
    assert settings["log.segment.bytes"]["value"] == "2000000"
    assert settings["message.max.bytes"] == {"name": "message.max.bytes", "value": "1048588", "source": "default"}
    code, text, _ = martlet("config", "print")
    assert code == DONE and text.splitlines()[0].split() == ["SETTING", "VALUE", "SOURCE"]
    code, text, _ = martlet("config", "print", "--changed", "--set", "num.partitions=3", "--json")
    assert [each["name"] for each in json.loads(text)] == ["num.partitions"]


def test_version():
    code, text, _ = martlet("version")
    assert code == DONE and text.startswith("martlet ")
    assert json.loads(martlet("version", "--json")[1])["version"] in text
    assert martlet("--version")[1].strip() in text


def test_log_dump_and_check(broker, topic):
    """Of a running and of a stopped broker; damage is found and named."""
    broker.create_topic(topic)
    broker.martlet("produce", topic, "-K", ":", "-z", "gzip", input=b"k:v\n" * 100)
    broker.martlet("produce", topic, input=b"plain\n")
    directory = broker.data_directory / f"{topic}-0"
    segment = directory / "00000000000000000000.log"
    for running in [True, False]:
        code, text, error = martlet("log", "check", broker.data_directory)
        assert code == DONE and "all good" in text, (text, error)
        dump = martlet("log", "dump", segment, "--records", "--json")[1].splitlines()
        batches = [json.loads(line) for line in dump if "base_offset" in json.loads(line)]
        assert sum(batch["record_count"] for batch in batches) == 101
        assert batches[-1]["records"][0]["value"] == "plain"
        assert "gzip" in martlet("log", "dump", directory)[1]
        if running:
            broker.stop()
    data = bytearray(segment.read_bytes())
    data[70] ^= 1
    segment.write_bytes(data)
    code, text, error = martlet("log", "check", broker.data_directory)
    assert code == REFUSED and segment.name in text + error
    findings = json.loads(martlet("log", "check", "--json", broker.data_directory)[1])["findings"]
    assert findings
    code, _, error = martlet("log", "dump", broker.data_directory / "nothing")
    assert code == REFUSED and error.startswith("error: ")


def test_log_check_repair(broker, topic):
    """Damage of a stopped broker is moved out and kept; clients read past the gap."""
    broker.create_topic(topic)
    for number in range(10):
        broker.martlet("produce", topic, input=f"value {number}\n".encode())
    code, _, error = martlet("log", "check", "--repair", broker.data_directory)
    assert code == REFUSED and "Stop it first" in error
    assert martlet("log", "check", "--dry-run", broker.data_directory)[0] == USAGE
    broker.stop()
    segment = broker.data_directory / f"{topic}-0" / "00000000000000000000.log"
    data = bytearray(segment.read_bytes())
    data[data.index(b"value 4")] ^= 1
    segment.write_bytes(data)
    (broker.data_directory / "catalogue").write_bytes(b"nonsense")
    code, text, _ = martlet("log", "check", "--repair", "--dry-run", broker.data_directory)
    assert code == REFUSED and "would be moved out" in text and "would be replaced" in text
    assert segment.read_bytes() == data
    code, text, error = martlet("log", "check", "--repair", "--json", broker.data_directory)
    assert code == DONE, (text, error)
    report = json.loads(text)
    steps = {step["action"]: step for step in report["steps"]}
    assert set(steps) == {"moved_out", "replaced"} and not report["dry_run"]
    assert b"value 4" not in (kept := Path(steps["moved_out"]["kept_as"]).read_bytes()) and b"alue 4" in kept
    assert "Lost are the settings" in steps["replaced"]["message"]
    assert martlet("log", "check", "--repair", broker.data_directory)[1].rstrip().endswith("nothing to repair")
    assert "all good" in martlet("log", "check", broker.data_directory)[1]
    broker.start()
    broker.martlet("produce", topic, input=b"value 10\n")
    lines = broker.martlet("consume", topic, "--format", "%o %v\\n").stdout.decode().splitlines()
    assert lines == [f"{number} value {number}" for number in range(11) if number != 4]
