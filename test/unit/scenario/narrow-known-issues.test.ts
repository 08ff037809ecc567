import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { INVARIANTS, type Invariant, type Violation } from '../../../src/invariants/index.js';
import { migrationFinishes } from '../../../src/invariants/migration-finishes.js';
import { circumstancesOf } from '../../../src/journal/circumstances.js';
import type { Evidence, JournalEvent, JournalEventBody, Writer } from '../../../src/journal/events.js';
import { readJournal } from '../../../src/journal/file.js';
import { Journal } from '../../../src/journal/journal.js';
import { summarise } from '../../../src/journal/summary.js';
import type { TopicMetadata } from '../../../src/metadata/model.js';
import { packageRoot } from '../../../src/package-root.js';
import { describeEnding } from '../../../src/reports/ending.js';
import { Evaluation } from '../../../src/scenario/evaluation.js';
import { endingVerdictOf, type FoundViolation, type Judgement, judge } from '../../../src/scenario/judgement.js';
import {
  applicable,
  explanationOf,
  issueReference,
  type KnownIssue,
  loadKnownIssues,
  parseKnownIssues,
  type RunKind,
  shippedKnownIssuesFolder,
} from '../../../src/scenario/known-issues.js';
import { loadScenario, shippedScenarios } from '../../../src/scenario/load.js';
import { ZOOKEEPER_COMPLETE } from '../../../src/strimzi/migration-state.js';
import {
  controllerValue,
  observe,
  rolledBack,
  type Story,
  snapshot,
  topic,
  violation,
  CONTROLLER as WRITER,
} from '../invariants/story.js';
import { observation } from './observations.js';

/*
 * The shipped known issues are narrow: in the journal of a real run of each scenario and version that has one, what the
 * issue describes is explained, and a loss of another kind that is planted in any step is not.
 */

const SHIPPED = loadKnownIssues([shippedKnownIssuesFolder()]);
/** Journals of runs on real Kafka and ZooKeeper, without the events that no known issue depends on: see the README. */
const RUNS = join(packageRoot(), 'test/fixtures/known-issues');
const AGAIN = 'migrate again';

interface RealRun extends RunKind {
  readonly name: string;
  readonly events: readonly JournalEvent[];
  /** The steps of the scenario, also those that the run did not reach. */
  readonly steps: readonly string[];
}

const FILES = readdirSync(RUNS).filter((file) => file.endsWith('.jsonl'));
const runs: readonly RealRun[] = await Promise.all(
  FILES.map(async (file) => {
    const events = await readJournal(join(RUNS, file));
    const { scenario, operatorVersion, kafkaVersion } = summarise(events).started;
    const { steps } = await loadScenario(scenario);
    const names = steps.filter(({ kind }) => kind === 'step').map(({ name }) => name);
    return { name: file.replace('.jsonl', ''), events, scenario, operatorVersion, kafkaVersion, steps: names };
  }),
);

/** The steps of each shipped scenario, by its name. */
const STEPS: ReadonlyMap<string, readonly string[]> = new Map(
  await Promise.all(
    (await shippedScenarios()).map(async (name) => {
      const { steps } = await loadScenario(name);
      return [name, steps.map((element) => element.name)] as const;
    }),
  ),
);

/** The violations of a journal, compared with the issues again. */
function found(
  run: RealRun,
  events: readonly JournalEvent[],
  issues: readonly KnownIssue[],
): readonly FoundViolation[] {
  return events.flatMap((event, index): FoundViolation[] => {
    if (event.type !== 'invariant-evaluated' || event.holds) return [];
    const { invariant, about, message = '', evidence = [], step } = event;
    const circumstances = circumstancesOf(evidence, events.slice(0, index));
    const { issue } = explanationOf(issues, { ...run, invariant, step, ...circumstances });
    return [{ invariant, about, message, ...(issue === undefined ? {} : { knownIssue: issue }) }];
  });
}

