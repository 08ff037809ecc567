import type { Evidence, JournalEvent, Parts } from './events.js';

/*
 * Journals and recordings that were written before an optional field existed say the same in another way: in the text
 * of a piece of evidence, or by the name of the environment. This is the only place that reads it from there.
 */

/**
 * A journal with the optional fields that readers use. A journal has the old format if its head does not declare
 * `observedWithinSeconds`; any other journal is returned unchanged.
 */
export function upgraded(events: readonly JournalEvent[]): readonly JournalEvent[] {
  const [head] = events;
  return head?.type === 'run-started' && head.parts.observedWithinSeconds === undefined
    ? events.map(upgradedEvent)
    : events;
}

function upgradedEvent(event: JournalEvent): JournalEvent {
  switch (event.type) {
    case 'run-started':
      return { ...event, parts: withResolution(event.parts) };
    case 'invariant-evaluated':
      return event.evidence === undefined
        ? event
        : { ...event, evidence: event.evidence.map((evidence) => withFields(evidence, event.message ?? '')) };
    default:
      return event;
  }
}

/** A cluster in Kubernetes was observed by polling, and through the operator's log, which has whole seconds. */
function withResolution(parts: Parts): Parts {
  return { ...parts, observedWithinSeconds: parts.environment === 'kubernetes' ? 2 : 0 };
}

const ZNODE_OF_TOPIC = /^\/brokers\/topics\/(?<name>[^/]+)$/;
const TOPIC_OF_BROKERS = /^topic (?<name>\S+)$/;

function withFields(evidence: Evidence, message: string): Evidence {
  const { note } = evidence;
  return {
    ...evidence,
    ...placeOf(evidence),
    ...(note !== undefined && message.includes(note) ? { noteInMessage: true } : {}),
  };
}

function placeOf({ subject, found }: Evidence): Pick<Evidence, 'lost' | 'where'> {
  const ofZnode = ZNODE_OF_TOPIC.exec(subject)?.groups?.name;
  if (ofZnode !== undefined && found === 'absent') return { lost: { kind: 'topic', name: ofZnode }, where: 'znode' };
  const ofBrokers = TOPIC_OF_BROKERS.exec(subject)?.groups?.name;
  if (ofBrokers !== undefined && found === 'unknown to the brokers') {
    return { lost: { kind: 'topic', name: ofBrokers }, where: 'node' };
  }
  return subject.startsWith('/') ? { where: 'znode' } : {};
}
