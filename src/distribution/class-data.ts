import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { mkdtemp, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { CacheFolder } from './cache.js';
import type { Java } from './java.js';
import type { KafkaDistribution } from './kafka.js';

/** Which program a JVM runs: each loads different classes, so each has its own archive. */
export type ClassDataKind =
  | 'zookeeper'
  | 'broker-zookeeper'
  | 'broker-migration'
  | 'broker-kraft'
  | 'controller'
  | 'storage-tool';

export interface JvmDescription {
  readonly java: Java;
  readonly kafka: KafkaDistribution;
  /**
   * The JVM's flags without the class path. System properties (`-D`) do not count: a JVM does not check archives
   * against them.
   */
  readonly jvmFlags: readonly string[];
  readonly kind: ClassDataKind;
}

/** What to start one JVM with, and what to do after it has exited. */
export interface ClassData {
  /** `use`: with an archive; `dump`: it writes one when it exits, which takes longer; `none`: neither. */
  readonly mode: 'use' | 'dump' | 'none';
  readonly flags: string[];
  /** Call this once the JVM has exited: keeps the dump, unless it is incomplete or another run was first. */
  commit(): Promise<void>;
  /** Call this instead of `commit`: drops the dump. */
  discard(): Promise<void>;
}

/**
 * A JVM that cannot use its archive (other jars, another JVM or other flags than at the dump) says so on standard
 * output and continues without it. Measured with JDK 17.0.15 and 25.0.3: `-Xlog:cds=off` leaves the message of
 * [cds,dynamic], the pattern silences both. At a dump it silences a warning for each class that is too old for an
 * archive.
 */
const SILENT = ['-Xshare:auto', '-Xlog:cds*=off', '-Xlog:class+path=off'];

/** The flags with which a JVM uses an archive. */
export function archiveFlags(archive: string): string[] {
  return [`-XX:SharedArchiveFile=${archive}`, ...SILENT];
}

const ARCHIVE = 'classes.jsa';
const ABOUT = 'about.json';
const aboutSchema = z.object({ size: z.number() });

/**
 * AppCDS archives (JEP 350): the classes that a JVM has loaded, in a form that the next JVM maps instead of parsing
 * jars. Measured with Kafka 3.9.0 on 2 cores: a broker is up after 0.9 s instead of 1.6-2.3 s; its dump takes 42 MB and
 * delays its exit by 1.9 s (ZooKeeper: 7 MB, 0.2 s; storage tool: 12 MB, 0.4 s).
 *
 * One object serves one run. Of several JVMs of one kind, only one dumps at a time.
 */
export class ClassDataArchives {
  readonly #folder: string;
  readonly #dumping = new Set<string>();

  constructor(cache: CacheFolder) {
    this.#folder = cache.join('class-data');
  }

  /**
   * The flags for one JVM that is about to be started. A file that cannot be read counts as absent: archives only save
   * time.
   */
  flagsFor(jvm: JvmDescription): ClassData {
    const name = archiveName(jvm);
    const folder = join(this.#folder, name);
    const archive = join(folder, ARCHIVE);
    if (isWhole(folder)) return { mode: 'use', flags: archiveFlags(archive), ...nothingToDo };
    // Without the JVM's default archive, JDK 17 refuses to start if it is asked for a dump (measured with -Xshare:off:
    // "DynamicDumpSharedSpaces is unsupported when base CDS archive is not loaded").
    if (!jvm.java.sharing || this.#dumping.has(name)) return { mode: 'none', flags: [], ...nothingToDo };

    if (!canDumpIn(this.#folder)) return { mode: 'none', flags: [], ...nothingToDo };
    sweep(this.#folder);
    this.#dumping.add(name);
    const dump = join(this.#folder, `.${name}-${process.pid}-${randomBytes(4).toString('hex')}.jsa`);
    const end = async (keep: boolean) => {
      try {
        if (keep && (await isComplete(dump))) await this.#keep(dump, folder, jvm);
      } finally {
        await rm(dump, { force: true });
        this.#dumping.delete(name);
      }
    };
    return {
      mode: 'dump',
      flags: [`-XX:ArchiveClassesAtExit=${dump}`, ...SILENT],
      commit: () => end(true),
      discard: () => end(false),
    };
  }

  async #keep(dump: string, folder: string, jvm: JvmDescription): Promise<void> {
    const scratch = await mkdtemp(join(this.#folder, '.keep-'));
    try {
      await rename(dump, join(scratch, ARCHIVE));
      const { size } = await stat(join(scratch, ARCHIVE));
      const { java, kafka, kind } = jvm;
      const about = { size, java: java.version, kafka: kafka.version, flags: relevantFlags(jvm), kind };
      await writeFile(join(scratch, ABOUT), JSON.stringify(about, null, 2));
      // The second rename replaces a damaged archive. A complete one stays: JVMs may be running on it.
      for (const last of [false, true]) {
        try {
          await rename(scratch, folder);
          return;
        } catch (error) {
          const { code } = error as NodeJS.ErrnoException;
          if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
          if (last || isWhole(folder)) return;
          await rm(folder, { recursive: true, force: true });
        }
      }
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }
}

/** Whether the folder of the archives exists by now. Without one nothing is archived: archives only save time. */
function canDumpIn(folder: string): boolean {
  try {
    // Not recursive: the cache folder exists.
    mkdirSync(folder);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EEXIST' && statSync(folder).isDirectory();
  }
  return true;
}

/** The names of dumps and of the scratch folders that `mkdtemp` makes, and of nothing else that a user may have there. */
const ABANDONED = /^\.(?:[\w.-]+-\d+-[0-9a-f]{8}\.jsa|keep-[A-Za-z0-9]{6})$/;

/**
 * Deletes what killed processes left behind. A dump is written within seconds when its JVM exits, and then kept or
 * dropped: a dump that was last written an hour ago is abandoned.
 */
function sweep(folder: string): void {
  const anHourAgo = Date.now() - 60 * 60_000;
  for (const name of readdirSync(folder)) {
    if (!ABANDONED.test(name)) continue;
    const path = join(folder, name);
    const written = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    if (written !== undefined && written < anHourAgo) rmSync(path, { recursive: true, force: true });
  }
}

const nothingToDo = {
  commit: () => Promise.resolve(),
  discard: () => Promise.resolve(),
};

function relevantFlags({ jvmFlags }: JvmDescription): string[] {
  return jvmFlags.filter((flag) => !flag.startsWith('-D'));
}

function archiveName(jvm: JvmDescription): string {
  const { java, kafka, kind } = jvm;
  const hash = createHash('sha256').update(JSON.stringify([java.version, java.home, kafka.key, relevantFlags(jvm)]));
  return `${kind}-${kafka.version}-${hash.digest('hex').slice(0, 16)}`;
}

/**
 * Whether the folder holds an archive of its original size: JDK 17 crashes with SIGBUS on a shorter one
 * (measured).
 */
function isWhole(folder: string): boolean {
  try {
    const { size } = aboutSchema.parse(JSON.parse(readFileSync(join(folder, ABOUT), 'utf8')));
    return statSync(join(folder, ARCHIVE)).size === size;
  } catch {
    // An absent or unreadable archive cannot be used.
    return false;
  }
}

/**
 * The JVM writes the header last (measured: after SIGKILL in a dump it is all zeros), so a header means a complete
 * dump.
 */
async function isComplete(dump: string): Promise<boolean> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(dump, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    const header = Buffer.alloc(8);
    const { bytesRead } = await file.read(header, 0, header.length, 0);
    return bytesRead === header.length && header.some((byte) => byte !== 0);
  } finally {
    await file.close();
  }
}
