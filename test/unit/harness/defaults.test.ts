import { expect, it } from '@jest/globals';
import { DEFAULT_KAFKA_VERSION, kafkaRelease } from '../../../src/distribution/kafka-versions.js';
import { loadProfiles, shippedProfilesFolder } from '../../../src/operator/profile.js';

it('the default Kafka version is one that remigrate runs and that every known operator version supports', () => {
  expect(kafkaRelease(DEFAULT_KAFKA_VERSION).kafka).toBe(DEFAULT_KAFKA_VERSION);
  const profiles = loadProfiles([shippedProfilesFolder()]);
  for (const version of profiles.versions()) {
    expect(profiles.get(version).kafka.supported).toContain(DEFAULT_KAFKA_VERSION);
  }
});
