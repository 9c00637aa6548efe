// Texts and integers as the CSV files hold them.
import { pythonStrip } from '@wxyc/text';
import { child, RecordError, type Element } from './record-tree.js';

const integerForm = /^([+-]?)0*([0-9]+)$/;

/** The trimmed text of the child with this name, empty if there is none. */
export function text(element: Element, name: string): string {
  const found = child(element, name);
  return found ? ownText(found) : '';
}

/** The trimmed text of the element itself. */
export function ownText(element: Element): string {
  return pythonStrip(element.text);
}

/** The trimmed value of an attribute, empty if there is none. */
export function attribute(element: Element, name: string): string {
  const value = element.attributes[name];
  return value === undefined ? '' : pythonStrip(value);
}

/**
 * An integer of any length in its plain form: no plus, no leading zeros. Empty stays empty.
 * Throws a {@link RecordError} for anything else.
 */
export function integer(written: string, what: string): string {
  const trimmed = pythonStrip(written);
  if (trimmed === '') return '';
  const match = integerForm.exec(trimmed);
  if (!match)
    throw new RecordError(`${what} is not an integer: ${JSON.stringify(trimmed.slice(0, 60))}`);
  return match[1] === '-' && match[2] !== '0' ? `-${match[2]}` : match[2]!;
}

/** {@link integer} of the child with this name. */
export function integerText(element: Element, name: string): string {
  const found = child(element, name);
  return found ? integer(found.text, `${element.name}/${name}`) : '';
}

/** {@link integer} of an attribute. */
export function integerAttribute(element: Element, name: string): string {
  const value = element.attributes[name];
  return value === undefined ? '' : integer(value, `${element.name}/@${name}`);
}

/** An attribute with the id of something else: empty unless it is a number, since the record is useful even without it. */
export function reference(element: Element, name: string): string {
  const match = integerForm.exec(attribute(element, name));
  return match && match[1] !== '-' ? match[2]! : '';
}

/** The record's id: an attribute of releases and masters, a child of artists and labels. */
export function recordId(id: string): string {
  if (id === '') throw new RecordError('no id');
  return id;
}
