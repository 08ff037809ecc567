import type { Journal } from '../journal/journal.js';
import { signIn } from '../journal/sign-in.js';
import { parseRecordLine } from './node-log.js';

/** The record that a node is writing: a line with a level, and the lines without one that follow it. */
interface OpenRecord {
  readonly level: string;
  readonly logger: string;
  /** The ids of the signs that it has shown: a stack trace repeats messages. */
  readonly seen: Set<string>;
}

/** Further lines with a sign that has been journalled. */
interface Repeated {
  count: number;
  level: string;
  text: string;
}

/**
 * Journals the lines of the nodes' logs that show a sign of the table `SIGNS`: of each sign and pod the first as it
 * comes, and how many followed it at the next `flush`, because a node may write hundreds of them.
 */
export class SignWatch {
  readonly #journal: Pick<Journal, 'write'>;
  readonly #records = new Map<string, OpenRecord>();
  readonly #repeated = new Map<string, Map<string, Repeated>>();

  constructor(journal: Pick<Journal, 'write'>) {
    this.#journal = journal;
  }

  /** A line of the log of a broker or controller. */
  line(pod: string, line: string): void {
    const parsed = parseRecordLine(line);
    if (parsed !== undefined) this.#records.set(pod, { level: parsed.level, logger: parsed.logger, seen: new Set() });
    const record = this.#records.get(pod);
    const text = parsed?.text ?? line.trim();
    const found = signIn(text, record?.logger);
    if (found === undefined || record?.seen.has(found.sign.id) === true) return;
    record?.seen.add(found.sign.id);
    this.#write(pod, found.sign.id, record?.level ?? '', text);
  }

  /** Journals what has been counted since the last time: what comes next is journalled as it comes again. */
  flush(): void {
    for (const [pod, signs] of this.#repeated) {
      for (const [sign, { count, level, text }] of signs) {
        if (count > 0) this.#journal.write({ type: 'node-log', pod, level, text, sign, more: count });
      }
    }
    this.#repeated.clear();
  }

  #write(pod: string, sign: string, level: string, text: string): void {
    const signs = this.#repeated.get(pod) ?? new Map<string, Repeated>();
    this.#repeated.set(pod, signs);
    const repeated = signs.get(sign);
    if (repeated === undefined) {
      signs.set(sign, { count: 0, level, text });
      this.#journal.write({ type: 'node-log', pod, level, text, sign });
      return;
    }
    Object.assign(repeated, { count: repeated.count + 1, level, text });
  }
}
