#!/usr/bin/env bash
# Makes class-data archives, so that a pod starts in half the time. Each server is started once, with nothing in it, and
# stopped when it serves. Without an archive the pods only start later.
set -u
. /opt/kafka/java.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 0
libs='/opt/kafka/libs/*'
printf 'log4j.rootLogger=INFO, C\nlog4j.appender.C=org.apache.log4j.ConsoleAppender\nlog4j.appender.C.layout=org.apache.log4j.PatternLayout\nlog4j.appender.C.layout.ConversionPattern=%%d{ISO8601} %%p %%m (%%c) [%%t]%%n\n' > log4j.properties
log4j=-Dlog4j.configuration=file:$folder/log4j.properties

# start NAME LINE ARGUMENT...: until its log has the line.
start() {
  local name=$1 line=$2
  shift 2
  java "${JVM_FLAGS[@]}" -Xmx320m -XX:ArchiveClassesAtExit="/opt/kafka/$name.jsa" "$log4j" -cp "$libs" "$@" > "$name.log" 2>&1 &
  echo $! > "$name.pid"
  timeout 60 grep -qE -m1 "$line" <(tail -n +1 -F "$name.log" 2>/dev/null) || echo "no class data of $name: it did not start"
}
stop() { kill -TERM "$(< "$1.pid")" 2>/dev/null; wait "$(< "$1.pid")"; }

printf 'tickTime=2000\ninitLimit=5\nsyncLimit=2\ndataDir=%s/zk\nclientPort=12181\nadmin.enableServer=false\nstandaloneEnabled=false\nreconfigEnabled=true\nserver.1=127.0.0.1:2888:3888\n' "$folder" > zookeeper.properties
mkdir zk
echo 1 > zk/myid
start zookeeper 'LEADING - LEADER ELECTION|broadcast' -Dzookeeper.audit.enable=true org.apache.zookeeper.server.quorum.QuorumPeerMain zookeeper.properties

# The quorum that the broker in migration mode finds is not there: what it loads at its start does not depend on it.
printf 'broker.id=0\nlisteners=CONTROLPLANE-9090://127.0.0.1:9190,PLAIN-9092://127.0.0.1:9192\nlistener.security.protocol.map=CONTROLPLANE-9090:PLAINTEXT,PLAIN-9092:PLAINTEXT\ninter.broker.listener.name=PLAIN-9092\ncontrol.plane.listener.name=CONTROLPLANE-9090\ncontroller.listener.names=CONTROLPLANE-9090\ncontroller.quorum.voters=1@127.0.0.1:9290\nzookeeper.metadata.migration.enable=true\nzookeeper.connect=127.0.0.1:12181\nlog.dirs=%s/broker\nlog.cleaner.dedupe.buffer.size=2097152\n' "$folder" > broker.properties
start zookeeper-broker '\] started' kafka.Kafka broker.properties
stop zookeeper-broker
stop zookeeper

printf 'node.id=1\nprocess.roles=broker,controller\nlisteners=CONTROLPLANE-9090://127.0.0.1:9290,PLAIN-9092://127.0.0.1:9292\nlistener.security.protocol.map=CONTROLPLANE-9090:PLAINTEXT,PLAIN-9092:PLAINTEXT\ninter.broker.listener.name=PLAIN-9092\ncontroller.listener.names=CONTROLPLANE-9090\ncontroller.quorum.voters=1@127.0.0.1:9290\nlog.dirs=%s/kraft\nlog.cleaner.dedupe.buffer.size=2097152\n' "$folder" > kraft.properties
java "${JVM_FLAGS[@]}" -XX:ArchiveClassesAtExit=/opt/kafka/storage-tool.jsa "$log4j" -cp "$libs" kafka.tools.StorageTool format -t=AAAAAAAAAAAAAAAAAAAAAA -c=kraft.properties -g > format.log 2>&1
start kraft 'Kafka Server started' kafka.Kafka kraft.properties
stop kraft
for log in *.log; do if ! [ -f "/opt/kafka/${log%.log}.jsa" ] && [ "$log" != format.log ]; then tail -5 "$log"; fi; done
chmod 644 /opt/kafka/*.jsa 2>/dev/null
ls -la /opt/kafka/*.jsa
exit 0
