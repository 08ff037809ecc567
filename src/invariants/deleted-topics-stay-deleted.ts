import type { EventOf, Evidence, JournalEvent } from '../journal/events.js';
import { count, listNames, seconds } from '../journal/text.js';
import { describeContent } from '../metadata/losses.js';
import type { DeletedTopic, MetadataSnapshot } from '../metadata/model.js';
import type { Invariant, Observation } from './invariant.js';
import { is } from './reading/history.js';
import { zooKeeperToJudge } from './reading/survival.js';
import { byWriter, describeTopic } from './reading/wording.js';

/** A topic that exists although the user deleted it. */
interface Revival {
  readonly where: 'ZooKeeper' | 'KRaft';
  readonly deleted: DeletedTopic;
  readonly found: Existing;
}

/** A topic of a snapshot. */
interface Existing {
  readonly name: string;
  /** undefined: its znode is unreadable. */
  readonly id: string | undefined;
  readonly text: string;
}

/**
 * A topic that the user deleted no longer exists, neither in ZooKeeper nor in KRaft: the deletion itself is durable.
 * Metadata that is copied from an old source brings such a topic back, and later copies keep it.
 */
export const deletedTopicsStayDeleted: Invariant = {
  name: 'deleted-topics-stay-deleted',
  about: 'loss',
  title: 'A topic that the user deleted does not come back',

  applies: (observation) => observation.deletedTopics.length > 0 && sources(observation).length > 0,

  evaluate(observation) {
    const revived = revivals(observation);
    if (revived.length === 0) return undefined;
    const topics = [...new Set(revived.map(({ deleted }) => deleted.name))];
    const where = [...new Set(revived.map((revival) => revival.where))].join(' and ');
    const creation = creationOf(topics, observation.events);
    return {
      message:
        `${count(topics.length, 'topic')} that the user had deleted exist${topics.length === 1 ? 's' : ''} again in ${where}` +
        `${creation === undefined ? '' : `, created at ${seconds(creation.t)}${byWriter(creation.writer)}`}: ${listNames(topics)}`,
      evidence: revived.map((revival) => evidenceOf(revival, observation.events)),
    };
  },
};

/** What exists in the snapshots in which a deletion must be visible. */
function sources(observation: Observation): readonly { where: Revival['where']; topics: readonly Existing[] }[] {
  const { kraft, moment, state } = observation;
  // During dual-write the controller writes a deletion to ZooKeeper a moment later. Only after a step that ended well
  // did the observer wait for it.
  const zookeeper = moment === 'ended' || state === 'ZooKeeper' ? zooKeeperToJudge(observation) : undefined;
  return [
    ...(zookeeper === undefined ? [] : [{ where: 'ZooKeeper' as const, topics: existing(zookeeper) }]),
    ...(kraft === undefined ? [] : [{ where: 'KRaft' as const, topics: existing(kraft) }]),
  ];
}

/** The topics of a snapshot, without those whose deletion has not finished. */
function existing({ topics, unreadable = [], pendingDeletions = [] }: MetadataSnapshot): readonly Existing[] {
  return [
    ...topics.map((topic) => ({ name: topic.name, id: topic.id, text: describeTopic(topic) })),
    ...unreadable.flatMap((znode) =>
      znode.holds === 'topic' && znode.topic !== undefined
        ? [{ name: znode.topic, id: undefined, text: describeContent(znode) }]
        : [],
    ),
  ].filter(({ name }) => !pendingDeletions.includes(name));
}

function revivals(observation: Observation): readonly Revival[] {
  const deleted = new Map(observation.deletedTopics.map((topic) => [topic.name, topic]));
  return sources(observation).flatMap(({ where, topics }) =>
    topics.flatMap((found) => {
      const topic = deleted.get(found.name);
      return topic === undefined ? [] : [{ where, deleted: topic, found }];
    }),
  );
}

function evidenceOf({ where, deleted, found }: Revival, events: readonly JournalEvent[]): Evidence {
  const creation = creationOf([deleted.name], events);
  return {
    subject: where === 'ZooKeeper' ? `/brokers/topics/${deleted.name}` : `topic ${deleted.name}`,
    expected: `absent: the user deleted the topic with the id ${deleted.id}`,
    found: found.text,
    lost: { kind: 'topic-deletion', name: deleted.name },
    where: where === 'ZooKeeper' ? 'znode' : 'node',
    ...(creation === undefined ? {} : { at: creation.t }),
    ...(creation?.writer === undefined ? {} : { writer: creation.writer }),
    ...(found.id === undefined
      ? {}
      : {
          note:
            found.id === deleted.id
              ? 'it is the topic that the user deleted'
              : 'it is another topic with the same name',
        }),
  };
}

/** When one of the topics appeared in ZooKeeper after the user had deleted it; undefined: not journalled. */
function creationOf(topics: readonly string[], events: readonly JournalEvent[]): EventOf<'topics-changed'> | undefined {
  const deletion = events.findLastIndex(
    (event) => is(event, 'client-action') && event.action === 'delete-topic' && topics.includes(event.topic),
  );
  return events
    .slice(deletion + 1)
    .filter((event) => is(event, 'topics-changed'))
    .find(({ created = [] }) => created.some((name) => topics.includes(name)));
}
