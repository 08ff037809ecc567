import { join } from 'node:path';
import { execa } from 'execa';
import { UsageError } from '../errors.js';
import { findOnPath, isExecutable } from './executable.js';

/** A Java runtime that can run Kafka and ZooKeeper. */
export interface Java {
  /** The `java` launcher. */
  readonly executable: string;
  /** The property `java.home`. */
  readonly home?: string;
  /** The feature release: 17, 21, ... */
  readonly major: number;
  /**
   * Vendor, build and machine on one line, `Debian 17.0.15+6-Debian-1deb12u1 amd64`: equal for equal JVMs, so usable as
   * a key.
   */
  readonly version: string;
  /** Whether the JVM has its default class-data archive, which the archives of applications build on. */
  readonly sharing: boolean;
}

export interface FindJavaOptions {
  readonly env: NodeJS.ProcessEnv;
  /** The oldest feature release to accept; default: 17. */
  readonly minimum?: number;
  /** The newest feature release to accept; default: 23. */
  readonly maximum?: number;
}

/** A usable Java, or why there is none and what to do about it, one sentence each. */
export type JavaLookup = { readonly java: Java } | { readonly problem: string; readonly remedy: string };

/**
 * The Java versions that Kafka 3.8 and 3.9 run on here. Kafka 3.7 deprecated Java 11 for brokers (KIP-1013); 23 is the
 * newest that Kafka 3.9's "Java Version" page lists (apache/kafka-site#747), and without the shim of KAFKA-17078, which
 * 3.8 and 3.9.0 lack, Java 24's removal of the Security Manager breaks SASL.
 */
export const JAVA_VERSIONS = { minimum: 17, maximum: 23 } as const;

/** A cold JVM on a loaded machine responds in seconds. A JVM that hangs must not hang the harness. */
const ANSWER_WITHIN_MS = 30_000;

/** Looks for Java in `JAVA_HOME`, else on `PATH`. If `JAVA_HOME` is set but unusable, `PATH` is not tried. */
export async function lookUpJava(options: FindJavaOptions): Promise<JavaLookup> {
  const { env, minimum = JAVA_VERSIONS.minimum, maximum = JAVA_VERSIONS.maximum } = options;
  const install = `Install a JDK or JRE ${minimum} to ${maximum}, for example Debian's openjdk-17-jre-headless, or set JAVA_HOME to one.`;

  let executable: string | undefined;
  let named: string;
  let remedy: string;
  if (env.JAVA_HOME) {
    executable = join(env.JAVA_HOME, 'bin', 'java');
    named = `JAVA_HOME is ${env.JAVA_HOME}`;
    remedy = `Set JAVA_HOME to a JDK or JRE ${minimum} to ${maximum}, or unset it to use the java on PATH.`;
    if (!(await isExecutable(executable)))
      return { problem: `${named}, which does not contain an executable bin/java.`, remedy };
  } else {
    executable = await findOnPath('java', env);
    if (executable === undefined)
      return { problem: 'Java was not found: JAVA_HOME is not set, and there is no java on PATH.', remedy: install };
    named = `The java on PATH is ${executable}`;
    remedy = install;
  }

  const answer = await ask(executable, env);
  if ('failure' in answer) return { problem: `${named}, but it does not run: ${answer.failure}.`, remedy };
  const { java } = answer;
  if (java.major < minimum)
    return {
      problem: `${named}, which is Java ${java.major}: too old. remigrate runs Kafka on Java ${minimum} to ${maximum}.`,
      remedy,
    };
  if (java.major > maximum)
    return {
      problem: `${named}, which is Java ${java.major}: too new. remigrate runs Kafka on Java ${minimum} to ${maximum}.`,
      remedy,
    };
  return { java };
}

/**
 * The Java to run nodes with: `JAVA_HOME`'s, else the first on `PATH`.
 * @throws UsageError if there is none, it does not run, or is not of a version from `minimum` to `maximum`; the message
 * names where it was found and what to install.
 */
export async function findJava(options: FindJavaOptions): Promise<Java> {
  const found = await lookUpJava(options);
  if ('java' in found) return found.java;
  throw new UsageError(`${found.problem} ${found.remedy}`);
}

async function ask(executable: string, env: NodeJS.ProcessEnv): Promise<{ java: Java } | { failure: string }> {
  const result = await execa(executable, ['-XshowSettings:properties', '-version'], {
    env,
    extendEnv: false,
    reject: false,
    all: true,
    stdin: 'ignore',
    timeout: ANSWER_WITHIN_MS,
  });
  if (result.timedOut) return { failure: `\`java -version\` timed out after ${ANSWER_WITHIN_MS / 1000} s` };
  const text = result.all ?? '';
  if (result.failed) {
    const said = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('Picked up '));
    return { failure: said?.trim() ?? result.originalMessage ?? `exit code ${result.exitCode}` };
  }
  return readSettings(executable, text);
}

/** Reads what `java -XshowSettings:properties -version` prints: `    java.version = 17.0.15`, one property a line. */
function readSettings(executable: string, text: string): { java: Java } | { failure: string } {
  const properties = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s+([\w.]+) = (.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) properties.set(name, value.trim());
  }
  // Java 8 calls itself 1.8.
  const major = Number((properties.get('java.specification.version') ?? '').replace(/^1\./, ''));
  const build = properties.get('java.vm.version');
  if (!Number.isInteger(major) || major === 0 || build === undefined)
    return { failure: '`java -XshowSettings:properties -version` shows no version' };
  const home = properties.get('java.home');
  return {
    java: {
      executable,
      ...(home === undefined ? {} : { home }),
      major,
      version: [properties.get('java.vm.vendor'), build, properties.get('os.arch')].filter(Boolean).join(' '),
      sharing: (properties.get('java.vm.info') ?? '').includes('sharing'),
    },
  };
}
