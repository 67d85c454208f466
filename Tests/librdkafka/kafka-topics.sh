#!/bin/sh
# What librdkafka's tests call as $KAFKA_PATH/bin/kafka-topics.sh: Kafka's arguments, handed to `martlet topic`.
set -eu
configs=""
while [ $# -gt 0 ]; do
	case $1 in
	--create | --delete | --alter) action=${1#--} && shift && continue ;;
	--bootstrap-server) server=$2 ;;
	--topic) topic=$2 ;;
	--partitions) partitions=$2 ;;
	--replication-factor) ;;
	--config) configs="$configs --config $2" ;;
	*) echo "kafka-topics.sh: $1 is not known" >&2 && exit 2 ;;
	esac
	shift 2
done
case $action in
# Settings hold no blanks: they may be split.
create) exec "$MARTLET_BIN" topic create "$topic" -b "$server" --partitions "$partitions" $configs ;;
delete) exec "$MARTLET_BIN" topic delete "$topic" --yes -b "$server" ;;
alter) exec "$MARTLET_BIN" topic add-partitions "$topic" -b "$server" --partitions "$partitions" ;;
esac