/** The events before the evaluations of a step; all events if the run did not reach the step or ended in it. */
function upTo(run: RealRun, step: string): readonly JournalEvent[] {
  const index = run.events.findIndex((event) => event.type === 'step-ran' && event.step === step);
  const end = run.events.findIndex(({ type }) => type === 'verdict');
  return run.events.slice(0, index === -1 ? end : index);
}

/** What is planted: a change of the cluster, as the harness would see it. */
interface Plant {
  readonly loss: string;
  /** The name of the invariant that must see it. */
  readonly seenBy: string;
  readonly events?: readonly JournalEventBody[];
  /** What ZooKeeper, the brokers and the logs have of the expected topics. */
  readonly zookeeper?: (topics: readonly TopicMetadata[]) => readonly TopicMetadata[];
  readonly kraft?: (topics: readonly TopicMetadata[]) => readonly TopicMetadata[];
  readonly records?: { readonly topic: string; readonly readBack: number };
  /** An invariant whose violation needs more than these journals have. */
  readonly violation?: Violation;
}

const without = (name: string) => (topics: readonly TopicMetadata[]) => topics.filter((one) => one.name !== name);
const changed = (name: string, changes: Partial<TopicMetadata>) => (topics: readonly TopicMetadata[]) =>
  topics.map((one) => (one.name === name ? { ...one, ...changes } : one));

function deleted(name: string, loss: string, writer: Writer | undefined): Plant {
  return {
    loss: `${name} deleted by ${loss}`,
    seenBy: 'zookeeper-metadata-survives',
    events: [{ type: 'topics-changed', deleted: [name], ...(writer === undefined ? {} : { writer }) }],
    zookeeper: without(name),
  };
}

function outage(loss: string, seenBy: string, evidence: readonly Evidence[]): Plant {
  return { loss, seenBy, violation: { message: loss, evidence } };
}

const STATE: Evidence = {
  subject: 'status.kafkaMetadataState',
  expected: 'KRaftPostMigration',
  found: 'KRaftMigration',
};
const TOPIC = 'before-1';
/** No event of any journal deletes it. */
const NEVER_DELETED = 'quiet';
/** The topic that the runs with kept volumes lose in their last step. */
const LATE = 'after-rollback';
const CONTROLLER: Writer = { session: '0xc0ffee', who: 'controller 1' };
const EVERYWHERE: readonly Plant[] = [
  deleted(TOPIC, 'a session that is in no log', { session: '0xdead' }),
  deleted(TOPIC, 'the user', { session: '0xdead', who: 'user' }),
  deleted(TOPIC, 'a broker', { session: '0xdead', who: 'broker 0' }),
  deleted(TOPIC, 'the operator', { session: '0xdead', who: 'operator' }),
  deleted(TOPIC, 'a client whose session is not journalled', undefined),
  {
    loss: 'a topic that is missing without a deletion',
    seenBy: 'zookeeper-metadata-survives',
    zookeeper: without(NEVER_DELETED),
  },
  {
    loss: 'changed configs',
    seenBy: 'zookeeper-metadata-survives',
    zookeeper: changed(TOPIC, { configs: { 'retention.ms': '1' } }),
  },
  {
    loss: 'changed replicas',
    seenBy: 'zookeeper-metadata-survives',
    zookeeper: changed(TOPIC, { partitions: [{ partition: 0, replicas: [1] }] }),
  },
  {
    loss: 'another topic of the same name',
    seenBy: 'topic-ids-stable',
    zookeeper: changed(TOPIC, { id: 'B'.repeat(22) }),
  },
  { loss: 'a topic that only KRaft lacks', seenBy: 'kraft-metadata-survives', kraft: without(TOPIC) },
  {
    loss: 'changed configs in KRaft',
    seenBy: 'kraft-metadata-survives',
    kraft: changed(LATE, { configs: {} }),
  },
  { loss: 'one altered record', seenBy: 'records-survive', records: { topic: TOPIC, readBack: 99 } },
  { loss: 'every record of a topic', seenBy: 'records-survive', records: { topic: TOPIC, readBack: 0 } },
  {
    loss: 'one altered record of a topic that is known to be lost',
    seenBy: 'records-survive',
    records: { topic: LATE, readBack: 99 },
  },
  outage('a migration that timed out', 'migration-finishes', [STATE]),
  outage('a migration that timed out in another state of the driver', 'migration-finishes', [
    STATE,
    { subject: 'migration driver of my-cluster-controller-1', expected: 'DUAL_WRITE', found: 'WAIT_FOR_BROKERS' },
  ]),
  outage('a broker that does not stay up', 'nodes-stay-up', [
    { subject: 'my-cluster-broker-0', expected: 'running', found: 'ERROR Exiting Kafka due to fatal exception' },
  ]),
  outage('a migration that nobody can explain', 'migration-finishes', []),
];

