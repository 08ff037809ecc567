import { ZOOKEEPER_RETIRED } from '../strimzi/migration-state.js';
import type { ClusterFacts, Znodes } from './facts.js';
import type { Forecast, Outcome } from './forecast/outcome.js';
import { knownValue } from './known.js';
import { printCommands } from './kubectl/commands.js';

/** A cluster and what a migration would do to it. */
export interface Inspected {
  readonly facts: ClusterFacts;
  readonly forecast: Forecast;
}

/** A place that could not be inspected. */
export interface NotInspected {
  /** A context, a file or a ZooKeeper. */
  readonly place: string;
  readonly why: string;
}

const VERDICTS: Readonly<Record<Forecast['safety'], string>> = { safe: 'SAFE', unsafe: 'UNSAFE', unknown: 'UNKNOWN' };
const INDENT = ' '.repeat(9);

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  'first-copy': 'a migration started now copies the metadata',
  'skip-and-wipe': 'a migration skips the copy and wipes ZooKeeper',
  'loses-since-rollback': 'a migration started now loses what was created since the rollback',
  'no-controller': 'a migration started now finds no active controller',
  'never-begins': 'a migration started now never begins',
  'under-way': 'a migration is under way',
  'on-stale-metadata': 'a migration runs on the metadata of an earlier one',
  wiped: 'a migration has wiped ZooKeeper',
  finalised: 'there is nothing left to migrate',
  unknown: 'cannot tell what a migration would do',
};

/** One line with the verdict and the facts, then the reason and what makes it safe. */
export function describeInspected({ facts, forecast }: Inspected): readonly string[] {
  const line = [VERDICTS[forecast.safety].padEnd(7), facts.name, ...describeFacts(facts)].join('  ');
  const { advice, commands } = forecast;
  return [
    `${line}: ${OUTCOMES[forecast.outcome]}`,
    `${INDENT}${forecast.reason}`,
    ...notes(facts).map((note) => `${INDENT}${note}`),
    ...(advice === undefined ? [] : [`${INDENT}${advice}`]),
    ...(commands.length === 0
      ? []
      : [`${INDENT}To make it safe, run these in this order while the state is ZooKeeper:`]),
    ...commands.map((command) => `${INDENT}  ${command}`),
    ...kubectlCommands(facts),
  ];
}

/** A place that could not be inspected, in the same form as a cluster. */
export function describeNotInspected({ place, why }: NotInspected): readonly string[] {
  return [`${VERDICTS.unknown}  ${place}: could not be inspected`, `${INDENT}${why}`];
}

function describeFacts({ kafka, znodes, leftovers }: ClusterFacts): readonly string[] {
  return [
    ...('known' in kafka
      ? [
          `${kafka.known.state ?? 'no state'}${kafka.known.paused ? ', paused' : ''} (${kafka.known.annotation})`,
          `Kafka ${kafka.known.kafkaVersion ?? '?'}, operator ${kafka.known.operatorVersion ?? '?'}`,
        ]
      : []),
    'known' in znodes ? `/migration ${migrationText(znodes.known)}` : '/migration ?',
    'known' in leftovers ? `claims ${leftovers.known.claims.length}` : 'claims ?',
  ];
}

function migrationText({ migration, blankMigration }: Znodes): string {
  if (blankMigration !== undefined) return 'without data';
  return migration === undefined ? 'absent' : `offset ${migration.kraft_metadata_offset}`;
}

function notes({ kafka, leftovers }: ClusterFacts): readonly string[] {
  const warnings = (knownValue(kafka)?.warnings ?? []).map((warning) => `The operator warns: ${warning}`);
  const known = knownValue(leftovers);
  const released = known === undefined ? [] : (knownValue(known.volumes)?.released ?? []);
  return [
    ...warnings,
    ...released.map(
      (volume) =>
        `The volume ${volume} of an earlier controller is Released, so no claim can bind it. Do not remove the uid from its claimRef.`,
    ),
  ];
}

/** The commands for a user who has the rights that were missing. */
function kubectlCommands(facts: ClusterFacts): readonly string[] {
  const { namespace, context, cluster, readBy, kafka, znodes, leftovers } = facts;
  if (namespace === undefined || readBy === 'kubectl' || [kafka, znodes, leftovers].every((part) => 'known' in part))
    return [];
  if (ZOOKEEPER_RETIRED.has(knownValue(kafka)?.state)) return [];
  return [
    `${INDENT}If you can run kubectl there with more rights, read what is missing to a file:`,
    ...printCommands({ context, namespace, cluster }).map((line) => `${INDENT}  ${line}`),
  ];
}
