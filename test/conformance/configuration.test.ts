import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type ConfigurationInput, renderConfiguration, userConfiguration } from '../../src/operator/configuration.js';
import { configurationStateOf } from '../../src/operator/container-start.js';
import { loadProfiles, shippedProfilesFolder } from '../../src/operator/profile.js';
import { packageRoot } from '../../src/package-root.js';
import { CONFIGURATION_STATE_ORDINALS, type ConfigurationState } from '../../src/strimzi/migration-state.js';
import {
  type Answers,
  DONE,
  emptyCluster,
  reconcile,
  type SimulatedCluster,
  STUCK,
  wish,
  withoutControllerPool,
} from '../unit/operator/simulated-cluster.js';

const text = z.record(z.string(), z.string());
const role = z.enum(['broker', 'controller']);
const recordedConfigurations = z.strictObject({
  recording: z.string(),
  operatorVersion: z.string(),
  kafkaVersion: z.string(),
  cluster: z.strictObject({ name: z.string(), namespace: z.string(), clusterDomain: z.string() }),
  topology: z.strictObject({ brokers: z.int(), controllers: z.int(), zookeepers: z.int() }),
  /** `spec.kafka.config` of the Kafka resource as it was applied. */
  kafkaConfig: text,
  listeners: z.array(z.strictObject({ name: z.string(), port: z.int() })),
  pools: z.array(z.strictObject({ name: z.string(), role, nodeIds: z.array(z.int()) })),
  /** Every version of every pod's ConfigMap, in order; `serverConfig` is an index into `serverConfigs`. */
  pods: z.record(
    z.string(),
    z.array(
      z.strictObject({
        'metadata.state': z.string(),
        'metadata.version': z.string().exactOptional(),
        'cluster.id': z.string().exactOptional(),
        serverConfig: z.int(),
      }),
    ),
  ),
  /** Every distinct `server.config`, keys in their order. */
  serverConfigs: z.array(text),
});
type Recorded = z.infer<typeof recordedConfigurations>;

const folder = join(packageRoot(), 'fixtures', 'recordings', 'configurations');
const recordings: readonly Recorded[] = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .toSorted()
  .map((name) => recordedConfigurations.parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))));

interface Configuration {
  readonly serverConfig: Readonly<Record<string, string>>;
  readonly configMap: Readonly<Record<string, string>>;
}

interface RecordedConfiguration extends Configuration {
  /** `0.45.1-one-broker my-cluster-broker-0 #3`. */
  readonly title: string;
  readonly input: ConfigurationInput;
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`The fixture lacks ${what}`);
  return value;
}

function nodeOf(recorded: Recorded, pod: string): ConfigurationInput['node'] {
  const nodeId = Number(required(pod.split('-').at(-1), `the id of ${pod}`));
  const pool = required(
    recorded.pools.find((candidate) => candidate.nodeIds.includes(nodeId)),
    `a pool for ${pod}`,
  );
  return { role: pool.role, nodeId };
}

function clusterIdOf(recorded: Recorded): string {
  const ids = new Set(Object.values(recorded.pods).flatMap((versions) => versions.map((each) => each['cluster.id'])));
  ids.delete(undefined);
  expect(ids.size).toBe(1);
  return required([...ids][0], `a cluster id in ${recorded.recording}`);
}

const all: readonly RecordedConfiguration[] = recordings.flatMap((recorded) =>
  Object.entries(recorded.pods).flatMap(([pod, versions]) =>
    versions.map(({ serverConfig, ...configMap }, version) => ({
      title: `${recorded.recording} ${pod} #${version}`,
      serverConfig: required(recorded.serverConfigs[serverConfig], `configuration ${serverConfig}`),
      configMap,
      input: {
        cluster: recorded.cluster,
        kafkaVersion: recorded.kafkaVersion,
        clusterId: clusterIdOf(recorded),
        pools: recorded.pools,
        node: nodeOf(recorded, pod),
        configurationState: configurationStateOf(configMap['metadata.state']),
        userConfiguration: recorded.kafkaConfig,
        listeners: recorded.listeners,
      },
    })),
  ),
);

