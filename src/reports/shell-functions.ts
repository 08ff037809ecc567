import { ZOOKEEPER_SHELL } from '../strimzi/shell.js';

/**
 * The bash functions that scripts of `kubectlScript` use; each command names a namespace. Sources: Kafka's tools and
 * `zookeeper-shell.sh` in Strimzi's image (0.45.1 `docker-images/kafka-based/kafka/Dockerfile`), the listener 12181 on
 * ZooKeeper's own loopback address (`zookeeper_config_generator.sh`), the names of containers and of the bootstrap
 * service (`KafkaCluster.java`, `KafkaResources.java`), the operator's labels
 * (`060-Deployment-strimzi-cluster-operator.yaml`) and its log line at the end of a pass (`AbstractOperator.java`).
 */
const FUNCTIONS: Readonly<Record<string, string>> = {
  wait_for_state: `
# The state in the status of the Kafka resource.
wait_for_state() {
  kubectl -n "$namespace" wait kafka/CLUSTER --for=jsonpath='{.status.kafkaMetadataState}'="$1" --timeout=30m
}`,
  wait_for_passes: `
# Waits until the operator has reconciled the cluster so many times. A pass that runs while a pool is deleted waits for
# minutes for its pods.
wait_for_passes() {
  local passes=0 line
  while ((passes < $1)) && IFS= read -r -t 900 line; do
    if [[ $line == *"Kafka($namespace/CLUSTER): reconciled"* ]]; then passes=$((passes + 1)); fi
  done < <(kubectl -n "$operator_namespace" logs deployment/strimzi-cluster-operator --tail=0 --follow)
  kill "$!" 2> /dev/null || true
  if ((passes < $1)); then
    echo "The operator has not reconciled CLUSTER $1 times." >&2
    return 1
  fi
}`,
  wait_for_pod: `
# A pod that the operator makes, or makes again.
wait_for_pod() {
  kubectl -n "$namespace" wait "pod/$1" --for=create --timeout=15m
  kubectl -n "$namespace" wait "pod/$1" --for=condition=Ready --timeout=15m
}`,
  wait_until_gone: `
wait_until_gone() {
  kubectl -n "$namespace" wait "$1" --for=delete --timeout=15m
}`,
  wait_for_restarts: String.raw`
# A container that has ended by itself so many times.
wait_for_restarts() {
  kubectl -n "$namespace" wait "pod/$1" --timeout=15m \
    --for=jsonpath='{.status.containerStatuses[0].restartCount}'="$2"
}`,
  last_error: `
last_error() {
  kubectl -n "$namespace" logs "$1" -c kafka --previous | grep -A 1 -E ' (FATAL|ERROR) '
}`,
  restart_operator: String.raw`
restart_operator() {
  local pod
  pod=$(kubectl -n "$operator_namespace" get pods -o name \
    -l name=strimzi-cluster-operator,strimzi.io/kind=cluster-operator)
  if [[ $pod != pod/* || $pod == *$'\n'* ]]; then
    echo "There is not exactly one pod of the operator in $operator_namespace." >&2
    return 1
  fi
  kubectl -n "$operator_namespace" delete "$pod"
  kubectl -n "$operator_namespace" rollout status deployment/strimzi-cluster-operator --timeout=10m
}`,
  kafka_tool: String.raw`
kafka_tool() {
  local tool=$1
  shift
  kubectl -n "$namespace" exec CLUSTER-broker-0 -c kafka -- "/opt/kafka/bin/$tool" \
    --bootstrap-server CLUSTER-kafka-bootstrap:9092 "$@"
}`,
  produce: String.raw`
# TOPIC RECORDS
produce() {
  seq "$2" | kubectl -n "$namespace" exec -i CLUSTER-broker-0 -c kafka -- /opt/kafka/bin/kafka-console-producer.sh \
    --bootstrap-server CLUSTER-kafka-bootstrap:9092 --topic "$1"
}`,
  zookeeper_shell: String.raw`
zookeeper_shell() {
  kubectl -n "$namespace" exec CLUSTER-zookeeper-0 -c zookeeper -- \
    ${ZOOKEEPER_SHELL} "$@"
}`,
  znodes_beside: `
# The children of the znode's parent, as " a b ".
znodes_beside() {
  zookeeper_shell ls "$(dirname "$1")" | tail -n 1 | sed 's/[][,]/ /g'
}`,
  delete_znode: `
delete_znode() {
  local beside
  beside=$(znodes_beside "$1")
  if [[ $beside == *" $(basename "$1") "* ]]; then zookeeper_shell delete "$1"; else echo "$1 does not exist"; fi
}`,
  write_znode: `
# PATH [VALUE]: without a value, a znode that has no data.
write_znode() {
  local beside verb=create
  beside=$(znodes_beside "$1")
  if [[ $beside == *" $(basename "$1") "* ]]; then verb=set; fi
  zookeeper_shell "$verb" "$@"
}`,
  report_topic: `
# TOPIC [RECORDS]: whether the brokers still know a topic, and how many of its records they have.
report_topic() {
  local found
  if ! grep -qxF -- "$1" <<< "$listed"; then
    echo "LOST: topic $1"
  elif (($# == 1)); then
    echo "topic $1: still there"
  else
    found=$(kafka_tool kafka-get-offsets.sh --topic "$1" | awk -F : '{ n += $3 } END { print n + 0 }')
    echo "topic $1: $found of $2 records"
  fi
}`,
};

/**
 * The definitions of the functions that lines of a script call, and of those that they call.
 * @param cluster the name of the Kafka resource.
 */
export function functionsFor(lines: readonly string[], cluster: string): readonly string[] {
  const used = new Set<string>();
  const use = (text: string): void => {
    for (const [name, body] of Object.entries(FUNCTIONS)) {
      if (used.has(name) || !new RegExp(`(^|[\\s(])${name} `, 'm').test(text)) continue;
      used.add(name);
      use(body);
    }
  };
  use(lines.map((line) => `${line} `).join('\n'));
  return Object.entries(FUNCTIONS).flatMap(([name, body]) =>
    used.has(name) ? body.replaceAll('CLUSTER', cluster).split('\n') : [],
  );
}
