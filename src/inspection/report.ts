import type { ClusterFacts } from './facts.js';
import type { Forecast, Outcome } from './forecast.js';

/** A cluster and what would become of it. */
export interface Inspected {
  readonly facts: ClusterFacts;
  readonly forecast: Forecast;
}

const VERDICTS: Readonly<Record<Forecast['safety'], string>> = { safe: 'SAFE', unsafe: 'UNSAFE', unknown: 'UNKNOWN' };

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  'first-copy': 'a migration started now copies the metadata',
  'skip-and-wipe': 'a migration started now skips the copy and wipes ZooKeeper',
  'loses-since-rollback': 'a migration started now loses what was made since the rollback',
  'no-controller': 'a migration started now finds no controller in charge',
  'under-way': 'a migration is under way',
  'on-stale-metadata': 'a migration runs on the metadata of an earlier one',
  wiped: 'a migration has wiped ZooKeeper',
  finalised: 'there is nothing to migrate any more',
  unknown: "what a migration would do can't be told",
};

/** One line that says it all, then the reason and what would make it safe. */
export function tellInspected({ facts, forecast }: Inspected): readonly string[] {
  const line = [VERDICTS[forecast.safety].padEnd(7), facts.name, ...seen(facts)].join('  ');
  return [
    `${line}: ${OUTCOMES[forecast.outcome]}`,
    `         ${forecast.reason}`,
    ...(forecast.commands.length === 0
      ? []
      : ['         To make it safe, while the state is ZooKeeper, in this order:']),
    ...forecast.commands.map((command) => `           ${command}`),
  ];
}

function seen({ kafka, znodes, remains }: ClusterFacts): readonly string[] {
  return [
    ...('known' in kafka
      ? [
          `${kafka.known.state ?? 'no state'}${kafka.known.paused ? ', paused' : ''} (${kafka.known.annotation})`,
          `Kafka ${kafka.known.kafkaVersion ?? '?'}, operator ${kafka.known.operatorVersion ?? '?'}`,
        ]
      : []),
    'known' in znodes
      ? `/migration ${znodes.known.migration === undefined ? 'absent' : `offset ${znodes.known.migration.kraft_metadata_offset}`}`
      : '/migration ?',
    'known' in remains ? `claims ${remains.known.claims.length}` : 'claims ?',
  ];
}
