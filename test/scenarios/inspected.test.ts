import { afterAll, beforeAll, expect } from '@jest/globals';
import type { ClusterFacts } from '../../src/inspection/facts.js';
import { testScenario } from '../../src/jest/index.js';
import type { JournalEvent } from '../../src/journal/events.js';
import { loadScenario } from '../../src/scenario/load.js';
import { type Scenario, type ScenarioContext, scenario, step } from '../../src/scenario/scenario.js';
import { makePlace, type Place, remigrate, removePlace } from '../integration/support/command.js';
import { factsAfter } from '../support/facts-of-journal.js';
import { scenarioEnvironment } from './support.js';

/** Compares the facts that other tests derive from journals with what `inspect` reads from the same ZooKeeper. */

let place: Place;
beforeAll(async () => {
  place = await makePlace();
});
afterAll(() => removePlace(place));

/** The five steps, with an inspection after each. */
async function inspected(looks: Map<string, ClusterFacts>): Promise<Scenario> {
  const shipped = await loadScenario('rollback-remigrate');
  const look =
    (name: string) =>
    async ({ cluster }: ScenarioContext): Promise<void> => {
      const address = cluster.zookeeper()?.connectString ?? '';
      const { stdout } = await remigrate(place, ['inspect', '--zookeeper', address, '--json']);
      const { clusters } = JSON.parse(stdout) as { readonly clusters: readonly { readonly facts: ClusterFacts }[] };
      const [seen] = clusters;
      if (seen !== undefined) looks.set(name, seen.facts);
    };
  return scenario({
    ...shipped,
    steps: shipped.steps.flatMap((one) => {
      const name = `look after ${one.name}`;
      return [one, step(name, look(name))];
    }),
  });
}

/** The facts about ZooKeeper that journals have too, without times: journals have those of another clock. */
function judged({ znodes }: ClusterFacts) {
  if ('unknown' in znodes) return znodes;
  const { migration, controller, topics } = znodes.known;
  return {
    migration: migration !== undefined,
    isCopied: (migration?.kraft_metadata_offset ?? -1) > 0,
    epoch: migration?.kraft_metadata_epoch,
    controller,
    topics,
  };
}

const looks = new Map<string, ClusterFacts>();
testScenario(await inspected(looks), {
  ...scenarioEnvironment(),
  operators: ['0.45.1'],
  verify: ({ events }) => {
    expect([...looks.keys()]).toEqual([
      'look after deploy',
      'look after migrate',
      'look after roll back',
      "look after delete the controllers' volumes",
      'look after migrate again',
    ]);
    for (const [name, facts] of looks) {
      const begun = events.findIndex((event) => event.type === 'step-started' && event.step === name);
      expect([name, judged(facts)]).toEqual([name, judged(factsAfter(events.slice(0, begun)))]);
    }
    expectWasCreatedIn(events, looks.get('look after migrate'));
  },
});

/** The server has the clock of this machine: /migration was created neither before the run nor after it. */
function expectWasCreatedIn(events: readonly JournalEvent[], facts: ClusterFacts | undefined): void {
  const [started] = events;
  if (started?.type !== 'run-started' || facts === undefined || 'unknown' in facts.znodes)
    throw new Error('no inspection');
  const { createdAt = 0 } = facts.znodes.known.migration ?? {};
  const begin = Date.parse(started.startedAt);
  expect(createdAt).toBeGreaterThan(begin);
  expect(createdAt).toBeLessThan(begin + (events.at(-1)?.t ?? 0) * 1000);
}
