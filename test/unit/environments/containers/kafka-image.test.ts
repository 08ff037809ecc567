import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { checkImage, PROBE } from '../../../../src/environments/containers/kafka-image.js';
import { UsageError } from '../../../../src/errors.js';
import { type Folder, jarNames, javaScript, makeFolder } from '../../distribution/fakes.js';

describe('an image', () => {
  let folder: Folder;
  beforeEach(async () => {
    folder = await makeFolder();
  });
  afterEach(() => folder.delete());

  /** What the probe prints if this folder is KAFKA_HOME. */
  function probe(env: Readonly<Record<string, string>> = {}): readonly string[] {
    const path = `${folder.join('bin')}:/usr/bin:/bin`;
    const kafka = { KAFKA_HOME: folder.join('kafka'), PATH: path, ...env };
    return execFileSync('/bin/sh', ['-c', PROBE], { env: kafka, encoding: 'utf8' }).split('\n');
  }

  async function kafka(names: readonly string[]): Promise<void> {
    for (const name of names) await folder.write(`kafka/libs/${name}`, '');
  }

  function refusal(kafkaVersion = '3.9.0'): string {
    try {
      checkImage('mine:1', probe(), kafkaVersion);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      return String(error);
    }
    throw new Error('it was not refused');
  }

  it('with Kafka, ZooKeeper and Java is accepted, with their paths', async () => {
    await kafka(jarNames('3.9.0'));
    await folder.program('bin/java', javaScript(17));
    await folder.write('kafka/kraft.jsa', '');
    expect(checkImage('mine:1', probe(), '3.9.0')).toEqual({
      name: 'mine:1',
      home: folder.join('kafka'),
      java: folder.join('bin/java'),
      archives: [folder.join('kafka/kraft.jsa')],
    });
  });

  it("that sets JAVA_HOME is used with that Java, as Strimzi's image requires", async () => {
    await kafka(jarNames('3.9.0'));
    await folder.program('bin/java', javaScript(11));
    await folder.program('jdk/bin/java', javaScript(21));
    const { java } = checkImage('mine:1', probe({ JAVA_HOME: folder.join('jdk') }), '3.9.0');
    expect(java).toBe(folder.join('jdk/bin/java'));
  });

  it('without Kafka is refused', () => {
    expect(refusal()).toContain('The image mine:1 does not contain Kafka');
  });

  it('of Kafka 4 is refused: it has no ZooKeeper', async () => {
    await kafka(jarNames('4.0.0').filter((name) => !name.startsWith('zookeeper')));
    expect(refusal()).toContain('holds Kafka 4.0.0 without ZooKeeper: there is nothing to migrate from');
  });

  it('of another Kafka version is refused', async () => {
    await kafka(jarNames('3.9.0'));
    expect(refusal('3.8.1')).toContain('holds Kafka 3.9.0, but this run needs Kafka 3.8.1');
  });

  it('without the logging library is refused', async () => {
    await kafka(jarNames('3.9.0').filter((name) => !name.includes('reload4j')));
    expect(refusal()).toContain('lacks the logging library slf4j-reload4j');
  });

  it('without Java, or with an unsupported one, is refused', async () => {
    await kafka(jarNames('3.9.0'));
    const answer = probe().filter((line) => !/^(java|major)=/.test(line));
    expect(() => checkImage('mine:1', answer, '3.9.0')).toThrow('does not contain Java');
    await folder.program('bin/java', javaScript(11));
    expect(refusal()).toContain('has Java 11');
    await folder.program('bin/java', 'exit 1');
    expect(refusal()).toContain('has a java that does not run');
  });
});
