import { EnvironmentError } from '../../errors.js';
import type { ReadZnode } from '../zookeeper.js';

/**
 * Reads what `zookeeper-shell.sh HOST get -s PATH` prints: lines about its connection, the content in one line, and the
 * stat, `cZxid = 0x42` first (ZooKeeper 3.8 `cli/StatPrinter.java`); `Node does not exist: PATH` (`cli/CliException`,
 * KeeperException).
 * @returns undefined if the znode does not exist. @throws EnvironmentError for anything else.
 */
export function readGet(output: string, path: string): ReadZnode | undefined {
  const lines = output.split('\n').map((line) => line.trimEnd());
  if (lines.includes(`Node does not exist: ${path}`)) return undefined;
  const stat = lines.findIndex((line) => line.startsWith('cZxid = '));
  const data = stat > 0 ? lines[stat - 1] : undefined;
  const ctime = Date.parse(fieldOf(lines, 'ctime'));
  const ephemeralOwner = fieldOf(lines, 'ephemeralOwner');
  if (data === undefined || Number.isNaN(ctime) || ephemeralOwner === '') {
    throw new EnvironmentError(`this is not the output of zookeeper-shell.sh for ${path}: ${lastLine(lines)}`);
  }
  return { data, stat: { ctime, ephemeralOwner: /^0x0+$/.test(ephemeralOwner) ? undefined : ephemeralOwner } };
}

/** Reads what `zookeeper-shell.sh HOST ls PATH` prints: `[a, b]`. Otherwise as `readGet`. */
export function readList(output: string, path: string): readonly string[] | undefined {
  const lines = output.split('\n').map((line) => line.trimEnd());
  if (lines.includes(`Node does not exist: ${path}`)) return undefined;
  const [, names] = lines.map((line) => /^\[(.*)\]$/.exec(line)).find((match) => match !== null) ?? [];
  if (names === undefined) {
    throw new EnvironmentError(`this is not the output of zookeeper-shell.sh for ${path}: ${lastLine(lines)}`);
  }
  return names === '' ? [] : names.split(', ');
}

function fieldOf(lines: readonly string[], name: string): string {
  return lines.find((line) => line.startsWith(`${name} = `))?.slice(name.length + 3) ?? '';
}

/** Usually the reason why kubectl could not run it. */
function lastLine(lines: readonly string[]): string {
  return lines.findLast((line) => line !== '') ?? 'nothing';
}
