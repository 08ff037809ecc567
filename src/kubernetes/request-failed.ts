import { EnvironmentError, messageOf } from '../errors.js';
import type { ApiServer } from './kubeconfig.js';

/** What a request does, in the terms of RBAC. Messages use it. */
export interface Action {
  readonly verb: string;
  /** The plural with its group, `kafkas.kafka.strimzi.io`; a path if it is not a resource. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** "list kafkas.kafka.strimzi.io in namespace demo" */
export function describeAction({ verb, resource, namespace, name }: Action): string {
  const object = name === undefined ? '' : ` ${name}`;
  return `${verb} ${resource}${object}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}

interface FailureDetails {
  readonly status?: number;
  readonly reason?: string;
  readonly retryAfterMs?: number;
  /** Whether the same request may succeed later: 429, 5xx, 401 and 403 after success, refused or broken connections. */
  readonly transient: boolean;
  /** Whether the server may have carried out the request although it did not confirm it. */
  readonly mayHaveSucceeded: boolean;
  readonly cause?: unknown;
}

/** A request that the API server refused or did not answer. The message names the server, the verb and the resource. */
export class RequestFailed extends EnvironmentError {
  /** The HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
  /**
   * The `reason` of the server's Status: `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Forbidden`, `Expired` ...
   */
  readonly reason: string | undefined;
  /** The server's Retry-After, in ms. */
  readonly retryAfterMs: number | undefined;
  readonly transient: boolean;
  readonly mayHaveSucceeded: boolean;

  constructor(message: string, details: FailureDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.reason = details.reason;
    this.retryAfterMs = details.retryAfterMs;
    this.transient = details.transient;
    this.mayHaveSucceeded = details.mayHaveSucceeded;
  }
}

/** The body of an error response: `Status` of the API machinery, v1. */
interface Status {
  readonly reason?: string;
  readonly message?: string;
}

export interface ErrorResponse {
  readonly status: number;
  readonly body: string;
  /** The header Retry-After. */
  readonly retryAfter: string | undefined;
  /**
   * Whether the same action was allowed before. While an API server starts, it refuses what it allows a moment later:
   * its authorizer does not have the roles yet (measured on 1.33 with a killed kube-apiserver: 403 to an
   * administrator).
   */
  readonly grantedBefore: boolean;
}

/** The failure for an answer with a status other than 2xx. */
export function errorResponse(to: ApiServer, action: Action, response: ErrorResponse): RequestFailed {
  const { status, body } = response;
  const { reason, message } = statusIn(body);
  const said = message ?? body.trim().slice(0, 300);
  const overloaded = status === 429 || (status >= 500 && status !== 501 && status !== 505);
  const starting = (status === 401 || status === 403) && response.grantedBefore;
  return new RequestFailed(describeErrorResponse(to, action, status, said), {
    status,
    ...(reason === undefined ? {} : { reason }),
    ...retryAfterIn(response.retryAfter),
    transient: overloaded || starting,
    mayHaveSucceeded: status >= 500,
  });
}

function describeErrorResponse(to: ApiServer, action: Action, status: number, said: string): string {
  const where = `the API server ${to.server} (context ${to.context})`;
  if (status === 401) {
    return `${where} does not accept the credentials of that context (401, when asked to ${describeAction(action)}): renew them`;
  }
  if (status === 403) {
    return `no right to ${describeAction(action)} at ${where}: grant it to the user of that context${said === '' ? '' : ` (${said})`}`;
  }
  return `${where} answered ${status} when asked to ${describeAction(action)}${said === '' ? '' : `: ${said}`}`;
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
    // Proxies in front of an API server answer with HTML or plain text.
    return {};
  }
}

/** Retry-After in whole seconds, as the API server writes it. Kubernetes does not use dates, which HTTP also allows. */
function retryAfterIn(header: string | undefined): { readonly retryAfterMs?: number } {
  const seconds = Number(header);
  return header === undefined || !Number.isFinite(seconds) || seconds < 0 ? {} : { retryAfterMs: seconds * 1000 };
}

/** Codes of Node's errors for connections that were not established: the server has not seen the request. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
/** Codes for connections that broke, or got no answer. Node's `socket hang up` has ECONNRESET. */
const BROKEN = new Set(['ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'ECONNABORTED']);

/** The failure for a request without an answer. */
export function noAnswer(to: ApiServer, action: Action, error: unknown): RequestFailed {
  const code = codeOf(error);
  const neverSent = NEVER_SENT.has(code);
  const broken = BROKEN.has(code);
  const why = REASONS[code] ?? messageOf(error);
  return new RequestFailed(
    `the API server ${to.server} (context ${to.context}) could not be reached to ${describeAction(action)}: ${why}`,
    { transient: neverSent || broken, mayHaveSucceeded: !neverSent, cause: error },
  );
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused. Is the cluster running, and is the address correct?',
  ENOTFOUND: 'unknown host name. Is the address correct?',
  EHOSTUNREACH: 'no route to host. Is a VPN or a proxy needed?',
  ENETUNREACH: 'network unreachable. Is a VPN or a proxy needed?',
  ETIMEDOUT: 'connection timed out. Is the cluster running? Is a VPN or a proxy needed?',
  ECONNRESET: 'the connection was reset',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the certificate-authority of the kubeconfig',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the certificate-authority of the kubeconfig',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the certificate-authority of the kubeconfig',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by the certificate-authority of the kubeconfig',
};

/** For an AggregateError, which Node throws for hosts with several addresses, the code of the first. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('errors' in error && Array.isArray(error.errors)) return codeOf(error.errors[0]);
  return '';
}
