#!/usr/bin/env bash
# Starts a Kafka container as Strimzi 0.45.1 does (docker-images/kafka-based/kafka/scripts/kafka_run.sh:67-109 and
# kraft_utils.sh:10-30), with the ConfigMap that the operator mounts. Differences: plain text instead of TLS, no agent,
# and the timings of stand-in.properties.
set -euo pipefail
. /opt/kafka/java.sh

config=/opt/kafka/custom-config
state=$(< "$config/metadata.state")
properties=/tmp/strimzi.properties

sed -E \
  -e '/^listener\.name\..*\.ssl\./d' -e '/^ssl\./d' -e '/^zookeeper\.(ssl\.|clientCnxnSocket)/d' \
  -e '/^config\.providers/d' -e '/^sasl\.enabled\.mechanisms/d' \
  -e '/^listener\.security\.protocol\.map=/s/:SSL/:PLAINTEXT/g' \
  "$config/server.config" > "$properties"
cat /opt/kafka/stand-in.properties >> "$properties"

# The readiness probe searches for the line that shows that the server has started.
started=/tmp/kafka-started.log
rm -f "$started"
{
  cat "$config/log4j.properties"
  echo
  echo 'log4j.appender.STARTED=org.apache.log4j.FileAppender'
  echo "log4j.appender.STARTED.File=$started"
  echo 'log4j.appender.STARTED.layout=org.apache.log4j.PatternLayout'
  echo 'log4j.appender.STARTED.layout.ConversionPattern=%m%n'
  echo 'log4j.logger.kafka.server.KafkaServer=INFO, STARTED'
  echo 'log4j.logger.kafka.server.KafkaRaftServer=INFO, STARTED'
} > /tmp/log4j.properties

role=broker
grep -q '^process.roles=.*controller' "$properties" && role=controller
kraft=false
if [ "$role" = controller ] && [ "$state" -ge 1 ]; then kraft=true; fi
if [ "$role" = broker ] && [ "$state" -ge 3 ]; then kraft=true; fi

logs=$(sed -n 's/^log\.dirs=//p' "$properties")
mkdir -p "$logs"
metadata="$logs/__cluster_metadata-0"
java_arguments=(-Dlog4j.configuration=file:/tmp/log4j.properties -cp '/opt/kafka/libs/*')

if [ "$kraft" = true ]; then
  # -g does not format a folder again. This check avoids starting a JVM only for that.
  if [ ! -f "$logs/meta.properties" ]; then
    echo "Formatting Kafka storage"
    java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "$(class_data storage-tool)" "${java_arguments[@]}" kafka.tools.StorageTool format \
      -t="$(< "$config/cluster.id")" -r="$(< "$config/metadata.version")" -c="$properties" -g
  fi
  rm -f "$metadata/quorum-state"
elif [ "$state" -eq 0 ] && [ -d "$metadata" ]; then
  echo "Removing the KRaft metadata log $metadata"
  rm -rf "$metadata"
fi

archive=zookeeper-broker
if [ "$kraft" = true ]; then archive=kraft; fi
# shellcheck disable=SC2086
run_java ${KAFKA_HEAP_OPTS:--Xms128m -Xmx320m} "$(class_data $archive)" ${STRIMZI_JAVA_SYSTEM_PROPERTIES:-} \
  "${java_arguments[@]}" kafka.Kafka "$properties"
