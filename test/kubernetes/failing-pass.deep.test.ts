import { expect, it, jest } from '@jest/globals';
import { UsageError, WaitTimedOut } from '../../src/errors.js';
import { ofType } from '../scenarios/support.js';
import { describeOnCluster } from './api/real-cluster.js';
import { leftovers } from './support/inventory.js';
import { StartedCluster, type StartOptions } from './support/started-cluster.js';

jest.setTimeout(900_000);

const { REMIGRATE_TEST_MANIFESTS: manifests = '' } = process.env;
/** The operator must be ready within this time. The wait for a state that is never reached takes all of it. */
const STATE_TIMEOUT_MS = 60_000;

describeOnCluster('A pass that fails', () => {
  async function withCluster(
    options: Omit<StartOptions, 'operatorVersion' | 'manifests'>,
    body: (started: StartedCluster) => Promise<void>,
  ): Promise<void> {
    const started = await StartedCluster.start({ operatorVersion: '0.45.1', manifests, ...options });
    try {
      await body(started);
      expect(started.failures).toEqual([]);
      await started.end();
      expect(await leftovers(started.api)).toEqual([]);
    } finally {
      await started.close();
    }
  }

  it('is in the message of the wait that timed out, and in the journal with its reason', () =>
    withCluster({ stateTimeoutMs: STATE_TIMEOUT_MS }, async ({ cluster, journal }) => {
      // Too early: a cluster in the state ZooKeeper must not have the pool.
      await cluster.createControllerPool({ deleteClaim: true });
      const waited: unknown = await cluster.deploy().catch((error: unknown) => error);
      const why = 'KafkaNodePool controller contains invalid roles configuration';
      expect(waited).toBeInstanceOf(WaitTimedOut);
      expect(waited).toHaveProperty(
        'message',
        expect.stringContaining(
          `the last pass failed with InvalidResourceException: The Kafka cluster my-cluster is invalid: [${why}`,
        ),
      );
      await cluster.observed();
      const failed = ofType(journal.events(), 'pass-ended').filter(({ outcome }) => outcome === 'failed');
      // Repeated failures are not a refusal.
      expect(failed.length).toBeGreaterThan(3);
      for (const one of failed) {
        expect(one).toMatchObject({ reason: 'InvalidResourceException', message: expect.stringContaining(why) });
      }
    }));

  it('ends the wait if it is permanent, and the message says what to do', () =>
    withCluster({ kafkaVersion: '3.8.99' }, async ({ cluster, journal }) => {
      const waited: unknown = await cluster.deploy().catch((error: unknown) => error);
      expect(waited).toBeInstanceOf(UsageError);
      expect(waited).toHaveProperty(
        'message',
        expect.stringMatching(
          /^The operator 0\.45\.1 does not accept the Kafka resource: .*UnsupportedKafkaVersionException: Unsupported Kafka\.spec\.kafka\.version: 3\.8\.99.* Use a Kafka version that this operator supports \(--kafka\)\.$/,
        ),
      );
      const outcomes = ofType(journal.events(), 'pass-ended').map(({ outcome }) => outcome);
      expect([...new Set(outcomes)]).toEqual(['failed']);
    }));
});
