import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { closest } from 'fastest-levenshtein';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError } from '../errors.js';
import { packageRoot } from '../package-root.js';
import {
  CONFIGURATION_STATE_ORDINALS,
  type ConfigurationState,
  KAFKA_METADATA_STATES,
  KRAFT_ANNOTATION_VALUES,
  ZK_MIGRATION_STATES,
  type ZkMigrationState,
} from '../strimzi/migration-state.js';
import { compareVersions } from '../strimzi/versions.js';

/**
 * Operator profiles: what one Strimzi version does at each transition, as data under `fixtures/operators/`. Planner and
 * executor know no version, so that a new version is only a new file.
 */

const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;
/** One or several places in Strimzi's source. */
const SOURCE = /^(Strimzi \d+\.\d+\.\d+\S* \S+:\d+(-\d+)?(,\d+(-\d+)?)*(; |$))+$/;
const version = z.string().regex(VERSION, 'must be MAJOR.MINOR.PATCH, in quotes');
const CONFIGURATION_STATES = Object.keys(CONFIGURATION_STATE_ORDINALS) as [ConfigurationState, ...ConfigurationState[]];

/** Every rule says where it comes from: the line of Strimzi's source, and the recording of a real run that shows it. */
const evidence = {
  /** `Strimzi TAG path/File.java:LINE[-LINE]`, several joined by `; `. */
  source: z
    .string({ error: 'a rule must name its source: "Strimzi TAG path/File.java:LINE"' })
    .regex(SOURCE, 'must be "Strimzi TAG path/File.java:LINE[-LINE]", several joined by "; "'),
  /** The name of a recording under `fixtures/recordings/`. */
  recording: z
    .string({ error: 'a rule must name the recording that shows it' })
    .regex(/^[\w.-]+$/, 'must be the name of a recording'),
};

const znodeDeletion = z.strictObject({
  path: z.string().regex(/^\/\S+$/, 'must be the path of a znode'),
  /** What the pass does if the znode is not there. */
  onAbsent: z.enum(['fails', 'continues']),
  /** The state and annotation of the passes that delete it. */
  at: z.strictObject({ state: z.enum(KAFKA_METADATA_STATES), annotation: z.enum(KRAFT_ANNOTATION_VALUES) }),
  /** `before-brokers-roll`: the last step of the ZooKeeper reconciliation, ahead of all that concerns Kafka. */
  position: z.enum(['before-brokers-roll', 'after-brokers-roll']),
  ...evidence,
});

const nodeRoll = z.strictObject({
  role: z.enum(['broker', 'controller']),
  /** The configuration state of the node's last start. */
  from: z.array(z.enum(CONFIGURATION_STATES)).min(1),
  /** The configuration of the pass. */
  to: z.array(z.enum(CONFIGURATION_STATES)).min(1),
  rolls: z.enum(['all', 'none']),
  /** Ids of nodes that this version forgets to roll. No Strimzi version does; tests use it to plant the defect. */
  forgets: z.array(z.int().nonnegative()).optional(),
  ...evidence,
});

/** Where a Kafka version is inserted in the name of an image. */
const KAFKA = '{kafka}';

const rules = z
  .strictObject({
    /**
     * The image in which this version runs Kafka and ZooKeeper, `{kafka}` for the version of Kafka. A node that runs in
     * another one is rolled.
     */
    nodeImage: z.strictObject(
      {
        name: z
          .string()
          .regex(/^\S*\{kafka\}\S*$/, 'must be the name of an image with {kafka} for the version of Kafka'),
        ...evidence,
      },
      {
        error:
          'a profile must name the image of its nodes: { name: "strimzi/kafka:VERSION-kafka-{kafka}", source, recording }',
      },
    ),
    /** In the order in which they are deleted. */
    znodeDeletions: z.array(znodeDeletion),
    /** Which changes of the configuration restart a node. The first rule that matches applies. */
    nodeRolls: z.array(nodeRoll),
    /** The value of the controllers' `ZkMigrationState` that counts as a finished migration. */
    migrationDone: z.strictObject({
      value: z.enum(Object.keys(ZK_MIGRATION_STATES) as [ZkMigrationState, ...ZkMigrationState[]]),
      ...evidence,
    }),
    /** When a broker that was started is brought up to date by incrementalAlterConfigs, and what a refusal leads to. */
    dynamicUpdate: z.strictObject({
      due: z.literal('first-pass-that-does-not-roll'),
      onRefused: z.enum(['restart', 'fails']),
      ...evidence,
    }),
    /** Controllers that exist in a pass although they are not in any pool. */
    leftoverControllers: z.strictObject({ treatment: z.enum(['deleted', 'kept']), ...evidence }),
    /**
     * What happens to a controller's data when its claim is deleted. `kept` plants a volume that outlives its claim.
     */
    deletedClaims: z.strictObject({ data: z.enum(['wiped', 'kept']), ...evidence }),
  })
  .superRefine((value, context) => {
    for (const role of ['broker', 'controller'] as const) {
      for (const from of CONFIGURATION_STATES) {
        for (const to of CONFIGURATION_STATES) {
          if (from === to || findRoll(value.nodeRolls, role, from, to) !== undefined) continue;
          context.addIssue({
            code: 'custom',
            path: ['nodeRolls'],
            message: `no rule says whether a ${role} rolls from ${from} to ${to}`,
          });
        }
      }
    }
  });

