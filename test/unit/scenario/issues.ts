import type { KnownIssue, ViolationPattern } from '../../../src/scenario/known-issues.js';

/** Topics that a controller deletes from ZooKeeper, in step "loses". */
export const WIPE: ViolationPattern = {
  invariant: 'zookeeper-metadata-survives',
  about: 'loss',
  steps: ['loses'],
  states: ['none', 'KRaftMigration'],
  evidence: [{ subjects: ['/brokers/topics/*'], found: ['absent'], lost: 'topic', writers: ['controller'] }],
};

/** A leftover of a controller, after step "rolls back" and step "loses". */
export const LEFTOVER: ViolationPattern = {
  invariant: 'migration-znode-absent',
  about: 'residue',
  steps: ['rolls back', 'loses'],
  states: ['ZooKeeper', 'KRaftMigration'],
  evidence: [{ subjects: ['/migration'], writers: ['controller'] }],
};

/** A node that does not stay up, in step "crashes". */
export const DOWN: ViolationPattern = {
  invariant: 'nodes-stay-up',
  about: 'outage',
  steps: ['crashes'],
  states: ['none', 'KRaftDualWriting'],
  evidence: [{ subjects: ['*-broker-*'] }],
};

/** A known issue of a scenario that is not a shipped one. */
export function issue(changes: Partial<KnownIssue> = {}): KnownIssue {
  return {
    id: 'issue-1',
    title: 'A title',
    thread: 'unreported',
    operatorVersions: ['0.45.0'],
    scenarios: ['five-steps'],
    violations: [WIPE, LEFTOVER],
    why: 'Because.',
    recording: '0.45.0-one-broker',
    ...changes,
  };
}
