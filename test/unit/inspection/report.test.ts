import { describe, expect, it } from '@jest/globals';
import type { ClusterFacts } from '../../../src/inspection/facts.js';
import type { Forecast } from '../../../src/inspection/forecast/outcome.js';
import { describeInspected } from '../../../src/inspection/report.js';
import { KAFKA, NO_LEFTOVERS, SAFE, FACTS as UNTOUCHED } from './facts.js';

const LEFTOVERS = {
  ...NO_LEFTOVERS,
  claims: [{ name: 'data-0-my-cluster-controller-1', pool: 'controller', createdAt: 0 }],
};

const FACTS: ClusterFacts = {
  ...UNTOUCHED,
  leftovers: { known: LEFTOVERS },
};
const UNSAFE: Forecast = {
  outcome: 'loses-since-rollback',
  safety: 'unsafe',
  reason: 'claim data-0-my-cluster-controller-1 still exists',
  commands: ['kubectl -n kafka delete pvc data-0-my-cluster-controller-1'],
  advice: undefined,
};
describe('the report on an inspected cluster', () => {
  it('has one line with everything, the reason, and the commands', () => {
    expect(describeInspected({ facts: FACTS, forecast: UNSAFE })).toEqual([
      'UNSAFE   lab/kafka/my-cluster  ZooKeeper (disabled)  Kafka 3.9.0, operator 0.45.1  /migration absent  claims 1: a migration started now loses what was created since the rollback',
      '         claim data-0-my-cluster-controller-1 still exists',
      '         To make it safe, run these in this order while the state is ZooKeeper:',
      '           kubectl -n kafka delete pvc data-0-my-cluster-controller-1',
    ]);
  });

  it('has a question mark for what could not be read', () => {
    const unread = { ...FACTS, znodes: { unknown: 'no right' }, leftovers: { unknown: 'no right' } };
    const [line] = describeInspected({ facts: unread, forecast: { ...SAFE, safety: 'unknown', outcome: 'unknown' } });
    expect(line).toContain('/migration ?  claims ?');
  });

  it('has the kubectl commands if something could not be read, but not if kubectl has read it', () => {
    const unknown: Forecast = { ...SAFE, safety: 'unknown', outcome: 'unknown' };
    const unread = { ...FACTS, znodes: { unknown: 'no right' } };
    expect(describeInspected({ facts: unread, forecast: unknown }).join('\n')).toContain('remigrate inspect --from');
    const fromFile = { ...unread, readBy: 'kubectl' } as const;
    expect(describeInspected({ facts: fromFile, forecast: unknown }).join('\n')).not.toContain('--from');
  });

  it('has the warnings of the operator', () => {
    const kafka = { known: { ...KAFKA, warnings: ['The strimzi.io/kraft annotation ...'] } };
    const lines = describeInspected({ facts: { ...FACTS, kafka }, forecast: SAFE });
    expect(lines).toContain('         The operator warns: The strimzi.io/kraft annotation ...');
  });

  it('names volumes that must not be changed', () => {
    const leftovers = { known: { ...NO_LEFTOVERS, volumes: { known: { waiting: [], released: ['pvc-7'] } } } };
    expect(describeInspected({ facts: { ...FACTS, leftovers }, forecast: SAFE }).join('\n')).toContain('volume pvc-7');
  });
});
