import { cpus, totalmem } from 'node:os';

/** The machine that figures were taken on: `2 × AMD EPYC, 16 GiB, Node v20.19.4`. */
export function machine(): string {
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}
