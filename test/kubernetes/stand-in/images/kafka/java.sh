#!/usr/bin/env bash
# Shared by both start scripts, which source this file.

# Optimise for a quick start. Cache names only briefly, because a pod gets another address when it is rolled.
JVM_FLAGS=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Djava.awt.headless=true
  -Dsun.net.inetaddr.ttl=1 -Dsun.net.inetaddr.negative.ttl=0)

# Runs a JVM as a child process and forwards SIGTERM to it. Like Strimzi's `tini -w -e 143`, it treats the exit code of
# a JVM that was stopped by SIGTERM as success, so that the pod ends as Succeeded.
run_java() {
  local child code=0
  java "${JVM_FLAGS[@]}" "$@" &
  child=$!
  trap 'kill -TERM "$child" 2>/dev/null' TERM INT
  while :; do
    wait "$child" && code=0 || code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  [ "$code" -eq 143 ] && code=0
  exit "$code"
}

# class_data NAME: the option for a class-data archive, if the image has it.
class_data() {
  local archive="/opt/kafka/$1.jsa"
  if [ -f "$archive" ]; then echo "-XX:SharedArchiveFile=$archive"; else echo "-Dstand-in.class-data=none"; fi
}
