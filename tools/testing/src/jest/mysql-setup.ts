import { makeRunFolder } from '../folders.js';
import { startMysql } from '../mysql.js';
import { onEnd } from './environment.js';

export default async function setup(): Promise<void> {
  onEnd('mysql', makeRunFolder());
  onEnd('mysql', await startMysql());
}