/** Every key in which two configurations differ, in both directions. */
function differences(expected: Configuration, actual: Configuration): readonly string[] {
  return (['serverConfig', 'configMap'] as const).flatMap((part) => {
    const [left, right] = [expected[part], actual[part]];
    return [...new Set([...Object.keys(left), ...Object.keys(right)])]
      .filter((key) => left[key] !== right[key])
      .map((key) => `${part} ${key}: recorded ${left[key] ?? '(absent)'}, rendered ${right[key] ?? '(absent)'}`);
  });
}

describe('every recorded configuration', () => {
  it('is in the fixtures: nine recordings, 185 versions of 25 pods', () => {
    expect(recordings.map((recorded) => recorded.recording)).toEqual([
      '0.45.0-claims-kept',
      '0.45.0-one-broker',
      '0.45.1-claims-kept',
      '0.45.1-disabled-first',
      '0.45.1-one-broker',
      '0.45.1-three-brokers',
      '0.45.2-broker-added',
      '0.45.2-broker-volume-lost',
      '0.45.2-one-broker',
    ]);
    expect(recordings.flatMap((recorded) => Object.keys(recorded.pods))).toHaveLength(25);
    expect(all).toHaveLength(185);
  });

  it.each(all)('$title is rendered, key for key', (recorded) => {
    const rendered = renderConfiguration(recorded.input);
    expect(differences(recorded, rendered)).toEqual([]);
    expect(Object.keys(rendered.serverConfig)).toEqual(Object.keys(recorded.serverConfig));
  });

  it.each(recordings)('$recording: userConfiguration is what the user had applied', (recorded) => {
    expect(userConfiguration(recorded.topology, recorded.kafkaVersion)).toEqual(recorded.kafkaConfig);
  });
});

describe('the comparison', () => {
  // The first occurrence of every distinct configuration, metadata.state and the like included.
  const distinct = [
    ...new Map(
      all.map((each) => [JSON.stringify([each.input.cluster.namespace, each.serverConfig, each.configMap]), each]),
    ).values(),
  ];

  it.each(distinct)('notices every key of $title that is dropped, changed or added', (recorded) => {
    const rendered = renderConfiguration(recorded.input);
    let planted = 0;
    for (const part of ['serverConfig', 'configMap'] as const) {
      for (const [key, value] of Object.entries(rendered[part])) {
        const { [key]: _dropped, ...without } = rendered[part];
        for (const change of [without, { ...rendered[part], [key]: `${value}!` }]) {
          const found = differences(recorded, { ...rendered, [part]: change });
          expect(found).toHaveLength(1);
          expect(found[0]).toContain(`${part} ${key}: recorded ${value}`);
        }
        const added = differences(recorded, { ...rendered, [part]: { ...rendered[part], [`${key}.more`]: value } });
        expect(added).toEqual([`${part} ${key}.more: recorded (absent), rendered ${value}`]);
        planted += 3;
      }
    }
    expect(planted).toBe(3 * (Object.keys(recorded.serverConfig).length + Object.keys(recorded.configMap).length));
  });

  it.each(distinct)('notices if $title has another configuration state', (recorded) => {
    for (const other of Object.keys(CONFIGURATION_STATE_ORDINALS) as ConfigurationState[]) {
      if (other === recorded.input.configurationState) continue;
      if (other === 'ZK' && recorded.input.node.role === 'controller') continue;
      const rendered = renderConfiguration({ ...recorded.input, configurationState: other });
      expect(differences(recorded, rendered)).not.toEqual([]);
    }
  });
});

