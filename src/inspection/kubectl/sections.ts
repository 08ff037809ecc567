/** The cluster whose objects a file holds. */
export interface FileHeader {
  readonly context: string | undefined;
  readonly namespace: string;
  readonly cluster: string;
}

/**
 * The sections of a cluster in a file, in this order. Each begins with its name, followed by the output of its command.
 */
export const OBJECT_SECTIONS = [
  'kafka',
  'kafkanodepools',
  'pods',
  'persistentvolumeclaims',
  'persistentvolumes',
] as const;
export const ZNODE_SECTIONS = ['/migration', '/controller', '/controller_epoch', '/brokers/topics'] as const;

export type ObjectSection = (typeof OBJECT_SECTIONS)[number];
export type ZnodeSection = (typeof ZNODE_SECTIONS)[number];
export type SectionName = ObjectSection | ZnodeSection;

const MARK = '##### ';
/** Changes when a file must have other sections. */
const FORMAT = 'remigrate inspect 1';

/** The first line of a section. */
export function markOf(section: SectionName): string {
  return `${MARK}${section}`;
}

/** The first line of a cluster. Kubernetes names have no spaces; the name of a context may have some. */
export function markOfCluster({ context, namespace, cluster }: FileHeader): string {
  return `${MARK}${FORMAT} ${namespace}/${cluster}${context === undefined ? '' : ` ${context}`}`;
}

/** @returns the cluster or the section that begins with this line; undefined: none. */
export function readMark(line: string): FileHeader | { readonly section: string } | undefined {
  if (!line.startsWith(MARK)) return undefined;
  const text = line.slice(MARK.length).trimEnd();
  const of = text.startsWith(`${FORMAT} `) ? text.slice(FORMAT.length + 1) : '';
  const [, namespace, cluster, context] = /^([^/\s]+)\/(\S+)(?: (.+))?$/.exec(of) ?? [];
  return namespace === undefined || cluster === undefined ? { section: text } : { context, namespace, cluster };
}
