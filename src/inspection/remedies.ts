import type { ClusterFacts, ControllerRemains } from './facts.js';
import { whatIsKnown } from './known.js';
import { kubectlTo } from './kubectl/shell.js';
import { ZOOKEEPER_SHELL } from './kubectl/zookeeper-shell.js';

/** Commands that take away what is left of controllers. Without knowledge of it: how to look for it. */
export function deleteRemains(facts: ClusterFacts, remains: ControllerRemains | undefined): readonly string[] {
  if (remains === undefined) {
    const { namespace, cluster } = facts;
    if (namespace === undefined) return [];
    return [`${kubectl(facts)} get kafkanodepool,pvc -l strimzi.io/cluster=${cluster} # delete those of controllers`];
  }
  return [
    ...remains.pools.map(({ name }) => `${kubectl(facts)} delete kafkanodepool ${name}`),
    ...remains.claims.map(({ name }) => `${kubectl(facts)} delete pvc ${name}`),
    ...(whatIsKnown(remains.volumes)?.waiting ?? []).map((name) => `${kubectlTo(facts.context)} delete pv ${name}`),
  ];
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
