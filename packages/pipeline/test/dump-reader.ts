/** Reads a dump into trees, by other means than the product: what a cache holds is compared with it. */

export interface Node {
  name: string;
  attributes: Record<string, string>;
  /** Before the first child. */
  text: string;
  children: Node[];
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};
const decoded = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex: string | undefined, digits: string | undefined, name: string | undefined) =>
      hex
        ? String.fromCodePoint(parseInt(hex, 16))
        : digits
          ? String.fromCodePoint(Number(digits))
          : (entities[name!] ?? whole),
  );

/** The records of a whole dump. */
export function readDump(xml: string): Node[] {
  const root: Node = { name: '', attributes: {}, text: '', children: [] };
  const open = [root];
  for (const [, slash, name, attributes = '', empty, text] of xml.matchAll(
    /<(\/?)(\w+)((?:\s+\w+="[^"]*")*)\s*(\/?)>|([^<]+)/g,
  )) {
    const parent = open.at(-1)!;
    if (text !== undefined) {
      if (parent.children.length === 0) parent.text += decoded(text);
    } else if (slash) open.pop();
    else {
      const node: Node = {
        name: name!,
        attributes: Object.fromEntries(
          [...attributes.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [
            key!,
            decoded(value!),
          ]),
        ),
        text: '',
        children: [],
      };
      parent.children.push(node);
      if (!empty) open.push(node);
    }
  }
  return root.children[0]!.children;
}

const clean = (value: string): string | null => value.trim().replace(/\r\n|\r|\n/g, ' ') || null;

export const all = (node: Node | undefined, ...path: string[]): Node[] =>
  path.reduce<Node[]>(
    (nodes, name) =>
      nodes.flatMap(({ children }) => children.filter((child) => child.name === name)),
    node ? [node] : [],
  );
export const text = (node: Node, name: string): string | null =>
  clean(all(node, name).at(-1)?.text ?? '');
export const attribute = (node: Node, name: string): string | null =>
  clean(node.attributes[name] ?? '');
export const own = (node: Node): string | null => clean(node.text);
/** A positive number that an integer column holds, else null. */
export const id = (value: string | null): number | null =>
  value !== null && Number(value) > 0 && Number(value) < 2 ** 31 ? Number(value) : null;
