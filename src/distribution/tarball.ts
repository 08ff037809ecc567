import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import { runChildProcess } from './child-process.js';
import { findOnPath } from './executable.js';
import { type FetchContext, type KafkaSource, SourceFailed } from './kafka-source.js';
import type { KafkaRelease } from './kafka-versions.js';

/** Apache's archive keeps every release, and a `.sha512` file next to each. `{version}` stands for Kafka's version. */
const APACHE_ARCHIVE = 'https://archive.apache.org/dist/kafka/{version}/kafka_2.13-{version}.tgz';

/** A server that sends nothing for this long is considered dead. */
const SILENT_FOR_MS = 60_000;

/**
 * Kafka's release tarball, from `REMIGRATE_KAFKA_URL` (`{version}` in it stands for the version) or Apache's archive.
 * @throws UsageError if the variable is not a file:, http: or https: URL.
 */
export function tarballSource(env: NodeJS.ProcessEnv): KafkaSource {
  const template = env.REMIGRATE_KAFKA_URL || APACHE_ARCHIVE;
  if (!URL.canParse(template) || !['file:', 'http:', 'https:'].includes(new URL(template).protocol))
    throw new UsageError(
      `REMIGRATE_KAFKA_URL is ${template}, which is not a file:, http: or https: URL. ` +
        'Set it to the URL of a Kafka release tarball; {version} in it stands for the version.',
    );
  return {
    origin: 'tarball',
    id: `tarball-${createHash('sha256').update(template).digest('hex').slice(0, 8)}`,
    fetch: (release, libs, scratch, context) => unpackRelease(template, release, libs, scratch, context),
  };
}

async function unpackRelease(
  template: string,
  release: KafkaRelease,
  libs: string,
  scratch: string,
  context: FetchContext,
): Promise<void> {
  const { env, signal, progress } = context;
  const url = new URL(template.replaceAll('{version}', release.kafka));
  const tar = await findOnPath('tar', env);
  if (tar === undefined) throw new SourceFailed(`tar, which unpacks ${printable(url)}, is not on PATH`);

  progress(
    `Fetching Kafka ${release.kafka} and ZooKeeper ${release.zookeeper} from ${printable(url)}. This happens once.`,
  );
  const wanted = await publishedChecksum(url, signal);
  const archive = join(scratch, 'kafka.tgz');
  const found = await download(
    url,
    archive,
    (percent) => progress(`Fetching Kafka ${release.kafka}: ${percent} % downloaded`, { transient: true }),
    signal,
  );
  // The archive is in the scratch folder, which is deleted in any case.
  if (found !== wanted)
    throw new SourceFailed(
      `${printable(url)} does not match its checksum, and was deleted: ` +
        `SHA-512 ${found.slice(0, 16)}... instead of ${wanted.slice(0, 16)}...`,
    );

  progress(`Unpacking Kafka ${release.kafka}`, { transient: true });
  const unpacked = join(scratch, 'unpacked');
  await mkdir(unpacked);
  const end = await runChildProcess(tar, ['-xzf', archive, '-C', unpacked, '--strip-components=1'], { env, signal });
  signal.throwIfAborted();
  if (end.exitCode !== 0)
    throw new SourceFailed(
      `${tar} could not unpack ${printable(url)}: ${end.output.at(-1) ?? `exit code ${end.exitCode}`}`,
    );
  const jars = (await list(join(unpacked, 'libs'))).filter((name) => name.endsWith('.jar'));
  await Promise.all(jars.map((name) => rename(join(unpacked, 'libs', name), join(libs, name))));
}

async function list(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // A tarball of something else: checkJars then reports that Kafka is missing.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function publishedChecksum(tarball: URL, signal: AbortSignal): Promise<string> {
  const url = new URL(tarball);
  url.pathname += '.sha512';
  let text: string;
  try {
    text =
      url.protocol === 'file:'
        ? await readFile(fileURLToPath(url), { encoding: 'utf8', signal })
        : await (await request(url, signal)).text();
  } catch (error) {
    signal.throwIfAborted();
    throw new SourceFailed(`the checksum ${printable(url)} cannot be read: ${reason(error)}`, { cause: error });
  }
  const checksum = readChecksum(text);
  if (checksum === undefined) throw new SourceFailed(`${printable(url)} does not contain a SHA-512 checksum`);
  return checksum;
}

/**
 * The checksum in a `.sha512` file, in lower case; undefined if there is none. Two forms are in use: sha512sum's
 * (`<128 digits>  <file>`) and gpg's `--print-md`, which Apache Kafka publishes (`<file>: 1A2B3C4D ...`, in groups over
 * several lines).
 */
export function readChecksum(text: string): string | undefined {
  const ungrouped = text.replace(/^[^:\n]*:/, '').replace(/\s+/g, '');
  return (/\b[0-9a-f]{128}\b/i.exec(text) ?? /^[0-9a-f]{128}$/i.exec(ungrouped))?.[0].toLowerCase();
}

/**
 * Writes the URL's content to a file, and returns its SHA-512 in lower-case hexadecimal digits.
 * @param onPercent is called with each whole percent, if the server reports the length of the content.
 */
async function download(
  url: URL,
  path: string,
  onPercent: (percent: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha512');
  const silence = new AbortController();
  const timer = setTimeout(
    () => silence.abort(new Error(`timed out after ${SILENT_FOR_MS / 1000} s waiting for data`)),
    SILENT_FOR_MS,
  );
  const both = AbortSignal.any([signal, silence.signal]);
  try {
    const { size, content } = await open(url, both);
    let read = 0;
    let shown = 0;
    const meter = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        timer.refresh();
        hash.update(chunk);
        read += chunk.length;
        const percent = size === undefined ? 0 : Math.floor((100 * read) / size);
        if (percent > shown) onPercent(percent);
        shown = percent;
        done(null, chunk);
      },
    });
    await pipeline(content, meter, createWriteStream(path), { signal: both });
  } catch (error) {
    signal.throwIfAborted();
    throw new SourceFailed(`${printable(url)} cannot be read: ${reason(silence.signal.reason ?? error)}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
  return hash.digest('hex');
}

async function open(url: URL, signal: AbortSignal): Promise<{ size: number | undefined; content: Readable }> {
  if (url.protocol === 'file:') {
    const path = fileURLToPath(url);
    return { size: (await stat(path)).size, content: createReadStream(path) };
  }
  const response = await request(url, signal);
  if (response.body === null) throw new Error('the response is empty');
  const length = response.headers.get('content-length');
  return { size: length === null ? undefined : Number(length), content: Readable.fromWeb(response.body) };
}

async function request(url: URL, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = {};
  const bare = new URL(url);
  if (url.username !== '') {
    // fetch refuses a URL with a user in it.
    const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
    headers.authorization = `Basic ${Buffer.from(user).toString('base64')}`;
    bare.username = '';
    bare.password = '';
  }
  const response = await fetch(bare, { signal, headers });
  if (!response.ok) throw new Error(`the server responded with ${response.status} ${response.statusText}`.trimEnd());
  return response;
}

/** The URL without a user's name and password. */
function printable(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  return shown.href;
}

/** fetch says "fetch failed" and keeps the reason as the cause. */
function reason(error: unknown): string {
  const { message = String(error), cause } = error as Partial<Error>;
  return (cause as Partial<Error> | undefined)?.message ?? message;
}