/** A controller deletes topics: this is the known loss in some runs, and another one everywhere else. */
function byController({ scenario, operatorVersion }: RealRun, step: string): readonly Plant[] {
  const plant = deleted(TOPIC, 'a controller', CONTROLLER);
  const known = applicable(SHIPPED, { scenario, operatorVersion }).some(({ violations }) =>
    violations.some(
      ({ steps, evidence }) =>
        steps.includes(step) && evidence.some(({ subjects }) => subjects.includes('/brokers/topics/*')),
    ),
  );
  return known ? [] : [plant];
}

/** What is known of the last step is not known of the others. */
function knownLater(step: string): readonly Plant[] {
  if (step === AGAIN) return [];
  return [
    deleted(LATE, 'a controller', CONTROLLER),
    outage('a migration that is stuck behind /migration', 'migration-finishes', [
      { subject: '/migration', expected: 'a lower epoch', found: '{}', where: 'znode' },
    ]),
    { loss: `${LATE} missing in KRaft`, seenBy: 'kraft-metadata-survives', kraft: without(LATE) },
    { loss: `every record of ${LATE}`, seenBy: 'records-survive', records: { topic: LATE, readBack: 0 } },
  ];
}

/** Steps in which every topic vanishes: one of them was deleted by someone else before. */
function besideTheWipe(run: RealRun, step: string): readonly Plant[] {
  const wiped = run.events.some(({ type, ...event }) => type === 'topics-changed' && 'deleted' in event);
  return step === AGAIN && wiped
    ? [deleted(TOPIC, 'the user, before the rest vanished', { session: '0xdead', who: 'user' })]
    : [];
}

interface Planted {
  readonly judgement: Judgement;
  readonly seen: readonly string[];
  /** The journal of the planted run, to its end. */
  readonly events: readonly JournalEvent[];
}

/** Evaluates the invariants at the end of a step in which something was planted, and judges the run that ends there. */
function plantIn(run: RealRun, step: string, plant: Plant, issues: readonly KnownIssue[]): Planted {
  const journal = new Journal();
  const before = upTo(run, step);
  for (const { t: _, ...body } of before) journal.write(body as JournalEventBody);
  for (const body of plant.events ?? []) journal.write(body);
  const created = before.flatMap((event) =>
    event.type === 'client-action' && event.action === 'create-topic' ? [event.topic] : [],
  );
  const expectedTopics = [...new Set([...created, TOPIC, LATE, NEVER_DELETED])].map((name) => topic(name));
  const state = circumstancesOf([], journal.events()).state;
  const invariants: readonly Invariant[] =
    plant.violation === undefined
      ? INVARIANTS.filter(({ about }) => about === 'loss')
      : [{ name: plant.seenBy, about: 'outage', title: '', applies: () => true, evaluate: () => plant.violation }];
  const evaluation = new Evaluation({ ...run, journal, knownIssues: issues, record: () => undefined }, invariants);
  const { zookeeper, kraft } = plant;
  const records = plant.records && [{ ...plant.records, acknowledged: 100, missing: [], logs: [] }];
  evaluation.invariants(
    observation({
      step,
      moment: 'aborted',
      state: state === 'none' ? undefined : state,
      expectedTopics,
      events: journal.events(),
      ...(zookeeper === undefined ? {} : { zookeeper: snapshot('zookeeper', ...zookeeper(expectedTopics)) }),
      ...(kraft === undefined ? {} : { kraft: snapshot('kraft', ...kraft(expectedTopics)) }),
      ...(records === undefined ? {} : { records }),
    }),
  );
  const violations = [...found(run, before, issues), ...evaluation.violations];
  const verdict = endingVerdictOf(violations.map(({ about }) => about)) ?? 'survived';
  const judgement = judge({ ...run, verdict, violations, issues, strict: false });
  const { expected, asExpected, summary, knownIssue } = judgement;
  journal.write({
    type: 'verdict',
    verdict,
    expected,
    asExpected,
    summary,
    step,
    ...(knownIssue === undefined ? {} : { knownIssue: issueReference(knownIssue) }),
  });
  return { judgement, seen: evaluation.violations.map(({ invariant }) => invariant), events: journal.events() };
}

