import type { ConfigurationState, KafkaMetadataState, KraftAnnotation } from './migration-state.js';

/**
 * Strimzi's migration state machine as data: what a pass of the operator does for each state and annotation value,
 * also for one that it does not know.
 *
 * Source: `KafkaMetadataStateManager.java` of Strimzi 0.45.1, the same file, byte for byte, in 0.45.0 and 0.45.2. Every
 * cell names the lines that choose the configuration and the lines that choose the next state.
 */

/** Strimzi's warnings about the annotation, condition reason `KafkaMetadataStateWarning`. */
export interface StateWarning {
  /** A fragment of the condition's message that no other warning has. */
  readonly fragment: string;
  /** Where Strimzi says it. */
  readonly source: string;
}

const MANAGER = 'Strimzi 0.45.1 KafkaMetadataStateManager.java';

export const STATE_WARNINGS = {
  W1: { fragment: 'because the cluster is ZooKeeper-based', source: `${MANAGER}:194` },
  W2: { fragment: 'because the cluster is already ZooKeeper-based', source: `${MANAGER}:198` },
  W3: { fragment: "can't be set to 'enabled' during a migration process", source: `${MANAGER}:228,256` },
  W4: { fragment: "can't be set to 'rollback' during a migration process", source: `${MANAGER}:233` },
  W5: { fragment: "can't be set to 'rollback' during dual writing", source: `${MANAGER}:261` },
  W6: { fragment: "can't be set to 'migration' or 'disabled' in the post-migration", source: `${MANAGER}:283` },
  W7: { fragment: "can't be set to 'migration', 'disabled' or 'rollback' in the pre-kraft", source: `${MANAGER}:300` },
  W8: { fragment: 'because the cluster is already KRaft', source: `${MANAGER}:178` },
} as const satisfies Record<string, StateWarning>;

export type StateWarningId = keyof typeof STATE_WARNINGS;

/** A cell that Strimzi's code covers. */
export interface StateTransition {
  /** What every node's configuration is made for in this pass: it follows from the state *before* the pass. */
  readonly configurationState: ConfigurationState;
  /** The state that a successful pass ends in. */
  readonly next: KafkaMetadataState;
  /** `next` is reached only if the controllers report that the migration is done; otherwise the state stays. */
  readonly onlyIfMigrated: boolean;
  readonly warning?: StateWarningId;
  /** Strimzi's `isRollingBack()` (line 324-326): the profile of the operator says which znodes are deleted. */
  readonly deletesZnodes: boolean;
  /** Strimzi's `shouldDestroyZooKeeperNodes()` (line 164-166). */
  readonly erasesZooKeeper: boolean;
  readonly source: string;
}

/** A cell that Strimzi's code does not cover: it throws before the reconciliation has done anything. */
export interface UncoveredCell {
  /** The simple name of the exception. */
  readonly throws: string;
  readonly source: string;
}

/** `other`: any value that Strimzi does not know. It only compares the annotation with the values that it knows. */
export type AnnotationColumn = KraftAnnotation | 'other';

interface Extras {
  readonly onlyIfMigrated?: true;
  readonly deletesZnodes?: true;
  readonly erasesZooKeeper?: true;
  readonly warning?: StateWarningId;
}

function cell(
  configurationState: ConfigurationState,
  next: KafkaMetadataState,
  lines: string,
  extras: Extras = {},
): StateTransition {
  return {
    configurationState,
    next,
    onlyIfMigrated: extras.onlyIfMigrated ?? false,
    deletesZnodes: extras.deletesZnodes ?? false,
    erasesZooKeeper: extras.erasesZooKeeper ?? false,
    ...(extras.warning === undefined ? {} : { warning: extras.warning }),
    source: `${MANAGER}:${lines}`,
  };
}

type Row = Readonly<Record<AnnotationColumn, StateTransition | UncoveredCell>>;

export const TRANSITIONS: Readonly<Record<KafkaMetadataState, Row>> = {
  ZooKeeper: {
    disabled: cell('ZK', 'ZooKeeper', '117,201'),
    migration: cell('PRE_MIGRATION', 'KRaftMigration', '115,203'),
    rollback: cell('ZK', 'ZooKeeper', '117,196-201', { warning: 'W2' }),
    enabled: cell('ZK', 'ZooKeeper', '117,192-201', { warning: 'W1' }),
    other: cell('ZK', 'ZooKeeper', '117,191-201'),
  },
  KRaftMigration: {
    // Not a rollback to Strimzi: no znode is deleted here, in any version.
    disabled: cell('ZK', 'ZooKeeper', '126,223-224'),
    migration: cell('MIGRATION', 'KRaftDualWriting', '123,214-219', { onlyIfMigrated: true }),
    rollback: cell('ZK', 'KRaftMigration', '126,231-236', { warning: 'W4' }),
    enabled: cell('ZK', 'KRaftMigration', '126,226-236', { warning: 'W3' }),
    other: cell('ZK', 'KRaftMigration', '126,226-236'),
  },
  KRaftDualWriting: {
    disabled: cell('ZK', 'ZooKeeper', '132,251-252', { deletesZnodes: true }),
    migration: cell('POST_MIGRATION', 'KRaftPostMigration', '135,247-248'),
    rollback: cell('MIGRATION', 'KRaftDualWriting', '138,259-264', { warning: 'W5' }),
    enabled: { throws: 'IllegalArgumentException', source: `${MANAGER}:129-140,158` },
    other: { throws: 'IllegalArgumentException', source: `${MANAGER}:129-140,158` },
  },
  KRaftPostMigration: {
    disabled: cell('POST_MIGRATION', 'KRaftPostMigration', '150,283-285', { warning: 'W6' }),
    // The steady state of a healthy migration carries this warning.
    migration: cell('POST_MIGRATION', 'KRaftPostMigration', '150,283-285', { warning: 'W6' }),
    rollback: cell('MIGRATION', 'KRaftDualWriting', '147,279-280'),
    enabled: cell('KRAFT', 'PreKRaft', '143,275-276'),
    other: cell('POST_MIGRATION', 'KRaftPostMigration', '150,283-285', { warning: 'W6' }),
  },
  PreKRaft: {
    disabled: cell('KRAFT', 'PreKRaft', '154,300-302', { warning: 'W7' }),
    migration: cell('KRAFT', 'PreKRaft', '154,300-302', { warning: 'W7' }),
    rollback: cell('KRAFT', 'PreKRaft', '154,300-302', { warning: 'W7' }),
    enabled: cell('KRAFT', 'KRaft', '154,165,296-297', { erasesZooKeeper: true }),
    other: cell('KRAFT', 'PreKRaft', '154,300-302', { warning: 'W7' }),
  },
  KRaft: {
    disabled: cell('KRAFT', 'KRaft', '154,176-180', { warning: 'W8' }),
    migration: cell('KRAFT', 'KRaft', '154,176-180', { warning: 'W8' }),
    rollback: cell('KRAFT', 'KRaft', '154,176-180', { warning: 'W8' }),
    enabled: cell('KRAFT', 'KRaft', '154,180'),
    // Only the values that it refuses have a warning.
    other: cell('KRAFT', 'KRaft', '154,176-180'),
  },
};
