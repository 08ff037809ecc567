#!/bin/bash
# kafka-topics.sh and the like, by the name that it is called by: like Kafka's bin/, which is not in its published jars.
set -euo pipefail
case $(basename "$0") in
  kafka-topics.sh) class=org.apache.kafka.tools.TopicCommand ;;
  kafka-configs.sh) class=kafka.admin.ConfigCommand ;;
  kafka-get-offsets.sh) class=org.apache.kafka.tools.GetOffsetShell ;;
  kafka-console-producer.sh) class=kafka.tools.ConsoleProducer ;;
  *) echo "$0: there is no such tool" >&2; exit 1 ;;
esac
exec java -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -cp '/opt/kafka/libs/*' "$class" "$@"
