import { CLUSTER_LABEL } from '../strimzi/resources.js';
import { ZOOKEEPER_SHELL } from '../strimzi/shell.js';
import type { ClusterFacts, ControllerLeftovers, ControllerVolumeClaim } from './facts.js';
import { knownValue } from './known.js';
import { kubectlTo } from './kubectl/shell.js';

/** Commands that delete what is left of controllers; where that is unknown, a command that lists it. */
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

/**
 * A claim does not show the role of its pool. If the pool no longer exists, it may be a broker's: the deletion is a
 * comment.
 */
function deleteClaim(
  facts: ClusterFacts,
  { name, pool }: ControllerVolumeClaim,
  { pools }: ControllerLeftovers,
): string {
  const command = `${kubectl(facts)} delete pvc ${name}`;
  if (pools.some((one) => one.name === pool)) return command;
  return `# only if ${pool}, a pool that no longer exists, was a controller pool (claims of brokers hold records): ${command}`;
}

/** A file describes only one cluster: the volume may belong to another cluster whose name begins with the same text. */
function deleteVolume({ context, readBy, cluster }: ClusterFacts, name: string): string {
  const command = `${kubectlTo(context)} delete pv ${name}`;
  return readBy === 'kubectl'
    ? `# only if its claimRef names a claim of ${cluster} and of no other cluster: ${command}`
    : command;
}

/** The command that deletes `/migration`, if it exists. */
export function deleteMigrationZnode(facts: ClusterFacts, isThere: boolean): readonly string[] {
  return isThere ? [deleteZnode(facts, '/migration')] : [];
}

/** The command that deletes a znode. */
export function deleteZnode(facts: ClusterFacts, path: string): string {
  return zookeeperShell(facts, `delete ${path}`);
}

/** The command that gives an existing znode this content. @param value one word of a shell. */
export function setZnode(facts: ClusterFacts, path: string, value: string | number): string {
  return zookeeperShell(facts, `set ${path} ${value}`);
}

function zookeeperShell(facts: ClusterFacts, command: string): string {
  return facts.namespace === undefined
    ? `zookeeper-shell.sh ${facts.cluster} ${command}`
    : `${kubectl(facts)} exec ${facts.cluster}-zookeeper-0 -- ${ZOOKEEPER_SHELL} ${command}`;
}

function kubectl(facts: ClusterFacts): string {
  return `${kubectlTo(facts.context)} -n ${facts.namespace ?? 'NAMESPACE'}`;
}
