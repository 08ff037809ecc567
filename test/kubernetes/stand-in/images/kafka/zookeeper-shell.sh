#!/bin/bash
# As Kafka's bin/zookeeper-shell.sh, which is not among its published jars: HOST:PORT COMMAND...
exec java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp '/opt/kafka/libs/*' \
  org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka -server "$@"
