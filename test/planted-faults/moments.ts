/** A moment of `rollback-remigrate`: the line that the command prints at it. */
export interface Moment {
  readonly name: string;
  /** Part of the line. */
  readonly line: string;
  /** The how many-th such line, from 1. */
  readonly nth: number;
}

/** The moments of the five steps at which damage may be done, in order. */
export const MOMENTS = {
  deployed: { name: 'the first topic exists', line: 'a client created topic before-1', nth: 1 },
  pool: { name: 'the controller pool is created', line: 'the user created the controller pool', nth: 1 },
  migration: { name: 'state KRaftMigration', line: 'state ZooKeeper -> KRaftMigration', nth: 1 },
  dualWriting: { name: 'state KRaftDualWriting', line: 'state KRaftMigration -> KRaftDualWriting', nth: 1 },
  postMigration: { name: 'state KRaftPostMigration', line: 'state KRaftDualWriting -> KRaftPostMigration', nth: 1 },
  shortLivedDeleted: { name: 'short-lived is deleted', line: 'a client deleted topic short-lived', nth: 1 },
  rollback: { name: 'the rollback is requested', line: 'the user set strimzi.io/kraft to rollback', nth: 1 },
  rolledBack: { name: 'the brokers have left KRaft', line: 'state KRaftPostMigration -> KRaftDualWriting', nth: 1 },
  disabled: { name: 'the migration is disabled', line: 'the user set strimzi.io/kraft to disabled', nth: 1 },
  zookeeper: { name: 'state ZooKeeper after the rollback', line: 'state KRaftDualWriting -> ZooKeeper', nth: 1 },
  secondPool: { name: 'the second pool is created', line: 'the user created the controller pool', nth: 2 },
  secondMigration: { name: 'the second KRaftMigration', line: 'state ZooKeeper -> KRaftMigration', nth: 2 },
} as const satisfies Readonly<Record<string, Moment>>;

export type MomentKey = keyof typeof MOMENTS;

/** All moments, in order. */
export const ALL_MOMENTS = Object.keys(MOMENTS) as MomentKey[];

/** The moments from one to another, both included. */
export function momentsBetween(first: MomentKey, last: MomentKey): readonly MomentKey[] {
  return ALL_MOMENTS.slice(ALL_MOMENTS.indexOf(first), ALL_MOMENTS.indexOf(last) + 1);
}
