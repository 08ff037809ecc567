import { createRequire } from 'node:module';
import { messageOf, UsageError } from '../../errors.js';

/** A znode's stat, as the npm package `zookeeper` 7.3.0 returns it. */
export interface NativeStat {
  readonly version: number;
  readonly czxid: number;
  readonly mzxid: number;
  readonly ctime: Date;
  readonly numChildren: number;
  /** Hexadecimal without `0x`; `0` for a persistent znode. */
  readonly ephemeralOwner: string;
}

type Callback<Results extends unknown[]> = (code: number, message: string, ...results: Results) => void;

/**
 * The part of `zookeeper` 7.3.0 that is used here. Every operation returns 0, or a negative code if it could not be
 * queued; in that case it never calls back.
 */
export interface NativeZooKeeper {
  init(config: Readonly<Record<string, unknown>>): unknown;
  close(): unknown;
  on(event: 'connect' | 'close', listener: (client: unknown, detail: unknown) => void): unknown;
  /** Hexadecimal without `0x`. */
  readonly client_id: string;
  a_get(path: string, watch: boolean, callback: Callback<[NativeStat | null, Buffer | string | null]>): number;
  a_exists(path: string, watch: boolean, callback: Callback<[NativeStat | null]>): number;
  aw_exists(path: string, watcher: (type: number) => void, callback: Callback<[NativeStat | null]>): number;
  a_get_children(path: string, watch: boolean, callback: Callback<[readonly string[] | null]>): number;
  a_create(path: string, data: string, flags: number, callback: Callback<[string | null]>): number;
  a_set(path: string, data: string, version: number, callback: Callback<[NativeStat | null]>): number;
  a_delete_(path: string, version: number, callback: Callback<[]>): number;
}

export type NativeConstructor = new (config: Readonly<Record<string, unknown>>) => NativeZooKeeper;

/** Codes of ZooKeeper's C client (3.8, zookeeper.h, ZOO_ERRORS and ZOO_*_STATE). */
export const ZOOKEEPER_CODES = {
  OK: 0,
  CONNECTION_LOSS: -4,
  INVALID_STATE: -9,
  NO_NODE: -101,
  EXPIRED_SESSION_STATE: -112,
  AUTH_FAILED_STATE: -113,
  SESSION_EXPIRED: -112,
  CLOSING: -116,
} as const;

/**
 * Loads the optional dependency `zookeeper`, which npm compiles when it is installed.
 * @param load stands in for `require` in tests.
 * @throws UsageError that says what to install when it is missing or was not compiled.
 */
export function loadZooKeeper(load: (name: string) => unknown = createRequire(import.meta.url)): NativeConstructor {
  let loaded: unknown;
  try {
    loaded = load('zookeeper');
  } catch (error) {
    throw new UsageError(
      `The npm package zookeeper, which reads ZooKeeper, cannot be loaded (${firstLine(messageOf(error))}). npm compiles ` +
        'it when it is installed: install a C and C++ compiler, make and python3 (on Windows CMake in place of make), ' +
        'then run `npm ci`, or `npm rebuild zookeeper` if it is installed already.',
      { cause: error },
    );
  }
  if (!isConstructor(loaded))
    throw new UsageError('This version of the npm package zookeeper is not supported. Install 7.3.0.');
  return loaded;
}

function isConstructor(value: unknown): value is NativeConstructor {
  return typeof value === 'function' && typeof value.prototype?.a_get === 'function';
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
