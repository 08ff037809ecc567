import type { KnownIssue } from '../../../src/scenario/known-issues.js';

/** A known issue of a scenario that is not a shipped one. */
export function issue(changes: Partial<KnownIssue> = {}): KnownIssue {
  return {
    id: 'issue-1',
    title: 'A title',
    thread: 'unreported',
    operatorVersions: ['0.45.0'],
    scenarios: ['five-steps'],
    invariants: ['zookeeper-metadata-survives', 'migration-znode-absent'],
    why: 'Because.',
    recording: '0.45.0-one-broker',
    ...changes,
  };
}
