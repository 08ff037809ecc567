import type { ProfileMutant, Rules } from './sort.js';

const WRONG = ['lost', 'broken', 'survived, with a violation'] as const;
const SOURCE = {
  source: 'Strimzi 0.45.1 operator/assembly/KRaftMigrationUtils.java:71-84',
  recording: '0.45.1-one-broker',
};
const AT_ROLLBACK = { state: 'KRaftDualWriting', annotation: 'disabled' };

function forget(rules: Rules, role: string, from: string, to: string): void {
  for (const rule of rules.nodeRolls) {
    if (rule.role === role && rule.from.length === 1 && rule.from.includes(from) && rule.to.includes(to))
      rule.forgets = [0, 1];
  }
}

function deletion(path: string, position = 'before-brokers-roll') {
  return { path, onAbsent: 'continues', at: AT_ROLLBACK, position, ...SOURCE };
}

/** Operators with a defect that no Strimzi version has, but one. */
export const PROFILE_MUTANTS: readonly ProfileMutant[] = [
  {
    name: 'keeps-migration',
    what: 'the rollback does not delete /migration, as in 0.45.0',
    right: ['lost'],
    plant: (rules) => {
      rules.znodeDeletions = rules.znodeDeletions.filter(({ path }) => path !== '/migration');
    },
  },
  {
    name: 'keeps-controller',
    what: 'the rollback does not delete /controller',
    right: WRONG,
    plant: (rules) => {
      rules.znodeDeletions = rules.znodeDeletions.filter(({ path }) => path !== '/controller');
    },
  },
  {
    name: 'keeps-both-znodes',
    what: 'the rollback deletes no znode',
    right: WRONG,
    plant: (rules) => {
      rules.znodeDeletions = [];
    },
  },
  {
    name: 'deletes-migration-early',
    what: 'the operator deletes /migration while the controllers still run',
    right: WRONG,
    plant: (rules) => {
      for (const rule of rules.znodeDeletions) if (rule.path === '/migration') rule.at.annotation = 'rollback';
    },
  },
  {
    name: 'deletes-controller-early',
    what: 'the operator deletes /controller while the controllers still run',
    right: WRONG,
    plant: (rules) => {
      for (const rule of rules.znodeDeletions) if (rule.path === '/controller') rule.at.annotation = 'rollback';
    },
  },
  {
    name: 'deletes-after-brokers-roll',
    what: 'the operator deletes both znodes after the brokers have restarted',
    right: [...WRONG, 'survived'],
    plant: (rules) => {
      for (const rule of rules.znodeDeletions) rule.position = 'after-brokers-roll';
    },
  },
  {
    name: 'deletes-topic-znode',
    what: 'the rollback also deletes the znode of a topic',
    right: ['lost'],
    names: /before-empty/,
    plant: (rules) => {
      rules.znodeDeletions.push(
        ...[0, 1, 2, 3].flatMap((partition) => [
          deletion(`/brokers/topics/before-empty/partitions/${partition}/state`),
          deletion(`/brokers/topics/before-empty/partitions/${partition}`),
        ]),
        deletion('/brokers/topics/before-empty/partitions'),
        deletion('/brokers/topics/before-empty'),
      );
    },
  },
  {
    name: 'deletes-topic-config',
    what: "the rollback also deletes a topic's configuration",
    right: ['lost'],
    names: /before-durable/,
    plant: (rules) => {
      rules.znodeDeletions.push(deletion('/config/topics/before-durable'));
    },
  },
  {
    name: 'forgets-migration-roll',
    what: 'the brokers are not restarted for the migration',
    right: WRONG,
    plant: (rules) => {
      for (const rule of rules.nodeRolls) {
        if (rule.role === 'broker' && rule.to.includes('MIGRATION') && rule.from.includes('PRE_MIGRATION'))
          rule.forgets = [0];
      }
    },
  },
  {
    name: 'forgets-kraft-roll',
    what: 'the brokers are not restarted in KRaft mode',
    right: WRONG,
    plant: (rules) => forget(rules, 'broker', 'MIGRATION', 'POST_MIGRATION'),
  },
  {
    name: 'forgets-rollback-roll',
    what: 'the brokers are not restarted in ZooKeeper mode at the rollback',
    right: WRONG,
    plant: (rules) => forget(rules, 'broker', 'POST_MIGRATION', 'MIGRATION'),
  },
  {
    name: 'forgets-last-roll',
    what: 'the brokers keep the migration enabled after the rollback',
    right: WRONG,
    plant: (rules) => forget(rules, 'broker', 'MIGRATION', 'ZK'),
  },
  {
    name: 'keeps-deleted-volumes',
    what: "the controllers' volumes keep their data although their claims are deleted",
    right: WRONG,
    plant: (rules) => {
      rules.deletedClaims.data = 'kept';
    },
  },
  {
    name: 'goes-on-before-the-copy',
    what: 'the operator takes the migration for done before Kafka has copied anything',
    right: WRONG,
    plant: (rules) => {
      rules.migrationDone.value = 'PRE_MIGRATION';
    },
  },
];
