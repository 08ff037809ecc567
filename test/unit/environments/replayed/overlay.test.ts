import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type LocalAddresses, localOverlay } from '../../../../src/environments/local/local-overlay.js';
import {
  applyOverlay,
  FAST_TIMINGS,
  overlayReasons,
  SIZES,
  type Timings,
} from '../../../../src/environments/replayed/overlay.js';
import type { EventOf } from '../../../../src/journal/events.js';
import { readJournal } from '../../../../src/journal/file.js';
import { packageRoot } from '../../../../src/package-root.js';

const RECORDINGS = join(packageRoot(), 'fixtures/recordings');

const ADDRESSES: LocalAddresses = {
  listener: (pod, listener) => `127.0.0.1:<${pod} ${listener}>`,
  zookeeperConnect: '127.0.0.1:<zookeeper>',
  volume: (pod) => `/run/volumes/$&/${pod}`,
};
const PLACEMENT = localOverlay(ADDRESSES);

/** Whether a rule's documented key matches: a name, or a regular expression in slashes. */
function fits(ruleKey: string, key: string): boolean {
  const pattern = /^\/(.*)\/$/.exec(ruleKey)?.[1];
  return pattern === undefined ? ruleKey === key : new RegExp(pattern).test(key);
}

let recorded: readonly EventOf<'node-started'>[];

beforeAll(async () => {
  const files = readdirSync(RECORDINGS).filter((file) => file.endsWith('.jsonl'));
  const journals = await Promise.all(files.map((file) => readJournal(join(RECORDINGS, file))));
  recorded = journals
    .flat()
    .filter((event): event is EventOf<'node-started'> => event.type === 'node-started' && event.role !== 'zookeeper');
  expect(recorded.length).toBeGreaterThan(50);
});

function overlaid(
  timings: Timings,
): readonly { readonly from: Record<string, string>; readonly to: Record<string, string> }[] {
  return recorded.map(({ pod, configuration }) => ({
    from: { ...configuration },
    to: applyOverlay(pod, configuration, PLACEMENT, timings),
  }));
}

