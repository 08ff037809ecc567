#!/usr/bin/env bash
# Checks that ZooKeeper serves requests and does not only listen: then `srvr` reports a mode.
exec 3<> /dev/tcp/127.0.0.1/12181 || exit 1
printf srvr >&3
grep -q '^Mode: ' <&3
