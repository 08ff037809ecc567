import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../src/errors.js';
import { readJournal, writeJournalTo } from '../../../src/journal/file.js';
import { Journal } from '../../../src/journal/journal.js';
import { packageRoot } from '../../../src/package-root.js';
import { judgeAgain } from '../../../src/scenario/judge-again.js';
import { observationRecorder, sha256Of } from '../../../src/scenario/observation-record.js';
import { rebuildObservations } from '../../../src/scenario/rebuild.js';
import type { Instruments } from '../../../src/scenario/runner.js';
import { type Check, check, type Step, step } from '../../../src/scenario/scenario.js';
import { controllerValue, observe, Story, snapshot, topic } from '../invariants/story.js';
import { FakeWorld } from './fake-world.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rebuild-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const LEADERLESS = { topic: 'orders', partition: 1, leader: -1, replicas: [0], isr: [0], live: [0] } as const;

/** A world whose observations are also written to the folder, as those of a real run are. */
class RecordedWorld extends FakeWorld {
  override readonly parts = {
    environment: 'local',
    operator: 'replayed',
    kafka: 'real',
    observedWithinSeconds: 0,
  } as const;

  override recorder(...args: Parameters<Instruments['recorder']>): ReturnType<Instruments['recorder']> {
    const write = observationRecorder(this.journal, folder);
    const keep = super.recorder(...args);
    return (seen, only) => {
      keep({ ...seen, events: [...seen.events] });
      write(seen, only);
    };
  }

  override observer(...args: Parameters<Instruments['observer']>): ReturnType<Instruments['observer']> {
    const observer = super.observer(...args);
    return {
      ...observer,
      observe: async (name, moment, topics) => ({
        ...(await observer.observe(name, moment, topics)),
        kraft: moment === 'ended' ? snapshot('kraft', ...topics.expected()) : undefined,
        records: [
          {
            topic: 'orders',
            acknowledged: 10,
            readBack: name === 'loses' ? 9 : 10,
            missing: [],
            logs: [{ partition: 0, acknowledged: 10, start: 0, end: 12 }],
          },
        ],
        leaders: { partitions: 3, leaderless: name === 'loses' ? [LEADERLESS] : [] },
      }),
    };
  }
}

const STEPS: readonly Step[] = [
  step('deploy', async ({ cluster, topics }) => {
    await cluster.deploy();
    await topics.create('before');
    await topics.create('during');
  }),
  step('delete', async ({ topics }) => {
    await topics.delete('short-lived');
  }),
];

/** A step that loses a topic and revives another one. */
function loses(world: FakeWorld): Step {
  return step('loses', async () => {
    world.held.delete('orders');
    world.held.set('short-lived', topic('short-lived'));
  });
}

/** Runs STEPS and more in a world whose journal is written to the folder. */
async function recordedRun(more: (world: FakeWorld) => readonly (Step | Check)[] = () => []): Promise<RecordedWorld> {
  const world = new RecordedWorld();
  world.znodes = { '/controller': { value: controllerValue(0, -1), ephemeral: true }, '/migration': undefined };
  const close = writeJournalTo(world.journal, join(folder, 'journal.jsonl'));
  await world.run([...STEPS, ...more(world)]);
  close();
  return world;
}

/** Replaces a text in a file of the run. */
function alter(file: string, from: string, to: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}

