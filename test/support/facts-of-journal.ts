import type {
  ClusterFacts,
  Controller,
  ControllerPool,
  ControllerVolumeClaim,
  MigrationSeen,
} from '../../src/inspection/facts.js';
import type { JournalEvent } from '../../src/journal/events.js';

/** What `inspect` would have read from a run's cluster after these events. The journals of all environments suffice. */
export function factsAfter(events: readonly JournalEvent[]): ClusterFacts {
  const seen = new Seen();
  for (const event of events) seen.add(event);
  return seen.facts();
}

const POOL = 'controller';

class Seen {
  #annotation = 'disabled';
  #state: Extract<JournalEvent, { type: 'state-changed' }>['to'] | undefined;
  #pool: ControllerPool | undefined;
  readonly #claims = new Map<string, ControllerVolumeClaim>();
  readonly #pods = new Set<string>();
  #migration: MigrationSeen | undefined;
  /** Whether /migration exists without data. */
  #isBlank = false;
  #controller: Controller | undefined;
  readonly #topics = new Set<string>();

  add(event: JournalEvent): void {
    if (event.type === 'gesture') this.#gesture(event);
    if (event.type === 'state-changed') this.#state = event.to;
    if (event.type === 'znode-changed') this.#znode(event);
    if (event.type === 'node-started' && event.role === 'controller') {
      this.#pods.add(event.pod);
      const claim = `data-0-${event.pod}`;
      if (!this.#claims.has(claim)) this.#claims.set(claim, { name: claim, pool: POOL, createdAt: event.t * 1000 });
    }
    if (event.type === 'node-gone') this.#pods.delete(event.pod);
    if (event.type === 'topics-changed') {
      for (const topic of event.created ?? []) this.#topics.add(topic);
      for (const topic of event.deleted ?? []) this.#topics.delete(topic);
    }
  }

  facts(): ClusterFacts {
    return {
      name: 'journal',
      context: undefined,
      namespace: 'kafka',
      cluster: 'my-cluster',
      readBy: 'remigrate',
      kafka: {
        known: {
          annotation: this.#annotation,
          state: this.#state,
          paused: false,
          warnings: [],
          kafkaVersion: undefined,
          operatorVersion: undefined,
        },
      },
      znodes: {
        known: {
          migration: this.#migration,
          ...(this.#isBlank ? { blankMigration: 'empty' } : {}),
          controller: this.#controller,
          controllerEpoch: undefined,
          topics: this.#topics.size,
        },
      },
      leftovers: {
        known: {
          pools: this.#pool === undefined ? [] : [this.#pool],
          dualRolePools: [],
          pods: [...this.#pods],
          claims: [...this.#claims.values()],
          volumes: { known: { waiting: [], released: [] } },
        },
      },
    };
  }

  #gesture(event: Extract<JournalEvent, { type: 'gesture' }>): void {
    if (event.gesture === 'annotate') this.#annotation = event.value;
    if (event.gesture === 'create-controller-pool') this.#pool = { name: POOL, createdAt: event.t * 1000 };
    if (event.gesture === 'delete-controller-pool') {
      this.#pool = undefined;
      if (event.deleteClaim) this.#claims.clear();
    }
    if (event.gesture === 'delete-controller-volumes') this.#claims.clear();
  }

  #znode({ path, change, t, value = '', ephemeral, phase }: Extract<JournalEvent, { type: 'znode-changed' }>): void {
    const isGone = change === 'deleted' || change === 'expired';
    if (path === '/controller') {
      const { brokerid } = isGone ? { brokerid: 0 } : (JSON.parse(value) as { brokerid: number });
      this.#controller = isGone
        ? undefined
        : { id: brokerid, owner: ephemeral === true ? 'broker' : 'kraft-controller' };
    }
    if (path === '/migration') {
      this.#isBlank = !isGone && value === '';
      if (this.#isBlank) return;
      const createdAt = change === 'created' ? t * 1000 : (this.#migration?.createdAt ?? t * 1000);
      this.#migration = isGone
        ? undefined
        : {
            // Recordings do not have the exact offset.
            ...(JSON.parse(value) as MigrationSeen),
            kraft_metadata_offset: phase === 'copied' ? 1 : -1,
            createdAt,
          };
    }
  }
}