describe('the planner', () => {
  const profiles = loadProfiles([shippedProfilesFolder()]);

  /** What the user did, and how the second migration went. */
  interface RunCourse {
    /** undefined: the run ended with the rollback. */
    readonly second?: Answers;
    /** The brokers before the pool was scaled in KRaftPostMigration; undefined: it was not. */
    readonly brokersAtFirst?: readonly number[];
    readonly disabledFirst?: true;
    readonly finalised?: true;
  }
  const courses: Readonly<Record<string, RunCourse>> = {
    '0.45.0-claims-kept': { second: DONE },
    '0.45.0-one-broker': { second: STUCK },
    '0.45.1-claims-kept': { second: DONE },
    '0.45.1-disabled-first': { second: DONE, disabledFirst: true },
    '0.45.1-one-broker': { second: DONE, finalised: true },
    '0.45.1-three-brokers': { second: DONE, finalised: true },
    '0.45.2-broker-added': { brokersAtFirst: [0] },
    '0.45.2-broker-volume-lost': {},
    '0.45.2-one-broker': { second: DONE },
  };

  /** Of each node, the configuration states of the passes that got as far as its ConfigMap. */
  function replay(recorded: Recorded, course: RunCourse) {
    const profile = profiles.get(recorded.operatorVersion);
    const ids = (wanted: 'broker' | 'controller') =>
      recorded.pools.filter((pool) => pool.role === wanted).flatMap((pool) => pool.nodeIds);
    const states = new Map<number, string[]>();
    let cluster: SimulatedCluster = emptyCluster({ brokerIds: course.brokersAtFirst ?? ids('broker') });
    const passes = (count: number, answers: Answers = DONE) => {
      for (let pass = 0; pass < count; pass += 1) {
        const result = reconcile(cluster, profile, answers);
        cluster = result.cluster;
        const { end, configurationState } = result.plan;
        if (end.type === 'fail' || configurationState === undefined) continue;
        const ordinal = String(CONFIGURATION_STATE_ORDINALS[configurationState]);
        for (const id of [...cluster.desired.brokerIds, ...(cluster.desired.controllerIds ?? [])]) {
          const ofNode = states.get(id) ?? [];
          // A ConfigMap gets a new version only if it changes.
          if (ofNode.at(-1) !== ordinal) states.set(id, [...ofNode, ordinal]);
        }
      }
    };

    passes(2);
    cluster = wish(cluster, { controllerIds: ids('controller') });
    passes(1);
    cluster = wish(cluster, { annotation: 'migration' });
    passes(5);
    cluster = wish(cluster, { brokerIds: ids('broker') });
    passes(1);
    cluster = wish(cluster, { annotation: 'rollback' });
    passes(3);
    if (course.disabledFirst) {
      cluster = wish(cluster, { annotation: 'disabled' });
      passes(3);
    }
    cluster = withoutControllerPool(cluster);
    passes(1);
    cluster = wish(cluster, { annotation: 'disabled' });
    passes(3);
    if (course.second === undefined) return states;
    cluster = wish(cluster, { annotation: 'migration', controllerIds: ids('controller') });
    passes(6, course.second);
    if (course.finalised) {
      cluster = wish(cluster, { annotation: 'enabled' });
      passes(3);
    }
    return states;
  }

  it.each(recordings)('gives the nodes of $recording the same configurations in the same order', (recorded) => {
    const states = replay(recorded, required(courses[recorded.recording], `a course for ${recorded.recording}`));
    for (const [pod, versions] of Object.entries(recorded.pods)) {
      const planned = states.get(nodeOf(recorded, pod).nodeId);
      expect({ pod, states: versions.map((version) => version['metadata.state']) }).toEqual({ pod, states: planned });
    }
  });

  it('gives them other configurations if the migration ends in another way', () => {
    const recorded = required(
      recordings.find((each) => each.recording === '0.45.0-one-broker'),
      'the recording',
    );
    const versions = required(recorded.pods['my-cluster-broker-0'], 'the broker');
    expect(replay(recorded, { second: DONE }).get(0)).not.toEqual(versions.map((each) => each['metadata.state']));
  });

  it('gives a broker that was there from the beginning more configurations than one that was added', () => {
    const recorded = required(
      recordings.find((each) => each.recording === '0.45.2-broker-added'),
      'the recording',
    );
    expect(replay(recorded, {}).get(2)).toEqual(['0', '1', '2', '3', '2', '0']);
    expect(replay(recorded, { brokersAtFirst: [0] }).get(2)).toEqual(['3', '2', '0']);
  });
});
