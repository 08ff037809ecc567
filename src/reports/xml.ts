/** The subset of XML that JUnit's format needs. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements, or text. */
  readonly children: readonly (XmlElement | string)[];
}

export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  children: readonly (XmlElement | string)[],
): XmlElement {
  return { name, attributes, children };
}

/** The value of an attribute; empty if there is none. */
export function attribute({ attributes }: XmlElement, name: string): string {
  return attributes[name] ?? '';
}

/** The element as a document, indented by two spaces. */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(root, '')}`;
}

function render({ name, attributes, children }: XmlElement, indent: string): string {
  const opened = [name, ...Object.entries(attributes).map(([key, value]) => `${key}="${escapeXml(value)}"`)].join(' ');
  if (children.length === 0) return `${indent}<${opened}/>\n`;
  // Text is not indented: the space would be part of it.
  if (children.every((child) => typeof child === 'string')) {
    return `${indent}<${opened}>${children.map(escapeXml).join('')}</${name}>\n`;
  }
  const inside = children
    .map((child) => (typeof child === 'string' ? escapeXml(child) : render(child, `${indent}  `)))
    .join('');
  return `${indent}<${opened}>\n${inside}${indent}</${name}>\n`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/**
 * Escapes text for an attribute or an element. Characters that XML 1.0 cannot contain, not even escaped (section 2.2:
 * most control characters, unpaired surrogates), are written as `\u001b`.
 */
export function escapeXml(text: string): string {
  return [...text]
    .map((character) => {
      const entity = ENTITIES[character];
      if (entity !== undefined) return entity;
      const code = character.codePointAt(0) ?? 0;
      // A parser would turn these into a space inside an attribute.
      if (code === 0x9 || code === 0xa || code === 0xd) return `&#${code};`;
      const allowed = code >= 0x20 && !(code >= 0x7f && code <= 0x9f) && !(code >= 0xd800 && code <= 0xdfff);
      return allowed && code !== 0xfffe && code !== 0xffff ? character : `\\u${code.toString(16).padStart(4, '0')}`;
    })
    .join('');
}
