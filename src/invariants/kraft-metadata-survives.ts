import type { Evidence, JournalEvent } from '../journal/events.js';
import { count, listNames, logMessage, seconds } from '../journal/text.js';
import { vanishingsOfTopics } from '../journal/vanishing.js';
import type { Invariant, Observation } from './invariant.js';
import { leadingDriver } from './reading/driver.js';
import { is, lastPoolCreation, runningNodes } from './reading/history.js';
import {
  type Damage,
  damages,
  describeChanges,
  describePlacement,
  topicsWith,
  unreadableEvidence,
} from './reading/survival.js';
import { when } from './reading/vanishing.js';
import { describeConfigs, describeTopic } from './reading/wording.js';

/**
 * Once the brokers run in KRaft mode they know every topic as it was created. Neither KRaftPostMigration nor Ready
 * shows that: with the controllers' volumes kept, Strimzi 0.45.1 reaches both without the topics that were created
 * after the rollback (recordings 0.45.0-claims-kept and 0.45.1-claims-kept, for two different reasons).
 */
export const kraftMetadataSurvives: Invariant = {
  name: 'kraft-metadata-survives',
  about: 'loss',
  title: 'The brokers in KRaft mode know every topic with its partitions, replicas and configs',

  applies: ({ kraft, expectedTopics }) => kraft !== undefined && expectedTopics.length > 0,

  evaluate(observation) {
    const { kraft, expectedTopics } = observation;
    if (kraft === undefined) return undefined;
    const found = damages(expectedTopics, kraft);
    if (found.length === 0) return undefined;
    const missing = topicsWith('missing', found);
    const why = new Map(missing.map((topic) => [topic, reasonsFor(topic, observation)]));
    const mainReasons = [...why.values()].map(([first]) => first).filter((reason) => reason !== undefined);
    return {
      message: [
        ...(missing.length === 0
          ? []
          : [
              `the brokers in KRaft mode lack ${missing.length} of ${count(expectedTopics.length, 'expected topic')}: ${listNames(missing)}`,
            ]),
        ...new Set(mainReasons),
        ...describeChanges(found, 'KRaft'),
      ].join('; '),
      evidence: found.map((damage) => evidenceOf(damage, why.get(damage.topic) ?? [])),
    };
  },
};

function evidenceOf(damage: Damage, reasons: readonly string[]): Evidence {
  const subject = `topic ${damage.topic}`;
  switch (damage.kind) {
    case 'unreadable':
      return unreadableEvidence(damage);
    case 'missing':
      return {
        subject,
        expected: describeTopic(damage.before),
        found: 'unknown to the brokers',
        lost: { kind: 'topic', name: damage.topic },
        where: 'node',
        ...(reasons.length === 0 ? {} : { note: reasons.join('; ') }),
      };
    case 'partitions':
      return {
        subject,
        expected: `replicas ${describePlacement(damage.before)}`,
        found: `replicas ${describePlacement(damage.after)}`,
        lost: { kind: 'topic-partitions', name: damage.topic },
        where: 'node',
      };
    case 'configs':
      return {
        subject,
        expected: describeConfigs(damage.before),
        found: describeConfigs(damage.after),
        lost: { kind: 'topic-configs', name: damage.topic },
        where: 'node',
      };
  }
}

/**
 * Why KRaft does not have a topic: it was deleted from ZooKeeper by the sync from old metadata (0.45.0, volumes kept),
 * or it was never copied because the controllers took the migration for one that was already complete (0.45.1, volumes
 * kept). The most important reason comes first.
 */
function reasonsFor(topic: string, { events, zookeeper }: Observation): readonly string[] {
  const [vanishing] = vanishingsOfTopics([topic], events);
  if (vanishing !== undefined) return [`it had vanished from ZooKeeper ${when(vanishing)}`];
  const refusal = leadingDriver(events)?.error;
  const copied =
    refusal === undefined
      ? undefined
      : `the driver logged an error at ${seconds(refusal.t)}: ${logMessage(refusal.text)}`;
  const old = oldLogs(events);
  const still = zookeeper?.topics.some(({ name }) => name === topic) === true ? 'it is still in ZooKeeper' : undefined;
  return [copied, old, still].filter((fact) => fact !== undefined);
}

/** Controllers of the current pool whose first start found an old log. */
function oldLogs(events: readonly JournalEvent[]): string | undefined {
  const pool = lastPoolCreation(events);
  const old = runningNodes(events)
    .map(({ start }) => start.pod)
    .filter((pod) => {
      const first = events.slice(pool + 1).find((event) => is(event, 'node-started') && event.pod === pod);
      return is(first, 'node-started') && first.role === 'controller' && first.volume === 'used';
    });
  return old.length === 0 ? undefined : `${listNames(old)} had started with the log of an earlier quorum`;
}
