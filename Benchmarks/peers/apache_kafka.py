"""Apache Kafka: a distribution whose path KAFKA_HOME gives, one node in KRaft mode."""

import os

from peer import KafkaPeer, Missing, free_port


class ApacheKafka(KafkaPeer):
    title = "Apache Kafka"
    cached = "acks=1: in the page cache; survives a killed process"
    durable = "acks=all with flush.messages=1"

    def __init__(self, tools, directory, durable=False):
        super().__init__(tools, directory)
        home = os.environ.get("KAFKA_HOME")
        if not home:
            raise Missing("KAFKA_HOME=(an unpacked distribution)")
        controller = free_port()
        self.version = os.path.basename(os.path.normpath(home)).split("-")[-1]
        properties = os.path.join(directory, "server.properties")
        settings = {
            "process.roles": "broker,controller", "node.id": 1, "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}", "controller.listener.names": "CONTROLLER",
            "log.dirs": os.path.join(directory, "data"), "offsets.topic.replication.factor": 1,
            "file.delete.delay.ms": 1000, "log.segment.delete.delay.ms": 1000,
        }
        if durable:
            settings["log.flush.interval.messages"] = 1
        with open(properties, "w") as file:
            file.writelines(f"{name}={value}\n" for name, value in settings.items())
        environment = dict(os.environ, LOG_DIR=os.path.join(directory, "logs"))
        identity = self.run(os.path.join(home, "bin", "kafka-storage.sh"), "random-uuid").strip()
        self.run(os.path.join(home, "bin", "kafka-storage.sh"), "format", "-t", identity, "-c", properties)
        self.start([os.path.join(home, "bin", "kafka-server-start.sh"), properties], environment)
        self.wait_until_it_listens(seconds=120)
        self.settle()
