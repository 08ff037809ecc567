import { describe, expect, it } from '@jest/globals';
import { KAFKA_METADATA_STATES, KRAFT_ANNOTATION_VALUES } from '../../../src/strimzi/migration-state.js';
import { STATE_WARNINGS, TRANSITIONS } from '../../../src/strimzi/transition-table.js';
import { isUncovered, stateAtStart, transitionFor } from '../../../src/strimzi/transitions.js';

// Written independently of the code, from Strimzi's source: configuration, next state, and what else the pass does.
const TABLE = `
ZooKeeper          disabled  ZK             ZooKeeper
ZooKeeper          migration PRE_MIGRATION  KRaftMigration
ZooKeeper          rollback  ZK             ZooKeeper          W2
ZooKeeper          enabled   ZK             ZooKeeper          W1
ZooKeeper          kraft-now ZK             ZooKeeper
KRaftMigration     disabled  ZK             ZooKeeper
KRaftMigration     migration MIGRATION      KRaftDualWriting   if-migrated
KRaftMigration     rollback  ZK             KRaftMigration     W4
KRaftMigration     enabled   ZK             KRaftMigration     W3
KRaftMigration     kraft-now ZK             KRaftMigration
KRaftDualWriting   disabled  ZK             ZooKeeper          deletes-znodes
KRaftDualWriting   migration POST_MIGRATION KRaftPostMigration
KRaftDualWriting   rollback  MIGRATION      KRaftDualWriting   W5
KRaftDualWriting   enabled   throws         IllegalArgumentException
KRaftDualWriting   kraft-now throws         IllegalArgumentException
KRaftPostMigration disabled  POST_MIGRATION KRaftPostMigration W6
KRaftPostMigration migration POST_MIGRATION KRaftPostMigration W6
KRaftPostMigration rollback  MIGRATION      KRaftDualWriting
KRaftPostMigration enabled   KRAFT          PreKRaft
KRaftPostMigration kraft-now POST_MIGRATION KRaftPostMigration W6
PreKRaft           disabled  KRAFT          PreKRaft           W7
PreKRaft           migration KRAFT          PreKRaft           W7
PreKRaft           rollback  KRAFT          PreKRaft           W7
PreKRaft           enabled   KRAFT          KRaft              erases-zookeeper
PreKRaft           kraft-now KRAFT          PreKRaft           W7
KRaft              disabled  KRAFT          KRaft              W8
KRaft              migration KRAFT          KRaft              W8
KRaft              rollback  KRAFT          KRaft              W8
KRaft              enabled   KRAFT          KRaft
KRaft              kraft-now KRAFT          KRaft
`
  .trim()
  .split('\n')
  .map((line) => line.replaceAll(/ +/g, ' '));

/** The last one is not known to Strimzi. */
const VALUES = [...KRAFT_ANNOTATION_VALUES, 'kraft-now'];

function row(state: (typeof KAFKA_METADATA_STATES)[number], annotation: string) {
  const transition = transitionFor(state, annotation);
  if (isUncovered(transition)) return `${state} ${annotation} throws ${transition.throws.reason}`;
  return [
    state,
    annotation,
    transition.configurationState,
    transition.next,
    transition.onlyIfMigrated && 'if-migrated',
    transition.deletesZnodes && 'deletes-znodes',
    transition.erasesZooKeeper && 'erases-zookeeper',
    transition.warning,
  ]
    .filter(Boolean)
    .join(' ');
}

describe('the transition table', () => {
  it('says the same as Strimzi in all of its 30 cells', () => {
    const rows = KAFKA_METADATA_STATES.flatMap((state) => VALUES.map((annotation) => row(state, annotation)));
    expect(rows).toHaveLength(30);
    expect(rows).toEqual(TABLE);
  });

  it('names its source in every cell', () => {
    for (const cells of Object.values(TRANSITIONS)) {
      for (const cell of Object.values(cells)) expect(cell.source).toMatch(/^Strimzi 0\.45\.1 \S+\.java:\d[\d,-]*$/);
    }
  });

  it.each(['', 'other', 'Migration', 'constructor', '__proto__'])(
    'treats every value that Strimzi does not know alike: %j',
    (value) => {
      for (const state of KAFKA_METADATA_STATES) {
        if (state === 'KRaftDualWriting') continue;
        expect(transitionFor(state, value)).toBe(transitionFor(state, 'kraft-now'));
      }
    },
  );

  it.each(['enabled', 'kraft-now'])('gives the message of the exception: KRaftDualWriting with %s', (value) => {
    expect(transitionFor('KRaftDualWriting', value)).toMatchObject({
      throws: {
        message: `Invalid internal Kafka metadata state [KRaftDualWriting] with strimzi.io/kraft annotation [${value}]`,
      },
    });
  });

  it('takes a missing status for KRaft if the annotation is enabled, or else for ZooKeeper', () => {
    expect(VALUES.map((annotation) => stateAtStart(undefined, annotation))).toEqual([
      'ZooKeeper',
      'ZooKeeper',
      'ZooKeeper',
      'KRaft',
      'ZooKeeper',
    ]);
    expect(stateAtStart('KRaftDualWriting', 'enabled')).toBe('KRaftDualWriting');
    expect(transitionFor(undefined, 'migration')).toBe(transitionFor('ZooKeeper', 'migration'));
    expect(transitionFor(undefined, 'enabled')).toBe(transitionFor('KRaft', 'enabled'));
  });
});

describe('the warnings', () => {
  // Whole messages, as Strimzi writes them into the condition; W5 and W6 are in the recordings.
  const messages = {
    W1: "The strimzi.io/kraft annotation can't be set to 'enabled' because the cluster is ZooKeeper-based. If you want",
    W2: "The strimzi.io/kraft annotation can't be set to 'rollback' because the cluster is already ZooKeeper-based.",
    W3: "The strimzi.io/kraft annotation can't be set to 'enabled' during a migration process. It has to be used",
    W4: "The strimzi.io/kraft annotation can't be set to 'rollback' during a migration process. It can be used",
    W5: "The strimzi.io/kraft annotation can't be set to 'rollback' during dual writing. It can be used in post migration",
    W6: "The strimzi.io/kraft annotation can't be set to 'migration' or 'disabled' in the post-migration. You can use",
    W7: "The strimzi.io/kraft annotation can't be set to 'migration', 'disabled' or 'rollback' in the pre-kraft. Use the",
    W8: "The strimzi.io/kraft annotation can't be set to 'migration', 'rollback' or 'disabled' because the cluster is already KRaft.",
  };

  it.each(Object.entries(messages))('%s is distinguished from the others by its fragment', (id, message) => {
    const matching = Object.entries(STATE_WARNINGS)
      .filter(([, warning]) => message.includes(warning.fragment))
      .map(([other]) => other);
    expect(matching).toEqual([id]);
  });
});
