import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../src/package-root.js';
import type { Mutant } from './mutants.js';

const AcceptedMutants = z.array(
  z.strictObject({
    file: z.string(),
    code: z.string(),
    change: z.string(),
    reason: z.string().min(10),
  }),
);

/** A mutant that no test notices, and why none is needed. */
export type AcceptedMutant = z.infer<typeof AcceptedMutants>[number];

/** @throws if accepted.yaml is not as described in it */
export function readAccepted(): readonly AcceptedMutant[] {
  return AcceptedMutants.parse(parse(readFileSync(join(packageRoot(), 'test/mutants/accepted.yaml'), 'utf8')));
}

/** Line numbers change with every edit: an entry names the text of the line. */
export function isFor({ file, code, change }: AcceptedMutant, mutant: Mutant): boolean {
  return file === mutant.file && code === mutant.code && change === mutant.change;
}
