import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { DEFAULT_KAFKA_VERSION } from '../../src/distribution/kafka-versions.js';
import { readJournal } from '../../src/journal/file.js';
import { summarise } from '../../src/journal/summary.js';
import { loadProfiles, shippedProfilesFolder } from '../../src/operator/profile.js';
import { packageRoot } from '../../src/package-root.js';
import { expectedVerdict } from '../../src/scenario/judgement.js';
import {
  applicable,
  type KnownIssue,
  loadKnownIssues,
  shippedKnownIssuesFolder,
} from '../../src/scenario/known-issues.js';

/** What one report says, who reported it, and which scenarios are about it. */
const reports = z.array(
  z.strictObject({
    id: z.string(),
    report: z.url().optional(),
    finding: z.string().optional(),
    by: z.string(),
    title: z.string(),
    scenarios: z.array(z.string()).min(1),
  }),
);

export type Report = Readonly<z.infer<typeof reports>[number]>;

const FILE = join(packageRoot(), 'test/track-record/reports.yaml');
const RECORDINGS = join(packageRoot(), 'fixtures/recordings');

export function readReports(): readonly Report[] {
  return reports.parse(parse(readFileSync(FILE, 'utf8')));
}

/** The table of docs/track-record.md: a row for each report and scenario. */
export async function renderTrackRecord(): Promise<string> {
  const versions = loadProfiles([shippedProfilesFolder()]).versions();
  const issues = loadKnownIssues([shippedKnownIssuesFolder()]);
  const recorded = await recordings();
  const rows = readReports().flatMap((report) =>
    report.scenarios.map((scenario) => [
      linked(report),
      report.by,
      `\`${scenario}\``,
      ...versions.map((version) => verdictOf(issues, scenario, version)),
      seenOn(recorded.filter((one) => one.scenario === scenario)),
      `\`npx remigrate run ${scenario}\``,
    ]),
  );
  const header = ['report', 'reported by', 'scenario', ...versions, 'real operator', 'command'];
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function linked({ id, report, finding, title }: Report): string {
  const name = report === undefined ? id.replace('no-report', '–') : `[${id}](${report})`;
  return `${name}: ${finding === undefined ? title : `[${title}](${finding})`}`;
}

function verdictOf(issues: readonly KnownIssue[], scenario: string, operatorVersion: string): string {
  return expectedVerdict(applicable(issues, { scenario, operatorVersion, kafkaVersion: DEFAULT_KAFKA_VERSION }));
}

function seenOn(found: readonly { readonly name: string; readonly operatorVersion: string }[]): string {
  return found.length === 0 ? 'replayed only' : found.map(({ name }) => `\`${name}\``).join(', ');
}

async function recordings() {
  const files = readdirSync(RECORDINGS).filter((file) => file.endsWith('.jsonl'));
  const all = await Promise.all(
    files.map(async (file) => {
      const { scenario, operatorVersion, parts, baseline } = summarise(
        await readJournal(join(RECORDINGS, file)),
      ).started;
      return { name: file.replace('.jsonl', ''), scenario, operatorVersion, parts, baseline };
    }),
  );
  return all.filter(({ parts, baseline }) => parts.operator === 'real' && baseline === undefined);
}