/** The entry that the report of a run prints. */
function printedEntry(events: readonly JournalEvent[]): string {
  const lines = describeEnding(events);
  const first = lines.findIndex((line) => line.startsWith('- id: '));
  if (first === -1) throw new Error(`no entry is printed:\n${lines.join('\n')}`);
  const last = lines.findIndex((line, index) => index > first && line === '');
  return lines.slice(first, last === -1 ? undefined : last).join('\n');
}

/** ZooKeeper is not judged once it is retired. */
function canBeSeen({ zookeeper }: Plant, run: RealRun, step: string): boolean {
  const { state } = circumstancesOf([], upTo(run, step));
  return zookeeper === undefined || (state !== 'none' && ZOOKEEPER_COMPLETE.has(state));
}

it('there is a run of every entry, with one of its scenarios and versions', () => {
  const without = SHIPPED.filter((issue) => !runs.some((run) => applicable([issue], run).length > 0));
  expect(without.map(({ id, scenarios }) => `${id} ${scenarios.join(', ')}`)).toEqual([]);
});

describe.each(runs)('the known issues of $name', (run) => {
  it('explain everything that the run found, as it was judged', () => {
    const violations = found(run, run.events, SHIPPED);
    const { verdict } = summarise(run.events);
    expect(verdict?.asExpected).toBe(true);
    expect(violations.filter(({ knownIssue }) => knownIssue === undefined)).toEqual([]);
    const judgement = judge({
      ...run,
      verdict: verdict?.verdict ?? 'inconclusive',
      violations,
      issues: SHIPPED,
      strict: false,
    });
    expect(judgement).toMatchObject({ asExpected: true, exitCode: 0, expected: verdict?.expected });
  });

  it('name steps of the scenario, and none that no scenario of the entry has', () => {
    for (const { scenarios, violations } of applicable(SHIPPED, run)) {
      const steps = new Set(scenarios.flatMap((scenario) => STEPS.get(scenario) ?? []));
      for (const pattern of violations) {
        expect(pattern.steps.filter((step) => !steps.has(step))).toEqual([]);
        expect(pattern.steps.some((step) => run.steps.includes(step))).toBe(true);
      }
    }
  });

  describe.each(run.steps)('in step "%s"', (step) => {
    const plants = [...EVERYWHERE, ...byController(run, step), ...knownLater(step), ...besideTheWipe(run, step)].filter(
      (plant) => canBeSeen(plant, run, step),
    );

    it.each(plants.map((plant) => [plant.loss, plant] as const))('do not explain %s', (_, plant) => {
      const { judgement, seen } = plantIn(run, step, plant, SHIPPED);
      expect(seen).toContain(plant.seenBy);
      expect(judgement).toMatchObject({ asExpected: false, exitCode: 1 });
      expect(judgement.unexplained.map(({ invariant }) => invariant)).toContain(plant.seenBy);
    });

    it.each(plants.map((plant) => [plant.loss, plant] as const))('%s: the printed entry explains it', (_, plant) => {
      const { events } = plantIn(run, step, plant, SHIPPED);
      const pasted = parseKnownIssues(printedEntry(events), 'the printed entry');
      const { judgement, events: again } = plantIn(run, step, plant, [...SHIPPED, ...pasted]);
      expect(judgement).toMatchObject({ asExpected: true, exitCode: 0 });
      expect(describeEnding(again).filter((line) => line.startsWith('- id: '))).toEqual([]);
      // It does not explain the same in another step. The next one: each step is the next one of another.
      const after = [...run.steps.slice(run.steps.indexOf(step) + 1), ...run.steps];
      const other = after.find((one) => one !== step && canBeSeen(plant, run, one));
      if (other !== undefined) expect(plantIn(run, other, plant, pasted).judgement.exitCode).toBe(1);
    });
  });
});

