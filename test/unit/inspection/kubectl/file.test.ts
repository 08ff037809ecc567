import { describe, expect, it } from '@jest/globals';
import { UsageError } from '../../../../src/errors.js';
import { forecast } from '../../../../src/inspection/forecast/forecast.js';
import { printCommands } from '../../../../src/inspection/kubectl/commands.js';
import { readInspectionFile } from '../../../../src/inspection/kubectl/file.js';
import { markOf, markOfCluster, type SectionName } from '../../../../src/inspection/kubectl/sections.js';

const HEADER = { context: 'lab', namespace: 'kafka', cluster: 'my-cluster' };
const STAT = 'cZxid = 0x42\nctime = Tue Nov 24 10:00:20 UTC 2026\nephemeralOwner = 0x0';
const MIGRATION =
  '{"version":0,"kraft_metadata_offset":566,"kraft_controller_id":1,"kraft_metadata_epoch":1,"kraft_controller_epoch":1}';
const CONTROLLER = '{"version":2,"brokerid":0,"timestamp":"1795520450818","kraftControllerEpoch":-1}';

const json = (content: object) => JSON.stringify(content, null, 4);
const none = json({ apiVersion: 'v1', kind: 'List', items: [] });

const SECTIONS: Readonly<Record<SectionName, string>> = {
  kafka: json({
    apiVersion: 'kafka.strimzi.io/v1beta2',
    kind: 'Kafka',
    metadata: { name: 'my-cluster', namespace: 'kafka', annotations: { 'strimzi.io/kraft': 'disabled' } },
    status: { kafkaMetadataState: 'ZooKeeper', kafkaVersion: '3.9.0' },
  }),
  kafkanodepools: none,
  pods: none,
  persistentvolumeclaims: none,
  persistentvolumes: none,
  '/migration': 'Node does not exist: /migration',
  '/controller': `${CONTROLLER}\n${STAT.replace('0x0', '0x1000')}`,
  '/controller_epoch': `5\n${STAT}`,
  '/brokers/topics': '[before-1]',
};

function file(sections: Partial<Record<SectionName, string>> = {}, header = HEADER): string {
  const all = Object.entries({ ...SECTIONS, ...sections }) as [SectionName, string][];
  return [markOfCluster(header), ...all.flatMap(([name, text]) => [markOf(name), text])].join('\n');
}

async function one(text: string) {
  const [facts, ...more] = await readInspectionFile('my-cluster.txt', text);
  if (facts === undefined) throw new Error('no cluster');
  expect(more).toEqual([]);
  return facts;
}

describe('a file that the printed commands have written', () => {
  it('has the same facts as an inspection of the cluster', async () => {
    const facts = await one(file());
    expect(facts).toMatchObject({
      name: 'lab/kafka/my-cluster',
      kafka: { known: { state: 'ZooKeeper', annotation: 'disabled', kafkaVersion: '3.9.0' } },
      znodes: {
        known: { migration: undefined, controller: { id: 0, owner: 'broker' }, controllerEpoch: 5, topics: 1 },
      },
      leftovers: { known: { claims: [], volumes: { known: { waiting: [] } } } },
    });
    expect(forecast(facts).outcome).toBe('first-copy');
  });

  it('shows a leftover', async () => {
    const facts = await one(file({ '/migration': `${MIGRATION}\n${STAT}` }));
    expect(forecast(facts)).toMatchObject({ outcome: 'skip-and-wipe', safety: 'unsafe' });
  });

  it('may have warnings before and after the JSON', async () => {
    const facts = await one(file({ persistentvolumeclaims: `Warning: deprecated\n${none}\n` }));
    expect(facts.leftovers).toMatchObject({ known: {} });
  });

  it('may hold several clusters, and no context', async () => {
    const text = `${file()}\n${file({}, { ...HEADER, cluster: 'second', namespace: 'else' })}`;
    const clusters = await readInspectionFile('both.txt', text);
    expect(clusters.map(({ name }) => name)).toEqual(['lab/kafka/my-cluster', 'lab/else/second']);
    // The second's Kafka resource is the first's.
    expect(clusters[1]?.kafka).toEqual({
      unknown: 'the section "kafka" does not hold the Kafka resource else/second',
    });
  });

  it.each<readonly [SectionName, string, 'kafka' | 'znodes' | 'leftovers', string]>([
    ['kafka', 'Error from server (Forbidden): kafkas is forbidden', 'kafka', 'kafkas is forbidden'],
    ['persistentvolumeclaims', 'error: You must be logged in', 'leftovers', 'You must be logged in'],
    ['persistentvolumeclaims', none.slice(0, 30), 'leftovers', 'wrote no JSON for "persistentvolumeclaims"'],
    ['persistentvolumeclaims', '{"items":[1]}', 'leftovers', 'is not a Kubernetes object'],
    ['/migration', 'Error from server (NotFound): pods "my-cluster-zookeeper-0" not found', 'znodes', 'not found'],
    [
      '/controller',
      `nonsense\n${STAT}`,
      'znodes',
      'The znode /controller does not hold what Kafka writes there: it is not JSON',
    ],
  ])('says what could not be read of %s: %s', async (section, text, part, why) => {
    const facts = await one(file({ [section]: text }));
    const found = facts[part];
    expect('unknown' in found ? found.unknown : '').toContain(why);
    expect(forecast(facts).safety).toBe('unknown');
  });

  it('says that volumes could not be listed', async () => {
    const facts = await one(file({ persistentvolumes: 'Error from server (Forbidden): persistentvolumes' }));
    expect(facts.leftovers).toMatchObject({ known: { volumes: { unknown: expect.stringContaining('Forbidden') } } });
  });

  it('is not complete when it is truncated', async () => {
    const whole = file();
    const facts = await one(whole.slice(0, whole.indexOf('##### /controller')));
    expect(facts.znodes).toEqual({ unknown: 'my-cluster.txt has no section "/controller": is it truncated?' });
  });

  it.each(['', 'kind: Kafka\n', '##### remigrate inspect 2 kafka/my-cluster\n##### kafka\n{}'])(
    'is refused when it is something else: %j',
    async (text) => {
      await expect(readInspectionFile('my-cluster.txt', text)).rejects.toThrow(UsageError);
      await expect(readInspectionFile('my-cluster.txt', text)).rejects.toThrow(
        'my-cluster.txt was not written by the commands of remigrate inspect --print-commands',
      );
    },
  );
});

describe('the printed commands', () => {
  const lines = printCommands({ ...HEADER, context: "o'lab" });

  it('have a section for everything that is read, and name the cluster', () => {
    for (const name of Object.keys(SECTIONS)) expect(lines.join('\n')).toContain(`echo '##### ${name}'; kubectl`);
    expect(lines).toContain(`echo '##### remigrate inspect 1 kafka/my-cluster o'\\''lab'`);
    expect(lines.at(-1)).toBe('remigrate inspect --from my-cluster.txt');
  });

  it('are read-only, and read no Secret', () => {
    const verbs = lines.flatMap((line) => / (get|exec|delete|create|apply|patch|edit|annotate) /.exec(line)?.[1] ?? []);
    expect(new Set(verbs)).toEqual(new Set(['get', 'exec']));
    expect(lines.filter((line) => /secret/i.test(line))).toEqual([]);
    for (const line of lines.filter((line) => line.includes(' exec '))) {
      expect(line).toMatch(/zookeeper-shell\.sh 127\.0\.0\.1:12181 (get -s|ls) \//);
    }
  });
});
