import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** A folder of its own for one test. */
export interface Folder {
  readonly path: string;
  join(...names: string[]): string;
  /** Writes a file and the folders above it; returns its path. */
  write(name: string, content: string): Promise<string>;
  /** Writes a program for /bin/sh; returns its path. */
  program(name: string, script: string): Promise<string>;
  delete(): Promise<void>;
}

export async function makeFolder(): Promise<Folder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), 'remigrate-test-')));
  const write = async (name: string, content: string) => {
    const file = join(path, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  };
  return {
    path,
    join: (...names) => join(path, ...names),
    write,
    program: async (name, script) => {
      const file = await write(name, `#!/bin/sh\n${script}\n`);
      await chmod(file, 0o755);
      return file;
    },
    delete: () => rm(path, { recursive: true, force: true }),
  };
}

/** A `java` that prints its settings as a JVM of this release does. */
export function javaScript(release: number, info = 'mixed mode, sharing'): string {
  const specification = release === 8 ? '1.8' : String(release);
  return `cat >&2 <<END
Property settings:
    java.home = /opt/java-${release}
    java.library.path = /usr/lib
        /lib
    java.specification.version = ${specification}
    java.vm.info = ${info}
    java.vm.vendor = Acme
    java.vm.version = ${release}.0.1+7
    os.arch = amd64

openjdk version "${release}.0.1"
END`;
}

/** The real names of the jars that `mvn` resolves for Kafka. */
export function jarNames(kafka: string, zookeeper: string | undefined = '3.8.4'): string[] {
  return [
    `kafka_2.13-${kafka}.jar`,
    `kafka-clients-${kafka}.jar`,
    'slf4j-api-1.7.36.jar',
    'slf4j-reload4j-1.7.36.jar',
    ...(zookeeper === undefined ? [] : [`zookeeper-${zookeeper}.jar`, `zookeeper-jute-${zookeeper}.jar`]),
  ];
}

/** Waits until the probe returns true, or fails after 10 s with what it waited for. */
export async function eventually(what: string, probe: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await probe())) {
    if (Date.now() > deadline) throw new Error(`timed out after 10 s waiting for ${what}`);
    await delay(10);
  }
}

/** Whether a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Something that happens once and can be waited for. */
export function makeGate(): { readonly passed: Promise<void>; open(): void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
