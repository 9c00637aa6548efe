// The strict reader: a record's text as a small tree, by saxes. What saxes refuses is not a record.
import { createRequire } from 'node:module';
import type { SaxesParser } from 'saxes';

/** Loaded at the first record that needs it: most runs need it for few records or none, in every worker. */
let saxes: { SaxesParser: typeof SaxesParser } | undefined;

/** An element with what the CSV files need of it. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** The text before the first child element, entities decoded, not trimmed. */
  text: string;
  readonly children: Element[];
  /** For `track` elements: how many come before it in the record's text. */
  readonly trackIndex: number;
}

/** Says why a record cannot be used, in words for `rejects.jsonl`. */
export class RecordError extends Error {}

/** Nesting deeper than this is damage; real records have eight levels. */
const deepest = 100;

/**
 * Reads one record, repaired already. Throws a {@link RecordError} for text that is not well-formed.
 */
export function readRecord(text: string): Element {
  saxes ??= createRequire(import.meta.url)('saxes') as { SaxesParser: typeof SaxesParser };
  const parser = new saxes.SaxesParser();
  const open: Element[] = [];
  let root: Element | undefined;
  let tracks = 0;
  const fail = (error: Error): never => {
    throw new RecordError(`malformed: ${error.message}`);
  };
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element && element.children.length === 0) element.text += part;
  };
  parser.on('error', fail);
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = {
      name,
      attributes,
      text: '',
      children: [],
      trackIndex: name === 'track' ? tracks++ : 0,
    };
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
    if (open.push(element) > deepest)
      throw new RecordError(`malformed: elements nested more than ${deepest} deep`);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.write(text).close();
  if (!root) throw new RecordError('malformed: no element');
  return root;
}

/** The child with this name; if there are several, the last one counts. */
export function child(element: Element | undefined, name: string): Element | undefined {
  return element?.children.findLast((candidate) => candidate.name === name);
}

/** The children with this name of the child with that name: `items(record, 'genres', 'genre')`. */
export function items(element: Element | undefined, list: string, item: string): Element[] {
  return child(element, list)?.children.filter(({ name }) => name === item) ?? [];
}
