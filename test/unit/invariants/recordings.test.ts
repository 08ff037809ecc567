import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { INVARIANTS, type Observation } from '../../../src/invariants/index.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { packageRoot } from '../../../src/package-root.js';
import { outcome, snapshot, topic } from './story.js';

/** The journal of a real operator's run, without the evaluations of the invariants that were recorded with it. */
function recording(name: string): readonly JournalEvent[] {
  const file = join(packageRoot(), 'fixtures', 'recordings', `${name}.jsonl`);
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as JournalEvent).filter(({ type }) => type !== 'invariant-evaluated');
}

/** What the runner would have seen at the end of these events: ZooKeeper as its recorded changes leave it. */
function observation(step: string, events: readonly JournalEvent[]): Observation {
  const inZooKeeper = new Set<string>();
  const znodes: Record<string, { value: string; ephemeral: boolean } | undefined> = {};
  const expected = new Set<string>();
  let state: Observation['state'];
  for (const event of events) {
    if (event.type === 'topics-changed') {
      for (const name of event.created ?? []) inZooKeeper.add(name);
      for (const name of event.deleted ?? []) inZooKeeper.delete(name);
    } else if (event.type === 'znode-changed') {
      const { value, ephemeral = false } = event;
      znodes[event.path] = value === undefined ? undefined : { value, ephemeral };
    } else if (event.type === 'client-action' && event.action === 'create-topic') expected.add(event.topic);
    else if (event.type === 'state-changed') state = event.to;
  }
  const topics = [...expected].map((name) => topic(name));
  return {
    step,
    moment: 'ended',
    state,
    topology: { brokers: 1, controllers: 1, zookeepers: 1 },
    expectedTopics: topics,
    deletedTopics: [],
    zookeeper: snapshot('zookeeper', ...topics.filter(({ name }) => inZooKeeper.has(name))),
    kraft: undefined,
    records: undefined,
    znodes,
    events,
  };
}

interface Result {
  readonly step: string;
  readonly invariant: string;
  readonly message: string | undefined;
}

/** Every invariant that applies after each step, evaluated as the runner does. */
function evaluate(recorded: readonly JournalEvent[]): readonly Result[] {
  const results: Result[] = [];
  const events: JournalEvent[] = [];
  for (const event of recorded) {
    events.push(event);
    if (event.type !== 'step-ended') continue;
    const seen = observation(event.step, [...events]);
    for (const invariant of INVARIANTS) {
      const found = outcome(invariant, seen);
      if (found === 'not applicable') continue;
      const message = found === 'holds' ? undefined : found.message;
      results.push({ step: event.step, invariant: invariant.name, message });
      const { name, about } = invariant;
      events.push({
        t: event.t,
        type: 'invariant-evaluated',
        step: event.step,
        invariant: name,
        about,
        holds: found === 'holds',
      });
    }
  }
  return results;
}

function violations(name: string): readonly (readonly [string, string])[] {
  return evaluate(recording(name))
    .filter(({ message }) => message !== undefined)
    .map(({ step, invariant }) => [step, invariant] as const);
}

function messageOf(name: string, step: string, invariant: string): string | undefined {
  return evaluate(recording(name)).find((result) => result.step === step && result.invariant === invariant)?.message;
}

