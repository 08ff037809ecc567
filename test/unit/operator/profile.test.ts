import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { UsageError } from '../../../src/errors.js';
import {
  loadProfiles,
  nodeImage,
  OperatorProfiles,
  parseProfile,
  shippedProfilesFolder,
} from '../../../src/operator/profile.js';
import { packageRoot } from '../../../src/package-root.js';
import { KAFKA_METADATA_STATES, KRAFT_ANNOTATION_VALUES } from '../../../src/strimzi/migration-state.js';
import { isUncovered, transitionFor } from '../../../src/strimzi/transitions.js';

const RECORDINGS = readdirSync(join(packageRoot(), 'fixtures', 'recordings'))
  .filter((name) => name.endsWith('.jsonl'))
  .map((name) => basename(name, '.jsonl'));

type Json = null | string | number | boolean | Json[] | { [key: string]: Json };

function shipped(version: string): { [key: string]: Json } {
  return parse(readFileSync(join(shippedProfilesFolder(), `${version}.yaml`), 'utf8'));
}

/** The paths of all rules in a profile's data: every object that has a source or a recording. */
function rulePaths(value: Json, path: readonly (string | number)[] = []): readonly (readonly (string | number)[])[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => rulePaths(item, [...path, index]));
  if (value === null || typeof value !== 'object') return [];
  const own = 'source' in value || 'recording' in value ? [path] : [];
  return [...own, ...Object.entries(value).flatMap(([key, item]) => rulePaths(item, [...path, key]))];
}

function at(value: Json, path: readonly (string | number)[]): { [key: string]: Json } {
  let found: unknown = value;
  for (const key of path) found = (found as Record<string | number, unknown>)[key];
  return found as { [key: string]: Json };
}

describe('the shipped profiles', () => {
  const profiles = loadProfiles([shippedProfilesFolder()]);

  it('are 0.45.0, 0.45.1 and 0.45.2, with 0.45.2 as the newest', () => {
    expect(profiles.versions()).toEqual(['0.45.0', '0.45.1', '0.45.2']);
    expect(profiles.newest().version).toBe('0.45.2');
  });

  it.each([
    ['0.45.0', [['/controller', 'fails']]],
    [
      '0.45.1',
      [
        ['/controller', 'continues'],
        ['/migration', 'continues'],
      ],
    ],
    [
      '0.45.2',
      [
        ['/controller', 'continues'],
        ['/migration', 'continues'],
      ],
    ],
  ])('%s deletes the same znodes as Strimzi', (version, expected) => {
    expect(profiles.get(version).rules.znodeDeletions.map((rule) => [rule.path, rule.onAbsent])).toEqual(expected);
  });

  it.each([
    ['0.45.0', '3.9.0', ['3.8.0', '3.8.1', '3.9.0']],
    ['0.45.1', '3.9.1', ['3.8.0', '3.8.1', '3.9.0', '3.9.1']],
    ['0.45.2', '3.9.2', ['3.8.0', '3.8.1', '3.9.0', '3.9.1', '3.9.2']],
  ])('%s supports the same Kafka versions as Strimzi', (version, preferred, supported) => {
    expect(profiles.get(version).kafka).toEqual({ default: preferred, supported });
  });

  it('name the images of their deployments, another for each version', () => {
    expect(profiles.versions().map((version) => nodeImage(profiles.get(version), '3.8.1'))).toEqual([
      'strimzi/kafka:0.45.0-kafka-3.8.1',
      'strimzi/kafka:0.45.1-kafka-3.8.1',
      'strimzi/kafka:0.45.2-kafka-3.8.1',
    ]);
  });

  it.each(profiles.versions())('%s deletes znodes only where Strimzi rolls back', (version) => {
    const cells = KAFKA_METADATA_STATES.flatMap((state) =>
      KRAFT_ANNOTATION_VALUES.filter((annotation) => {
        const transition = transitionFor(state, annotation);
        return !isUncovered(transition) && transition.deletesZnodes;
      }).map((annotation) => ({ state, annotation })),
    );
    for (const rule of profiles.get(version).rules.znodeDeletions) {
      expect(cells).toEqual([rule.at]);
      expect(rule.position).toBe('before-brokers-roll');
    }
  });

  it.each(profiles.versions())('%s cites its own tag and an existing recording in every rule', (version) => {
    const data = shipped(version);
    const paths = rulePaths(data);
    expect(paths.length).toBeGreaterThanOrEqual(14);
    for (const path of paths) {
      const rule = at(data, path);
      expect(String(rule.source)).toMatch(new RegExp(`^(Strimzi ${version.replaceAll('.', '\\.')} [^;]+(; |$))+$`));
      expect(RECORDINGS).toContain(rule.recording);
    }
  });
});

