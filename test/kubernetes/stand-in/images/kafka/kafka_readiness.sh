#!/usr/bin/env bash
# Strimzi asks its agent for the broker's state; here the line that comes with it is looked for.
exec grep -qE '\] started|Kafka Server started' /tmp/kafka-started.log
