import type { KafkaNodePool } from './resources.js';

/** A pool with the ids of its nodes. */
export interface AssignedPool {
  readonly pool: KafkaNodePool;
  readonly role: 'broker' | 'controller';
  readonly nodeIds: readonly number[];
}

/**
 * Assigns node ids to every pool: those in its status, and for missing ones the lowest ids that no pool uses (Strimzi
 * 0.45.1 `NodeIdAssignor.java:149-201`). The pools are in the order of their names; a pool with both roles cannot be
 * migrated and counts as a controllers' pool.
 */
export function assignNodeIds(pools: readonly KafkaNodePool[]): readonly AssignedPool[] {
  const ordered = pools.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const used = new Set(ordered.flatMap((pool) => pool.status?.nodeIds ?? []));
  return ordered.map((pool) => {
    const nodeIds = [...(pool.status?.nodeIds ?? [])].slice(0, pool.spec.replicas);
    for (let id = 0; nodeIds.length < pool.spec.replicas; id += 1) {
      if (used.has(id)) continue;
      used.add(id);
      nodeIds.push(id);
    }
    return { pool, role: pool.spec.roles.includes('controller') ? 'controller' : 'broker', nodeIds };
  });
}
