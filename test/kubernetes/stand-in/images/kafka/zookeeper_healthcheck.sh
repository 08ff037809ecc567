#!/usr/bin/env bash
# Serving requests, not only listening: `srvr` tells a mode then.
exec 3<> /dev/tcp/127.0.0.1/12181 || exit 1
printf srvr >&3
grep -q '^Mode: ' <&3
