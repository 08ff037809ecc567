#!/usr/bin/env bash
# Starts a ZooKeeper container like Strimzi 0.45.1 (zookeeper_run.sh, zookeeper_config_generator.sh). Difference: one
# plain-text listener on 12181 serves the pod itself, as in Strimzi, and also the clients in the cluster, through the
# service's port 2181. In Strimzi they use TLS.
set -euo pipefail
. /opt/kafka/java.sh

name=${HOSTNAME%-*}
id=$((${HOSTNAME##*-} + 1))
domain="$name-nodes.$(awk '/^search/ { print $2 }' /etc/resolv.conf)"
nodes=$(< /opt/kafka/custom-config/zookeeper.node-count)

data=/var/lib/zookeeper/data
mkdir -p "$data"
echo "$id" > "$data/myid"
{
  echo "$ZOOKEEPER_CONFIGURATION"
  echo "dataDir=$data"
  echo 'clientPort=12181'
  echo '4lw.commands.whitelist=*'
  echo 'standaloneEnabled=false'
  echo 'reconfigEnabled=true'
  # A pod may get requests before its own name can be resolved.
  echo 'quorumListenOnAllIPs=true'
  for ((node = 0; node < nodes; node++)); do
    echo "server.$((node + 1))=$name-$node.$domain:2888:3888:participant"
  done
} > /tmp/zookeeper.properties

# shellcheck disable=SC2086
run_java -Xms64m -Xmx192m "$(class_data zookeeper)" -Dzookeeper.skipACL=yes -Dzookeeper.forceSync=no \
  -Dzookeeper.jmx.log4j.disable=true \
  ${STRIMZI_JAVA_SYSTEM_PROPERTIES:-} -Dlog4j.configuration=file:/opt/kafka/custom-config/log4j.properties \
  -cp '/opt/kafka/libs/*' org.apache.zookeeper.server.quorum.QuorumPeerMain /tmp/zookeeper.properties
