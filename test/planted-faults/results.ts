import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { SORTS } from './plan.js';
import type { Outcome } from './sort.js';

/** One finished run of the campaign, as a line of `results.jsonl`. */
const result = z.strictObject({
  seed: z.int(),
  index: z.int().nonnegative(),
  sort: z.string(),
  moment: z.string().optional(),
  /** `none`: the command ended without a verdict. */
  outcome: z.enum(['lost', 'broken', 'inconclusive', 'survived', 'survived, with a violation', 'none']),
  exitCode: z.int(),
  /** The verdict's summary. */
  summary: z.string(),
  /** Whether outcome, exit code and summary are right. */
  right: z.boolean(),
  /** The commit that was run. */
  commit: z.string(),
});

export type Result = z.infer<typeof result>;

/** The file with all runs of the campaign so far. */
export const RESULTS_FILE = new URL('./results.jsonl', import.meta.url);

/** @throws ZodError for a line that is no result. */
export function readResults(): readonly Result[] {
  const lines = readFileSync(RESULTS_FILE, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => result.parse(JSON.parse(line)));
}

const COLUMNS: readonly (Outcome | 'none')[] = [
  'lost',
  'broken',
  'survived, with a violation',
  'survived',
  'inconclusive',
  'none',
];

/** The table of docs/planted-faults.md: a row for each sort, with how often each outcome came. */
export function renderTable(results: readonly Result[]): string {
  const header = ['sort', 'what is done', 'right', 'runs', ...COLUMNS, 'wrong'];
  const rows = SORTS.map((sort) => {
    const own = results.filter((entry) => entry.sort === keyOf(sort));
    const counts = COLUMNS.map((outcome) => own.filter((entry) => entry.outcome === outcome).length || '');
    return [
      `\`${keyOf(sort)}\``,
      sort.what,
      sort.right.join(' or '),
      own.length,
      ...counts,
      own.filter(({ right }) => !right).length,
    ];
  });
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Two lists may have sorts of one name: `operator/NAME` and `outside/NAME`. */
export function keyOf({ kind, name }: { readonly kind: 'profile' | 'outside'; readonly name: string }): string {
  return `${kind === 'profile' ? 'operator' : 'outside'}/${name}`;
}
