import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { OperatorEvents } from '../../../../src/environments/kubernetes/operator-events.js';
import { PodEvents } from '../../../../src/environments/kubernetes/pod-events.js';
import type { EventOf, JournalEvent, JournalEventBody, NodeStarted } from '../../../../src/journal/events.js';
import { Journal } from '../../../../src/journal/journal.js';
import type { Pod } from '../../../../src/kubernetes/core-objects.js';
import { packageRoot } from '../../../../src/package-root.js';

const folder = join(packageRoot(), 'fixtures/recordings');

/**
 * Events from a cluster's objects and its operator; others in a recording are from the user, ZooKeeper or remigrate.
 */
const REPORTED_TYPES = [
  'node-started',
  'node-ready',
  'node-stopped',
  'container-restarted',
  'node-gone',
  'volume-wiped',
  'state-changed',
  'pass-ended',
  'operator-deleted-znode',
] as const;
type ReportedEvent = EventOf<(typeof REPORTED_TYPES)[number]> | EventOf<'operator-log'>;

function isReported(event: JournalEvent): event is ReportedEvent {
  // The first state is from the status, not a transition. Other lines were selected by hand for the recordings.
  if (event.type === 'state-changed') return event.from !== null;
  if (event.type === 'operator-log') return /^Rolling Pod /.test(event.text);
  return (REPORTED_TYPES as readonly string[]).includes(event.type);
}

function withoutTime({ t: _t, ...body }: JournalEvent): JournalEventBody {
  return body;
}

/**
 * Plays back a recording: changes of pods and claims, and lines of the operator's log, which are converted to events.
 */
class PlayedCluster {
  readonly journal = new Journal();
  readonly failures: Error[] = [];
  readonly #configMaps = new Map<string, Readonly<Record<string, string>>>();
  readonly #claims = new Map<string, string>();
  readonly #pods = new Map<string, { readonly pod: Pod; readonly role: NodeStarted['role'] }>();
  readonly #containers = new Map<string, NonNullable<NonNullable<Pod['status']>['containerStatuses']>[number]>();
  readonly #fatalLines = new Map<string, string | undefined>();
  readonly #nodes = new PodEvents(this.journal, {
    configMap: async (name) => this.#configMaps.get(name),
    claimUid: async (pod) => this.#claims.get(pod),
    fatalLine: async (pod) => this.#fatalLines.get(pod),
    failed: (error) => this.failures.push(error),
  });
  readonly #operator = new OperatorEvents(this.journal, this.#nodes);
  #uids = 0;

  async play(event: ReportedEvent): Promise<void> {
    switch (event.type) {
      case 'node-started':
        this.#start(event);
        break;
      case 'node-ready':
        this.#change(event.pod, 'modified', { ready: true });
        break;
      case 'node-stopped':
        if (event.reason === 'user') this.#nodes.announce(event.pod, 'user');
        this.#change(event.pod, 'modified', { ready: true, deleting: true });
        this.#change(event.pod, 'modified', { deleting: true, phase: 'Succeeded' });
        if (event.reason !== 'deleted') this.#change(event.pod, 'deleted', { deleting: true, phase: 'Succeeded' });
        break;
      case 'container-restarted':
        this.#restartContainer(event);
        break;
      case 'node-gone':
        this.#change(event.pod, 'deleted', { deleting: true, phase: 'Succeeded' });
        break;
      case 'volume-wiped':
        this.#nodes.claim('deleted', this.#claimOf(event.pod));
        this.#claims.delete(event.pod);
        break;
      default:
        this.#operator.line(lineOf(event));
        if (event.type === 'pass-ended' && event.outcome === 'failed') this.#operator.line(lineAfterFailure(event));
    }
    await this.#nodes.settled();
  }

  #start({ pod: name, role, configMap, configuration }: NodeStarted): void {
    this.#configMaps.set(name, {
      ...configMap,
      'listeners.config': 'PLAIN_9092',
      'server.config': Object.entries(configuration)
        .map(([key, value]) => `##########\n# ${key}\n##########\n${key}=${value}\n`)
        .join('\n'),
    });
    if (!this.#claims.has(name)) {
      this.#claims.set(name, this.#uid());
      this.#nodes.claim('added', this.#claimOf(name));
    }
    const labels =
      role === 'zookeeper'
        ? { 'strimzi.io/component-type': 'zookeeper' }
        : {
            'strimzi.io/component-type': 'kafka',
            'strimzi.io/broker-role': String(role === 'broker'),
            'strimzi.io/controller-role': String(role === 'controller'),
          };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, uid: this.#uid(), labels } };
    this.#pods.set(name, { pod, role });
    this.#containers.delete(name);
    this.#change(name, 'added', { phase: 'Pending' });
    this.#change(name, 'modified', {});
  }

  /** `exit code 1 (Error)`: how the container before it ended. */
  #restartContainer({ pod, how, error }: EventOf<'container-restarted'>): void {
    this.#fatalLines.set(pod, error);
    const [, exitCode = '', reason = ''] = /^exit code (\d+) \((\w+)\)$/.exec(how) ?? [];
    this.#containers.set(pod, {
      name: 'kafka',
      restartCount: (this.#containers.get(pod)?.restartCount ?? 0) + 1,
      lastState: { terminated: { exitCode: Number(exitCode), reason } },
    });
    this.#change(pod, 'modified', {});
  }

  #change(
    name: string,
    change: 'added' | 'modified' | 'deleted',
    look: { readonly ready?: boolean; readonly deleting?: boolean; readonly phase?: string },
  ): void {
    const known = this.#pods.get(name);
    if (known === undefined) throw new Error(`the recording has no start of ${name}`);
    const { pod } = known;
    const { ready = false, deleting = false, phase = 'Running' } = look;
    this.#nodes.pod(change, {
      ...pod,
      metadata: { ...pod.metadata, ...(deleting ? { deletionTimestamp: '2026-11-24T10:00:00Z' } : {}) },
      status: {
        phase,
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
        containerStatuses: [this.#containers.get(name) ?? { name: 'kafka', restartCount: 0 }],
      },
    });
  }

  #claimOf(pod: string) {
    const name = this.#pods.get(pod)?.role === 'zookeeper' ? `data-${pod}` : `data-0-${pod}`;
    return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name } };
  }

  #uid(): string {
    this.#uids += 1;
    return `uid-${this.#uids}`;
  }
}

