import { describe, expect, it } from '@jest/globals';
import type { ClusterFacts, KafkaFacts, Znodes } from '../../../../src/inspection/facts.js';
import { forecast } from '../../../../src/inspection/forecast/forecast.js';
import { describeInspected } from '../../../../src/inspection/report.js';
import { znodesFrom } from '../../../../src/inspection/zookeeper.js';
import { FACTS, KAFKA, NO_LEFTOVERS, ZNODES } from '../facts.js';

function facts(
  blankMigration: Znodes['blankMigration'],
  kafka: Partial<KafkaFacts> = {},
  leftovers = NO_LEFTOVERS,
): ClusterFacts {
  return {
    ...FACTS,
    kafka: { known: { ...KAFKA, ...kafka } },
    znodes: { known: { ...ZNODES, ...(blankMigration === undefined ? {} : { blankMigration }) } },
    leftovers: { known: leftovers },
  };
}

const CLAIM = { name: 'data-0-my-cluster-controller-1', pool: 'controller', createdAt: 0 };

describe('a /migration without data', () => {
  it('keeps a migration from beginning, and must be deleted', () => {
    const found = forecast(facts('no-data', { kafkaVersion: '3.9.0' }));
    expect(found).toMatchObject({ outcome: 'never-begins', safety: 'unsafe' });
    expect(found.reason).toMatch(/^\/migration exists without data: .*KAFKA-19480\)$/);
    expect(found.commands).toEqual([expect.stringMatching(/exec .*-zookeeper-0 -- .* delete \/migration$/)]);
  });

  it.each([
    ['no-data', '3.9.1', 'never-begins'],
    ['no-data', '3.9.2', 'first-copy'],
    ['no-data', undefined, 'never-begins'],
    ['no-data', 'a version', 'never-begins'],
    // Measured: the fix in 3.9.2 is for null only.
    ['empty', '3.9.2', 'never-begins'],
    [undefined, '3.9.0', 'first-copy'],
  ] as const)('%s with Kafka %s: %s', (blank, kafkaVersion, outcome) => {
    expect(forecast(facts(blank, { kafkaVersion })).outcome).toBe(outcome);
  });

  it('does not hide what else is unsafe', () => {
    const found = forecast(facts('no-data', {}, { ...NO_LEFTOVERS, claims: [CLAIM] }));
    expect(found).toMatchObject({ outcome: 'loses-since-rollback', safety: 'unsafe' });
    expect(found.reason).toContain('/migration exists without data');
    expect(found.commands.at(-1)).toContain('delete /migration');
    expect(found.commands.length).toBeGreaterThan(1);
  });

  it('is unsafe even if the rest is unknown, and says what is unknown', () => {
    const found = forecast({ ...facts('no-data'), kafka: { unknown: 'no right' }, leftovers: { unknown: 'no right' } });
    expect(found).toMatchObject({ outcome: 'never-begins', safety: 'unsafe' });
    expect(found.reason).toContain('once it is deleted: ');
  });

  it('blocks a migration that has begun', () => {
    const found = forecast(facts('empty', { state: 'KRaftMigration', annotation: 'migration' }));
    expect(found).toMatchObject({ outcome: 'never-begins', safety: 'unsafe' });
    expect(found.advice).toContain('Delete /migration');
  });

  it('is read as null from zookeeper-shell.sh, and as empty from ZooKeeper', () => {
    const stat = { ctime: 1, ephemeralOwner: undefined };
    const read = (data: string) =>
      znodesFrom({ migration: { data, stat }, controller: undefined, controllerEpoch: undefined, topics: [] });
    expect(read('null')).toMatchObject({ migration: undefined, blankMigration: 'no-data' });
    expect(read('')).toMatchObject({ migration: undefined, blankMigration: 'empty' });
    expect(() => read('{')).toThrow('/migration');
  });

  it('is named in the first line of the report', () => {
    const inspected = facts('no-data');
    const [first] = describeInspected({ facts: inspected, forecast: forecast(inspected) });
    expect(first).toMatch(/^UNSAFE .*\/migration without data .*: a migration started now never begins$/);
  });
});