const operatorProfile = z
  .strictObject({
    version,
    /** ISO date. */
    released: z.iso.date(),
    commit: z.string().regex(/^[0-9a-f]{40}$/, 'must be the full commit of the release tag'),
    kafka: z.strictObject({ supported: z.array(version).min(1), default: version }),
    rules,
  })
  .refine((profile) => profile.kafka.supported.includes(profile.kafka.default), {
    path: ['kafka', 'default'],
    message: 'must be one of the supported versions',
  });

export type OperatorProfile = z.infer<typeof operatorProfile>;
export type ZnodeDeletionRule = z.infer<typeof znodeDeletion>;
export type NodeRollRule = z.infer<typeof nodeRoll>;

function findRoll(
  nodeRolls: readonly NodeRollRule[],
  role: NodeRollRule['role'],
  from: ConfigurationState,
  to: ConfigurationState,
): NodeRollRule | undefined {
  return nodeRolls.find((rule) => rule.role === role && rule.from.includes(from) && rule.to.includes(to));
}

/** The rule that says whether a node of this role restarts on this change of its configuration. */
export function rollRule(
  profile: OperatorProfile,
  role: NodeRollRule['role'],
  from: ConfigurationState,
  to: ConfigurationState,
): NodeRollRule {
  const rule = findRoll(profile.rules.nodeRolls, role, from, to);
  // The schema requires a rule for every change, so only an unchecked object can lack one.
  if (rule === undefined) throw new Error(`Profile ${profile.version}: no rule for a ${role} from ${from} to ${to}`);
  return rule;
}

/** The image in which an operator runs the nodes of a cluster with this version of Kafka. */
export function nodeImage({ rules }: OperatorProfile, kafkaVersion: string): string {
  return rules.nodeImage.name.replace(KAFKA, kafkaVersion);
}

/**
 * Checks data against the schema of a profile.
 * @param data what a YAML file holds
 * @param where the file, for the message
 * @throws UsageError that names the file and every field that is wrong
 */
export function parseProfile(data: unknown, where: string): OperatorProfile {
  const result = operatorProfile.safeParse(data);
  if (result.success) return result.data;
  throw new UsageError(`${where} is not a valid operator profile:\n${z.prettifyError(result.error)}`, {
    cause: result.error,
  });
}

/**
 * Returns the profile if it supports the Kafka version.
 * @param choices the supported versions that the message names.
 * @throws UsageError if it does not.
 */
export function requireKafkaSupport(
  profile: OperatorProfile,
  kafkaVersion: string,
  choices: readonly string[] = profile.kafka.supported,
): OperatorProfile {
  if (profile.kafka.supported.includes(kafkaVersion)) return profile;
  throw new UsageError(
    `Strimzi ${profile.version} does not support Kafka ${kafkaVersion}. Choose one of ${choices.join(', ')}.`,
  );
}

/** Operator profiles by version. */
export class OperatorProfiles {
  readonly #byVersion: ReadonlyMap<string, OperatorProfile>;

  constructor(profiles: readonly OperatorProfile[]) {
    const ordered = profiles.toSorted((a, b) => compareVersions(a.version, b.version));
    this.#byVersion = new Map(ordered.map((profile) => [profile.version, profile]));
  }

  has(version: string): boolean {
    return this.#byVersion.has(version);
  }

  /** @throws UsageError if there is no profile for this version; it lists the versions and suggests the nearest. */
  get(version: string): OperatorProfile {
    const profile = this.#byVersion.get(version);
    if (profile !== undefined) return profile;
    const known = this.versions();
    if (known.length === 0)
      throw new UsageError(`There is no profile for operator version ${version}, and there are no other profiles.`);
    throw new UsageError(
      `There is no profile for operator version ${version}. Did you mean ${closest(version, [...known])}? ` +
        `Known versions: ${known.join(', ')}`,
    );
  }

  /** Oldest first. */
  versions(): readonly string[] {
    return [...this.#byVersion.keys()];
  }

  /** @throws UsageError if there is no profile at all */
  newest(): OperatorProfile {
    const newest = [...this.#byVersion.values()].at(-1);
    if (newest === undefined) throw new UsageError('There are no operator profiles.');
    return newest;
  }
}

/** The folder with this package's profiles. */
export function shippedProfilesFolder(): string {
  return join(packageRoot(), 'fixtures', 'operators');
}

/**
 * Reads every `VERSION.yaml` of the folders.
 * @throws UsageError if a folder cannot be read, a file is not a profile or is named after another version, or two
 * files describe the same version
 */
export function loadProfiles(folders: readonly string[]): OperatorProfiles {
  const fileOf = new Map<string, string>();
  const profiles: OperatorProfile[] = [];
  for (const file of folders.flatMap(profileFiles)) {
    const profile = parseProfile(readYaml(file), file);
    if (basename(file, '.yaml') !== profile.version) {
      throw new UsageError(`${file} describes operator version ${profile.version}: name it ${profile.version}.yaml`);
    }
    const other = fileOf.get(profile.version);
    if (other !== undefined) {
      throw new UsageError(`Operator version ${profile.version} is described twice, in ${other} and in ${file}`);
    }
    fileOf.set(profile.version, file);
    profiles.push(profile);
  }
  return new OperatorProfiles(profiles);
}

function profileFiles(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    throw new UsageError(`Cannot read the folder of operator profiles ${folder}: ${String(error)}`, { cause: error });
  }
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`Cannot read the operator profile ${file}: ${String(error)}`, { cause: error });
  }
}