describe('a run that is rebuilt from its folder', () => {
  it('has every observation as it was judged', async () => {
    const world = await recordedRun((created) => [loses(created)]);
    expect(world.journal.ofType('verdict')).toMatchObject([{ verdict: 'lost' }]);
    const moments = await rebuildObservations(folder);
    expect(moments.map(({ observation }) => observation)).toEqual(world.judged);
    expect(moments.map(({ observation }) => observation.step)).toEqual(['deploy', 'delete', 'loses']);
    expect(moments[2]?.observation).toMatchObject({ deletedTopics: [{ name: 'short-lived' }], moment: 'ended' });
    expect(readdirSync(join(folder, 'snapshots'))).toHaveLength(6);
    const again = await judgeAgain(folder);
    expect(again).toEqual({
      repeated: world.journal.ofType('invariant-evaluated').length,
      changed: [],
      notJudged: [],
    });
    expect(moments[2]?.evaluated.filter(({ holds }) => !holds).map(({ invariant }) => invariant)).toEqual([
      'zookeeper-metadata-survives',
      'deleted-topics-stay-deleted',
      'records-survive',
      'partitions-have-leaders',
    ]);
    expect(moments.map(({ observation }) => observation.leaders?.leaderless)).toEqual([[], [], [LEADERLESS]]);
  });

  it('is judged as before if its version did not ask for leaders', async () => {
    await recordedRun();
    for (const [file, field] of [
      ['observations/01.json', ',\n  "leaders": {\n    "partitions": 3,\n    "leaderless": []\n  }'],
      ['observations/02.json', ',\n  "leaders": {\n    "partitions": 3,\n    "leaderless": []\n  }'],
    ] as const) {
      const before = sha256Of(readFileSync(join(folder, file)));
      alter(file, field, '');
      alter('journal.jsonl', before, sha256Of(readFileSync(join(folder, file))));
    }
    expect((await judgeAgain(folder)).changed).toEqual(
      ['deploy', 'delete'].map((name) => ({
        step: name,
        invariant: 'partitions-have-leaders',
        inRun: 'holds',
        again: undefined,
      })),
    );
  });

  it('shows an evaluation that is not the one in its journal', async () => {
    await recordedRun();
    alter(
      'journal.jsonl',
      '"invariant":"records-survive","about":"loss","holds":true',
      '"invariant":"records-survive","about":"loss","holds":false,"message":"x","evidence":[]',
    );
    expect((await judgeAgain(folder)).changed).toEqual([
      { step: 'deploy', invariant: 'records-survive', inRun: { message: 'x', evidence: [] }, again: 'holds' },
    ]);
  });

  it('shows an evaluation that its journal does not have', async () => {
    await recordedRun();
    const path = join(folder, 'journal.jsonl');
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, lines.filter((line) => !line.includes('"invariant":"topic-ids-stable"')).join('\n'));
    expect((await judgeAgain(folder)).changed).toEqual(
      ['deploy', 'delete'].map((name) => ({
        step: name,
        invariant: 'topic-ids-stable',
        inRun: undefined,
        again: 'holds',
      })),
    );
  });

  it.each([
    ['is judged about outages only, if only those were evaluated', 'outage', []],
    ['is judged about everything else, too', undefined, ['znodes-deleted-after-controllers-gone']],
  ] as const)('%s', async (_, only, changed) => {
    const story = new Story().deployed().migrated().operatorDeletes('/controller').rolledBack();
    const [first] = (await readJournal(join(packageRoot(), 'test/fixtures/formats/1/lost/journal.jsonl'))).slice(0, 1);
    const journal = new Journal();
    const close = writeJournalTo(journal, join(folder, 'journal.jsonl'));
    for (const event of [...(first === undefined ? [] : [first]), ...story.events]) journal.write(event);
    const nothing = { expectedTopics: [], zookeeper: undefined };
    observationRecorder(journal, folder)(observe(story, nothing), only);
    close();
    const again = await judgeAgain(folder);
    const violated = again.changed.filter((one) => one.again !== 'holds').map(({ invariant }) => invariant);
    expect(violated).toEqual(changed);
  });

  it("names the scenario's own checks as not judged", async () => {
    await recordedRun(() => [check('own', 'loss', () => undefined)]);
    expect(await judgeAgain(folder)).toMatchObject({
      changed: [],
      notJudged: [{ step: 'delete', invariant: 'own', why: expect.stringContaining('a check of a scenario needs') }],
    });
  });

  it.each([
    ['an observation', 'observations/01.json', '"orders"', '"borders"'],
    ['a snapshot of ZooKeeper', 'snapshots/01-zookeeper.json', '"orders"', '"borders"'],
    ['a snapshot of KRaft', 'snapshots/02-kraft.json', '"orders"', '"borders"'],
  ])('is refused if %s was changed', async (_, file, from, to) => {
    await recordedRun();
    alter(file, from, to);
    await expect(judgeAgain(folder)).rejects.toThrow(UsageError);
    await expect(judgeAgain(folder)).rejects.toThrow(
      `${join(folder, file)} is not the file that the run wrote: its SHA-256`,
    );
  });

  it('is refused if a file is missing', async () => {
    await recordedRun();
    rmSync(join(folder, 'observations/02.json'));
    await expect(judgeAgain(folder)).rejects.toThrow(UsageError);
    await expect(judgeAgain(folder)).rejects.toThrow('Give the whole folder of the run');
  });

  it('is refused if its journal names a file outside of the folder', async () => {
    await recordedRun();
    alter('journal.jsonl', 'observations/01.json', '../../etc/passwd');
    await expect(judgeAgain(folder)).rejects.toThrow(/not a valid 'observed'/);
  });
});

describe('a run of a version that did not record what it judged', () => {
  it.each(['survived', 'lost'])(
    '(%s) is judged by its events; what the journal does not have is named',
    async (run) => {
      cpSync(join(packageRoot(), 'test/fixtures/formats/1', run), folder, { recursive: true });
      const { repeated, changed, notJudged } = await judgeAgain(folder);
      expect(repeated).toBeGreaterThan(0);
      expect(changed).toEqual([]);
      const why = new Map(notJudged.map(({ invariant, why: text }) => [invariant, text]));
      expect(why.get('records-survive')).toBe('the journal does not have the records that were read back');
      expect(why.get('zookeeper-metadata-survives')).toBe('the journal does not have the topics that must exist');
    },
  );
});
