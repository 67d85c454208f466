"""A member of a group through confluent-kafka, as a process of its own, in either group protocol.

    consumer_protocol_member.py '{"address": …, "group": …, "topics": […], "protocol": "consumer", …}'

It prints one JSON line for everything that happens, and commits what it has printed:
    {"assigned": [[topic, partition], …]}     what it owns from now on
    {"record": [topic, partition, offset]}
    {"error": "…"}
SIGTERM: it leaves and ends with exit code 0.
"""

import json
import signal
import sys

import confluent_kafka as ck

stopping = False


def stop(*_) -> None:
    global stopping
    stopping = True


def say(**what) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(options: dict) -> None:
    signal.signal(signal.SIGTERM, stop)
    settings = {
        "bootstrap.servers": options["address"], "group.id": options["group"], "group.protocol": options["protocol"],
        "auto.offset.reset": "earliest", "enable.auto.commit": False, "reconnect.backoff.ms": 20,
        "reconnect.backoff.max.ms": 200, "retry.backoff.ms": 20, "log_level": 0}
    if options["protocol"] == "classic":
        settings |= {
            "session.timeout.ms": 6000, "heartbeat.interval.ms": 200, "partition.assignment.strategy": options["strategy"]}
    elif options.get("assignor"):
        settings["group.remote.assignor"] = options["assignor"]
    if options.get("instance"):
        settings["group.instance.id"] = options["instance"]
    consumer = ck.Consumer(settings)
    consumer.subscribe(options["topics"])
    said = None
    while not stopping:
        message = consumer.poll(0.05)
        owned = sorted([each.topic, each.partition] for each in consumer.assignment())
        if owned != said:
            said = owned
            say(assigned=owned)
        if message is None:
            continue
        if message.error():
            say(error=str(message.error()))
            continue
        say(record=[message.topic(), message.partition(), message.offset()])
        try:
            consumer.commit(message=message, asynchronous=False)
        except ck.KafkaException as error:
            # The partition may be on its way to another member, which reads the record again.
            say(error=str(error))
    consumer.close()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
