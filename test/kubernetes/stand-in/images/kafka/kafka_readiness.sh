#!/usr/bin/env bash
# Strimzi asks its agent for the broker's state. This script searches for the log line that marks the same state.
exec grep -qE '\] started|Kafka Server started' /tmp/kafka-started.log
