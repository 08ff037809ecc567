/** The cluster whose objects a file holds. */
export interface FileHeader {
  readonly context: string | undefined;
  readonly namespace: string;
  readonly cluster: string;
}

/** What a file holds of a cluster, in this order. The names stand in the file, each before what its command has printed. */
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
/** Changes with what a file must hold. */
const FORMAT = 'remigrate inspect 1';

/** The line before what is printed for a section. */
export function markOf(section: SectionName): string {
  return `${MARK}${section}`;
}

/** The first line of a cluster. Names of Kubernetes have no spaces; a context may. */
export function markOfCluster({ context, namespace, cluster }: FileHeader): string {
  return `${MARK}${FORMAT} ${namespace}/${cluster}${context === undefined ? '' : ` ${context}`}`;
}

/** @returns what a line is the mark of; undefined: of nothing. */
export function readMark(line: string): FileHeader | { readonly section: string } | undefined {
  if (!line.startsWith(MARK)) return undefined;
  const text = line.slice(MARK.length).trimEnd();
  const of = text.startsWith(`${FORMAT} `) ? text.slice(FORMAT.length + 1) : '';
  const [, namespace, cluster, context] = /^([^/\s]+)\/(\S+)(?: (.+))?$/.exec(of) ?? [];
  return namespace === undefined || cluster === undefined ? { section: text } : { context, namespace, cluster };
}