describe('the overlay of every configuration that real operators wrote', () => {
  it.each(['fast', 'kafka-defaults'] as const)('with %s changes only keys that a rule names', (timings) => {
    const reasons = overlayReasons(PLACEMENT);
    const changed = new Set<string>();
    for (const { from, to } of overlaid(timings)) {
      for (const key of new Set([...Object.keys(from), ...Object.keys(to)]))
        if (from[key] !== to[key]) changed.add(key);
    }
    const unexplained = [...changed].filter((key) => !reasons.some((rule) => fits(rule.key, key)));
    expect(unexplained).toEqual([]);
    expect(changed.size).toBeGreaterThan(10);
  });

  it('has a reason for every rule, and no unused rule', () => {
    const keys = new Set(recorded.flatMap(({ configuration }) => Object.keys(configuration)));
    const added = new Set([...Object.keys(SIZES), ...Object.keys(FAST_TIMINGS)]);
    for (const { key, reason } of overlayReasons(PLACEMENT)) {
      expect(reason.trim()).not.toBe('');
      if (!added.has(key)) expect([key, [...keys].some((recordedKey) => fits(key, recordedKey))]).toEqual([key, true]);
    }
  });

  it('removes everything about TLS', () => {
    expect(recorded.some(({ configuration }) => Object.keys(configuration).some((key) => key.includes('ssl')))).toBe(
      true,
    );
    for (const { to } of overlaid('kafka-defaults')) {
      for (const [key, value] of Object.entries(to)) {
        expect(key).not.toMatch(/ssl|keystore|truststore|config\.providers|clientCnxnSocket/i);
        expect(value).not.toMatch(/SSL|SASL|\.p12|\$\{/);
      }
    }
  });

  it('leaves no address or path of a pod', () => {
    for (const { to } of overlaid('kafka-defaults')) {
      for (const value of Object.values(to))
        expect(value).not.toMatch(/\.svc|0\.0\.0\.0|\/var\/lib|my-cluster-zookeeper/);
    }
  });

  it('gives each node its own addresses for the listeners that Strimzi configured', () => {
    const names = (listeners: string): readonly string[] =>
      listeners.split(',').map((one) => one.split('://')[0] ?? '');
    for (const { pod, configuration } of recorded) {
      const to = applyOverlay(pod, configuration, PLACEMENT, 'fast');
      for (const key of ['listeners', 'advertised.listeners']) {
        const listeners = configuration[key];
        if (listeners === undefined) {
          expect(to[key]).toBeUndefined();
          continue;
        }
        expect(to[key]).toBe(
          names(listeners)
            .map((name) => `${name}://127.0.0.1:<${pod} ${name}>`)
            .join(','),
        );
      }
    }
  });

  it('gives every voter its address, if there are voters', () => {
    let voting = 0;
    for (const { from, to } of overlaid('fast')) {
      const voters = from['controller.quorum.voters'];
      if (voters === undefined) continue;
      voting += 1;
      const expected = voters
        .split(',')
        .map((voter) => voter.replace(/^(\d+)@([^.]+)\..*$/, '$1@127.0.0.1:<$2 CONTROLPLANE-9090>'));
      expect(to['controller.quorum.voters']).toBe(expected.join(','));
    }
    expect(voting).toBeGreaterThan(10);
  });

  it('places logs in the volume of the run, whatever its name', () => {
    for (const { pod, configuration, nodeId } of recorded) {
      const to = applyOverlay(pod, configuration, PLACEMENT, 'fast');
      expect(to['log.dirs']).toBe(`/run/volumes/$&/${pod}/kafka-log${nodeId}`);
      if (configuration['metadata.log.dir'] !== undefined) expect(to['metadata.log.dir']).toBe(to['log.dirs']);
    }
  });

  it('sets zookeeper.connect to the run’s ZooKeeper, only for nodes that use ZooKeeper', () => {
    for (const { from, to } of overlaid('fast')) {
      expect(to['zookeeper.connect']).toBe(
        from['zookeeper.connect'] === undefined ? undefined : ADDRESSES.zookeeperConnect,
      );
    }
  });
});

describe('timings', () => {
  it('of Kafka are kept by kafka-defaults: only sizes are added', () => {
    for (const { from, to } of overlaid('kafka-defaults')) {
      const added = Object.keys(to).filter((key) => !(key in from));
      for (const key of added) expect(Object.keys(SIZES)).toContain(key);
      for (const key of Object.keys(FAST_TIMINGS)) expect(to[key]).toBe(from[key]);
    }
  });

  it('are added by fast, all of them', () => {
    for (const { to } of overlaid('fast')) {
      for (const [key, { value }] of Object.entries(FAST_TIMINGS)) expect(to[key]).toBe(value);
    }
  });

  it('are separate from sizes: neither sets keys of the other', () => {
    expect(Object.keys(SIZES).filter((key) => key in FAST_TIMINGS)).toEqual([]);
    for (const key of Object.keys(SIZES)) expect(key).not.toMatch(/\.ms$|timeout|interval|backoff/);
  });
});

describe('a configuration that Strimzi does not write', () => {
  const apply = (configuration: Record<string, string>) => applyOverlay('pod', configuration, PLACEMENT, 'fast');

  it('is refused if its listeners cannot be parsed', () => {
    expect(() => apply({ listeners: 'PLAIN://:9092' })).toThrow('not a listener as Strimzi writes it: PLAIN://:9092');
    expect(() => apply({ 'advertised.listeners': 'nonsense' })).toThrow(
      'not a listener as Strimzi writes it: nonsense',
    );
  });

  it('is refused if its voters cannot be parsed', () => {
    expect(() => apply({ 'controller.quorum.voters': '1@localhost:9093' })).toThrow(
      'not a voter as Strimzi writes it: 1@localhost:9093',
    );
  });
});
