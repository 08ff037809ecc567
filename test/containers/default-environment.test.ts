import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readJournal } from '../../src/journal/file.js';
import { kafkaImage } from '../images/kafka-image.js';
import { expectNothingLeft, makePlace, type Place, remigrate, removePlace } from '../integration/support/command.js';
import { expectExitCode } from '../scenarios/support.js';
import { addProfile } from '../support/own-profile.js';
import { describeInDocker } from './support/in-docker.js';
import { TestImages } from './support/test-images.js';

const TEST_TIMEOUT_MS = 240_000;

describeInDocker('A machine with Docker and without Java', () => {
  let place: Place;
  const images = new TestImages();
  beforeEach(async () => {
    place = await makePlace();
  });
  afterEach(async () => {
    await images.delete();
    await removePlace(place);
  });

  it(
    "runs the nodes in Strimzi's image by default, and says so",
    async () => {
      // An image of a version that only this run uses: another run would notice a common one.
      const version = `0.45.${1000 + process.pid}`;
      await addProfile(join(place.folder, 'data'), version, '0.45.1');
      await images.tag(kafkaImage('3.9.0'), `quay.io/strimzi/kafka:${version}-kafka-3.9.0`);
      // PATH contains no programs: neither java nor docker.
      const env = { PATH: place.folder, JAVA_HOME: '' };
      const out = join(place.folder, 'out');
      const run = ['run', 'rollback-only', '--operator', version, '--data', 'data', '--out', out];
      const result = await remigrate(place, run, env);
      expect(result.all).toMatch(/^Java was not found: .* The nodes run in Docker containers\.$/m);
      expect(result.all).toContain('SURVIVED');
      expectExitCode(result, 0);
      const [started] = await readJournal(join(out, `rollback-only-${version}`, 'journal.jsonl'));
      expect(started).toMatchObject({ parts: { environment: 'containers' } });
      await expectNothingLeft(place);
    },
    TEST_TIMEOUT_MS,
  );
});