describe('the schema', () => {
  const paths = rulePaths(shipped('0.45.1'));

  it.each(
    paths.flatMap((path) => (['source', 'recording'] as const).map((key) => ({ key, rule: path.join('.'), path }))),
  )('refuses a profile whose $rule has no $key', ({ key, path }) => {
    const data = shipped('0.45.1');
    delete at(data, path)[key];
    expect(() => parseProfile(data, 'mine.yaml')).toThrow(UsageError);
    expect(() => parseProfile(data, 'mine.yaml')).toThrow(key);
  });

  it.each([
    [
      'a source without a line',
      (data: { [key: string]: Json }) => {
        at(data, ['rules', 'migrationDone']).source = 'Strimzi 0.45.1 KafkaReconciler.java';
      },
    ],
    [
      'an unknown rule',
      (data: { [key: string]: Json }) => {
        at(data, ['rules']).guesses = true;
      },
    ],
    [
      'an unknown state',
      (data: { [key: string]: Json }) => {
        at(data, ['rules', 'znodeDeletions', 0, 'at']).state = 'Kraft';
      },
    ],
    [
      'a version that YAML parses as a number',
      (data: { [key: string]: Json }) => {
        data.version = 0.45;
      },
    ],
    [
      'a default Kafka version that it does not support',
      (data: { [key: string]: Json }) => {
        at(data, ['kafka']).default = '4.0.0';
      },
    ],
    [
      'no rule for a change',
      (data: { [key: string]: Json }) => {
        const rolls = at(data, ['rules']).nodeRolls;
        if (Array.isArray(rolls)) at(data, ['rules']).nodeRolls = rolls.slice(0, -1);
      },
    ],
  ])('refuses %s', (_name, spoil) => {
    const data = shipped('0.45.1');
    expect(parseProfile(data, 'mine.yaml').version).toBe('0.45.1');
    spoil(data);
    expect(() => parseProfile(data, 'mine.yaml')).toThrow(/mine\.yaml is not a valid operator profile/);
  });

  it('names the change that no rule covers', () => {
    const data = shipped('0.45.1');
    at(data, ['rules']).nodeRolls = [];
    expect(() => parseProfile(data, 'mine.yaml')).toThrow('whether a broker rolls from MIGRATION to ZK');
  });
});

describe('OperatorProfiles', () => {
  it('suggests the nearest version and lists all', () => {
    const profiles = loadProfiles([shippedProfilesFolder()]);
    expect(() => profiles.get('0.45.11')).toThrow(UsageError);
    expect(() => profiles.get('0.45.11')).toThrow(/Did you mean 0\.45\.1\?.*0\.45\.0, 0\.45\.1, 0\.45\.2/);
  });

  it('without profiles has no newest version, and says so', () => {
    expect(() => new OperatorProfiles([]).newest()).toThrow(UsageError);
    expect(() => new OperatorProfiles([]).get('0.45.1')).toThrow(UsageError);
  });
});

describe('loadProfiles', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'remigrate-profiles-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('loads a new version from another folder, as data only', () => {
    const data = { ...shipped('0.45.2'), version: '0.45.10' };
    writeFileSync(join(folder, '0.45.10.yaml'), stringify(data));
    const profiles = loadProfiles([shippedProfilesFolder(), folder]);
    expect(profiles.versions()).toEqual(['0.45.0', '0.45.1', '0.45.2', '0.45.10']);
    expect(profiles.newest().version).toBe('0.45.10');
  });

  it('refuses a file that is named after another version', () => {
    writeFileSync(join(folder, '0.46.0.yaml'), stringify(shipped('0.45.2')));
    expect(() => loadProfiles([folder])).toThrow(/0\.46\.0\.yaml describes operator version 0\.45\.2/);
  });

  it('refuses two descriptions of one version', () => {
    writeFileSync(join(folder, '0.45.2.yaml'), stringify(shipped('0.45.2')));
    expect(() => loadProfiles([shippedProfilesFolder(), folder])).toThrow(/0\.45\.2 is described twice/);
  });

  it('names a folder or a file that it cannot read', () => {
    expect(() => loadProfiles([join(folder, 'none')])).toThrow(UsageError);
    writeFileSync(join(folder, '0.46.0.yaml'), 'version: [');
    expect(() => loadProfiles([folder])).toThrow(/Cannot read the operator profile .*0\.46\.0\.yaml/);
  });
});
