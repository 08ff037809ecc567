#!/usr/bin/env bash
# What both start scripts share. Sourced.

# Start quickly rather than run long; look a name up anew soon, because a pod that is rolled has another address.
JVM_FLAGS=(-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Djava.awt.headless=true
  -Dsun.net.inetaddr.ttl=1 -Dsun.net.inetaddr.negative.ttl=0)

# Runs a JVM as a child and hands SIGTERM on to it. Like Strimzi's `tini -w -e 143` it takes the exit code of a JVM that
# was told to stop for success, so that the pod ends as Succeeded.
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

# Classes that an earlier start has loaded, if the image has them: class_data NAME.
class_data() {
  local archive="/opt/kafka/$1.jsa"
  if [ -f "$archive" ]; then echo "-XX:SharedArchiveFile=$archive"; else echo "-Dstand-in.class-data=none"; fi
}
