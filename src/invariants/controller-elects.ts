import type { Evidence, JournalEvent } from '../journal/events.js';
import { signIn } from '../journal/sign-in.js';
import { count, logMessage, seconds } from '../journal/text.js';
import { readController, readMigration } from '../metadata/zookeeper/znodes.js';
import type { Invariant, Observation, Violation } from './invariant.js';
import { firstUnjudged, is, lastRollback } from './reading/history.js';
import { changesOf } from './reading/znodes.js';

const PATH = '/controller_epoch';
/** The signs of a refusal, and what was refused. */
const REFUSED = {
  'election-refused': 'election',
  'state-change-refused': 'replica change',
  'old-controller-epoch': 'request',
} as const;
type RefusedBy = keyof typeof REFUSED;

/**
 * After a rollback the brokers elect one of them as the controller, and it elects leaders. KRaft writes its own epoch
 * to the states of the partitions, but does not raise `/controller_epoch` to it (Kafka 3.9.0
 * `ZkTopicMigrationClient.scala`, updateTopicPartitions; `KafkaZkClient.scala`,
 * tryRegisterKRaftControllerAsActiveController). If the quorum has needed more elections than ZooKeeper's controllers,
 * the controller that takes over finds epochs above its own, and takes the partitions for those of a later controller:
 * it refuses every election (KAFKA-20488).
 *
 * Refusals are read from the brokers' logs. A refusal for the sake of an epoch that ZooKeeper's controllers have
 * reached is none: after a change of the controller, the earlier one may not know of it yet.
 */
export const controllerElects: Invariant = {
  name: 'controller-elects',
  about: 'outage',
  title: 'After a rollback elections of leaders succeed',

  applies: (observation) => {
    if (refusals(observation).length > 0) return true;
    const { events, leaders } = observation;
    const rollback = lastRollback(events);
    const isRolledBack = observation.state === 'ZooKeeper' && rollback !== undefined && rollback.nextPool === undefined;
    // Only a run that asks the brokers for leaders also looks for refusals in their logs.
    return isRolledBack && leaders !== undefined && epochNow(observation) !== undefined;
  },

  evaluate(observation) {
    const [first, ...more] = refusals(observation);
    return first === undefined ? undefined : refused(first, [first, ...more], observation);
  },
};

/** Lines of one broker's log that say that something was refused because of an epoch. */
interface Refusal {
  readonly t: number;
  readonly pod: string;
  readonly by: RefusedBy;
  readonly times: number;
  readonly text: string;
  /** The epoch that is above that of the controller. */
  readonly epoch: number;
  /** `/controller_epoch` at that time. */
  readonly controllerEpoch: number;
}

/** The refusals that no earlier step's evaluation has seen. */
function refusals(observation: Observation): readonly Refusal[] {
  const { events } = observation;
  const kraftEpochs = epochsOfKraft(events);
  const from = firstUnjudged(observation);
  const now = epochNow(observation);
  return events.flatMap((event, index) => {
    if (index < from || !is(event, 'node-log') || !isRefusal(event.sign)) return [];
    const epoch = Number(signIn(event.text)?.groups.epoch ?? Number.NaN);
    const then = lastEpoch(events.slice(0, index)) ?? now;
    if (now === undefined || then === undefined) return [];
    const isOfKraft = epoch > now || (epoch > then && kraftEpochs.has(epoch));
    if (!isOfKraft) return [];
    const { t, pod, sign: by, text, more: times = 1 } = event;
    return [{ t, pod, by, times, text, epoch, controllerEpoch: epoch > now ? now : then }];
  });
}

function isRefusal(sign: string): sign is RefusedBy {
  return Object.hasOwn(REFUSED, sign);
}

/** The content of `/controller_epoch` as a number. */
function epochOf(value: string | undefined): number | undefined {
  const epoch = Number.parseInt(value ?? '', 10);
  return Number.isNaN(epoch) ? undefined : epoch;
}

/** undefined: unknown, then no refusal can be judged. */
function epochNow({ znodes, events }: Observation): number | undefined {
  return epochOf(znodes[PATH]?.value) ?? lastEpoch(events);
}

function lastEpoch(events: readonly JournalEvent[]): number | undefined {
  return epochOf(changesOf(PATH, events).at(-1)?.event.value);
}

/** The epochs with which KRaft controllers have claimed `/controller`, or that they have written to `/migration`. */
function epochsOfKraft(events: readonly JournalEvent[]): ReadonlySet<number> {
  const claims = changesOf('/controller', events).flatMap(({ event }) => {
    const controller = event.value === undefined ? undefined : readController(event.value);
    return controller === undefined ? [] : [controller.kraftControllerEpoch];
  });
  const written = changesOf('/migration', events).flatMap(({ event }) => {
    const migration = event.value === undefined ? undefined : readMigration(event.value);
    return migration === undefined ? [] : [migration.kraft_controller_epoch];
  });
  return new Set([...claims, ...written]);
}

function refused(first: Refusal, found: readonly Refusal[], { state, znodes }: Observation): Violation {
  const { epoch, controllerEpoch: below } = found.reduce((a, b) => (b.epoch > a.epoch ? b : a), first);
  const verb = epochOf(znodes[PATH]?.value) === below ? 'is' : 'was';
  const what = Object.entries(REFUSED).flatMap(([by, noun]) => {
    const times = total(found.filter((refusal) => refusal.by === by));
    return times === 0 ? [] : [count(times, noun)];
  });
  const were = total(found) === 1 ? 'was' : 'were';
  const pods = [...new Set(found.map(({ pod }) => pod))];
  return {
    message:
      `${PATH} ${verb} ${below}, below epoch ${epoch} that KRaft wrote to the partitions' states (KAFKA-20488): ` +
      `${listed(what)} ${were} refused, ` +
      `the first at ${seconds(first.t)} by ${first.pod}${state === undefined ? '' : `, in state ${state}`}`,
    evidence: [
      {
        subject: PATH,
        expected: `at least ${epoch}, the epoch of KRaft's last controller`,
        found: String(below),
        where: 'znode',
      },
      ...pods.map((pod) =>
        evidenceOf(
          pod,
          found.filter((refusal) => refusal.pod === pod),
        ),
      ),
    ],
  };
}

function evidenceOf(pod: string, found: readonly Refusal[]): Evidence {
  const [first] = found;
  return {
    subject: pod,
    expected: 'elections succeed',
    found: count(total(found), 'refusal'),
    where: 'node',
    ...(first === undefined ? {} : { at: first.t, note: logMessage(first.text) }),
  };
}

/** `a`, `a and b`, `a, b and c` */
function listed(texts: readonly string[]): string {
  return [texts.slice(0, -1).join(', '), ...texts.slice(-1)].filter((text) => text !== '').join(' and ');
}

function total(found: readonly Refusal[]): number {
  return found.reduce((sum, { times }) => sum + times, 0);
}
