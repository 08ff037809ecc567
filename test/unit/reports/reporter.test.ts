import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compareWithBaselines } from '../../../src/comparison/candidates.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { readJournal } from '../../../src/journal/file.js';
import { packageRoot } from '../../../src/package-root.js';
import { createReporter, exitCodeOf, type ReportedRun, type Reporter } from '../../../src/reports/index.js';
import { allReporters } from '../../../src/reports/reporter.js';
import { journal, SURVIVED, started } from '../comparison/journals.js';

type EndedRun = Omit<ReportedRun, 'baseline'>;

function run(operatorVersion: string, events: readonly JournalEvent[], exitCode: 0 | 1 | 3 = 0): EndedRun {
  return { label: operatorVersion, events, results: undefined, kept: undefined, exitCode };
}

/** What the terminal shows at the end of a call. */
async function summary(runs: readonly EndedRun[]): Promise<string> {
  const chunks: string[] = [];
  const stream = { write: (text: string) => chunks.push(text) };
  const terminal = { stream, notes: stream, tty: false, color: false, columns: 80, strict: false };
  await createReporter({ terminal, folder: undefined }).onEnd?.(await compareWithBaselines(runs));
  return chunks.join('');
}

const parts = { environment: 'kubernetes', operator: 'stand-in', kafka: 'real' } as const;
const DEPLOY = { type: 'gesture', gesture: 'deploy' } as const;
const KNOWN = journal([DEPLOY, ...SURVIVED], started({ operatorVersion: '0.45.2', parts }));
const candidate = (body: readonly Parameters<typeof journal>[0][number][] = SURVIVED) =>
  journal([DEPLOY, ...body], started({ operatorVersion: '0.45.3', baseline: '0.45.2', parts }));

describe('the end of a call', () => {
  it('compares a candidate with the run of its baseline in the same call', async () => {
    const runs = [run('0.45.2', KNOWN), run('0.45.3', candidate())];
    const text = await summary(runs);
    expect(text).toContain(
      '  Candidate     0.45.3 compared with 0.45.2: no difference from the run of 0.45.2 in this command\n',
    );
    expect(text.match(/Candidate/g)).toHaveLength(1);
    expect((await compareWithBaselines(runs)).map(exitCodeOf)).toEqual([0, 0]);
  });

  it('does not compare a stand-in if its baseline was not run', async () => {
    expect((await summary([run('0.45.3', candidate())])).replaceAll(/\s+/g, ' ')).toMatch(
      /no difference in what was lost, broken or left behind; the rest is not compared, because there is no journal/,
    );
  });

  it('compares a real operator with the recording of the baseline', async () => {
    const real = { ...parts, operator: 'real' } as const;
    const events = journal(SURVIVED, started({ operatorVersion: '0.45.3', baseline: '0.45.2', parts: real }));
    expect(await summary([run('0.45.3', events)])).toContain('recording 0.45.2-one-broker');
  });

  it('fails a candidate that is worse, even if its own run passes', async () => {
    const worse = candidate([
      {
        type: 'invariant-evaluated',
        step: 'migrate',
        invariant: 'records-survive',
        about: 'loss',
        holds: false,
        message: 'a record is gone',
        evidence: [],
      },
      ...SURVIVED,
    ]);
    const runs = [run('0.45.2', KNOWN), run('0.45.3', worse)];
    expect((await compareWithBaselines(runs)).map(exitCodeOf)).toEqual([0, 1]);
    expect(await summary(runs)).toContain('0.45.3 compared with 0.45.2: worse, a record is gone (records-survive)');
  });

  it('has the exit code of its own run if it is no worse than a baseline', () => {
    expect(exitCodeOf({ exitCode: 3, baseline: undefined })).toBe(3);
    expect(exitCodeOf({ exitCode: 0, baseline: { outcome: 'different', lines: ['x'] } })).toBe(0);
  });

  it('says which folders were kept, before the endings of the runs', async () => {
    expect(await summary([{ ...run('0.45.2', KNOWN), kept: '/folder' }])).toMatch(
      /^0\.45\.2: kept \/folder\n\n── 0\.45\.2 ──\n/,
    );
  });
});

describe('the reports of a call', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'remigrate-reports-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const terminal = (chunks: string[]) => {
    const stream = { write: (text: string) => chunks.push(text) };
    return { stream, notes: stream, tty: false, color: false, columns: 80, strict: false };
  };
  const reported: readonly ReportedRun[] = [{ ...run('0.45.2', KNOWN), baseline: undefined }];

  it('are written to the folder, one file for each format', async () => {
    await createReporter({ terminal: terminal([]), folder }).onEnd?.(reported);
    expect((await readdir(folder)).sort()).toEqual(['junit.xml', 'result.json']);
  });

  it('are the same for runs of format 1 as the files of format 1', async () => {
    const formats = join(packageRoot(), 'test/fixtures/formats/1');
    const old = await Promise.all(
      ['survived', 'lost'].map(async (name) => run(name, await readJournal(join(formats, name, 'journal.jsonl')))),
    );
    await createReporter({ terminal: terminal([]), folder }).onEnd?.(await compareWithBaselines(old));
    for (const file of ['junit.xml', 'result.json']) {
      // One line for each run is newer than these files: how many checks there were.
      const [current = '', ...counts] = withoutChecks(await readFile(join(folder, file), 'utf8'));
      expect(current).toBe(await readFile(join(formats, file), 'utf8'));
      expect(counts).toEqual(['28', '26']);
    }
  });

  it('all end, even if one cannot be written', async () => {
    const chunks: string[] = [];
    const gone = join(folder, 'gone');
    await expect(createReporter({ terminal: terminal(chunks), folder: gone }).onEnd?.(reported)).rejects.toThrow(
      `The reports cannot be written to ${gone}: ENOENT`,
    );
    expect(chunks.join('')).toContain('SURVIVED as expected');
  });
});

/** The text of a report without the lines that count checks, and these counts. */
function withoutChecks(text: string): readonly string[] {
  const line = /^ *(?:<property name="checks" value="(\d+)"\/>|"checks": (\d+),)\n/gm;
  return [text.replaceAll(line, ''), ...[...text.matchAll(line)].map(([, xml, json]) => xml ?? json ?? '')];
}

describe('allReporters', () => {
  it('passes everything on, in order, also to a reporter that handles only some calls', async () => {
    const calls: string[] = [];
    const named = (name: string): Reporter => ({
      onRunStart: ({ label }) => void calls.push(`${name} starts ${label}`),
      onEvent: ({ label }, { type }) => void calls.push(`${name} ${label} ${type}`),
      onInterrupt: () => void calls.push(`${name} interrupted`),
      onEnd: (runs) => void calls.push(`${name} ends ${runs.length}`),
    });
    const all = allReporters([named('a'), {}, named('b')]);
    all.onRunStart?.({ label: 'x' });
    all.onEvent?.({ label: 'x' }, { t: 0, type: 'gesture', gesture: 'deploy' });
    all.onInterrupt?.();
    await all.onEnd?.([]);
    expect(calls).toEqual([
      'a starts x',
      'b starts x',
      'a x gesture',
      'b x gesture',
      'a interrupted',
      'b interrupted',
      'a ends 0',
      'b ends 0',
    ]);
  });
});
