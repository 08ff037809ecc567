import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import {
  expectExitCode,
  journalOf,
  ofType,
  remigrateRun,
  SCENARIO_TIMEOUT_MS,
  verdictOf,
} from '../scenarios/support.js';

const RUN = 'rollback-remigrate-0.45.0';

/** Deletes a topic from ZooKeeper as a user with a ZooKeeper client of their own does. */
const BY_HAND = `
async function deleteByHand(cluster, path) {
  const { connectString } = cluster.zookeeper();
  const signal = new AbortController().signal;
  const client = await connectZooKeeper({ connectString, sessionTimeoutMs: 10_000, deadlineMs: 15_000, signal });
  const remove = async (znode) => {
    for (const child of (await client.children(znode)) ?? []) await remove(\`\${znode}/\${child}\`);
    await client.delete(znode);
  };
  await remove(path);
  await client.close();
}
`;

describe('a topic that is deleted by hand in step "deploy", with 0.45.0, which is known to lose topics', () => {
  let data: string;
  let file: string;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'test-by-hand-'));
    const shipped = await readFile(join(packageRoot(), 'scenarios/rollback-remigrate.ts'), 'utf8');
    const client = join(packageRoot(), 'dist/src/metadata/zookeeper/client.js');
    const planted = shipped
      .replace('import {', `import { connectZooKeeper } from ${JSON.stringify(client)};\nimport {`)
      .replace('export default', `${BY_HAND}\nexport default`)
      .replace(
        "await topics.create('before');",
        "await topics.create('before');\n      await deleteByHand(cluster, '/brokers/topics/before-1');",
      );
    expect(planted.match(/deleteByHand/g)).toHaveLength(2);
    file = join(data, 'planted.ts');
    await writeFile(file, planted);
  });
  afterAll(() => rm(data, { recursive: true, force: true }));

  it(
    'fails the run, and the printed entry explains exactly this loss',
    async () => {
      const args = [file, '--operator', '0.45.0'];
      const planted = await remigrateRun(args);
      expectExitCode(planted, 1);
      expect(verdictOf(journalOf(planted, RUN))).toMatchObject({ verdict: 'lost', asExpected: false, step: 'deploy' });
      expect(planted.all).toContain('LOST, NOT EXPECTED');
      const violated = ofType(journalOf(planted, RUN), 'invariant-evaluated').filter(({ holds }) => !holds);
      expect(violated).toMatchObject([
        {
          invariant: 'zookeeper-metadata-survives',
          notExplained: 'known issue strimzi-kafka-operator#11262 expects it in step "migrate again"',
        },
      ]);
      expect(violated[0]).not.toHaveProperty('knownIssue');

      const lines = planted.all.split('\n');
      const entry = lines.slice(lines.findIndex((line) => line.startsWith('- id: ')));
      const pasted = entry.slice(0, entry.indexOf('')).join('\n');
      expect(pasted).toContain('writers: [ unknown ]');
      expect(pasted).toContain('subjects: [ /brokers/topics/before-1 ]');
      await writeFile(join(data, 'known-issues.yaml'), pasted);
      const explained = await remigrateRun([...args, '--data', data]);
      expectExitCode(explained, 0);
      expect(verdictOf(journalOf(explained, RUN))).toMatchObject({
        verdict: 'lost',
        asExpected: true,
        knownIssue: { thread: 'unreported' },
      });
    },
    SCENARIO_TIMEOUT_MS,
  );
});
