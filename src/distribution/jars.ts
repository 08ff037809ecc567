import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** One jar of a folder. */
export interface Jar {
  readonly name: string;
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** When it was last written, in milliseconds since 1970. */
  readonly written: number;
}

/** What can be read from the names of jars. */
export interface JarVersions {
  /** The version of `kafka_2.13`; undefined if there is no such jar. */
  readonly kafka: string | undefined;
  /** The version of ZooKeeper; undefined in Kafka 4. */
  readonly zookeeper: string | undefined;
  /** Whether there is an SLF4J binding that takes `-Dlog4j.configuration` (the Log4j 1 API). */
  readonly log4j1: boolean;
}

export interface JarInventory extends JarVersions {
  readonly jars: readonly Jar[];
}

/** Jars that Kafka's own kafka-run-class.sh omits from the class path (3.9.0, `should_include_file`). */
const NOT_FOR_THE_CLASS_PATH = /-(test|test-sources|src|sources|scaladoc|javadoc)\.jar$/;

/** The jars of a folder, by name; undefined if there is no such folder. */
export async function takeInventory(folder: string): Promise<JarInventory | undefined> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  const chosen = names.filter((name) => name.endsWith('.jar') && !NOT_FOR_THE_CLASS_PATH.test(name)).sort();
  const jars = await Promise.all(
    chosen.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      return { name, path, size, written: Math.floor(mtimeMs) };
    }),
  );
  return { jars, ...jarVersions(chosen) };
}

/** Reads versions from the names of jars. */
export function jarVersions(names: readonly string[]): JarVersions {
  const version = (pattern: RegExp) =>
    names.map((name) => pattern.exec(name)?.[1]).find((found) => found !== undefined);
  return {
    kafka: version(/^kafka_2\.\d+-(\d.*)\.jar$/),
    zookeeper: version(/^zookeeper-(\d.*)\.jar$/),
    log4j1: names.some((name) => /^slf4j-(reload4j|log4j12)-\d.*\.jar$/.test(name)),
  };
}

/**
 * A hash of these jars by what a JVM checks before it uses a class-data archive: path, size and modification time (JDK
 * 17, `SharedClassPathEntry::validate`; measured: a touched jar makes the archive unusable). With only names and sizes,
 * a class path that was fetched again would always find an archive that the JVM silently rejects.
 */
export function classPathKey(jars: readonly Jar[]): string {
  const hash = createHash('sha256');
  for (const { path, size, written } of jars) hash.update(`${path}\0${size}\0${written}\n`);
  return hash.digest('hex').slice(0, 16);
}
