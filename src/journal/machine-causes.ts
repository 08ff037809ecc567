/** What a node lacks that ends because of the machine, and not because of the cluster. */
export type MachineCause = 'port' | 'memory' | 'disk space' | 'disk' | 'files' | 'JVM';

/**
 * What keeps a JVM from running, as the errors of its log show it. Such an end shows nothing about the cluster: neither
 * does the replay blame the cluster for it, nor does `nodes-stay-up`.
 */
export const MACHINE_CAUSES: readonly { readonly cause: MachineCause; readonly pattern: RegExp }[] = [
  { cause: 'port', pattern: /Address already in use/ },
  {
    cause: 'memory',
    pattern:
      /OutOfMemoryError|insufficient memory for the Java Runtime|Could not reserve enough space|Cannot allocate memory|unable to create (new )?native thread/,
  },
  { cause: 'disk space', pattern: /No space left on device|Disk quota exceeded/ },
  { cause: 'disk', pattern: /Read-only file system|Input\/output error/ },
  { cause: 'files', pattern: /Too many open files/ },
  {
    cause: 'JVM',
    pattern:
      /Could not create the Java Virtual Machine|Error occurred during initialization of VM|Could not find or load main class|UnsupportedClassVersionError/,
  },
];

/** Which part of the machine one of these lines blames; undefined: none. */
export function machineCauseOf(lines: readonly string[]): MachineCause | undefined {
  return MACHINE_CAUSES.find(({ pattern }) => lines.some((line) => pattern.test(line)))?.cause;
}