describe('the journal of a real operator', () => {
  const recordings = join(packageRoot(), 'fixtures/recordings');

  it.each(['0.45.0-manual-cleanup', '0.45.0-upgrade-after-rollback', '0.45.0-upgrade-cleanup-finalize'])(
    '%s is judged as it was',
    async (name) => {
      const events = await readJournal(join(recordings, `${name}.jsonl`));
      const { started, verdict } = summarise(events);
      const violations = found({ ...started, name, events, steps: [] }, events, SHIPPED);
      expect(violations).not.toEqual([]);
      expect(violations.filter(({ knownIssue }) => knownIssue === undefined)).toEqual([]);
      const judgement = judge({
        ...started,
        verdict: verdict?.verdict ?? 'inconclusive',
        violations,
        issues: SHIPPED,
        strict: false,
      });
      expect(judgement).toMatchObject({ expected: verdict?.expected, asExpected: true, exitCode: 0 });
    },
  );

  it('0.45.3-leaves-migration is a candidate whose loss nothing explains', async () => {
    const events = await readJournal(join(recordings, '0.45.3-leaves-migration.jsonl'));
    const { started } = summarise(events);
    const violations = found({ ...started, name: '', events, steps: [] }, events, SHIPPED);
    expect(violations.map(({ knownIssue }) => knownIssue)).toEqual(violations.map(() => undefined));
    expect(judge({ ...started, verdict: 'lost', violations, issues: SHIPPED, strict: false }).exitCode).toBe(1);
  });
});

describe('a second migration with 0.45.0 that does not finish', () => {
  const scenarios = ['rollback-remigrate', 'upgrade-after-rollback', 'remigrate-and-finalize'];
  /** The new quorum reads in /migration that the copy is done, and waits until it has passed what is stored there. */
  const syncing = (storedEpoch: number): Story =>
    rolledBack(['/controller'])
      .migrationBegun()
      .driver('BECOME_CONTROLLER')
      .controllerZnode(controllerValue(1, 3), false)
      .migrationZnode(42, WRITER, [storedEpoch, 3])
      .driver('SYNC_KRAFT_TO_ZK');
  const explain = (story: Story, scenario: string, step: string, moment: 'aborted' | 'timed-out') => {
    const { evidence } = violation(migrationFinishes, observe(story, { moment }));
    return explanationOf(SHIPPED, {
      operatorVersion: '0.45.0',
      scenario,
      invariant: migrationFinishes.name,
      step,
      ...circumstancesOf(evidence, story.events),
    }).issue?.id;
  };

  it.each(scenarios)('%s: is explained if its quorum waits behind /migration, stuck or only slow', (scenario) => {
    expect(explain(syncing(4), scenario, AGAIN, 'aborted')).toBe('strimzi-kafka-operator#11262');
    expect(explain(syncing(3), scenario, AGAIN, 'timed-out')).toBe('strimzi-kafka-operator#11262');
  });

  it.each(scenarios)('%s: is not explained in another step, or if the driver waits for something else', (scenario) => {
    expect(explain(syncing(4), scenario, 'migrate', 'aborted')).toBeUndefined();
    expect(explain(syncing(3), scenario, 'migrate', 'timed-out')).toBeUndefined();
    const waiting = rolledBack(['/controller']).migrationBegun();
    expect(explain(waiting, scenario, AGAIN, 'timed-out')).toBeUndefined();
  });
});
