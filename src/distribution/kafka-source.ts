import type { KafkaRelease } from './kafka-versions.js';
import type { Progress } from './progress.js';

export interface FetchContext {
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Fetches the jars of a Kafka release into the cache. */
export interface KafkaSource {
  readonly origin: 'maven' | 'tarball';
  /** Identifies the result: two results with the same id are the same jars. */
  readonly id: string;
  /**
   * Puts the jars into `libs`, an empty folder; `scratch` is a folder beside it that is deleted afterwards.
   * @throws SourceFailed if it cannot. Any other error is a defect or an aborted signal.
   */
  fetch(release: KafkaRelease, libs: string, scratch: string, context: FetchContext): Promise<void>;
}

/** This source failed; another one may work. The message names the source and what failed. */
export class SourceFailed extends Error {
  override readonly name = 'SourceFailed';
}
