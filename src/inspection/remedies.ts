import { CLUSTER_LABEL } from '../strimzi/resources.js';
import type { ClusterFacts, ControllerLeftovers, ControllerVolumeClaim } from './facts.js';
import { knownValue } from './known.js';
import { kubectlTo } from './kubectl/shell.js';
import { ZOOKEEPER_SHELL } from './kubectl/zookeeper-shell.js';

/** Commands that take away what is left of controllers. Without knowledge of it: how to look for it. */
export function deleteLeftovers(facts: ClusterFacts, leftovers: ControllerLeftovers | undefined): readonly string[] {
  if (leftovers === undefined) {
    const { namespace, cluster } = facts;
    if (namespace === undefined) return [];
    return [`${kubectl(facts)} get kafkanodepool,pvc -l ${CLUSTER_LABEL}=${cluster} # delete those of controllers`];
  }
  return [
    ...leftovers.pools.map(({ name }) => `${kubectl(facts)} delete kafkanodepool ${name}`),
    ...leftovers.claims.map((claim) => deleteClaim(facts, claim, leftovers)),
    ...(knownValue(leftovers.volumes)?.waiting ?? []).map((name) => deleteVolume(facts, name)),
  ];
}

/** Claims do not tell the role of their pool. Where that is gone, they may be brokers': no command that deletes them by a paste. */
function deleteClaim(
  facts: ClusterFacts,
  { name, pool }: ControllerVolumeClaim,
  { pools }: ControllerLeftovers,
): string {
  const command = `${kubectl(facts)} delete pvc ${name}`;
  if (pools.some((one) => one.name === pool)) return command;
  return `# if the pool ${pool}, which is gone, was one of controllers (brokers' claims hold records): ${command}`;
}

/** A file knows of one cluster alone: the volume may be that of another, whose name begins alike. */
function deleteVolume({ context, readBy, cluster }: ClusterFacts, name: string): string {
  const command = `${kubectlTo(context)} delete pv ${name}`;
  return readBy === 'kubectl' ? `# if its claimRef is of ${cluster} and of no other cluster: ${command}` : command;
}

/** The command that takes `/migration` away, where there is one. */
export function deleteMigrationZnode(facts: ClusterFacts, isThere: boolean): readonly string[] {
  return isThere ? [deleteZnode(facts, '/migration')] : [];
}

/** The command that takes a znode away. */
export function deleteZnode(facts: ClusterFacts, path: string): string {
  return facts.namespace === undefined
    ? `zookeeper-shell.sh ${facts.cluster} delete ${path}`
    : `${kubectl(facts)} exec ${facts.cluster}-zookeeper-0 -- ${ZOOKEEPER_SHELL} delete ${path}`;
}

function kubectl(facts: ClusterFacts): string {
  return `${kubectlTo(facts.context)} -n ${facts.namespace ?? 'NAMESPACE'}`;
}
