#!/bin/bash
# zookeeper-shell.sh HOST:PORT COMMAND...: like Kafka's bin/zookeeper-shell.sh, which is not in its published jars.
exec java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp '/opt/kafka/libs/*' \
  org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka -server "$@"