/** The line of Strimzi's log that an event was read from. */
function lineOf(event: EventOf<'state-changed' | 'pass-ended' | 'operator-deleted-znode' | 'operator-log'>): string {
  const line = (level: string, logger: string, text: string, pass = 1): string =>
    `2026-11-24 10:00:00 ${level.padEnd(5)} ${logger}:1 - Reconciliation #${pass}(timer) Kafka(rec/my-cluster): ${text}`;
  switch (event.type) {
    case 'state-changed':
      return line(
        'INFO',
        'KafkaMetadataStateManager',
        `Transitioning metadata state from [${event.from}] to [${event.to}] with strimzi.io/kraft annotation [${event.annotation}]`,
      );
    case 'pass-ended':
      return event.outcome === 'reconciled'
        ? line('INFO', 'AbstractOperator', 'reconciled', event.pass)
        : line('ERROR', 'AbstractOperator', 'createOrUpdate failed', event.pass);
    case 'operator-deleted-znode':
      return event.outcome === 'deleted'
        ? line(
            'INFO',
            'KRaftMigrationUtils',
            `Deleted the '${event.path}' znode as part of the KRaft migration rollback`,
          )
        : line(
            'WARN',
            'KRaftMigrationUtils',
            `The '${event.path}' znode doesn't exist already. Nothing to delete as part of the KRaft migration rollback`,
          );
    case 'operator-log':
      return line(event.level, event.logger, event.text);
  }
}

/** The line that log4j2 writes after the line of a pass that failed. */
function lineAfterFailure({ reason, message }: EventOf<'pass-ended'>): string {
  return reason === undefined ? '\tat io.strimzi.X' : `io.strimzi.operator.common.model.${reason}: ${message}`;
}

describe.each(readdirSync(folder).filter((name) => name.endsWith('.jsonl')))('the cluster of %s', (name) => {
  const recorded = readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalEvent)
    .filter(isReported);

  it('has the journal of the recording: starts with configurations and volumes, restarts with reasons, in order', async () => {
    const cluster = new PlayedCluster();
    for (const event of recorded) await cluster.play(event);
    expect(cluster.failures).toEqual([]);
    expect(recorded.length).toBeGreaterThan(40);
    expect(
      cluster.journal
        .events()
        .filter(({ type }) => type !== 'node-stopping')
        .map(withoutTime),
    ).toEqual(recorded.map(withoutTime));
  });
});
