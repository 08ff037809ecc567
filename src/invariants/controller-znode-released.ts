import { seconds } from '../journal/text.js';
import { isKraftController, readController } from '../metadata/zookeeper/znodes.js';
import type { Invariant, Observation } from './invariant.js';
import { lastRollback, type Rollback } from './reading/history.js';
import { byWriter } from './reading/wording.js';
import { changesOf } from './reading/znodes.js';

const PATH = '/controller';

/**
 * After a rollback KRaft's claim on `/controller` is gone: the znode is absent, or a broker's, which is ephemeral.
 * KRaft's is persistent, and as long as it exists no broker can become the controller (Kafka 3.9.0
 * `core/.../zk/KafkaZkClient.scala:174-233`; left behind by `disabled` in KRaftMigration, measured on Strimzi 0.45.0).
 */
export const controllerZnodeReleased: Invariant = {
  name: 'controller-znode-released',
  about: 'residue',
  title: "After a rollback /controller is absent or a broker's ephemeral one",

  applies: (observation) => rollbackToJudge(observation) !== undefined,

  evaluate(observation) {
    const rollback = rollbackToJudge(observation);
    const znode = observation.znodes[PATH];
    if (rollback === undefined || znode === undefined) return undefined;
    const controller = readController(znode.value);
    if (controller !== undefined && znode.ephemeral && !isKraftController(controller)) return undefined;
    const last = changesOf(PATH, observation.events).at(-1)?.event;
    const holder =
      controller === undefined
        ? 'has content that no Kafka node writes'
        : isKraftController(controller)
          ? `still belongs to KRaft controller ${controller.brokerid}`
          : `belongs to broker ${controller.brokerid}, but is not ephemeral`;
    const kind = znode.ephemeral ? 'ephemeral' : 'persistent';
    return {
      message: `/controller ${holder} (${kind}) after the rollback that ended at ${seconds(rollback.end.t)}${byWriter(last?.writer)}`,
      evidence: [
        {
          subject: PATH,
          expected: 'absent, or ephemeral with kraftControllerEpoch -1',
          found: `${kind} ${znode.value}`,
          where: 'znode',
          ...(last === undefined ? {} : { at: last.t }),
          ...(last?.writer === undefined ? {} : { writer: last.writer }),
        },
      ],
    };
  },
};

/** The rollback whose end can be judged now: ZooKeeper was read, and no migration has begun since. */
function rollbackToJudge({ events, state, zookeeper }: Observation): Rollback | undefined {
  if (state !== 'ZooKeeper' || zookeeper === undefined) return undefined;
  const rollback = lastRollback(events);
  return rollback?.nextPool === undefined ? rollback : undefined;
}
