import { EnvironmentError, messageOf } from '../errors.js';
import type { ApiServer } from './kubeconfig.js';

/** What was asked, in the words of RBAC: they stand in the messages. */
export interface Asked {
  readonly verb: string;
  /** The plural with its group, `kafkas.kafka.strimzi.io`; a path for what is no resource. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** "list kafkas.kafka.strimzi.io in namespace demo" */
export function inWords({ verb, resource, namespace, name }: Asked): string {
  const object = name === undefined ? '' : ` ${name}`;
  return `${verb} ${resource}${object}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

interface FailureDetails {
  readonly status?: number;
  readonly reason?: string;
  readonly retryAfterMs?: number;
  /** Whether the same request may go well later: 429, 5xx, what was allowed before, connections that were refused or broke. */
  readonly passing: boolean;
  /** Whether the server may have carried the request out although it did not say so. */
  readonly unclear: boolean;
  readonly cause?: unknown;
}

/** A request that the API server refused or did not answer. The message names the server, the verb and the resource. */
export class RequestFailed extends EnvironmentError {
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /** The `reason` of the server's Status: `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Forbidden`, `Expired` ... */
  readonly reason: string | undefined;
  /** What the server asked for with Retry-After, in ms. */
  readonly retryAfterMs: number | undefined;
  readonly passing: boolean;
  readonly unclear: boolean;

  constructor(message: string, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
    this.passing = details.passing;
    this.unclear = details.unclear;
  }
}

/** What the API server answers a refused request with: `Status` of the API machinery, v1. */
interface Status {
  readonly reason?: string;
  readonly message?: string;
}

export interface Refusal {
  readonly status: number;
  readonly body: string;
  /** The header Retry-After. */
  readonly retryAfter: string | undefined;
  /**
   * Whether the server has done the same for us before. An API server that starts refuses what it allows a moment later: its
   * authorizer does not have the roles yet (measured on 1.33 with a killed kube-apiserver: 403 to an administrator).
   */
  readonly grantedBefore: boolean;
}

/** An answer that is no success. */
export function refusal(to: ApiServer, asked: Asked, refused: Refusal): RequestFailed {
  const { status, body } = refused;
  const { reason, message } = statusIn(body);
  const said = message ?? body.trim().slice(0, 300);
  const overloaded = status === 429 || (status >= 500 && status !== 501 && status !== 505);
  const starting = (status === 401 || status === 403) && refused.grantedBefore;
  return new RequestFailed(sentence(to, asked, status, said), {
    status,
    ...(reason === undefined ? {} : { reason }),
    ...retryAfterIn(refused.retryAfter),
    passing: overloaded || starting,
    unclear: status >= 500,
  });
}

function sentence(to: ApiServer, asked: Asked, status: number, said: string): string {
  const where = `the API server ${to.server} (context ${to.context})`;
  const told = said === '' ? '' : `: ${said}`;
  if (status === 401) {
    return `${where} does not accept the credentials of that context (401, asked to ${inWords(asked)}): renew them`;
  }
  if (status === 403) {
    return `no right to ${inWords(asked)} at ${where}: have it granted to the user of that context${told === '' ? '' : ` (${said})`}`;
  }
  return `${where} answered ${status} when asked to ${inWords(asked)}${told}`;
}

function statusIn(body: string): Status {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return {};
    return {
      ...('reason' in parsed && typeof parsed.reason === 'string' ? { reason: parsed.reason } : {}),
      ...('message' in parsed && typeof parsed.message === 'string' ? { message: parsed.message } : {}),
    };
  } catch {
    // Proxies in front of an API server answer in HTML or plain text.
    return {};
  }
}

/** Retry-After as the API server writes it: whole seconds. Dates, which HTTP allows too, are not used by Kubernetes. */
function retryAfterIn(header: string | undefined): { readonly retryAfterMs?: number } {
  const seconds = Number(header);
  return header === undefined || !Number.isFinite(seconds) || seconds < 0 ? {} : { retryAfterMs: seconds * 1000 };
}

/** Codes of Node's errors for connections that never came to be: the server has not seen the request. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
/** For connections that broke, or were not answered at all. */
const BROKEN = new Set(['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ECONNABORTED']);

/** A request that got no answer. */
export function unanswered(to: ApiServer, asked: Asked, error: unknown): RequestFailed {
  const code = codeOf(error);
  const neverSent = NEVER_SENT.has(code);
  const broken = BROKEN.has(code) || messageOf(error).includes('socket hang up');
  const why = REASONS[code] ?? messageOf(error);
  return new RequestFailed(
    `the API server ${to.server} (context ${to.context}) could not be asked to ${inWords(asked)}: ${why}`,
    { passing: neverSent || broken, unclear: !neverSent, cause: error },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused. Is the cluster running, and the address right?',
  ENOTFOUND: 'its host name is not known. Is the address right?',
  EHOSTUNREACH: 'no way to its host. Is a VPN or a proxy needed?',
  ENETUNREACH: 'no way to its network. Is a VPN or a proxy needed?',
  ETIMEDOUT: 'no connection in time. Is the cluster running, and a VPN or a proxy needed?',
  ECONNRESET: 'the connection was reset',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the certificate-authority of the kubeconfig',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the certificate-authority of the kubeconfig',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the certificate-authority of the kubeconfig',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by the certificate-authority of the kubeconfig',
};

/** Of an AggregateError, which Node throws for hosts with several addresses, the first one's. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return '';
}
