/** How closely a release matches its album as a pressing among others of its master. */

import { closeness, type Closeness, type Decision } from '@wxyc/matching';
import { normalizeTitle, titleForms } from '@wxyc/text';

/** As in the decision, except that owning a master does not say which of its pressings is owned: then the titles do. */
export function pressingCloseness(decision: Decision): Closeness {
  const { rule, title, libraryTitle } = decision;
  if (rule !== '0 owned by master id' || libraryTitle === null) return decision.closeness;
  if (normalizeTitle(title) === normalizeTitle(libraryTitle)) return closeness.sameTitle;
  const owned = new Set(titleForms(libraryTitle).map(({ key }) => key));
  return titleForms(title).some(({ key }) => owned.has(key))
    ? closeness.looseTitle
    : closeness.similarTitle;
}
