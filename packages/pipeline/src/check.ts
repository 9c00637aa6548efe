/** What one look of `doctor` found. */

/** `missing`: a run would fail. `warning`: it would run, but look at this. */
export interface Check {
  name: string;
  verdict: 'ok' | 'warning' | 'missing';
  text: string;
}

export const ok = (name: string, text: string): Check => ({ name, verdict: 'ok', text });
export const warning = (name: string, text: string): Check => ({ name, verdict: 'warning', text });
