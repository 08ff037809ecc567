/**
 * The ids that Strimzi gives to new nodes of a pool: the lowest ones that no node of the cluster has, in any pool (0.45.1
 * `NodeIdAssignor.java:149-201`). A broker that is added beside controllers gets an id after theirs.
 */
export function nextNodeIds(taken: Iterable<number>, count: number): readonly number[] {
  const used = new Set(taken);
  const ids: number[] = [];
  for (let id = 0; ids.length < count; id++) if (!used.has(id)) ids.push(id);
  return ids;
}
