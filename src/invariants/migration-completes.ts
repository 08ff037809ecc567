import type { Evidence } from '../journal/events.js';
import { logMessage, seconds } from '../journal/text.js';
import { readController } from '../metadata/zookeeper/znodes.js';
import { DUAL_WRITING_AND_LATER, type KafkaMetadataState } from '../strimzi/migration-state.js';
import type { Invariant, Observation, Violation } from './invariant.js';
import { leadingDriver } from './reading/driver.js';
import { is } from './reading/history.js';
import { hasCopied, requestedMigration } from './reading/migration-request.js';
import { changesOf } from './reading/znodes.js';

/**
 * A migration that the user requested copies ZooKeeper's metadata before the operator goes on to KRaftDualWriting. If
 * it goes on although nothing was copied (a kept log says that an earlier migration is complete: recording
 * 0.45.1-claims-kept, 293-383 s), everything created since then will be missing. Whether the migration then reaches its
 * end is judged by `migration-finishes`.
 */
export const migrationCompletes: Invariant = {
  name: 'migration-completes',
  about: 'loss',
  title: 'A requested migration copies the metadata before the state goes on',

  applies: (observation) => stateAfterCopy(observation) !== undefined && hasCopied(observation) !== 'unknown',

  evaluate(observation) {
    const state = stateAfterCopy(observation);
    return state === undefined || hasCopied(observation) !== false ? undefined : withoutCopy(observation, state);
  },
};

/** The state, where it says that a migration was requested and its copy is complete. */
function stateAfterCopy({ events, state }: Observation): KafkaMetadataState | undefined {
  return requestedMigration(events) !== undefined && DUAL_WRITING_AND_LATER.has(state) ? state : undefined;
}

function withoutCopy({ events, znodes }: Observation, state: KafkaMetadataState): Violation {
  const arrival = events.findLast((event) => is(event, 'state-changed') && event.to === 'KRaftDualWriting');
  const migration = changesOf('/migration', events).at(-1)?.event;
  const controller = changesOf('/controller', events).at(-1)?.event;
  const driver = leadingDriver(events);
  const read =
    driver?.zkMigrationState === undefined ? '' : `, which reads ${driver.zkMigrationState} from ${driver.pod},`;
  const found = znodes['/migration']?.value ?? migration?.value ?? 'absent';
  const claim = znodes['/controller']?.value ?? controller?.value;
  const holder = claim === undefined ? undefined : readController(claim);
  const refusal =
    driver?.error === undefined
      ? undefined
      : `${driver.pod} logged at ${seconds(driver.error.t)}: ${logMessage(driver.error.text)}`;
  const evidence: readonly Evidence[] = [
    {
      subject: '/migration',
      expected: 'an offset above 0 before state KRaftDualWriting',
      found,
      where: 'znode',
      ...(migration === undefined ? {} : { at: migration.t }),
      ...(migration?.writer === undefined ? {} : { writer: migration.writer }),
      ...(refusal === undefined ? {} : { note: refusal }),
    },
    {
      subject: '/controller',
      expected: 'owned by a KRaft controller before state KRaftDualWriting',
      found: claim ?? 'absent',
      where: 'znode',
      ...(controller === undefined ? {} : { at: controller.t }),
      ...(controller?.writer === undefined ? {} : { writer: controller.writer }),
    },
  ];
  return {
    message: `the operator${read} went on to ${arrival === undefined ? state : `KRaftDualWriting at ${seconds(arrival.t)}`} although nothing was copied: /migration has no offset above 0 and /controller ${holder === undefined ? 'does not belong to a KRaft controller' : `belongs to broker ${holder.brokerid}`}`,
    evidence,
  };
}
