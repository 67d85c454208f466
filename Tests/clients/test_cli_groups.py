"""The commands for groups and `martlet consume --group` as a person and a script use them, against groups of real clients."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from contextlib import contextmanager

import confluent_kafka as ck
import kafka
import pytest

from client_confluent import Confluent
from harness import Broker, eventually, free_port, martlet_binary
from records import CODECS, Record
from test_cli import CANNOT_CONNECT, REFUSED, USAGE, martlet, said

SETTINGS = {
    "group.initial.rebalance.delay.ms": "0", "group.consumer.min.heartbeat.interval.ms": "200",
    "group.consumer.heartbeat.interval.ms": "200"}


@pytest.fixture(scope="module")
def shared():
    broker = Broker(SETTINGS)
    try:
        yield broker.start()
    finally:
        broker.close()


@pytest.fixture
def group(topic) -> str:
    return f"g-{topic}"


@pytest.fixture
def own():
    """A broker that a test restarts."""
    broker = Broker(SETTINGS)
    try:
        yield broker.start()
    finally:
        broker.close()


def described(broker, group, *options) -> dict:
    [found] = broker.martlet_json("group", "describe", group, *options)
    return found


def commit(broker, group, topic, offsets: dict[int, int], metadata: str = "") -> None:
    """As a client that is no member commits."""
    consumer = Confluent.consumer(broker.address, **{"group.id": group})
    consumer.commit(
        offsets=[ck.TopicPartition(topic, partition, offset, metadata) for partition, offset in offsets.items()],
        asynchronous=False)
    consumer.close()


def committed(broker, group, topic) -> dict[int, int]:
    rows = described(broker, group)["partitions"]
    return {row["partition"]: row["committed_offset"] for row in rows if row["topic"] == topic}


def fill(broker, topic, records=10, partitions=2, age_seconds=0, codec="none") -> list[Record]:
    """A topic with so many records in each partition, a second apart, the last of them so old."""
    broker.create_topic(topic, partitions=partitions)
    now = int(time.time() * 1000)
    made = [
        Record(None, b"p%d-%d" % (partition, number), timestamp=now - 1000 * (age_seconds + records - 1 - number),
               partition=partition)
        for partition in range(partitions) for number in range(records)]
    Confluent().produce(broker.address, topic, made, codec=codec)
    return made


@contextmanager
def confluent_member(broker, group, topic, **options):
    consumer = Confluent.consumer(
        broker.address, **{"group.id": group, "client.id": "app", "auto.offset.reset": "earliest", **options})
    consumer.subscribe([topic])
    consumer.poll(0)
    try:
        yield consumer
    finally:
        consumer.close()


@contextmanager
def kafka_python_member(broker, group, topic):
    consumer = kafka.KafkaConsumer(
        topic, bootstrap_servers=broker.address, group_id=group, client_id="app", auto_offset_reset="earliest",
        enable_auto_commit=False)
    try:
        yield consumer
    finally:
        consumer.close()


@contextmanager
def process(*command, stdout=subprocess.PIPE):
    """Ctrl-C ends it; whoever wants its exit code waits for it."""
    running = subprocess.Popen([str(part) for part in command], stdout=stdout, stderr=subprocess.PIPE)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.send_signal(signal.SIGINT)
        try:
            running.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
            raise


def kcat_member(broker, group, topic):
    return process("kcat", "-b", broker.address, "-X", "client.id=app", "-G", group, topic)


def martlet_member(broker, group, topic, *options, **more):
    return process(
        martlet_binary(), "consume", topic, "--group", group, "--follow", *options, "-b", broker.address, **more)


MEMBERS = {
    "confluent": confluent_member, "kafka-python": kafka_python_member, "kcat": kcat_member,
    "martlet": martlet_member}


# What there is not


def test_no_groups(own):
    assert said(own, "group", "list").split() == ["GROUP", "TYPE", "STATE", "PROTOCOL"]
    assert own.martlet_json("group", "list") == [] == own.martlet_json("group", "describe", "--all")
    assert said(own, "group", "describe", "--all") == ""
    for command in [
            ["describe", "none"], ["describe", "none", "--watch"], ["delete", "none", "--yes"],
            ["delete-offsets", "none", "--topic", "t", "--yes"]]:
        error = said(own, "group", *command, code=REFUSED)
        assert '"none"' in error and "does not exist, see `martlet group list`" in error
    assert "name topics with --topic" in said(
        own, "group", "reset-offsets", "none", "--all-topics", "--to-latest", code=REFUSED)
    error = said(own, "group", "reset-offsets", "none", "--topic", "t", "--to-latest", code=REFUSED)
    assert '"t" does not exist, see `martlet topic list`' in error
    assert "martlet topic create t" in said(own, "consume", "t", "--group", "g", code=REFUSED)
    said(own, "group", "delete", "none", "--yes", "--if-exists")
    assert own.martlet_json("group", "list") == []


@pytest.mark.parametrize("command", [
    ["group", "list"], ["group", "describe", "g"], ["group", "describe", "g", "--watch"], ["group", "delete", "g", "-y"],
    ["group", "reset-offsets", "g", "--topic", "t", "--to-latest"], ["consume", "t", "--group", "g"],
    ["group", "delete-offsets", "g", "--topic", "t", "-y"]], ids=" ".join)
def test_nothing_listens(command):
    address = f"127.0.0.1:{free_port()}"
    code, out, error = martlet(*command, "-b", address)
    assert code == CANNOT_CONNECT and out == ""
    assert error.startswith(f"error: cannot connect to {address}: nothing listens there"), error


@pytest.mark.parametrize("arguments", [
    ["describe"], ["describe", "g", "--all"], ["describe", "g", "--watch", "0"], ["list", "--state", "asleep"],
    ["reset-offsets", "g", "--to-latest"], ["reset-offsets", "g", "--topic", "t"], ["delete"], ["delete", "g"],
    ["reset-offsets", "g", "--topic", "t", "--to-latest", "--to-earliest"], ["delete-offsets", "g"],
    ["reset-offsets", "g", "--topic", "t:x", "--to-latest"]], ids=" ".join)
def test_usage(shared, arguments):
    code, out, error = martlet("group", *arguments, "-b", shared.address, input=b"")
    assert code == USAGE and out == "" and error.startswith("error: "), (code, out, error)


# Members


@pytest.mark.parametrize("member", MEMBERS)
def test_a_group_with_a_member(shared, topic, group, member):
    """It is listed and described; what would change it is refused with a way out, and works when the member has left."""
    fill(shared, topic, partitions=3)
    with MEMBERS[member](shared, group, topic) as running:
        def is_stable():
            if member == "confluent":
                running.poll(0)
            if member == "kafka-python":
                # It loses an assignment that arrives just after a poll has timed out.
                running.poll(1000)
            # A member that does not know the topic yet is first given nothing, in a group that is stable.
            return group in said(shared, "group", "list", "--state", "stable") and all(
                each["assignment"] for each in described(shared, group)["members"])
        eventually(is_stable, "the group is stable", seconds=20)
        assert {"group": group, "type": "classic", "state": "Stable", "protocol": "consumer"}.items() <= next(
            each for each in shared.martlet_json("group", "list", "--type", "classic") if each["group"] == group).items()
        assert group not in said(shared, "group", "list", "--state", "Empty")
        found = described(shared, group)
        assert (found["state"], found["type"], found["assignor"]) == ("Stable", "classic", "range")
        [one] = found["members"]
        assert one["client"] == ("martlet-cli" if member == "martlet" else "app") and "127.0.0.1" in one["host"]
        assert one["assignment"] == [{"topic": topic, "partition": number} for number in range(3)]
        assert {row["member"] for row in found["partitions"]} == {one["member"]}
        text = said(shared, "group", "describe", group)
        assert f"{topic}:0-2" in text and "members      1\n" in text and "METADATA" not in text
        reset = ["group", "reset-offsets", group, "--topic", topic, "--to-latest"]
        assert "is Stable and has 1 member" in said(shared, *reset, code=REFUSED)
        code, out, error = martlet(*reset, "--dry-run", "-b", shared.address)
        assert code == 0 and out.count(topic) == 3 and error.startswith("warning: ") and "dry run" in error
        assert "NON_EMPTY_GROUP: it has members. Stop its consumers first" in said(
            shared, "group", "delete", group, "--yes", code=REFUSED)
        if committed(shared, group, topic)[0] is not None:
            assert "GROUP_SUBSCRIBED_TO_TOPIC" in said(
                shared, "group", "delete-offsets", group, "--topic", topic, "--yes", code=REFUSED)
    eventually(lambda: described(shared, group)["state"] == "Empty", "the member has left")
    said(shared, *reset)
    assert committed(shared, group, topic) == {0: 10, 1: 10, 2: 10}
    assert shared.martlet_json("group", "delete", group, "--yes") == {"deleted": [group]}
    assert group not in said(shared, "group", "list")


def test_a_group_of_the_consumer_protocol(shared, topic, group):
    """KIP-848: epochs, assignor, and what each member has and is to have."""
    fill(shared, topic, partitions=4)
    new = {"group.protocol": "consumer"}
    with confluent_member(shared, group, topic, **new) as first, confluent_member(shared, group, topic, **new) as second:
        def settled():
            # The first has to let go of its half before the second gets it.
            first.poll(0.1)
            second.poll(0.1)
            found = described(shared, group)
            halves = sorted(len(each["assignment"]) for each in found["members"])
            return found["state"] == "Stable" and halves == [2, 2] and found
        found = eventually(settled, "both members have their half", seconds=30)
        assert group in said(shared, "group", "list", "--type", "consumer", "--state", "stable")
        assert group not in said(shared, "group", "list", "--type", "classic")
        assert found["type"] == "consumer" and found["assignor"] == "uniform"
        assert found["epoch"] == found["assignment_epoch"] >= 2
        for each in found["members"]:
            assert each["epoch"] == found["epoch"] and each["target"] == each["assignment"]
        text = said(shared, "group", "describe", group)
        assert re.search(r"^MEMBER +CLIENT +HOST +EPOCH +TARGET +PARTITIONS$", text, re.M), text
        assert f"epoch        {found['epoch']} (assignment {found['epoch']})\n" in text
        assert "has 2 members" in said(
            shared, "group", "reset-offsets", group, "--topic", topic, "--to-latest", code=REFUSED)
        assert "NON_EMPTY_GROUP" in said(shared, "group", "delete", group, "--yes", code=REFUSED)
    eventually(lambda: described(shared, group)["state"] == "Empty", "the members have left")
    said(shared, "group", "reset-offsets", group, "--topic", topic, "--to-offset", 3)
    with confluent_member(shared, group, topic, **new) as consumer:
        assert eventually(lambda: consumer.poll(0.1), "a record").offset() == 3
    eventually(lambda: described(shared, group)["state"] == "Empty", "the member has left")
    said(shared, "group", "delete", group, "--yes")
    assert group not in said(shared, "group", "list")


# Lag


@pytest.mark.parametrize("codec", CODECS)
def test_lag(shared, topic, group, codec):
    """In records as confluent-kafka computes it, in time by the timestamps of the records."""
    made = fill(shared, topic, records=50, partitions=3, age_seconds=3600, codec=codec)
    shared.martlet("topic", "add-partitions", topic, "-p", 4)
    offsets = {0: 7, 1: 50, 2: 0, 3: 0}
    commit(shared, group, topic, offsets, metadata="by hand")
    before = time.time()
    found = described(shared, group)
    after = time.time()
    consumer = Confluent.consumer(shared.address, **{"group.id": group})
    total = 0
    for row, position in zip(
            found["partitions"], consumer.committed([ck.TopicPartition(topic, number) for number in range(4)]), strict=True):
        low, high = consumer.get_watermark_offsets(position, timeout=10)
        assert (row["start_offset"], row["committed_offset"], row["end_offset"]) == (low, position.offset, high)
        # confluent-kafka sends the zero behind the text, too.
        assert row["lag"] == high - position.offset and row["lost"] == 0 and row["metadata"].rstrip("\0") == "by hand"
        total += row["lag"]
        if row["lag"] == 0:
            assert row["lag_seconds"] == 0
        else:
            oldest = made[50 * row["partition"] + row["committed_offset"]].timestamp / 1000
            assert before - oldest - 0.002 <= row["lag_seconds"] <= after - oldest + 0.002
    consumer.close()
    assert found["lag"] == total == 93 and found["members"] == []
    assert found["lag_seconds"] == max(row["lag_seconds"] for row in found["partitions"])
    text = said(shared, "group", "describe", group)
    assert "lag          93 records, 1 h" in text and "METADATA" in text and "MEMBER" not in text


def test_lag_of_what_is_gone(shared, topic, group):
    """Records that were deleted, an offset beyond the end, a topic that was deleted."""
    fill(shared, topic, records=10)
    commit(shared, group, topic, {0: 2, 1: 99})
    admin = kafka.KafkaAdminClient(bootstrap_servers=shared.address)
    admin.delete_records({kafka.TopicPartition(topic, 0): 5})
    admin.close()
    first, second = described(shared, group)["partitions"]
    assert (first["start_offset"], first["lag"], first["lost"]) == (5, 5, 3)
    assert (second["lag"], second["lag_seconds"]) == (0, 0)
    text = said(shared, "group", "describe", group)
    assert f"note: {topic}-0: 3 records were deleted before" in text
    assert f"note: {topic}-1: the committed offset is beyond the end" in text
    shared.martlet("topic", "delete", topic, "--yes")
    eventually(lambda: described(shared, group)["partitions"] == [], "the offsets went with the topic")
    assert "note: nothing is committed\n" in said(shared, "group", "describe", group)
    shared.create_topic(topic)
    assert "has committed no offsets of" in said(
        shared, "group", "delete-offsets", group, "--topic", topic, "--yes", code=REFUSED)


def test_many_partitions(shared, topic, group):
    shared.create_topic(topic, partitions=300)
    out = said(shared, "group", "reset-offsets", group, "--topic", topic, "--to-latest").splitlines()
    assert len(out) == 301 and out[0].split() == ["TOPIC", "PARTITION", "BEFORE", "AFTER", "NOTE"]
    shared.martlet("produce", topic, "-p", 123, input=b"one\ntwo\n")
    rows = described(shared, group)["partitions"]
    assert [row["partition"] for row in rows] == list(range(300))
    assert {row["partition"]: row["lag"] for row in rows if row["lag"]} == {123: 2}
    assert said(shared, "consume", topic, "--group", group).splitlines() == ["one", "two"]
    assert described(shared, group)["lag"] == 0


# Changing what is committed


def test_reset_offsets(shared, topic, group):
    """Each form: what it says it was and is, what a dry run leaves alone, and where the next consumer goes on."""
    made = fill(shared, topic, records=20, age_seconds=600)
    iso = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(made[8].timestamp / 1000 + 1))

    def reset(*how, what=topic, options=()):
        rows = shared.martlet_json("group", "reset-offsets", group, "--topic", what, *how, *options)["partitions"]
        assert {row["topic"] for row in rows} == {topic}
        return {row["partition"]: (row["before"], row["after"]) for row in rows}

    assert reset("--to-latest", options=["--dry-run"]) == {0: (None, 20), 1: (None, 20)}
    assert group not in said(shared, "group", "list")
    code, _, error = martlet("group", "reset-offsets", group, "--topic", topic, "--to-latest", "-b", shared.address)
    assert code == 0 and "did not exist before" in error
    forms = [
        (["--to-earliest"], 0), (["--to-latest"], 20), (["--to-current"], 20), (["--shift-by", "-3"], 17),
        (["--shift-by", "2"], 19), (["--to-offset", "5"], 5), (["--to-timestamp", iso], 9),
        (["--to-timestamp", made[11].timestamp], 11), (["--by-duration", "1h"], 0), (["--by-duration", "PT1M"], 20),
        (["--to-offset", "99"], 20), (["--shift-by", "-99"], 0), (["--to-offset", "13"], 13)]
    before = 20
    for how, after in forms:
        assert reset(*how, options=["--dry-run"]) == reset(*how) == {0: (before, after), 1: (before, after)}, how
        assert committed(shared, group, topic) == {0: after, 1: after}
        before = after
    assert reset("--to-earliest", what=f"{topic}:1") == {1: (13, 0)}
    assert said(shared, "group", "reset-offsets", group, "--all-topics", "--shift-by", 1).splitlines()[1:] == [
        f"{topic}          0      13     14", f"{topic}          1       0      1"]
    with confluent_member(shared, group, topic) as consumer:
        first = {}
        while len(first) < 2:
            record = eventually(lambda: consumer.poll(0.1), "a record")
            first.setdefault(record.partition(), record.value())
        assert first == {0: b"p0-14", 1: b"p1-1"}
    reset("--to-offset", "18")
    assert sorted(said(shared, "consume", topic, "--group", group).splitlines()) == [
        f"p{partition}-{number}" for partition in range(2) for number in (18, 19)]
    assert "has no partition 7: it has 2" in said(
        shared, "group", "reset-offsets", group, "--topic", f"{topic}:7", "--to-latest", code=REFUSED)


def test_delete_offsets(shared, topic, group):
    fill(shared, topic, partitions=3)
    commit(shared, group, topic, {0: 1, 1: 2, 2: 3})
    gone = shared.martlet_json("group", "delete-offsets", group, "--topic", f"{topic}:0-1", "--yes")
    assert [(each["partition"], each["offset"]) for each in gone["deleted"]] == [(0, 1), (1, 2)]
    assert committed(shared, group, topic) == {2: 3}
    assert f"{topic}-2" in said(shared, "group", "delete-offsets", group, "--topic", topic, "--yes")
    assert committed(shared, group, topic) == {}
    code, out, error = martlet("group", "delete", group, "none", "--yes", "-b", shared.address)
    assert (code, out) == (REFUSED, f'deleted group "{group}"\n') and '"none": GROUP_ID_NOT_FOUND' in error


# consume --group


def test_consume_goes_on_where_it_stopped(shared, topic, group):
    fill(shared, topic, records=10, partitions=1)
    lines = lambda *options: said(shared, "consume", topic, "--group", group, *options).splitlines()
    assert lines("-c", 3) == ["p0-0", "p0-1", "p0-2"]
    assert committed(shared, group, topic) == {0: 3}
    assert [json.loads(line)["offset"] for line in lines("--json", "-c", 2)] == [3, 4]
    assert lines() == [f"p0-{number}" for number in range(5, 10)]
    assert lines() == []
    other = f"{group}-2"
    with martlet_member(shared, other, topic, "--from-end") as member:
        eventually(lambda: other in said(shared, "group", "list", "--state", "stable"), "it has joined")
        eventually(lambda: committed(shared, other, topic) == {0: 10}, "its start is committed")
        shared.martlet("produce", topic, input=b"new\n")
        assert member.stdout.readline() == b"new\n"
        member.send_signal(signal.SIGINT)
        assert member.wait(10) == 0
    assert committed(shared, other, topic) == {0: 11} and described(shared, other)["state"] == "Empty"


def test_consume_into_a_closed_pipe(shared, topic, group):
    """`| head` ends it quietly; what nobody has taken is printed again."""
    shared.create_topic(topic)
    numbers = [str(number) for number in range(100_000)]
    shared.martlet("produce", topic, input="".join(line + "\n" for line in numbers).encode())
    command = f"{martlet_binary()} consume {topic} --group {group} --follow -b {shared.address} | head -2"
    done = subprocess.run(command, shell=True, capture_output=True, timeout=30)
    assert (done.stdout, done.stderr) == (b"0\n1\n", b"")
    found = described(shared, group)
    assert found["state"] == "Empty" and found["lag"] > 0
    rest = said(shared, "consume", topic, "--group", group).splitlines()
    assert rest == numbers[100_000 - found["lag"]:]


def test_consume_while_the_broker_restarts_and_is_killed(own, topic, group):
    own.create_topic(topic, partitions=3)
    sent = []

    def send(count):
        lines = [str(len(sent) + number) for number in range(count)]
        own.martlet("produce", topic, input="".join(line + "\n" for line in lines).encode())
        sent.extend(lines)

    with open(own.root / "out", "wb+") as out, martlet_member(own, group, topic, stdout=out) as member:
        printed = lambda: set((own.root / "out").read_text().split())
        send(100)
        eventually(lambda: printed() >= set(sent), "the first records are printed")
        own.restart()
        send(100)
        eventually(lambda: printed() >= set(sent), "records are printed after a restart", seconds=20)
        own.kill9()
        own.start()
        send(100)
        eventually(lambda: printed() >= set(sent), "records are printed after a crash", seconds=20)
        member.send_signal(signal.SIGINT)
        assert member.wait(10) == 0
    assert printed() == set(sent)
    found = described(own, group)
    assert (found["state"], found["lag"]) == ("Empty", 0)


# Again and again


def test_rates(shared, topic, group):
    """--watch --json gives one array a line; the rates are what was committed and produced in between."""
    fill(shared, topic, records=100, partitions=1)
    commit(shared, group, topic, {0: 10})
    watch = ["group", "describe", group, "--watch", "0.2", "--json", "-b", shared.address]
    with process(martlet_binary(), *watch) as watching:
        [first] = json.loads(watching.stdout.readline())
        assert first["lag"] == 90 and "committed_per_second" not in first
        commit(shared, group, topic, {0: 50})
        shared.martlet("produce", topic, input=b"new\n" * 20)
        while True:
            [later] = json.loads(watching.stdout.readline())
            if later["lag"] == 70:
                break
        seconds = (later["timestamp"] - first["timestamp"]) / 1000
        assert later["committed_per_second"] == pytest.approx(40 / seconds, rel=0.1)
        assert later["produced_per_second"] == pytest.approx(20 / seconds, rel=0.1)
        assert later["catch_up_seconds"] == pytest.approx(70 / (20 / seconds), rel=0.1)
        assert later["partitions"][0]["catch_up_seconds"] == later["catch_up_seconds"]
        watching.send_signal(signal.SIGINT)
        assert watching.wait(10) == 0
    text = said(shared, "group", "describe", group, "--rate", "0.2")
    assert "rates        0.0 records/s committed, 0.0 records/s produced\ncatches up   never\n" in text
    assert "COMMITTED/S  PRODUCED/S  CATCHES UP" in text


def test_watch_on_a_terminal(own, topic, group):
    """Redrawn in place, waits for a broker that restarts, gives the terminal back on Ctrl-C."""
    fill(own, topic, records=3, partitions=1)
    commit(own, group, topic, {0: 1})
    controller, terminal = pty.openpty()
    watching = subprocess.Popen(
        [martlet_binary(), "group", "describe", group, "--watch", "0.2", "-b", own.address],
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
    os.close(terminal)
    seen = b""

    def shows(text: bytes):
        nonlocal seen

        def read():
            nonlocal seen
            if select.select([controller], [], [], 0.05)[0]:
                seen += os.read(controller, 65536)
            return text in seen
        eventually(read, f"the terminal shows {text}", every=0)
        seen = seen[seen.index(text) + len(text):]

    try:
        shows(b"\x1b[?1049h")
        shows(b"lag          2 records")
        own.martlet("produce", topic, input=b"new\n")
        shows(b"lag          3 records")
        own.stop()
        shows(b"warning: waiting for the broker: ")
        own.start()
        own.martlet("produce", topic, input=b"new\n")
        shows(b"lag          4 records")
        watching.send_signal(signal.SIGINT)
        shows(b"\x1b[?1049l")
        assert watching.wait(10) == 0
        assert b"warning" not in seen and b"4 records" in seen
    finally:
        watching.kill()
        watching.wait()
        os.close(controller)
