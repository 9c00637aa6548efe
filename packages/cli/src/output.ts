/** The two ways out of a process. A reader that goes away (`| head`) ends the writing, never the work. */
import { screen } from './screen.js';

let stdoutGone = false;
let listening = false;

/** Writes a result to stdout. Text is written as it is: it is the caller who ends lines. */
export function out(text: string): void {
  if (!listening) {
    listening = true;
    process.stdout.on('error', () => (stdoutGone = true));
  }
  if (stdoutGone) return;
  screen.aside(() => process.stdout.write(text));
}
