import type { KindReference } from './kube-object.js';
import { RequestFailed } from './request-failed.js';

/** The API server's resource for a kind: its name and its path. */
export interface Resource {
  /** The plural: `kafkanodepools`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** For messages and RBAC: the plural with its group, `kafkanodepools.kafka.strimzi.io`. */
  readonly qualified: string;
  /** The path of the group and version: `/apis/kafka.strimzi.io/v1beta2`. */
  readonly root: string;
}

/** The part of APIResourceList (API machinery v1) that is used. */
interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced: boolean }[];
}

/**
 * Discovers how the API server serves a kind, once per kind. A kind that is not served is discovered again the next
 * time: its CustomResourceDefinition may have been installed.
 */
export class Discovery {
  readonly #known = new Map<string, Resource>();
  readonly #fetch: (path: string, signal: AbortSignal) => Promise<unknown>;

  constructor(fetch: (path: string, signal: AbortSignal) => Promise<unknown>) {
    this.#fetch = fetch;
  }

  /** @returns undefined if the cluster does not serve the kind. */
  async find({ apiVersion, kind }: KindReference, signal: AbortSignal): Promise<Resource | undefined> {
    const key = `${apiVersion} ${kind}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
    for (const { name, kind: served, namespaced } of await this.#served(root, signal)) {
      // Names with a slash are subresources; some have the kind of the object they belong to.
      if (name.includes('/')) continue;
      this.#known.set(`${apiVersion} ${served}`, { plural: name, namespaced, qualified: `${name}${group}`, root });
    }
    return this.#known.get(key);
  }

  async #served(root: string, signal: AbortSignal): Promise<NonNullable<ResourceList['resources']>> {
    try {
      return ((await this.#fetch(root, signal)) as ResourceList).resources ?? [];
    } catch (error) {
      if (error instanceof RequestFailed && error.status === 404) return [];
      throw error;
    }
  }
}
