import { makeRunFolder } from '../folders.js';
import { onEnd } from './environment.js';

export default function setup(): void {
  onEnd('fast', makeRunFolder());
}