describe('the invariants on recordings of real operators', () => {
  it.each(['0.45.1-one-broker', '0.45.2-one-broker', '0.45.1-three-brokers'])('%s: all that apply hold', (name) => {
    expect(violations(name)).toEqual([]);
    const judged = new Set(evaluate(recording(name)).map(({ invariant }) => invariant));
    expect([...judged].sort()).toEqual([
      'controller-znode-released',
      'controllers-start-empty',
      'migration-completes',
      'migration-finishes',
      'migration-znode-absent',
      'nodes-run-their-state',
      'nodes-stay-up',
      'topic-ids-stable',
      'znodes-deleted-after-controllers-gone',
      'zookeeper-metadata-survives',
    ]);
  });

  it('0.45.0-one-broker: /migration is left, and every topic vanishes', () => {
    expect(violations('0.45.0-one-broker')).toEqual([
      ['roll back', 'migration-znode-absent'],
      ['migrate again', 'zookeeper-metadata-survives'],
      ['migrate again', 'migration-znode-absent'],
    ]);
    expect(messageOf('0.45.0-one-broker', 'migrate again', 'zookeeper-metadata-survives')).toBe(
      '4 topics vanished from ZooKeeper at 493.1 s, 0.4 s after the full metadata sync of my-cluster-controller-1: after-rollback, before-1, before-2, during',
    );
    expect(messageOf('0.45.0-one-broker', 'roll back', 'migration-znode-absent')).toContain(
      ': the operator deleted /controller at 252.0 s',
    );
  });

  it('0.45.0-claims-kept: the topic created after the rollback is deleted by the sync of the old log', () => {
    expect(violations('0.45.0-claims-kept')).toEqual([
      ['roll back', 'migration-znode-absent'],
      ['migrate again', 'zookeeper-metadata-survives'],
      ['migrate again', 'migration-znode-absent'],
      ['migrate again', 'controllers-start-empty'],
    ]);
    expect(messageOf('0.45.0-claims-kept', 'migrate again', 'zookeeper-metadata-survives')).toBe(
      '1 topic vanished from ZooKeeper at 288.2 s, 0.2 s after the full metadata sync of my-cluster-controller-1: after-rollback',
    );
  });

  it('0.45.1-claims-kept: the operator goes on without a copy', () => {
    expect(violations('0.45.1-claims-kept')).toEqual([
      ['migrate again', 'migration-completes'],
      ['migrate again', 'controllers-start-empty'],
    ]);
    expect(messageOf('0.45.1-claims-kept', 'migrate again', 'migration-completes')).toMatch(
      /^the operator, which reads MIGRATION from my-cluster-controller-1, went on to KRaftDualWriting at \d+\.\d s although nothing was copied: /,
    );
  });

  it('0.45.1-disabled-first: the znodes are deleted while the controller runs', () => {
    expect(violations('0.45.1-disabled-first')).toEqual([['roll back', 'znodes-deleted-after-controllers-gone']]);
  });

  it.each([
    ['0.45.2-broker-added', '424.9 s'],
    ['0.45.2-broker-volume-lost', '742.9 s'],
  ])('%s: broker 2 does not stay up after the rollback', (name, last) => {
    expect(violations(name)).toEqual([['roll back', 'nodes-stay-up']]);
    expect(messageOf(name, 'roll back', 'nodes-stay-up')).toBe(
      `my-cluster-broker-2 does not stay up: its volume was formatted in KRaft mode, so that /var/lib/kafka/data-0/kafka-log2/meta.properties has version 1, which a broker in ZooKeeper mode does not accept (KAFKA-20762); it ended 3 times with the same error, the last time at ${last}, in ZooKeeper mode, configured for ZK, in state KRaftDualWriting: ERROR Exiting Kafka due to fatal exception during startup: java.lang.RuntimeException: Found unexpected version in /var/lib/kafka/data-0/kafka-log2/meta.properties. ZK-based brokers that are not migrating only support version 0 (which is implicit when the \`version\` field is missing).`,
    );
  });

  it('is violated when the recorded deletion of /migration is removed', () => {
    const events = recording('0.45.1-one-broker').filter(
      (event) => !(event.type === 'znode-changed' && event.path === '/migration' && event.change === 'deleted'),
    );
    const broken = evaluate(events).filter(({ message }) => message !== undefined);
    expect(broken.map(({ step, invariant }) => [step, invariant])).toEqual([
      ['roll back', 'migration-znode-absent'],
      ['migrate again', 'migration-znode-absent'],
    ]);
  });

  it.each(['0.45.1-one-broker', '0.45.1-three-brokers'])('is violated when any one roll of %s is removed', (name) => {
    const events = recording(name);
    // Without the stop and the start, the journal says that the node went on with its old configuration.
    const rolls = events.flatMap((event, index) => {
      const isRoll = event.type === 'node-stopped' && event.reason === 'rolled';
      if (!isRoll) return [];
      const start = events.findIndex(
        (later, at) => at > index && later.type === 'node-started' && later.pod === event.pod,
      );
      return start === -1 ? [] : [[index, start] as const];
    });
    expect(rolls.length).toBeGreaterThan(5);
    for (const [stop, start] of rolls) {
      const without = events.filter((_, index) => index !== stop && index !== start);
      const broken = evaluate(without).filter(({ message }) => message !== undefined);
      expect(broken.map(({ invariant }) => invariant)).toContain('nodes-run-their-state');
    }
  });
});
