import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../src/package-root.js';
import { loadKnownIssues, shippedKnownIssuesFolder } from '../../src/scenario/known-issues.js';
import { shippedScenarios } from '../../src/scenario/load.js';
import { readReports, renderTrackRecord } from '../track-record/table.js';

const DOCS = join(packageRoot(), 'docs');
const page = readFileSync(join(DOCS, 'track-record.md'), 'utf8');
const table = /<!-- track record -->\n([\s\S]*)\n<!-- end of track record -->/.exec(page)?.[1]?.trim() ?? '';

/** Without the padding that the formatter adds. */
function cells(markdown: string): readonly (readonly string[])[] {
  return markdown.split('\n').map((row) => row.split('|').map((cell) => cell.trim().replace(/^-+$/, '---')));
}

describe('the track record', () => {
  it('has a report for every known issue, and every scenario in a report', async () => {
    const reports = readReports();
    const ids = new Set(reports.map(({ id }) => id));
    const issues = loadKnownIssues([shippedKnownIssuesFolder()]);
    expect(issues.filter(({ id }) => !ids.has(id)).map(({ id }) => id)).toEqual([]);
    const listed = new Set(reports.flatMap(({ scenarios }) => scenarios));
    expect([...listed].sort()).toEqual(await shippedScenarios());
  });

  it('links to findings that exist', () => {
    const findings = readReports().flatMap(({ finding }) => finding ?? []);
    expect(findings.filter((finding) => !existsSync(join(DOCS, finding)))).toEqual([]);
  });

  it('is what the known issues, the scenarios and the recordings say', async () => {
    expect(cells(table)).toEqual(cells(await renderTrackRecord()));
  });
});
